/* commit: pairs committed per second through a real Redis, and what one costs it.
 *
 *     commit [--json] [--pairs N] [--batch N] [--in-flight N] [--redis PATH]
 *
 * Fills a queue by the enqueue script, then commits all of it by the commit script: batches in flight as the
 * matchmaker has them. The cost for Redis is the processor time it has spent meanwhile. PATH is the
 * unix socket of an empty Redis; without it one is started and ended here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/redis_options.h"
#include "common/shard.h"
#include "match_server/match_seal.h"
#include "match_server/penalty.h"
#include "match_server/script_call.h"
#include "tests/support/redis_server.h"

enum { ENQUEUES_IN_FLIGHT = 256, SNAPSHOT_BYTES = 838 };

struct bench {
    struct shard *shard;
    struct script_call call;
    struct match_config config;
    struct match_sealer sealer;
    struct redis_server server;
    size_t pairs, batch, in_flight_max;
    char *snapshot;
    char snapshot_sha256[DIGEST_TEXT_SIZE], device_hash[DIGEST_TEXT_SIZE];
    char lock[96];
    int64_t *versions; /* of the players, by number */
    size_t asked, answered, in_flight, committed;
    int64_t start_us, took_us, enqueue_us;
    double cpu_before, redis_us;
    bool started;
};

static void player_name(size_t number, char out[32])
{
    snprintf(out, 32, "player-%08zu", number);
}

static void finish(struct bench *bench)
{
    shard_finish(bench->shard);
}

/* ---- what Redis spent ---------------------------------------------------------------------------- */

/* Seconds of processor time, user and system, as INFO cpu says. */
static double cpu_of(const struct redis_reply *reply)
{
    char text[1024];
    struct bytes info = redis_reply_text(reply);
    size_t length = info.length < sizeof text ? info.length : sizeof text - 1;
    if (length > 0) memcpy(text, info.data, length);
    text[length] = '\0';
    const char *user = strstr(text, "used_cpu_user:"), *system = strstr(text, "used_cpu_sys:");
    check(user != NULL && system != NULL);
    return strtod(user + strlen("used_cpu_user:"), NULL) + strtod(system + strlen("used_cpu_sys:"), NULL);
}

static void on_end(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct bench *bench = context;
    bench->redis_us = (cpu_of(reply) - bench->cpu_before) * 1e6;
    finish(bench);
}

static void command(struct bench *bench, const char *const *words, size_t count, world_reply_fn *reply)
{
    struct bytes arguments[4];
    for (size_t i = 0; i < count; i++) arguments[i] = bytes_of_text(words[i]);
    check(world_command(shard_world(bench->shard), arguments, count, reply, bench, 0));
}

/* ---- commits ------------------------------------------------------------------------------------- */

static void commit_more(struct bench *bench);

static void on_committed(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct bench *bench = context;
    check(redis_reply_equals(redis_reply_item(reply, 0), "OK"));
    for (size_t i = 1; i < reply->count; i++) {
        check(redis_reply_equals(redis_reply_item(redis_reply_item(reply, i), 0), "OK"));
    }
    bench->in_flight--;
    bench->committed += tag;
    if (bench->committed < bench->pairs) {
        commit_more(bench);
        return;
    }
    bench->took_us = clock_monotonic_us() - bench->start_us;
    command(bench, (const char *const[]){"INFO", "cpu"}, 2, on_end);
}

static void add_match(struct bench *bench, size_t number)
{
    const char *sha256[] = {bench->snapshot_sha256, bench->snapshot_sha256};
    struct match_seal seal = match_seal_make(&bench->sealer, clock_wall_ms(), sha256, ARRAY_LENGTH(sha256));
    script_call_key(&bench->call, KEY_match, seal.match_id);
    script_call_text(&bench->call, seal.match_id);
    script_call_text(&bench->call, seal.seed);
    script_call_text(&bench->call, seal.commitment);
    script_call_text(&bench->call, "");
    for (size_t i = 2 * number; i < 2 * number + 2; i++) {
        char player[32];
        player_name(i, player);
        script_call_key(&bench->call, KEY_metadata, player);
        script_call_text(&bench->call, player);
        script_call_integer(&bench->call, bench->versions[i]);
    }
}

