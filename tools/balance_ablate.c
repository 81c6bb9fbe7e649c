/* ablate: what a card, item or artifact adds to the decks that play it.
 *
 * A unit is replaced by a plain one, which has the mean health, attack and cooldown of all units of the
 * catalog and only strikes; a device by a plain one that strikes half as hard, for nobody can kill it; a rite
 * by one that does nothing. An item, artifact or consumable is left out. Deck and variant meet the same
 * opponents with the same seeds, so that chance is mostly the same in both (docs/battle.md section 5). The
 * plain cards are written into a copy of the catalog. */
#include "clients/json_view.h"
#include "tools/balance_page.h"
#include "tools/balance_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 400, PIECES_MAX = 32, PLAIN_CD_STEP_MS = 50 };

static const struct {
    const char *id, *kind;
} plain_cards[] = {{"plain_unit", "unit"}, {"plain_device", "device"}, {"plain_rite", "device"}};

struct piece {
    uint16_t num;
    size_t deck; /* index of the deck it was taken from */
    battle_snapshot without;
    struct tally *tallies; /* one per deck of the group */
};

struct row { /* a piece over all decks that play it */
    uint16_t num;
    size_t decks;
    double sum, lowest, highest;
};

struct ablation {
    struct balance *balance;
    battle_catalog *catalog;     /* with the plain cards */
    uint16_t plain[BATTLE_RITE]; /* by kind - 1 */
    uint8_t kinds[BATTLE_NUMS];
    struct piece *pieces; /* num 0: the deck as it is */
    size_t piece_count;
    struct row rows[BATTLE_NUMS];
};

/* ---- plain cards ------------------------------------------------------------------------------------- */

static int64_t stat_at(struct bytes card, const char *stat, int level)
{
    struct bytes value = json_view_field(json_view_field(card, "stats"), stat), number;
    if (value.length == 0 || value.data[0] != '[') return json_view_integer_or(value, 0);
    for (int i = 0; json_view_next(&value, NULL, &number); i++)
        if (i == level) return json_view_integer_or(number, 0);
    return 0;
}

static int64_t mean_of_units(struct bytes catalog_json, const char *stat, int level)
{
    struct bytes cards = json_view_field(catalog_json, "cards"), card;
    int64_t sum = 0, count = 0;
    while (json_view_next(&cards, NULL, &card)) {
        if (!json_view_equals(json_view_field(card, "kind"), "unit")) continue;
        if (stat_at(card, stat, level) == 0) continue;
        sum += stat_at(card, stat, level);
        count++;
    }
    return count > 0 ? sum / count : 1;
}

static void append_levels(struct buffer *out, struct bytes catalog_json, const char *stat, int64_t divisor)
{
    for (int level = 0; level < BATTLE_CARD_LEVELS; level++)
        write_format(out, "%s%lld", level == 0 ? "[" : ",",
                     (long long)(mean_of_units(catalog_json, stat, level) / divisor));
    buffer_append_character(out, ']');
}

static void append_plain_card(struct buffer *out, struct bytes catalog_json, size_t which, int num)
{
    bool unit = which + 1 == BATTLE_UNIT, strikes = which + 1 != BATTLE_RITE;
    int64_t cd_ms = mean_of_units(catalog_json, "cd", 0) / PLAIN_CD_STEP_MS * PLAIN_CD_STEP_MS;
    write_format(out, ",{\"id\":\"%s\",\"num\":%d,\"kind\":\"%s\",\"rarity\":\"common\"",
                 plain_cards[which].id, num, plain_cards[which].kind);
    if (strikes) write_format(out, ",\"stats\":{\"cd\":%lld", (long long)cd_ms);
    if (unit) {
        buffer_append_text(out, ",\"hp\":");
        append_levels(out, catalog_json, "hp", 1);
    }
    if (strikes) {
        buffer_append_text(out,
                           "},\"abilities\":[{\"id\":\"strike\",\"on\":\"ready\",\"do\":[{\"op\":\"damage\","
                           "\"to\":\"front\",\"n\":");
        append_levels(out, catalog_json, "atk", unit ? 1 : 2);
        buffer_append_text(out, "}]}]");
    }
    buffer_append_character(out, '}');
}

