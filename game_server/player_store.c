#include "game_server/player_store.h"

#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "game_server/rating.h"
#include "game_server/season_store.h"

enum { PLAYER_LEVEL_FIRST = 1 };

struct number_text {
    char text[24];
};

static struct bytes number(int64_t integer, struct number_text *memory)
{
    struct buffer digits = {0};
    buffer_append_integer(&digits, integer);
    check(digits.length < sizeof memory->text);
    memcpy(memory->text, digits.data, digits.length);
    struct bytes out = {memory->text, digits.length};
    buffer_free(&digits);
    return out;
}

static struct bytes key_bytes(const struct redis_name *name)
{
    return (struct bytes){name->text, name->length};
}

/* ---- login and profile --------------------------------------------------------------------------- */

bool player_store_login(struct world *world, const char *player_id, const char *pod_id,
                        const char *session_id, const char *device_id, const struct player_starter *starter,
                        world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_name player = proto_key_name(KEY_player, world->key_prefix, player_id);
    struct redis_name session = proto_key_name(KEY_session, world->key_prefix, player_id);
    struct redis_name inbox = proto_key_name(KEY_inbox, world->key_prefix, player_id);
    struct redis_name season = proto_key_name(KEY_season, world->key_prefix, "");
    struct bytes keys[] = {key_bytes(&player), key_bytes(&session), key_bytes(&inbox), key_bytes(&season)};
    struct number_text level, rating;
    char name[NAME_CHARACTERS_MAX + 1];
    text_copy(name, sizeof name, player_id);
    struct bytes arguments[] = {
        bytes_of_text(""),
        bytes_of_text(pod_id),
        bytes_of_text(session_id),
        bytes_of_text(name),
        number(PLAYER_LEVEL_FIRST, &level),
        number(RATING_START, &rating),
        bytes_of_text(starter->loadout_json),
        bytes_of_text(starter->collection_json),
        bytes_of_text(device_id),
    };
    return world_script(world, SCRIPT_login, keys, ARRAY_LENGTH(keys), arguments, ARRAY_LENGTH(arguments),
                        reply, context, tag);
}

/* Copies a text reply into a fixed buffer; false when it is none or too long. */
static bool copy_text(const struct redis_reply *reply, char *out, size_t capacity)
{
    struct bytes text = redis_reply_text(reply);
    if (text.data == NULL || text.length >= capacity || memchr(text.data, '\0', text.length) != NULL)
        return false;
    memcpy(out, text.data, text.length);
    out[text.length] = '\0';
    return true;
}

static bool decode_stored(const struct redis_reply *reply, const struct proto_record *record, void *out)
{
    struct codec_error error;
    struct codec_document *document = codec_open(redis_reply_text(reply), &codec_limits_internal, &error);
    bool read = document != NULL && codec_decode(document, record, out, &error);
    codec_close(document);
    return read;
}

/* "meadow=3,old_mill=1" -> stages and stars. What cannot be read is left out. */
static void read_stages(const struct redis_reply *reply, struct proto_profile *out)
{
    struct bytes list = redis_reply_text(reply);
    size_t start = 0;
    for (size_t at = 0; at <= list.length && out->stages_count < STAGES_PLAYED_MAX; at++) {
        if (at < list.length && list.data[at] != ',') continue;
        size_t length = at - start;
        const char *entry = list.data + start;
        start = at + 1;
        struct proto_stage_progress *stage = &out->stages[out->stages_count];
        if (length < 3 || length - 2 >= sizeof stage->id || entry[length - 2] != '=') continue;
        if (entry[length - 1] < '1' || entry[length - 1] > '3') continue;
        memcpy(stage->id, entry, length - 2);
        stage->id[length - 2] = '\0';
        stage->stars = entry[length - 1] - '0';
        out->stages_count++;
    }
}

