/* search: is there a legal deck that beats all reference decks of its level? Hill climbing: one change at a time
 * (a card, two places, an item, an artifact, a consumable), kept when the deck wins no less often against the
 * reference decks; when nothing helps for long, again from the next reference deck. What it finds is played once
 * more with seeds it has not seen, because a climber also learns its seeds by heart. */
#include "common/rng.h"
#include "tools/balance_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SECONDS = 60, CLIMB_SEEDS = 24, PROOF_SEEDS = 1000, STALLED_AFTER = 150, TRIES = 50 };

#define STRONG 0.65

struct search {
    struct balance *balance;
    struct rng rng;
    size_t first, end; /* the group */
    double until_s;
    uint64_t tried, climbs;
    uint16_t nums[BATTLE_CONSUMABLE + 1][BATTLE_NUMS]; /* what may be drawn: [BATTLE_UNIT] holds all cards */
    size_t counts[BATTLE_CONSUMABLE + 1];
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- one change ---------------------------------------------------------------------------------------- */

static void list_definitions(struct search *search)
{
    battle_entry entry;
    for (size_t i = 0; battle_catalog_entry(search->balance->catalog, i, &entry); i++) {
        int kind = entry.kind <= BATTLE_RITE ? BATTLE_UNIT : (int)entry.kind;
        if (!entry.token) search->nums[kind][search->counts[kind]++] = entry.num;
    }
}

static uint16_t draw(struct search *search, int kind)
{
    return search->nums[kind][rng_below(&search->rng, search->counts[kind])];
}

static void sort_nums(uint16_t *nums, uint8_t count)
{
    for (uint8_t i = 1; i < count; i++)
        for (uint8_t k = i; k > 0 && nums[k - 1] > nums[k]; k--) {
            uint16_t swapped = nums[k];
            nums[k] = nums[k - 1];
            nums[k - 1] = swapped;
        }
}

/* Puts something else in one place, or into the next free one. */
static uint8_t change_nums(struct search *search, int kind, uint16_t *nums, uint8_t count, uint8_t most)
{
    uint8_t place = (uint8_t)rng_below(&search->rng, count + 1u);
    if (place >= most) place = (uint8_t)(most - 1);
    nums[place] = draw(search, kind);
    if (place == count) count++;
    sort_nums(nums, count);
    return count;
}

static void change_card(struct search *search, battle_snapshot *deck)
{
    uint8_t place = (uint8_t)rng_below(&search->rng, deck->card_count + 1u);
    if (place == BATTLE_SLOTS) place--;
    if (place == deck->card_count)
        deck->cards[deck->card_count++] =
            (battle_snapshot_card){.level = deck->cards[0].level, .slot = place};
    deck->cards[place].num = draw(search, BATTLE_UNIT);
}

static void swap_cards(struct search *search, battle_snapshot *deck)
{
    size_t a = rng_below(&search->rng, deck->card_count), b = rng_below(&search->rng, deck->card_count);
    battle_snapshot_card swapped = deck->cards[a];
    deck->cards[a] = deck->cards[b];
    deck->cards[b] = swapped;
    deck->cards[a].slot = (uint8_t)a, deck->cards[b].slot = (uint8_t)b;
}

static void change_item(struct search *search, battle_snapshot *deck)
{
    battle_snapshot_card *card = &deck->cards[rng_below(&search->rng, deck->card_count)];
    if (card->item_count > 0 && rng_below(&search->rng, 3) == 0) card->item_count--;
    else
        card->item_count = change_nums(search, BATTLE_ITEM, card->items, card->item_count, BATTLE_CARD_ITEMS);
}

static void change(struct search *search, battle_snapshot *deck)
{
    switch (rng_below(&search->rng, 8)) {
    case 0:
    case 1:
    case 2: change_card(search, deck); break;
    case 3:
    case 4: swap_cards(search, deck); break;
    case 5: change_item(search, deck); break;
    case 6:
        deck->artifact_count =
            change_nums(search, BATTLE_ARTIFACT, deck->artifacts, deck->artifact_count, BATTLE_ARTIFACTS);
        break;
    default:
        deck->consumable_count = change_nums(search, BATTLE_CONSUMABLE, deck->consumables,
                                             deck->consumable_count, BATTLE_CONSUMABLES);
    }
}

/* One to three changes that together make a legal deck. */
static bool change_legally(struct search *search, battle_snapshot *deck)
{
    battle_err err;
    for (int i = 0; i < TRIES; i++) {
        battle_snapshot changed = *deck;
        for (uint64_t k = 1 + rng_below(&search->rng, 3); k > 0; k--) change(search, &changed);
        if (battle_snapshot_check(search->balance->catalog, &changed, NULL, &err) != BATTLE_OK) continue;
        *deck = changed;
        return true;
    }
    return false;
}

/* ---- climbing ---------------------------------------------------------------------------------------------- */

static struct tally against_all(struct search *search, const battle_snapshot *deck, uint64_t first_seed,
                                uint64_t seeds)
{
    struct tally tallies[DECKS_MAX] = {0}, sum = {0};
    struct pairing pairings[DECKS_MAX] = {0};
    size_t count = search->end - search->first;
    for (size_t i = 0; i < count; i++)
        pairings[i] =
            (struct pairing){{deck, &search->balance->decks.rows[search->first + i].snapshot}, &tallies[i]};
    struct play_plan plan = balance_plan(search->balance, pairings, count, seeds);
    plan.first_seed = first_seed, plan.seeds = seeds, plan.progress = NULL;
    play_all(&plan);
    for (size_t i = 0; i < count; i++) tally_add(&sum, &tallies[i]);
    return sum;
}

static double climb(struct search *search, battle_snapshot *deck)
{
    uint64_t seed = search->balance->first_seed;
    struct tally tally = against_all(search, deck, seed, CLIMB_SEEDS);
    double best = tally_share(&tally);
    for (int stalled = 0; stalled < STALLED_AFTER && now_s() < search->until_s; stalled++) {
        battle_snapshot changed = *deck;
        if (!change_legally(search, &changed)) continue;
        tally = against_all(search, &changed, seed, CLIMB_SEEDS);
        search->tried++;
        if (tally_share(&tally) < best) continue;
        if (tally_share(&tally) > best) stalled = 0;
        best = tally_share(&tally), *deck = changed;
    }
    search->climbs++;
    return best;
}

static struct deck search_group(struct search *search)
{
    struct deck best = search->balance->decks.rows[search->first];
    double best_share = 0;
    for (size_t start = search->first; now_s() < search->until_s; start++) {
        if (start == search->end) start = search->first;
        battle_snapshot deck = search->balance->decks.rows[start].snapshot;
        double share = climb(search, &deck);
        if (search->balance->terminal)
            fprintf(stderr, "\r\033[Klevel %d: %llu climbs, best %.1f %%", deck.level,
                    (unsigned long long)search->climbs, 100 * (share > best_share ? share : best_share));
        if (share > best_share) best_share = share, best.snapshot = deck;
    }
    balance_progress_end(search->balance);
    snprintf(best.id, sizeof best.id, "found_level%d", best.snapshot.level);
    return best;
}

static void tell(struct search *search, const struct deck *deck, struct buffer *json)
{
    uint64_t fresh = search->balance->first_seed + UINT64_C(1000000007);
    struct tally proof = against_all(search, &deck->snapshot, fresh, PROOF_SEEDS);
    struct interval interval = stats_wilson(tally_share(&proof) * (double)proof.battles, proof.battles);
    printf("level %d: %llu decks tried in %llu climbs; the best wins %.1f %% (95 %%: %.1f to %.1f)%s\n",
           deck->snapshot.level, (unsigned long long)search->tried, (unsigned long long)search->climbs,
           100 * tally_share(&proof), 100 * interval.low, 100 * interval.high,
           tally_share(&proof) > STRONG ? ", over-strong" : "");
    if (json->length > 0) buffer_append_text(json, ",\n  ");
    deck_append_json(search->balance->catalog, deck, json);
}

static void write_found(struct balance *balance, const struct buffer *decks)
{
    struct buffer file = {0};
    write_format(&file, "{\n \"catalog\": \"%s\",\n \"ver\": %d,\n \"decks\": [\n  ",
                 battle_catalog_id(balance->catalog), battle_catalog_version(balance->catalog));
    buffer_append(&file, decks->data, decks->length);
    buffer_append_text(&file, "\n ]\n}\n");
    balance_write_file(balance->out, "search.json", &file);
    buffer_free(&file);
}

int balance_search(struct balance *balance)
{
    const struct deck_list *decks = &balance->decks;
    struct search *search = memory_new(sizeof *search);
    struct buffer found = {0};
    size_t groups = 0;
    for (size_t i = 0; i < decks->count; i = decks_group_end(decks, i))
        groups += balance->level == 0 || decks->rows[i].snapshot.level == balance->level;
    search->balance = balance;
    rng_init(&search->rng, balance->first_seed);
    list_definitions(search);
    for (size_t i = 0; i < decks->count; i = search->end) {
        search->first = i, search->end = decks_group_end(decks, i);
        if (balance->level != 0 && decks->rows[i].snapshot.level != balance->level) continue;
        search->tried = search->climbs = 0;
        search->until_s =
            now_s() + (double)(balance->seconds != 0 ? balance->seconds : SECONDS) / (double)groups;
        struct deck best = search_group(search);
        tell(search, &best, &found);
    }
    write_found(balance, &found);
    buffer_free(&found);
    free(search);
    return 0;
}