static void load_with_plain_cards(struct ablation *ablation)
{
    struct bytes json = ablation->balance->catalog_json, cards = json_view_field(json, "cards");
    size_t head = (size_t)(cards.data - json.data) + cards.length - 1; /* up to the list's bracket */
    struct buffer text = {0};
    battle_err err;
    int num = BATTLE_NUMS - 1;
    buffer_append(&text, json.data, head);
    for (size_t i = 0; i < ARRAY_LENGTH(plain_cards); i++, num--) {
        while (battle_catalog_name(ablation->balance->catalog, (uint16_t)num) != NULL) num--;
        append_plain_card(&text, json, i, num);
        ablation->plain[i] = (uint16_t)num;
    }
    buffer_append(&text, json.data + head, json.length - head);
    ablation->catalog = battle_catalog_load(text.data, text.length, &err);
    buffer_free(&text);
    if (ablation->catalog == NULL) {
        fprintf(stderr, "balance: no room for plain cards: %s: %s\n", err.place, err.message);
        exit(1);
    }
    battle_entry entry;
    for (size_t i = 0; battle_catalog_entry(ablation->catalog, i, &entry); i++)
        ablation->kinds[entry.num] = (uint8_t)entry.kind;
}

/* ---- decks without a piece ---------------------------------------------------------------------------- */

static uint8_t remove_num(uint16_t *nums, uint8_t count, uint16_t num)
{
    uint8_t kept = 0;
    for (uint8_t i = 0; i < count; i++)
        if (nums[i] != num) nums[kept++] = nums[i];
    return kept;
}

static battle_snapshot without(const struct ablation *ablation, const battle_snapshot *deck, uint16_t num)
{
    battle_snapshot out = *deck;
    for (int i = 0; i < out.card_count; i++) {
        battle_snapshot_card *card = &out.cards[i];
        if (card->num == num) card->num = ablation->plain[ablation->kinds[num] - 1];
        card->item_count = remove_num(card->items, card->item_count, num);
    }
    out.artifact_count = remove_num(out.artifacts, out.artifact_count, num);
    out.consumable_count = remove_num(out.consumables, out.consumable_count, num);
    return out;
}

static bool is_wanted(const struct balance *balance, uint16_t num)
{
    for (int i = 0; i < balance->word_count; i++)
        if (battle_catalog_num(balance->catalog, balance->words[i]) == num) return true;
    return balance->word_count == 0;
}

/* Adds the deck without `num`, once. */
static void add_piece(struct ablation *ablation, size_t deck, size_t begin, uint16_t num)
{
    for (size_t i = begin; i < ablation->piece_count; i++)
        if (ablation->pieces[i].num == num) return;
    if (num != 0 && !is_wanted(ablation->balance, num)) return;
    const battle_snapshot *whole = &ablation->balance->decks.rows[deck].snapshot;
    struct piece *piece = &ablation->pieces[ablation->piece_count++];
    *piece = (struct piece){.num = num, .deck = deck};
    piece->without = num == 0 ? *whole : without(ablation, whole, num);
    piece->tallies = memory_new(ablation->balance->decks.count * sizeof *piece->tallies);
}

static void add_deck(struct ablation *ablation, size_t deck)
{
    const battle_snapshot *snapshot = &ablation->balance->decks.rows[deck].snapshot;
    size_t begin = ablation->piece_count;
    add_piece(ablation, deck, begin, 0);
    for (int i = 0; i < snapshot->card_count; i++) {
        add_piece(ablation, deck, begin, snapshot->cards[i].num);
        for (int k = 0; k < snapshot->cards[i].item_count; k++)
            add_piece(ablation, deck, begin, snapshot->cards[i].items[k]);
    }
    for (int i = 0; i < snapshot->artifact_count; i++)
        add_piece(ablation, deck, begin, snapshot->artifacts[i]);
    for (int i = 0; i < snapshot->consumable_count; i++)
        add_piece(ablation, deck, begin, snapshot->consumables[i]);
}

/* ---- playing and adding up ----------------------------------------------------------------------------- */

static void play_pieces(struct ablation *ablation)
{
    const struct deck_list *decks = &ablation->balance->decks;
    struct pairing *pairings = memory_new(ablation->piece_count * decks->count * sizeof *pairings);
    size_t count = 0;
    for (size_t i = 0; i < ablation->piece_count; i++) {
        struct piece *piece = &ablation->pieces[i];
        for (size_t k = 0; k < decks->count; k++) {
            if (k == piece->deck || decks->rows[k].snapshot.level != piece->without.level) continue;
            pairings[count++] =
                (struct pairing){{&piece->without, &decks->rows[k].snapshot}, &piece->tallies[k]};
        }
    }
    struct play_plan plan = balance_plan(ablation->balance, pairings, count, SEEDS);
    plan.catalog = ablation->catalog;
    play_all(&plan);
    balance_progress_end(ablation->balance);
    free(pairings);
}

