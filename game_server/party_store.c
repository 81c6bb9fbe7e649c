#include "game_server/party_store.h"

#include <string.h>

#include "common/buffer.h"
#include "common/ids.h"
#include "common/log.h"

/* The order of lua/_party.lua. */
enum {
    ANSWER_STATUS,
    ANSWER_DETAIL,
    ANSWER_VERSION,
    ANSWER_PARTY,
    ANSWER_LEADER,
    ANSWER_MEMBERS,
    ANSWER_INVITED,
    ANSWER_NEWS,
    ANSWER_INVITATIONS,
    AGAIN_MEMBERS = ANSWER_DETAIL,
    AGAIN_PARTY = ANSWER_VERSION,
};

enum {
    MEMBER_VALUES = 8,
    NEWS_VALUES = 2,
    INVITATION_VALUES = 4,
    SHARED_KEYS = 2,
    SHARED_ARGUMENTS = 6,
    OWN_ARGUMENTS_MAX = 6
};

/* ---- the guess ----------------------------------------------------------------------------------- */

static void guess_add(struct party_guess *guess, struct bytes id)
{
    if (!ids_is_player_id(id)) return;
    for (size_t i = 0; i < guess->people_count; i++) {
        if (bytes_equal_text(id, guess->people[i])) return;
    }
    if (guess->people_count == PARTY_PEOPLE_MAX) return;
    bytes_copy(guess->people[guess->people_count++], sizeof guess->people[0], id);
}

void party_guess_start(struct party_guess *guess, const char *player_id, const char *about,
                       const struct party_view *view)
{
    *guess = (struct party_guess){.attempts = 0};
    guess_add(guess, bytes_of_text(player_id));
    if (about != NULL) guess_add(guess, bytes_of_text(about));
    if (view == NULL) return;
    text_copy(guess->party_id, sizeof guess->party_id, view->party_id);
    for (size_t i = 0; i < view->members_count; i++) {
        guess_add(guess, bytes_of_text(view->members[i].shown.player_id));
    }
}

static bool read_text(const struct redis_reply *value, char *out, size_t capacity)
{
    struct bytes text = redis_reply_text(value);
    return memchr(text.data, '\0', text.length) == NULL && bytes_copy(out, capacity, text);
}

static void guess_add_list(struct party_guess *guess, struct bytes list)
{
    size_t start = 0;
    for (size_t at = 0; at <= list.length; at++) {
        if (at < list.length && list.data[at] != ',') continue;
        guess_add(guess, (struct bytes){list.data + start, at - start});
        start = at + 1;
    }
}

bool party_guess_improve(struct party_guess *guess, const struct redis_reply *reply)
{
    if (++guess->attempts >= PARTY_ATTEMPTS_MAX) return false;
    guess_add_list(guess, redis_reply_text(redis_reply_item(reply, AGAIN_MEMBERS)));
    return read_text(redis_reply_item(reply, AGAIN_PARTY), guess->party_id, sizeof guess->party_id);
}

/* ---- the call ------------------------------------------------------------------------------------ */

struct call_keys {
    struct redis_name names[SHARED_KEYS + 2 * PARTY_PEOPLE_MAX + 1];
    struct bytes keys[SHARED_KEYS + 2 * PARTY_PEOPLE_MAX + 1];
    size_t count;
};

static void key_add(struct call_keys *keys, struct world *world, enum redis_key key, const char *id)
{
    struct redis_name *name = &keys->names[keys->count];
    *name = proto_key_name(key, world->key_prefix, id);
    keys->keys[keys->count++] = (struct bytes){name->text, name->length};
}

bool party_store_call(const struct party_caller *caller, enum script_id script,
                      const struct party_guess *guess, const struct bytes *own, size_t own_count,
                      const char *party_new, world_reply_fn *reply, void *context, uint64_t tag)
{
    check(own_count <= OWN_ARGUMENTS_MAX);
    struct call_keys keys = {.count = 0};
    struct buffer people = {0}, epoch = {0}, kept = {0};
    key_add(&keys, caller->world, KEY_party, guess->party_id);
    key_add(&keys, caller->world, KEY_pods, "");
    for (size_t i = 0; i < guess->people_count; i++) {
        key_add(&keys, caller->world, KEY_player, guess->people[i]);
        key_add(&keys, caller->world, KEY_session, guess->people[i]);
        if (i > 0) buffer_append_character(&people, ',');
        buffer_append_text(&people, guess->people[i]);
    }
    if (party_new != NULL) key_add(&keys, caller->world, KEY_party, party_new);
    buffer_append_integer(&epoch, caller->connection_epoch);
    buffer_append_integer(&kept, caller->kept_ms);
    struct bytes arguments[SHARED_ARGUMENTS + OWN_ARGUMENTS_MAX] = {
        bytes_of_text(""),   buffer_bytes(&epoch),          bytes_of_text(guess->party_id),
        buffer_bytes(&kept), bytes_of_text(caller->pod_id), buffer_bytes(&people)};
    for (size_t i = 0; i < own_count; i++) arguments[SHARED_ARGUMENTS + i] = own[i];
    bool sent = world_script(caller->world, script, keys.keys, keys.count, arguments,
                             SHARED_ARGUMENTS + own_count, reply, context, tag);
    buffer_free(&people);
    buffer_free(&epoch);
    buffer_free(&kept);
    return sent;
}

bool party_store_login(const struct party_caller *caller, const struct party_guess *guess,
                       world_reply_fn *reply, void *context, uint64_t tag)
{
    struct bytes why = bytes_of_text("login");
    return party_store_call(caller, SCRIPT_party_look, guess, &why, 1, NULL, reply, context, tag);
}

