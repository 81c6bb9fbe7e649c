/* battle_bench: battles per second of processor time, six cards a side, without and with a compressed timeline.
 *
 *     battle_bench [--json] [--cards N] [--seconds S]
 *
 * The timeline figure includes writing the JSON, its hash and gzip, as it goes to both players. The catalog's is
 * the mean of loading it from its bytes. */
#include <time.h>

#include "common/gzip.h"
#include "tests/support/battle_decks.h"

enum { DECKS = 64, LOADS = 20 };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

struct bench {
    battle_catalog *catalog;
    battle_ctx *ctx;
    battle_snapshot decks[DECKS][2];
    char *json;
    struct gzip *gzip;
    struct buffer packed;
    double json_bytes, packed_bytes, events;
};

static size_t compress_once(struct bench *bench, size_t size)
{
    buffer_clear(&bench->packed);
    gzip_compress(bench->gzip, (struct bytes){bench->json, size}, &bench->packed);
    return bench->packed.length;
}

static double load_ms(void)
{
    static char bytes[BATTLE_CATALOG_BYTES];
    size_t size = decks_read_file(BATTLE_CATALOG_FILE, bytes, sizeof bytes);
    double start = cpu_seconds();
    for (int i = 0; i < LOADS; i++) {
        battle_err err;
        battle_catalog *catalog = battle_catalog_load(bytes, size, &err);
        if (catalog == NULL) exit(1);
        battle_catalog_free(catalog);
    }
    return (cpu_seconds() - start) * 1000 / LOADS;
}

/* mode 0: plain, 1: with events, 2: and JSON, 3: and gzip. Gives battles per second. */
static double measure(struct bench *bench, int mode, double seconds)
{
    const battle_sink sink = {"bench"};
    uint64_t count = 0;
    double start = cpu_seconds(), spent;
    bench->json_bytes = bench->packed_bytes = bench->events = 0;
    do {
        for (int i = 0; i < DECKS; i++, count++) {
            battle_seed seed = decks_seed(count * 977 + 3);
            battle_result result;
            if (battle_run(bench->ctx, bench->catalog, bench->decks[i], &seed, mode > 0 ? &sink : NULL,
                           &result) != 0)
                exit(1);
            bench->events += result.events;
            size_t size = mode > 1 ? battle_timeline_json(bench->ctx, bench->json, BATTLE_TIMELINE_BYTES) : 0;
            bench->json_bytes += (double)size;
            if (mode > 2) bench->packed_bytes += (double)compress_once(bench, size);
        }
        spent = cpu_seconds() - start;
    } while (spent < seconds);
    bench->json_bytes /= (double)count, bench->packed_bytes /= (double)count, bench->events /= (double)count;
    return (double)count / spent;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    int cards = 6, json = 0;
    double seconds = 1.5;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) json = 1;
        else if (strcmp(argv[i], "--cards") == 0 && i + 1 < argc) cards = atoi(argv[++i]);
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) seconds = atof(argv[++i]);
    }
    if (cards < 1 || cards > BATTLE_SLOTS) return 2;
    uint64_t dice = 42;
    bench.catalog = decks_load_catalog();
    bench.ctx = battle_ctx_new();
    bench.json = malloc(BATTLE_TIMELINE_BYTES);
    bench.gzip = gzip_open();
    for (int i = 0; i < DECKS; i++) {
        bench.decks[i][0] = decks_fair_side(bench.catalog, &dice, "ana", cards);
        bench.decks[i][1] = decks_fair_side(bench.catalog, &dice, "bo", cards);
    }
    double plain = measure(&bench, 0, seconds), events = measure(&bench, 1, seconds);
    double written = measure(&bench, 2, seconds), packed = measure(&bench, 3, seconds);
    if (json)
        printf("{\"plain_per_s\":%.0f,\"timeline_per_s\":%.0f,\"packed_bytes\":%.0f,\"catalog_ms\":%.2f}\n",
               plain, packed, bench.packed_bytes, load_ms());
    else
        printf("%d cards: plain %.0f/s, events %.0f/s, json %.0f/s, gzip %.0f/s (%.0f events, %.0f bytes, "
               "%.0f packed); catalog in %.2f ms\n",
               cards, plain, events, written, packed, bench.events, bench.json_bytes, bench.packed_bytes,
               load_ms());
    gzip_close(bench.gzip);
    buffer_free(&bench.packed);
    battle_ctx_free(bench.ctx);
    battle_catalog_free(bench.catalog);
    free(bench.json);
    return 0;
}