static double mean_share(const struct ablation *ablation, const struct piece *piece)
{
    double sum = 0;
    size_t count = 0;
    for (size_t k = 0; k < ablation->balance->decks.count; k++) {
        if (piece->tallies[k].battles == 0) continue;
        sum += tally_share(&piece->tallies[k]);
        count++;
    }
    return count > 0 ? sum / (double)count : 0.5;
}

static void add_to_row(struct ablation *ablation, uint16_t num, double added)
{
    struct row *row = &ablation->rows[num];
    row->num = num;
    row->lowest = row->decks == 0 ? added : fmin(row->lowest, added);
    row->highest = row->decks == 0 ? added : fmax(row->highest, added);
    row->sum += added;
    row->decks++;
}

/* ---- what is told ---------------------------------------------------------------------------------------- */

static void describe(const struct ablation *ablation, uint16_t num, const char **kind, const char **rarity)
{
    static const char *const kinds[] = {"", "unit", "device", "rite", "artifact", "item", "consumable"};
    static const char *const rarities[] = {"", "common", "rare", "epic", "legendary"};
    battle_entry entry = {0};
    for (size_t i = 0; battle_catalog_entry(ablation->catalog, i, &entry) && entry.num != num;) i++;
    *kind = kinds[entry.kind], *rarity = rarities[entry.rarity];
}

static void write_pieces(struct ablation *ablation)
{
    struct buffer csv = {0};
    double whole = 0.5;
    buffer_append_text(&csv, "level,deck,id,kind,rarity,share_with,share_without,adds\n");
    for (size_t i = 0; i < ablation->piece_count; i++) {
        const struct piece *piece = &ablation->pieces[i];
        const struct deck *deck = &ablation->balance->decks.rows[piece->deck];
        const char *kind, *rarity;
        double share = mean_share(ablation, piece);
        if (piece->num == 0) whole = share;
        if (piece->num == 0) continue;
        describe(ablation, piece->num, &kind, &rarity);
        add_to_row(ablation, piece->num, whole - share);
        write_format(&csv, "%d,%s,%s,%s,%s,%.4f,%.4f,%+.4f\n", deck->snapshot.level, deck->id,
                     battle_catalog_name(ablation->catalog, piece->num), kind, rarity, whole, share,
                     whole - share);
    }
    balance_write_file(ablation->balance->out, "ablation.csv", &csv);
    buffer_free(&csv);
}

static int by_mean(const void *a, const void *b)
{
    const struct row *one = a, *two = b;
    double x = one->decks > 0 ? one->sum / (double)one->decks : -9;
    double y = two->decks > 0 ? two->sum / (double)two->decks : -9;
    return x > y ? -1 : x < y ? 1 : one->num - two->num;
}

static bool tell_rows(struct ablation *ablation)
{
    struct buffer table = {0};
    qsort(ablation->rows, BATTLE_NUMS, sizeof ablation->rows[0], by_mean);
    buffer_append_text(&table, "| id | kind | rarity | decks | adds, points | least | most |\n"
                               "|---|---|---|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < BATTLE_NUMS && ablation->rows[i].decks > 0; i++) {
        const struct row *row = &ablation->rows[i];
        const char *kind, *rarity;
        describe(ablation, row->num, &kind, &rarity);
        write_format(&table, "| %s | %s | %s | %zu | %+.1f | %+.1f | %+.1f |\n",
                     battle_catalog_name(ablation->catalog, row->num), kind, rarity, row->decks,
                     100 * row->sum / (double)row->decks, 100 * row->lowest, 100 * row->highest);
    }
    bool good = page_write(ablation->balance->page, "ablation", &table);
    buffer_free(&table);
    return good;
}

int balance_ablate(struct balance *balance)
{
    for (int i = 0; i < balance->word_count; i++) {
        if (battle_catalog_num(balance->catalog, balance->words[i]) != 0) continue;
        fprintf(stderr, "balance: the catalog has no %s\n", balance->words[i]);
        return 2;
    }
    struct ablation *ablation = memory_new(sizeof *ablation);
    ablation->balance = balance;
    ablation->pieces = memory_new(DECKS_MAX * PIECES_MAX * sizeof *ablation->pieces);
    load_with_plain_cards(ablation);
    for (size_t i = 0; i < balance->decks.count; i++)
        if (balance->level == 0 || balance->decks.rows[i].snapshot.level == balance->level)
            add_deck(ablation, i);
    play_pieces(ablation);
    write_pieces(ablation);
    bool good = tell_rows(ablation);
    for (size_t i = 0; i < ablation->piece_count; i++) free(ablation->pieces[i].tallies);
    free(ablation->pieces);
    battle_catalog_free(ablation->catalog);
    free(ablation);
    return good ? 0 : 2;
}
