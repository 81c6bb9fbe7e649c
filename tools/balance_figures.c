#include "tools/balance_figures.h"

#include "clients/json_view.h"
#include "common/buffer.h"
#include "common/digest.h"

#include <stdlib.h>

static void begin_group(struct balance *balance, size_t first, struct figures *figures)
{
    struct group *group = &figures->groups[figures->group_count++];
    *group = (struct group){.level = balance->decks.rows[first].snapshot.level,
                            .first = first,
                            .count = decks_group_end(&balance->decks, first) - first};
    group->pairs = memory_new(group->count * group->count * sizeof *group->pairs);
}

static size_t list_pairings(const struct balance *balance, const struct group *group, struct pairing *out)
{
    const struct deck *decks = &balance->decks.rows[group->first];
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++)
        for (size_t k = i; k < group->count; k++)
            out[count++] = (struct pairing){{&decks[i].snapshot, &decks[k].snapshot},
                                            &group->pairs[i * group->count + k]};
    return count;
}

static void sum_up(struct group *group)
{
    for (size_t i = 0; i < group->count; i++)
        for (size_t k = i; k < group->count; k++) {
            const struct tally *pair = &group->pairs[i * group->count + k];
            tally_add(&group->all, pair);
            if (i != k) tally_add(&group->unlike, pair);
        }
}

void figures_play(struct balance *balance, uint64_t seeds_default, struct figures *out)
{
    struct pairing *pairings = memory_new(DECKS_MAX * DECKS_MAX * sizeof *pairings);
    size_t count = 0;
    *out = (struct figures){0};
    for (size_t first = 0; first < balance->decks.count; first = decks_group_end(&balance->decks, first)) {
        if (balance->level != 0 && balance->decks.rows[first].snapshot.level != balance->level) continue;
        begin_group(balance, first, out);
        count += list_pairings(balance, &out->groups[out->group_count - 1], pairings + count);
    }
    struct play_plan plan = balance_plan(balance, pairings, count, seeds_default);
    play_all(&plan);
    balance_progress_end(balance);
    out->seeds = plan.seeds;
    for (size_t i = 0; i < out->group_count; i++) sum_up(&out->groups[i]);
    free(pairings);
}

void figures_free(struct figures *figures)
{
    for (size_t i = 0; i < figures->group_count; i++) free(figures->groups[i].pairs);
}

double group_share(const struct group *group, size_t row, size_t column)
{
    if (row > column) return 1 - group_share(group, column, row);
    return tally_share(&group->pairs[row * group->count + column]);
}

struct interval group_interval(const struct group *group, size_t row, size_t column)
{
    size_t low = row < column ? row : column, high = row < column ? column : row;
    uint64_t battles = group->pairs[low * group->count + high].battles;
    return stats_wilson(group_share(group, row, column) * (double)battles, battles);
}

double group_mean(const struct group *group, size_t row)
{
    double sum = 0;
    for (size_t i = 0; i < group->count; i++)
        if (i != row) sum += group_share(group, row, i);
    return group->count > 1 ? sum / (double)(group->count - 1) : 0.5;
}

struct tally group_row(const struct group *group, size_t row)
{
    struct tally sum = {0};
    for (size_t i = 0; i < group->count; i++) {
        if (i == row) continue;
        size_t low = row < i ? row : i, high = row < i ? i : row;
        tally_add(&sum, &group->pairs[low * group->count + high]);
    }
    return sum;
}

void figures_fingerprint(const struct balance *balance, char out[17])
{
    static const char *const sections[] = {"levels", "cards", "tokens", "artifacts", "items", "consumables"};
    struct buffer text = {0};
    uint8_t digest[32];
    for (size_t i = 0; i < ARRAY_LENGTH(sections); i++) {
        struct bytes section = json_view_field(balance->catalog_json, sections[i]);
        buffer_append(&text, section.data, section.length);
    }
    for (size_t i = 0; i < balance->decks.count; i++)
        deck_append_json(balance->catalog, &balance->decks.rows[i], &text);
    battle_sha256(text.data, text.length, digest);
    digest_hex(digest, 8, out);
    buffer_free(&text);
}
