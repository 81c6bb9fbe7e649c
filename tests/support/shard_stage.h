/* shard_stage.h -- two shards on a stage, and a test that waits for what happens there. Test code only. */
#ifndef DUELPOD_SHARD_STAGE_H
#define DUELPOD_SHARD_STAGE_H

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/shard.h"

enum { PATIENCE_S = 20, TIMERS = 5, CAPACITY = 64 };

/* What a shard of these tests shares with the test. cmocka's asserts stay on the test's own thread. */
struct stage {
    struct shard *shard;
    sem_t event;               /* posted by the callbacks */
    atomic_uint_fast64_t peer; /* where letters go */
    actor_address own;
    atomic_int received, refused, lost, ready;
    struct timer timers[TIMERS];
    char order[TIMERS + 1];
    atomic_int nulls, replies;
    char text[256];
};

static struct stage stages[2];
static struct shard_directory directory;

static inline int setup(void **state)
{
    (void)state;
    memset(stages, 0, sizeof stages);
    memset(&directory, 0, sizeof directory);
    for (int i = 0; i < 2; i++) sem_init(&stages[i].event, 0, 0);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) sem_destroy(&stages[i].event);
    return 0;
}

static inline void wait_for_event(struct stage *stage)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    if (sem_timedwait(&stage->event, &until) != 0) fail_msg("nothing happened");
}

static inline struct shard_config config_of(struct stage *stage, void (*started)(void *context))
{
    return (struct shard_config){.directory = &directory,
                                 .name = "test",
                                 .mailbox_capacity = CAPACITY,
                                 .key_prefix = "t:",
                                 .events = {.started = started},
                                 .context = stage};
}

static inline void open_and_start(struct stage *stage, const struct shard_config *config)
{
    stage->shard = shard_open(config);
    shard_start(stage->shard);
}

static inline void stop_and_join(struct stage *stage)
{
    shard_stop(stage->shard);
    shard_join(stage->shard);
}

static inline bool send_letter(struct stage *stage, actor_address to, uint32_t kind)
{
    struct message *letter = memory_new(sizeof *letter);
    letter->kind = kind;
    if (world_send(shard_world(stage->shard), to, letter)) return true;
    free(letter);
    atomic_fetch_add(&stage->refused, 1);
    return false;
}

#endif
