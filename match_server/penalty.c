#include "match_server/penalty.h"

#include <stdlib.h>
#include <string.h>

static const char no_device[] = "-";

const char *penalty_steps_problem(const char *steps)
{
    long before = -1;
    for (int count = 1;; count++) {
        char *end;
        size_t digits = strspn(steps, "0123456789");
        if (digits == 0 || digits > 8) return "not whole numbers of seconds with commas between";
        long seconds = strtol(steps, &end, 10);
        if (seconds > PENALTY_STEP_SECONDS_MAX) return "a step is above 30 days";
        if (seconds <= before) return "a step is not above the one before";
        if (*end == '\0') return NULL;
        if (*end != ',') return "not whole numbers of seconds with commas between";
        if (count == PENALTY_STEPS_MAX) return "more than 16 steps";
        before = seconds;
        steps = end + 1;
    }
}

void penalty_device_hash(const char *device_id, char out[DIGEST_TEXT_SIZE])
{
    if (device_id[0] == '\0') {
        text_copy(out, DIGEST_TEXT_SIZE, no_device);
    } else {
        digest_sha256_text(bytes_of_text(device_id), out);
    }
}

static void device_at(const struct match_view *match, size_t index, char out[DIGEST_TEXT_SIZE])
{
    _Static_assert((int)MATCH_ITEM_SIZE == (int)DIGEST_TEXT_SIZE, "an item of the list is a digest");
    match_view_item(match->devices, index, out);
    if (out[0] == '\0') text_copy(out, DIGEST_TEXT_SIZE, no_device);
}

void penalty_device_of(const struct match_view *match, const char *player_id, char out[DIGEST_TEXT_SIZE])
{
    text_copy(out, DIGEST_TEXT_SIZE, no_device);
    for (size_t i = 0; i < MATCH_PLAYERS_MAX; i++) {
        char member[MATCH_ITEM_SIZE];
        match_view_item(match->players, i, member);
        if (strcmp(member, player_id) != 0) continue;
        device_at(match, i, out);
        return;
    }
}

void penalty_call_keys(struct script_call *call, const char *player_id, const char *device_hash)
{
    script_call_key(call, KEY_penalty_player, player_id);
    script_call_key(call, KEY_penalty_device, device_hash);
}

void penalty_call_members(struct script_call *call, const struct match_view *match)
{
    for (size_t i = 0; i < MATCH_PLAYERS_MAX; i++) {
        char member[MATCH_ITEM_SIZE];
        char device[DIGEST_TEXT_SIZE];
        match_view_item(match->players, i, member);
        if (member[0] == '\0') return;
        device_at(match, i, device);
        penalty_call_keys(call, member, device);
    }
}

void penalty_call_rules(struct script_call *call, const struct match_config *config)
{
    script_call_integer(call, config->penalty_half_life_s * 1000);
    script_call_text(call, config->penalty_steps_s);
}
