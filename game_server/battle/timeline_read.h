/* timeline_read.h -- reading a timeline back: the header into snapshots, events one by one. */
#ifndef DUELPOD_BATTLE_TIMELINE_READ_H
#define DUELPOD_BATTLE_TIMELINE_READ_H

#include "catalog.h"
#include "json_reader.h"

struct opening_card { /* what the header says beyond the snapshot */
    int32_t entity, kind, stats[STATS], keywords;
};

struct timeline_side {
    battle_snapshot snapshot;
    int32_t hp;
    struct opening_card cards[BATTLE_SLOTS];
};

struct timeline_header {
    char engine[BATTLE_ID_BYTES], catalog[BATTLE_ID_BYTES], sha[65], match_id[BATTLE_NAME_BYTES];
    int32_t version;
    battle_seed seed;
    struct timeline_side sides[2];
};

struct timeline_event {
    char kind[BATTLE_ID_BYTES], id[BATTLE_ID_BYTES];
    int32_t t, s, d, n, v, w, f, c, a, p, x, r, slot, cd;
};

struct timeline_end {
    int32_t t, winner, why, hp[2], events;
};

/* Reads from the opening brace up to the inside of `"ev":[`, whose array is then open. Unknown fields are
 * skipped. */
bool timeline_read_header(struct json *json, const battle_catalog *catalog, struct json_object *document,
                          struct timeline_header *out, struct json_array *events);
bool timeline_read_event(struct json *json, struct timeline_event *out);
/* After the last event: the rest of the document. */
bool timeline_read_end(struct json *json, struct json_object *document, struct timeline_end *out);

#endif