/* The 16 values of profile_of() in lua/_prelude.lua. */
static bool record_read(const struct redis_reply *values, size_t first, const char *player_id,
                        struct player_record *record, const char **problem)
{
    struct proto_profile *out = &record->profile;
    *record = (struct player_record){
        .profile = {.has_ratings = true, .has_record = true, .has_loadout = true, .has_collection = true}};
    text_copy(out->player_id, sizeof out->player_id, player_id);
    const struct {
        size_t index;
        int64_t *to;
    } numbers[] = {{1, &out->level},         {2, &out->ratings.normal}, {3, &out->ratings.ranked},
                   {4, &out->ratings.party}, {5, &out->record.wins},    {6, &out->record.losses},
                   {7, &out->record.draws},  {10, &record->games[0]},   {11, &record->games[1]},
                   {12, &record->games[2]},  {13, &out->experience},    {15, &out->season}};
    *problem = "name";
    if (!copy_text(redis_reply_item(values, first), out->name, sizeof out->name)) return false;
    *problem = "level, ratings, record, games, experience or season";
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        if (!redis_reply_integer(redis_reply_item(values, first + numbers[i].index), numbers[i].to))
            return false;
    }
    *problem = "loadout";
    if (!decode_stored(redis_reply_item(values, first + 8), &proto_record_loadout, &out->loadout))
        return false;
    read_stages(redis_reply_item(values, first + 14), out);
    *problem = "collection";
    return decode_stored(redis_reply_item(values, first + 9), &proto_record_collection, &out->collection);
}

/* Of what waits in the inbox, the battle against a stage. */
static void read_pve(const struct redis_reply *inbox, struct player_login *out)
{
    for (size_t i = 0; inbox != NULL && i + 1 < inbox->count; i += 2) {
        struct bytes summary = redis_reply_text(&inbox->items[i + 1]);
        if (summary.length < 4 || memcmp(summary.data, "pve ", 4) != 0) continue;
        if (copy_text(&inbox->items[i], out->pve_match_id, sizeof out->pve_match_id) &&
            copy_text(&inbox->items[i + 1], out->pve_summary, sizeof out->pve_summary)) {
            return;
        }
        out->pve_match_id[0] = '\0';
    }
}

bool player_store_login_read(const struct redis_reply *reply, const char *player_id, struct player_login *out,
                             const char **problem)
{
    int64_t created;
    *problem = "reply";
    if (redis_reply_is_error(reply) ||
        !redis_reply_integer(redis_reply_item(reply, 0), &out->connection_epoch) ||
        !copy_text(redis_reply_item(reply, 1), out->previous_pod, sizeof out->previous_pod) ||
        !redis_reply_integer(redis_reply_item(reply, 2), &created)) {
        return false;
    }
    out->created = created == 1;
    out->party.status = PARTY_LOST;
    party_guess_start(&out->party_guess, player_id, NULL, NULL);
    copy_text(redis_reply_item(reply, 20), out->party_guess.party_id, sizeof out->party_guess.party_id);
    out->looks_for_party =
        out->party_guess.party_id[0] != '\0' || redis_reply_text(redis_reply_item(reply, 21)).length > 0;
    read_pve(redis_reply_item(reply, 19), out);
    return record_read(reply, 3, player_id, &out->record, problem);
}

bool player_store_set(struct world *world, const char *player_id, int64_t connection_epoch, const char *field,
                      struct bytes value, world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_name player = proto_key_name(KEY_player, world->key_prefix, player_id);
    struct redis_name session = proto_key_name(KEY_session, world->key_prefix, player_id);
    struct bytes keys[] = {key_bytes(&player), key_bytes(&session)};
    struct number_text epoch;
    struct bytes arguments[] = {bytes_of_text(""), number(connection_epoch, &epoch), bytes_of_text(field),
                                value};
    return world_script(world, SCRIPT_player_set, keys, ARRAY_LENGTH(keys), arguments,
                        ARRAY_LENGTH(arguments), reply, context, tag);
}

bool player_store_profile(struct world *world, const char *player_id, world_reply_fn *reply, void *context,
                          uint64_t tag)
{
    struct redis_name player = proto_key_name(KEY_player, world->key_prefix, player_id);
    struct redis_name season = proto_key_name(KEY_season, world->key_prefix, "");
    struct bytes keys[] = {key_bytes(&player), key_bytes(&season)};
    struct bytes arguments[] = {bytes_of_text("")};
    return world_script(world, SCRIPT_profile, keys, ARRAY_LENGTH(keys), arguments, ARRAY_LENGTH(arguments),
                        reply, context, tag);
}

bool player_store_profile_read(const struct redis_reply *reply, const char *player_id,
                               struct player_record *out, const char **problem)
{
    return record_read(reply, 0, player_id, out, problem);
}

/* ---- matchmaking state --------------------------------------------------------------------------- */

static const char *const state_fields[] = {"ver", "st",  "ce",    "rq",   "mode", "q",
                                           "mid", "why", "ready", "card", "mate"};

