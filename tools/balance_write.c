#include "tools/balance_write.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void write_format(struct buffer *out, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check(length >= 0 && (size_t)length < sizeof text);
    buffer_append(out, text, (size_t)length);
}

static const char *deck_name(const struct balance *balance, const struct group *group, size_t row)
{
    return balance->decks.rows[group->first + row].id;
}

static double part(uint64_t some, uint64_t all)
{
    return all == 0 ? 0 : (double)some / (double)all;
}

/* ---- CSV -------------------------------------------------------------------------------------------- */

static void write_csv_row(struct buffer *out, const struct balance *balance, const struct group *group,
                          size_t row, size_t column)
{
    size_t low = row < column ? row : column, high = row < column ? column : row;
    const struct tally *pair = &group->pairs[low * group->count + high];
    struct interval interval = group_interval(group, row, column);
    write_format(out, "%d,%s,%s,%llu,%llu,%llu,%llu,", group->level, deck_name(balance, group, row),
                 deck_name(balance, group, column), (unsigned long long)pair->battles,
                 (unsigned long long)pair->wins[row > column], (unsigned long long)pair->draws,
                 (unsigned long long)pair->wins[row <= column]);
    write_format(out, "%.4f,%.4f,%.4f,%.2f,%.2f,%.4f,%.4f\n", group_share(group, row, column), interval.low,
                 interval.high, tally_length_ms(pair, 500) / 1000.0, tally_length_ms(pair, 950) / 1000.0,
                 part(pair->why[BATTLE_STORM], pair->battles),
                 part(pair->why[BATTLE_TIMEOUT], pair->battles));
}

void write_csv(struct buffer *out, const struct balance *balance, const struct figures *figures)
{
    buffer_append_text(out, "level,deck,opponent,battles,wins,draws,losses,share,low95,high95,median_s,p95_s,"
                            "storm,timeout\n");
    for (size_t i = 0; i < figures->group_count; i++) {
        const struct group *group = &figures->groups[i];
        for (size_t row = 0; row < group->count; row++)
            for (size_t column = 0; column < group->count; column++)
                write_csv_row(out, balance, group, row, column);
    }
}

/* ---- SVG -------------------------------------------------------------------------------------------- */

enum { CELL_WIDTH = 52, CELL_HEIGHT = 30, NAMES_WIDTH = 120, NAMES_HEIGHT = 112, NOTE_HEIGHT = 30 };

struct colour {
    double red, green, blue;
};

/* Okabe and Ito's blue and vermilion with white between them: told apart by everybody. */
static struct colour colour_of(double share)
{
    static const struct colour lose = {0xd5, 0x5e, 0x00}, win = {0x00, 0x72, 0xb2};
    const struct colour *end = share < 0.5 ? &lose : &win;
    double depth = fabs(share - 0.5) * 2 * 0.85;
    return (struct colour){255 + (end->red - 255) * depth, 255 + (end->green - 255) * depth,
                           255 + (end->blue - 255) * depth};
}

static void write_cell(struct buffer *out, size_t row, size_t column, double share, const char *title)
{
    struct colour colour = colour_of(share);
    int x = NAMES_WIDTH + (int)column * CELL_WIDTH, y = NAMES_HEIGHT + (int)row * CELL_HEIGHT;
    write_format(out,
                 "<g><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                 "fill=\"#%02x%02x%02x\" stroke=\"#ffffff\"/>",
                 title, x, y, CELL_WIDTH, CELL_HEIGHT, (int)colour.red, (int)colour.green, (int)colour.blue);
    write_format(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"%s\">%.1f</text></g>\n",
                 x + CELL_WIDTH / 2, y + 20, fabs(share - 0.5) > 0.33 ? "#ffffff" : "#222222", 100 * share);
}

static void write_svg_row(struct buffer *out, const struct balance *balance, const struct group *group,
                          size_t row)
{
    char title[160];
    for (size_t column = 0; column < group->count; column++) {
        struct interval interval = group_interval(group, row, column);
        snprintf(title, sizeof title, "%s against %s: %.1f %% (95 %%: %.1f to %.1f)",
                 deck_name(balance, group, row), deck_name(balance, group, column),
                 100 * group_share(group, row, column), 100 * interval.low, 100 * interval.high);
        write_cell(out, row, column, group_share(group, row, column), title);
    }
    snprintf(title, sizeof title, "%s against all others", deck_name(balance, group, row));
    write_cell(out, row, group->count, group_mean(group, row), title);
    write_format(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", NAMES_WIDTH - 8,
                 NAMES_HEIGHT + (int)row * CELL_HEIGHT + 20, deck_name(balance, group, row));
}

static void write_column_name(struct buffer *out, size_t column, const char *name, const char *weight)
{
    write_format(out, "<text transform=\"translate(%d,%d) rotate(-45)\" font-weight=\"%s\">%s</text>\n",
                 NAMES_WIDTH + (int)column * CELL_WIDTH + 24, NAMES_HEIGHT - 8, weight, name);
}

void write_svg(struct buffer *out, const struct balance *balance, const struct group *group)
{
    int width = NAMES_WIDTH + ((int)group->count + 1) * CELL_WIDTH + 80;
    int height = NAMES_HEIGHT + (int)group->count * CELL_HEIGHT + NOTE_HEIGHT;
    write_format(out,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
                 "font-family=\"sans-serif\" font-size=\"12\" fill=\"#222222\">\n"
                 "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
                 width, height, width, height);
    for (size_t i = 0; i < group->count; i++)
        write_column_name(out, i, deck_name(balance, group, i), "normal");
    write_column_name(out, group->count, "mean", "bold");
    for (size_t i = 0; i < group->count; i++) write_svg_row(out, balance, group, i);
    write_format(out,
                 "<text x=\"%d\" y=\"%d\">Player level %d: share of wins of the row, in %%</text>\n</svg>\n",
                 NAMES_WIDTH, height - 10, group->level);
}

