/* relay_text.h -- what stands around the bouts in a `relay/1` timeline. battle_relay_run writes it,
 * battle_relay_verify writes it again and compares. */
#ifndef DUELPOD_BATTLE_RELAY_TEXT_H
#define DUELPOD_BATTLE_RELAY_TEXT_H

#include "json_writer.h"
#include "relay.h"

enum { RELAY_HEAD_BYTES = 512, RELAY_END_BYTES = 512 };

void relay_write_seed(const battle_seed *seed, struct text *text);
/* Up to `"bouts":[`. */
void relay_write_head(const char *match_id, const battle_seed *seed, struct text *text);
/* From `],"end"` up to the hash digits. */
void relay_write_end(const battle_relay_result *result, struct text *text);
/* The digits over everything in `text`, and the closing braces. */
void relay_write_hash(struct text *text);
/* The same for a digest made elsewhere. */
void relay_write_digest(const uint8_t digest[32], struct text *text);

#endif
