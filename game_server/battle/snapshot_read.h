/* snapshot_read.h -- the parts of a snapshot that the catalog's starter and stages share with snapshot
 * JSON, and the one way to make any snapshot canonical. */
#ifndef DUELPOD_BATTLE_SNAPSHOT_READ_H
#define DUELPOD_BATTLE_SNAPSHOT_READ_H

#include "catalog.h"
#include "json_reader.h"

/* `cards`: [{"id","level","slot","items"}]. */
bool snapshot_read_cards(struct json *json, const battle_catalog *catalog, battle_snapshot *out);
/* An array of ids of one kind. */
bool snapshot_read_ids(struct json *json, const battle_catalog *catalog, int kind, uint16_t *nums, int most,
                       uint8_t *count);

/* Sorts cards by slot and numbers rising. Slots must be 0..n-1, each once; otherwise E_SLOT. */
bool snapshot_canonicalise(battle_snapshot *snapshot, struct json *json);

bool snapshot_read_starter(struct json *json, battle_catalog *catalog);
bool snapshot_read_stage(struct json *json, const battle_catalog *catalog, battle_stage *stage);

#endif