bool player_store_state(struct world *world, const char *player_id, world_reply_fn *reply, void *context,
                        uint64_t tag)
{
    struct redis_name key = proto_key_name(KEY_metadata, world->key_prefix, player_id);
    struct bytes command[2 + ARRAY_LENGTH(state_fields)] = {bytes_of_text("HMGET"), key_bytes(&key)};
    for (size_t i = 0; i < ARRAY_LENGTH(state_fields); i++) command[2 + i] = bytes_of_text(state_fields[i]);
    return world_command(world, command, ARRAY_LENGTH(command), reply, context, tag);
}

static void read_ready(const struct redis_reply *reply, struct proto_snapshot *out)
{
    struct bytes list = redis_reply_text(reply);
    size_t start = 0;
    for (size_t at = 0; at <= list.length && out->ready_count < MATCH_PLAYERS_MAX; at++) {
        if (at < list.length && list.data[at] != ',') continue;
        size_t length = at - start;
        if (length > 0 && length <= PLAYER_ID_MAX) {
            memcpy(out->ready[out->ready_count], list.data + start, length);
            out->ready[out->ready_count++][length] = '\0';
        }
        start = at + 1;
    }
}

bool player_store_state_read(const struct redis_reply *reply, const char *player_id,
                             struct proto_snapshot *out)
{
    *out = (struct proto_snapshot){.version = 0};
    text_copy(out->player_id, sizeof out->player_id, player_id);
    if (reply == NULL || redis_reply_item(reply, 0) == NULL) return false;
    if (!copy_text(redis_reply_item(reply, 1), out->state, sizeof out->state) || out->state[0] == '\0') {
        text_copy(out->state, sizeof out->state, proto_state_names[STATE_lobby]);
    }
    redis_reply_integer(redis_reply_item(reply, 0), &out->version);
    redis_reply_integer(redis_reply_item(reply, 2), &out->connection_epoch);
    redis_reply_integer(redis_reply_item(reply, 3), &out->request);
    copy_text(redis_reply_item(reply, 4), out->mode, sizeof out->mode);
    redis_reply_integer(redis_reply_item(reply, 5), &out->enqueued_at_ms);
    copy_text(redis_reply_item(reply, 6), out->match_id, sizeof out->match_id);
    copy_text(redis_reply_item(reply, 7), out->reason, sizeof out->reason);
    read_ready(redis_reply_item(reply, 8), out);
    out->match = redis_reply_text(redis_reply_item(reply, 9));
    copy_text(redis_reply_item(reply, 10), out->mate, sizeof out->mate);
    return proto_state_named(out->state) != STATE_COUNT;
}

bool player_store_epoch(struct world *world, const char *player_id, world_reply_fn *reply, void *context,
                        uint64_t tag)
{
    struct redis_name key = proto_key_name(KEY_session, world->key_prefix, player_id);
    struct bytes command[] = {bytes_of_text("HMGET"), key_bytes(&key), bytes_of_text("epoch"),
                              bytes_of_text("party_ver")};
    return world_command(world, command, ARRAY_LENGTH(command), reply, context, tag);
}

/* ---- results ------------------------------------------------------------------------------------- */

bool player_store_result(struct world *world, const char *match_id, world_reply_fn *reply, void *context,
                         uint64_t tag)
{
    struct redis_name key = proto_key_name(KEY_result, world->key_prefix, match_id);
    struct bytes command[] = {bytes_of_text("HMGET"), key_bytes(&key), bytes_of_text("winner"),
                              bytes_of_text("timeline"), bytes_of_text("rated")};
    return world_command(world, command, ARRAY_LENGTH(command), reply, context, tag);
}

bool player_store_result_read(const struct redis_reply *reply, struct stored_result *out)
{
    int64_t side;
    if (!redis_reply_integer(redis_reply_item(reply, 0), &side) || side < -1 || side > 1) return false;
    out->winner = (int)side;
    out->timeline = redis_reply_text(redis_reply_item(reply, 1));
    out->rated = !redis_reply_equals(redis_reply_item(reply, 2), "0");
    return out->timeline.length > 0;
}

