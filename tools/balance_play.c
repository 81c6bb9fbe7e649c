#include "tools/balance_play.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { TICK_MS = 50 };

struct play {
    const struct play_plan *plan;
    atomic_size_t next;
    pthread_mutex_t mutex; /* guards done */
    pthread_cond_t moved;
    size_t done;
};

battle_result play_one(battle_ctx *ctx, const battle_catalog *catalog, const battle_snapshot *const decks[2],
                       uint64_t seed, const battle_sink *sink)
{
    static const char *const players[2] = {"seat-0", "seat-1"};
    battle_snapshot sides[2] = {*decks[seed & 1], *decks[~seed & 1]};
    battle_seed bytes;
    battle_result result;
    for (int i = 0; i < 8; i++) bytes.bytes[i] = (uint8_t)(seed >> (56 - 8 * i));
    for (int i = 0; i < 2; i++) check(text_copy(sides[i].player_id, sizeof sides[i].player_id, players[i]));
    check(battle_run(ctx, catalog, sides, &bytes, sink, &result) == BATTLE_OK);
    return result;
}

static void count(struct tally *tally, const battle_result *result, uint64_t seed)
{
    tally->battles++;
    tally->why[result->why]++;
    tally->lengths[result->t_ms / TICK_MS]++;
    if (result->winner < 0) {
        tally->draws++;
    } else {
        tally->seat_wins[result->winner]++;
        tally->wins[(uint64_t)result->winner ^ (seed & 1)]++;
    }
}

static void play_pairing(const struct play_plan *plan, const struct pairing *pairing, battle_ctx *ctx)
{
    for (uint64_t i = 0; i < plan->seeds; i++) {
        uint64_t seed = plan->first_seed + i;
        battle_result result = play_one(ctx, plan->catalog, pairing->decks, seed, NULL);
        count(pairing->tally, &result, seed);
    }
}

static void *work(void *user)
{
    struct play *play = user;
    battle_ctx *ctx = battle_ctx_new();
    check(ctx != NULL);
    for (size_t i; (i = atomic_fetch_add(&play->next, 1)) < play->plan->count;) {
        play_pairing(play->plan, &play->plan->pairings[i], ctx);
        pthread_mutex_lock(&play->mutex);
        play->done++;
        pthread_cond_signal(&play->moved);
        pthread_mutex_unlock(&play->mutex);
    }
    battle_ctx_free(ctx);
    return NULL;
}

static void watch(struct play *play)
{
    const struct play_plan *plan = play->plan;
    size_t done = 0;
    while (done < plan->count) {
        pthread_mutex_lock(&play->mutex);
        while (play->done == done) pthread_cond_wait(&play->moved, &play->mutex);
        done = play->done;
        pthread_mutex_unlock(&play->mutex);
        if (plan->progress != NULL) plan->progress(plan->user, done, plan->count);
    }
}

void play_all(const struct play_plan *plan)
{
    struct play play = {.plan = plan, .mutex = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};
    pthread_t threads[PLAY_THREADS_MAX];
    check(plan->threads >= 1 && plan->threads <= PLAY_THREADS_MAX);
    for (int i = 0; i < plan->threads; i++) check(pthread_create(&threads[i], NULL, work, &play) == 0);
    watch(&play);
    for (int i = 0; i < plan->threads; i++) pthread_join(threads[i], NULL);
}

void tally_add(struct tally *to, const struct tally *from)
{
    to->battles += from->battles;
    to->draws += from->draws;
    for (int i = 0; i < 2; i++) to->wins[i] += from->wins[i], to->seat_wins[i] += from->seat_wins[i];
    for (int i = 0; i < PLAY_WHYS; i++) to->why[i] += from->why[i];
    for (int i = 0; i < PLAY_TICKS; i++) to->lengths[i] += from->lengths[i];
}

double tally_share(const struct tally *tally)
{
    if (tally->battles == 0) return 0.5;
    return ((double)tally->wins[0] + (double)tally->draws / 2) / (double)tally->battles;
}

int tally_length_ms(const struct tally *tally, int permille)
{
    uint64_t below = 0, wanted = (tally->battles * (uint64_t)permille + 999) / 1000;
    int tick = 0;
    for (; tick < PLAY_TICKS - 1 && (below += tally->lengths[tick]) < wanted; tick++) continue;
    return tick * TICK_MS;
}