/* ---- the answer ---------------------------------------------------------------------------------- */

/* How many elements of `values` values a flat list has; false: it is none, or has more than `most`. */
static bool list_count(const struct redis_reply *list, size_t values, size_t most, size_t *count)
{
    if (list == NULL || list->type != REDIS_ARRAY || list->count % values != 0) return false;
    *count = list->count / values;
    return *count <= most;
}

static bool read_member(const struct redis_reply *value, struct party_member *out)
{
    int64_t online;
    struct proto_party_member *shown = &out->shown;
    bool good = read_text(&value[0], shown->player_id, sizeof shown->player_id) &&
                read_text(&value[1], shown->name, sizeof shown->name) &&
                redis_reply_integer(&value[2], &shown->level) &&
                redis_reply_integer(&value[3], &shown->rating) && redis_reply_integer(&value[4], &online) &&
                read_text(&value[5], out->pod_id, sizeof out->pod_id) &&
                redis_reply_integer(&value[6], &out->connection_epoch) &&
                read_text(&value[7], out->device_id, sizeof out->device_id);
    if (good) shown->online = online == 1;
    return good;
}

static bool read_party(const struct redis_reply *reply, struct party_view *out)
{
    const struct redis_reply *members = redis_reply_item(reply, ANSWER_MEMBERS);
    const struct redis_reply *invited = redis_reply_item(reply, ANSWER_INVITED);
    if (!read_text(redis_reply_item(reply, ANSWER_PARTY), out->party_id, sizeof out->party_id) ||
        !read_text(redis_reply_item(reply, ANSWER_LEADER), out->leader, sizeof out->leader) ||
        !list_count(members, MEMBER_VALUES, PARTY_MEMBERS_MAX, &out->members_count) ||
        !list_count(invited, 1, PARTY_INVITED_MAX, &out->invited_count)) {
        return false;
    }
    for (size_t i = 0; i < out->members_count; i++) {
        if (!read_member(&members->items[i * MEMBER_VALUES], &out->members[i])) return false;
    }
    for (size_t i = 0; i < out->invited_count; i++) {
        if (!read_text(&invited->items[i], out->invited[i], sizeof out->invited[i])) return false;
    }
    return true;
}

static bool read_invitations(const struct redis_reply *reply, struct party_answer *out)
{
    const struct redis_reply *list = redis_reply_item(reply, ANSWER_INVITATIONS);
    if (!list_count(list, INVITATION_VALUES, PARTY_INVITED_MAX, &out->invitations_count)) return false;
    for (size_t i = 0; i < out->invitations_count; i++) {
        const struct redis_reply *value = &list->items[i * INVITATION_VALUES];
        struct proto_party_invitation *to = &out->invitations[i];
        if (!read_text(&value[0], to->party_id, sizeof to->party_id) ||
            !read_text(&value[1], to->player_id, sizeof to->player_id) ||
            !read_text(&value[2], to->name, sizeof to->name) ||
            !redis_reply_integer(&value[3], &to->expires_at_ms)) {
            return false;
        }
    }
    return true;
}

static enum party_status read_status(const struct redis_reply *reply)
{
    static const char *const names[] = {
        [PARTY_OK] = "OK",     [PARTY_AGAIN] = "AGAIN",   [PARTY_FENCED] = "FENCED",
        [PARTY_NONE] = "NONE", [PARTY_BUSY] = "BUSY",     [PARTY_LEADER] = "LEADER",
        [PARTY_FULL] = "FULL", [PARTY_MEMBER] = "MEMBER", [PARTY_NOBODY] = "NOBODY",
        [PARTY_MANY] = "MANY",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (redis_reply_equals(redis_reply_item(reply, ANSWER_STATUS), names[i])) return (enum party_status)i;
    }
    return PARTY_LOST;
}

void party_answer_read(const struct redis_reply *reply, struct party_answer *out)
{
    *out = (struct party_answer){.status = read_status(reply)};
    if (out->status == PARTY_MANY) {
        redis_reply_integer(redis_reply_item(reply, ANSWER_DETAIL), &out->retry_after_ms);
    }
    if (out->status == PARTY_OK &&
        (!redis_reply_integer(redis_reply_item(reply, ANSWER_VERSION), &out->version) ||
         !read_party(reply, &out->party) || !read_invitations(reply, out))) {
        out->status = PARTY_LOST;
    }
    if (out->status == PARTY_LOST && reply != NULL) {
        char detail[200] = "";
        read_text(reply, detail, sizeof detail);
        log_event(LOG_ERROR, "party_reply_unreadable", LOG_TEXT("detail", detail));
    }
}

void party_publish_news(struct world *world, const struct redis_reply *reply)
{
    const struct redis_reply *list = redis_reply_item(reply, ANSWER_NEWS);
    struct proto_party_news news = {.version = 0};
    size_t count;
    if (!redis_reply_integer(redis_reply_item(reply, ANSWER_VERSION), &news.version)) return;
    if (!list_count(list, NEWS_VALUES, PARTY_PEOPLE_MAX, &count)) return;
    for (size_t i = 0; i < count; i++) {
        char pod_id[POD_ID_MAX + 1];
        const struct redis_reply *value = &list->items[i * NEWS_VALUES];
        if (!read_text(&value[0], news.player_id, sizeof news.player_id) ||
            !read_text(&value[1], pod_id, sizeof pod_id) || pod_id[0] == '\0') {
            continue;
        }
        world_publish(world, CHANNEL_party, pod_id, &news);
    }
}