bool player_store_apply(struct world *world, const char *player_id, const char *match_id,
                        const struct result_effect *effect, world_reply_fn *reply, void *context,
                        uint64_t tag)
{
    bool rated = effect->rated_mode[0] != '\0';
    struct redis_name player = proto_key_name(KEY_player, world->key_prefix, player_id);
    struct redis_name inbox = proto_key_name(KEY_inbox, world->key_prefix, player_id);
    struct redis_name history = proto_key_name(KEY_history, world->key_prefix, player_id);
    struct redis_name opponents = proto_key_name(KEY_opponents, world->key_prefix, player_id);
    struct redis_name season = proto_key_name(KEY_season, world->key_prefix, "");
    struct redis_name board = season_board_name(world, effect->season, effect->rated_mode);
    struct bytes keys[] = {key_bytes(&player),    key_bytes(&inbox),  key_bytes(&history),
                           key_bytes(&opponents), key_bytes(&season), key_bytes(&board)};
    struct number_text before, games, after[RESULT_WEIGHTS], made, number_of_season;
    struct bytes arguments[] = {
        bytes_of_text(""),
        bytes_of_text(match_id),
        bytes_of_text(effect->outcome),
        bytes_of_text(effect->rated_mode),
        number(effect->rating_before, &before),
        number(effect->games_before, &games),
        number(effect->rating_after[0], &after[0]),
        number(effect->rating_after[1], &after[1]),
        number(effect->rating_after[2], &after[2]),
        number(effect->match_made_ms, &made),
        effect->opponents.length == 0 ? bytes_of_text("") : buffer_bytes(&effect->opponents),
        buffer_bytes(&effect->history),
        number(effect->season, &number_of_season),
        bytes_of_text(player_id),
    };
    return world_script(world, SCRIPT_result_apply, keys, rated ? 6 : 3, arguments, ARRAY_LENGTH(arguments),
                        reply, context, tag);
}

bool player_store_apply_pve(struct world *world, const char *player_id, int64_t connection_epoch,
                            const char *match_id, const struct pve_effect *effect,
                            const int32_t level_begins[BATTLE_LEVELS], world_reply_fn *reply, void *context,
                            uint64_t tag)
{
    struct redis_name player = proto_key_name(KEY_player, world->key_prefix, player_id);
    struct redis_name session = proto_key_name(KEY_session, world->key_prefix, player_id);
    struct redis_name inbox = proto_key_name(KEY_inbox, world->key_prefix, player_id);
    struct redis_name history = proto_key_name(KEY_history, world->key_prefix, player_id);
    struct bytes keys[] = {key_bytes(&player), key_bytes(&session), key_bytes(&inbox), key_bytes(&history)};
    struct number_text epoch, stars, experience;
    struct buffer begins = {0};
    for (int i = 0; i < BATTLE_LEVELS; i++) {
        if (i > 0) buffer_append_character(&begins, ',');
        buffer_append_integer(&begins, level_begins[i]);
    }
    struct bytes arguments[] = {
        bytes_of_text(""),
        number(connection_epoch, &epoch),
        bytes_of_text(match_id),
        bytes_of_text(effect->stage),
        bytes_of_text(effect->outcome),
        number(effect->stars, &stars),
        number(effect->experience, &experience),
        buffer_bytes(&begins),
    };
    bool accepted = world_script(world, SCRIPT_pve_apply, keys, ARRAY_LENGTH(keys), arguments,
                                 ARRAY_LENGTH(arguments), reply, context, tag);
    buffer_free(&begins);
    return accepted;
}

bool player_store_rating_read(const struct redis_reply *reply, struct proto_rating_change *out)
{
    char summary[64];
    long long before, after;
    if (!copy_text(redis_reply_item(reply, 1), summary, sizeof summary)) return false;
    if (sscanf(summary, "%*s %lld %lld", &before, &after) != 2) return false;
    *out = (struct proto_rating_change){.before = before, .after = after, .delta = after - before};
    return true;
}

bool player_store_history(struct world *world, const char *player_id, int64_t limit, world_reply_fn *reply,
                          void *context, uint64_t tag)
{
    struct redis_name key = proto_key_name(KEY_history, world->key_prefix, player_id);
    struct number_text last;
    struct bytes command[] = {bytes_of_text("LRANGE"), key_bytes(&key), bytes_of_text("0"),
                              number(limit - 1, &last)};
    return world_command(world, command, ARRAY_LENGTH(command), reply, context, tag);
}

bool player_store_forget_result(struct world *world, const char *player_id, const char *match_id)
{
    struct redis_name inbox = proto_key_name(KEY_inbox, world->key_prefix, player_id);
    struct bytes command[] = {bytes_of_text("HDEL"), key_bytes(&inbox), bytes_of_text(match_id)};
    return world_command(world, command, ARRAY_LENGTH(command), NULL, NULL, 0);
}