/* ---- Markdown --------------------------------------------------------------------------------------- */

static size_t extreme_opponent(const struct group *group, size_t row, bool best)
{
    size_t found = row == 0 ? 1 : 0;
    for (size_t i = 0; i < group->count; i++) {
        double share = group_share(group, row, i), known = group_share(group, row, found);
        if (i != row && (best ? share > known : share < known)) found = i;
    }
    return found;
}

static void write_deck(struct buffer *out, const struct balance *balance, const struct group *group,
                       size_t row)
{
    struct tally all = group_row(group, row);
    struct interval interval = stats_wilson(group_mean(group, row) * (double)all.battles, all.battles);
    size_t worst = extreme_opponent(group, row, false), best = extreme_opponent(group, row, true);
    write_format(out, "| %s | %.1f | %.1f to %.1f | %s %.1f | %s %.1f | %.1f | %.1f | %.1f |\n",
                 deck_name(balance, group, row), 100 * group_mean(group, row), 100 * interval.low,
                 100 * interval.high, deck_name(balance, group, worst), 100 * group_share(group, row, worst),
                 deck_name(balance, group, best), 100 * group_share(group, row, best),
                 tally_length_ms(&all, 500) / 1000.0, tally_length_ms(&all, 950) / 1000.0,
                 100 * part(all.why[BATTLE_STORM], all.battles));
}

static void write_group(struct buffer *out, const struct balance *balance, const struct group *group)
{
    const struct tally *all = &group->all, *unlike = &group->unlike;
    write_format(
        out,
        "\n**Player level %d**: %llu battles, median %.1f s, 95 %% below %.1f s, storm %.1f %%, time-outs "
        "%.2f %%, draws outside mirrors %.2f %%, seat 0 wins %.2f %%.\n\n",
        group->level, (unsigned long long)all->battles, tally_length_ms(all, 500) / 1000.0,
        tally_length_ms(all, 950) / 1000.0, 100 * part(all->why[BATTLE_STORM], all->battles),
        100 * part(all->why[BATTLE_TIMEOUT], all->battles), 100 * part(unlike->draws, unlike->battles),
        100 * part(all->seat_wins[0], all->seat_wins[0] + all->seat_wins[1]));
    write_format(out, "![Who beats whom at level %d](img/balance_level%d.svg)\n\n", group->level,
                 group->level);
    buffer_append_text(out,
                       "| deck | mean % | 95 % interval | worst against | best against | median s | 95 % s | "
                       "storm % |\n|---|--:|--:|---|---|--:|--:|--:|\n");
    for (size_t row = 0; group->count > 1 && row < group->count; row++) write_deck(out, balance, group, row);
}

void write_markdown(struct buffer *out, const struct balance *balance, const struct figures *figures)
{
    char fingerprint[17];
    figures_fingerprint(balance, fingerprint);
    write_format(
        out, "Catalog `%s` %d, engine %s, fingerprint `%s`, %llu battles a pair from seed %llu on.\n",
        battle_catalog_id(balance->catalog), battle_catalog_version(balance->catalog), BATTLE_ENGINE_VERSION,
        fingerprint, (unsigned long long)figures->seeds, (unsigned long long)balance->first_seed);
    for (size_t i = 0; i < figures->group_count; i++) write_group(out, balance, &figures->groups[i]);
}

/* ---- HTML ------------------------------------------------------------------------------------------- */

static void write_html_table(struct buffer *out, const struct balance *balance, const struct group *group)
{
    buffer_append_text(out, "<table><tr><th>deck</th><th>mean %</th><th>median s</th><th>95 % s</th>"
                            "<th>storm %</th></tr>\n");
    for (size_t row = 0; row < group->count; row++) {
        struct tally all = group_row(group, row);
        write_format(out, "<tr><td>%s</td><td>%.1f</td><td>%.1f</td><td>%.1f</td><td>%.1f</td></tr>\n",
                     deck_name(balance, group, row), 100 * group_mean(group, row),
                     tally_length_ms(&all, 500) / 1000.0, tally_length_ms(&all, 950) / 1000.0,
                     100 * part(all.why[BATTLE_STORM], all.battles));
    }
    buffer_append_text(out, "</table>\n");
}

void write_html(struct buffer *out, const struct balance *balance, const struct figures *figures)
{
    write_format(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Balance of %s %d</title>\n"
        "<style>body{font-family:sans-serif;margin:2em}td,th{padding:2px 10px;text-align:right}"
        "td:first-child{text-align:left}</style></head><body>\n<h1>Balance of %s %d</h1>\n"
        "<p>%llu battles a pair. A cell tells its 95 %% interval (Wilson) when pointed at.</p>\n",
        battle_catalog_id(balance->catalog), battle_catalog_version(balance->catalog),
        battle_catalog_id(balance->catalog), battle_catalog_version(balance->catalog),
        (unsigned long long)figures->seeds);
    for (size_t i = 0; i < figures->group_count; i++) {
        write_format(out, "<h2>Player level %d</h2>\n", figures->groups[i].level);
        write_svg(out, balance, &figures->groups[i]);
        write_html_table(out, balance, &figures->groups[i]);
    }
    buffer_append_text(out, "</body></html>\n");
}