static void commit_more(struct bench *bench)
{
    while (bench->in_flight < bench->in_flight_max && bench->asked < bench->pairs) {
        struct script_call *call = &bench->call;
        size_t count =
            bench->pairs - bench->asked < bench->batch ? bench->pairs - bench->asked : bench->batch;
        script_call_start_common(call, shard_world(bench->shard), &bench->config);
        script_call_key(call, KEY_matchmaker_lock, "normal");
        script_call_key(call, KEY_queue, "normal");
        script_call_key(call, KEY_queue_log, "normal");
        script_call_key(call, KEY_queue_leases, "");
        script_call_key(call, KEY_match_deadlines, "");
        script_call_key(call, KEY_outbox, "");
        script_call_text(call, bench->lock);
        script_call_text(call, "normal");
        script_call_integer(call, 2);
        script_call_text(call, "loading");
        script_call_integer(call, 30000);
        script_call_integer(call, 2000);
        for (size_t i = 0; i < count; i++) add_match(bench, bench->asked + i);
        check(script_call_send(call, SCRIPT_commit, on_committed, bench, count));
        bench->asked += count;
        bench->in_flight++;
    }
}

static void on_start(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct bench *bench = context;
    bench->cpu_before = cpu_of(reply);
    bench->asked = 0;
    bench->start_us = clock_monotonic_us();
    commit_more(bench);
}

static void on_lease(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct bench *bench = context;
    check(redis_reply_equals(redis_reply_item(reply, 0), "OK"));
    struct bytes value = redis_reply_text(redis_reply_item(reply, 1));
    memcpy(bench->lock, value.data, value.length);
    command(bench, (const char *const[]){"INFO", "cpu"}, 2, on_start);
}

static void take_lease(struct bench *bench)
{
    script_call_start(&bench->call, shard_world(bench->shard));
    script_call_key(&bench->call, KEY_matchmaker_lock, "normal");
    script_call_text(&bench->call, "");
    script_call_text(&bench->call, "bench");
    script_call_integer(&bench->call, 600000);
    script_call_text(&bench->call, "");
    check(script_call_send(&bench->call, SCRIPT_lease_acquire, on_lease, bench, 0));
}

/* ---- filling the queue --------------------------------------------------------------------------- */

static void enqueue_more(struct bench *bench);

static void on_enqueued(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct bench *bench = context;
    check(redis_reply_equals(redis_reply_item(reply, 0), "OK"));
    check(redis_reply_integer(redis_reply_item(reply, 3 + 2), &bench->versions[tag]));
    bench->answered++;
    if (bench->answered < 2 * bench->pairs) {
        if (bench->asked - bench->answered < ENQUEUES_IN_FLIGHT / 2) enqueue_more(bench);
        return;
    }
    bench->enqueue_us = clock_monotonic_us() - bench->start_us;
    take_lease(bench);
}

static void enqueue_more(struct bench *bench)
{
    while (bench->asked < 2 * bench->pairs && bench->asked - bench->answered < ENQUEUES_IN_FLIGHT) {
        struct script_call *call = &bench->call;
        char player[32];
        player_name(bench->asked, player);
        script_call_start_common(call, shard_world(bench->shard), &bench->config);
        script_call_key(call, KEY_metadata, player);
        script_call_key(call, KEY_queue, "normal");
        script_call_key(call, KEY_queue_log, "normal");
        script_call_key(call, KEY_queue_leases, "");
        script_call_key(call, KEY_outbox, "");
        script_call_key(call, KEY_maintenance, "");
        penalty_call_keys(call, player, bench->device_hash);
        script_call_text(call, player);
        script_call_text(call, "1");
        script_call_text(call, "1");
        script_call_text(call, "pod-a");
        script_call_text(call, "normal");
        script_call_text(call, "A player's name");
        script_call_text(call, "5");
        script_call_text(call, "1200");
        script_call_text(call, "device-0123456789");
        script_call_text(call, bench->snapshot);
        script_call_text(call, bench->snapshot_sha256);
        script_call_text(call, bench->device_hash);
        check(script_call_send(call, SCRIPT_enqueue, on_enqueued, bench, bench->asked));
        bench->asked++;
    }
}

static void on_ready(void *context)
{
    struct bench *bench = context;
    check(!bench->started);
    bench->started = true;
    bench->start_us = clock_monotonic_us();
    enqueue_more(bench);
}

/* ---- main ---------------------------------------------------------------------------------------- */

static void prepare(struct bench *bench, int argc, char **argv, const char **redis, bool *json)
{
    *bench = (struct bench){.pairs = 50000, .batch = 16, .in_flight_max = 4};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) *json = true;
        if (i + 1 == argc) continue;
        if (strcmp(argv[i], "--pairs") == 0) bench->pairs = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--batch") == 0) bench->batch = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--in-flight") == 0) bench->in_flight_max = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--redis") == 0) *redis = argv[i + 1];
    }
    bench->config.outbox_retry_ms = 300;
    bench->config.queue_lease_ms = 600000;
    bench->config.match_retention_ms = 3600000;
    bench->versions = memory_new(2 * bench->pairs * sizeof bench->versions[0]);
    bench->snapshot = memory_new(SNAPSHOT_BYTES + 1);
    memset(bench->snapshot, 'x', SNAPSHOT_BYTES);
    memcpy(bench->snapshot, "{\"a\":\"", 6);
    memcpy(bench->snapshot + SNAPSHOT_BYTES - 2, "\"}", 2);
    digest_sha256_text(bytes_of_text(bench->snapshot), bench->snapshot_sha256);
    penalty_device_hash("device-0123456789", bench->device_hash);
}

static void run(struct bench *bench, const char *socket)
{
    struct redis_link_config redis = {
        .connect_timeout_ms = 1000, .command_timeout_ms = 60000, .backoff_min_ms = 10, .backoff_max_ms = 100};
    char url[160];
    const char *problem = "";
    snprintf(url, sizeof url, "unix://%s", socket);
    check(redis_address_parse(url, &redis.address, &problem));
    struct shard_directory directory = {.count = 0};
    struct shard_config config = {.directory = &directory,
                                  .name = "bench",
                                  .mailbox_capacity = 1,
                                  .redis = &redis,
                                  .key_prefix = "",
                                  .events = {.redis_ready = on_ready},
                                  .context = bench};
    bench->shard = shard_open(&config);
    shard_start(bench->shard);
    shard_join(bench->shard);
    shard_close(bench->shard);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    const char *redis = NULL;
    bool json = false;
    prepare(&bench, argc, argv, &redis, &json);
    if (redis == NULL) redis_server_start(&bench.server, false, NULL);
    run(&bench, redis == NULL ? bench.server.socket : redis);
    if (redis == NULL) redis_server_stop(&bench.server);
    double pairs_per_s = (double)bench.pairs * 1e6 / (double)bench.took_us;
    double us_per_pair = bench.redis_us / (double)bench.pairs;
    double batch_us = us_per_pair * (double)bench.batch;
    double enqueues_per_s = 2.0 * (double)bench.pairs * 1e6 / (double)bench.enqueue_us;
    if (json) {
        printf("{\"pairs_per_s\":%.0f,\"redis_us_per_pair\":%.2f,\"batch\":%zu,\"batch_us\":%.0f,"
               "\"enqueues_per_s\":%.0f}\n",
               pairs_per_s, us_per_pair, bench.batch, batch_us, enqueues_per_s);
    } else {
        printf("%zu pairs, %zu a batch, %zu in flight: %.0f pairs/s; Redis: %.1f us a pair, %.0f us a batch; "
               "filling: %.0f enqueues/s\n",
               bench.pairs, bench.batch, bench.in_flight_max, pairs_per_s, us_per_pair, batch_us,
               enqueues_per_s);
    }
    script_call_free(&bench.call);
    free(bench.versions);
    free(bench.snapshot);
    return 0;
}
