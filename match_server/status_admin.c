#include "match_server/status_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/operator_page.h"
#include "match_server/maintenance_flag.h"

struct status_admin {
    struct world *world;
    const struct match_config *config;
    struct admin *admin;
};

struct listed_match {
    char id[UUID_LENGTH + 1];
    int64_t deadline_ms;
};

/* One answer in the making. Replies come in the order of the questions, so each appends its part as it comes. */
struct asked {
    struct status_admin *status;
    struct operator_question *question;
    struct buffer json;
    int64_t now_ms;
    size_t open; /* questions without a reply */
    bool failed; /* one of them had none */
    struct listed_match matches[STATUS_MATCHES_MAX];
};

static void asked_free(struct asked *asked)
{
    buffer_free(&asked->json);
    free(asked);
}

static void finish(struct asked *asked)
{
    struct http_response response;
    if (asked->failed) {
        operator_question_fail(asked->question);
    } else {
        http_response_init(&response);
        buffer_append_text(&asked->json, "]}\n");
        buffer_append(&response.body, asked->json.data, asked->json.length);
        operator_question_answer(asked->question, &response);
    }
    asked_free(asked);
}

static void ask(struct asked *asked, const struct bytes *command, size_t count, world_reply_fn *reply,
                uint64_t tag)
{
    if (world_command(asked->status->world, command, count, reply, asked, tag)) asked->open++;
    else asked->failed = true;
}

/* Counts a reply; false when it is none. */
static bool take(struct asked *asked, const struct redis_reply *reply)
{
    asked->open--;
    if (reply == NULL || redis_reply_is_error(reply)) asked->failed = true;
    return !asked->failed;
}

static void done_with(struct asked *asked)
{
    if (asked->open == 0) finish(asked);
}

/* ---- parts of the text ----------------------------------------------------------------------------- */

static void add_text(struct buffer *out, const char *name, struct bytes value)
{
    char text[512];
    bytes_copy(text, sizeof text, value);
    buffer_append_text(out, name);
    buffer_append_json_text(out, text);
}

/* ---- replies ------------------------------------------------------------------------------------- */

static void on_time(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    int64_t seconds = 0, microseconds = 0;
    if (take(asked, reply) && redis_reply_integer(redis_reply_item(reply, 0), &seconds) &&
        redis_reply_integer(redis_reply_item(reply, 1), &microseconds)) {
        asked->now_ms = seconds * 1000 + microseconds / 1000;
        buffer_append_text(&asked->json, ",\"now_ms\":");
        buffer_append_integer(&asked->json, asked->now_ms);
    }
    done_with(asked);
}

static void on_flag(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    if (take(asked, reply)) {
        buffer_append_text(&asked->json, ",\"maintenance\":");
        maintenance_flag_append(&asked->json, redis_reply_text(reply));
    }
    done_with(asked);
}

static void on_pods(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    if (take(asked, reply)) {
        buffer_append_text(&asked->json, ",\"pods\":[");
        for (size_t i = 0; i + 1 < reply->count; i += 2) {
            int64_t deadline_ms = 0;
            redis_reply_integer(&reply->items[i + 1], &deadline_ms);
            add_text(&asked->json,
                     i == 0 ? "{\"member\":" : ",\n{\"member\":", redis_reply_text(&reply->items[i]));
            buffer_append_text(&asked->json,
                               deadline_ms > asked->now_ms ? ",\"alive\":true" : ",\"alive\":false");
            operator_page_append_integer(&asked->json, ",\"deadline_ms\":", &reply->items[i + 1]);
            buffer_append_character(&asked->json, '}');
        }
        buffer_append_text(&asked->json, "],\"queues\":[");
    }
    done_with(asked);
}

/* The tag is where the name of the mode begins in queue.modes. */
static void on_waiting(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct asked *asked = context;
    if (take(asked, reply)) {
        const char *mode = asked->status->config->queue_modes + tag;
        add_text(&asked->json,
                 tag == 0 ? "{\"mode\":" : ",\n{\"mode\":", (struct bytes){mode, strcspn(mode, ",")});
        operator_page_append_integer(&asked->json, ",\"waiting\":", reply);
    }
    done_with(asked);
}

static void on_longest(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    if (take(asked, reply))
        operator_page_append_integer(&asked->json, ",\"longest_since_ms\":", redis_reply_item(reply, 1));
    done_with(asked);
}

static void on_leader(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    if (take(asked, reply)) {
        add_text(&asked->json, ",\"leader\":", redis_reply_text(reply));
        buffer_append_character(&asked->json, '}');
    }
    done_with(asked);
}

static void on_outbox(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    if (take(asked, reply)) operator_page_append_integer(&asked->json, "],\"outbox\":", reply);
    done_with(asked);
}

static void on_active(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    if (take(asked, reply)) {
        operator_page_append_integer(&asked->json, ",\"active_matches\":", reply);
        buffer_append_text(&asked->json, ",\"matches\":[");
    }
    done_with(asked);
}

static const char *const match_fields[] = {"status", "mode", "players", "host", "attempts"};

static void on_match(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct asked *asked = context;
    if (take(asked, reply)) {
        const struct listed_match *match = &asked->matches[tag];
        add_text(&asked->json, tag == 0 ? "{\"match_id\":" : ",\n{\"match_id\":", bytes_of_text(match->id));
        buffer_append_text(&asked->json, ",\"deadline_ms\":");
        buffer_append_integer(&asked->json, match->deadline_ms);
        for (size_t i = 0; i < ARRAY_LENGTH(match_fields); i++) {
            buffer_append_text(&asked->json, ",\"");
            buffer_append_text(&asked->json, match_fields[i]);
            add_text(&asked->json, "\":", redis_reply_text(redis_reply_item(reply, i)));
        }
        buffer_append_character(&asked->json, '}');
    }
    done_with(asked);
}

static void ask_match(struct asked *asked, size_t index)
{
    struct redis_name key =
        proto_key_name(KEY_match, asked->status->world->key_prefix, asked->matches[index].id);
    struct bytes command[2 + ARRAY_LENGTH(match_fields)] = {bytes_of_text("HMGET"), {key.text, key.length}};
    for (size_t i = 0; i < ARRAY_LENGTH(match_fields); i++) command[2 + i] = bytes_of_text(match_fields[i]);
    ask(asked, command, ARRAY_LENGTH(command), on_match, index);
}

static void on_deadlines(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    size_t count = 0;
    bool good = take(asked, reply);
    for (size_t i = 0; good && i + 1 < reply->count && count < STATUS_MATCHES_MAX; i += 2) {
        struct listed_match *match = &asked->matches[count];
        struct bytes id = redis_reply_text(&reply->items[i]);
        if (id.length == 0 || !bytes_copy(match->id, sizeof match->id, id)) continue;
        redis_reply_integer(&reply->items[i + 1], &match->deadline_ms);
        ask_match(asked, count++);
    }
    done_with(asked);
}

/* ---- questions ----------------------------------------------------------------------------------- */

static void ask_of_key(struct asked *asked, const char *verb, enum redis_key key, const char *id,
                       world_reply_fn *reply, uint64_t tag)
{
    struct redis_name name = proto_key_name(key, asked->status->world->key_prefix, id);
    struct bytes command[] = {bytes_of_text(verb), {name.text, name.length}};
    ask(asked, command, ARRAY_LENGTH(command), reply, tag);
}

/* The first `count_max` members of a sorted set with their scores. */
static void ask_first(struct asked *asked, enum redis_key key, const char *id, int count_max,
                      world_reply_fn *reply)
{
    char last[16];
    snprintf(last, sizeof last, "%d", count_max - 1);
    struct redis_name name = proto_key_name(key, asked->status->world->key_prefix, id);
    struct bytes command[] = {bytes_of_text("ZRANGE"),
                              {name.text, name.length},
                              bytes_of_text("0"),
                              bytes_of_text(last),
                              bytes_of_text("WITHSCORES")};
    ask(asked, command, ARRAY_LENGTH(command), reply, 0);
}

static void ask_modes(struct asked *asked)
{
    const char *modes = asked->status->config->queue_modes, *rest = modes;
    for (struct bytes item; text_next_item(&rest, &item);) {
        char name[MODE_MAX + 1];
        if (!bytes_copy(name, sizeof name, item)) continue;
        ask_of_key(asked, "ZCARD", KEY_queue, name, on_waiting, (uint64_t)(item.data - modes));
        ask_first(asked, KEY_queue, name, 1, on_longest);
        ask_of_key(asked, "GET", KEY_matchmaker_lock, name, on_leader, 0);
    }
}

void status_admin_show(struct status_admin *status, const struct http_request *request,
                       struct http_response *response)
{
    (void)request;
    struct asked *asked = memory_new(sizeof *asked);
    asked->status = status;
    asked->question = operator_question_put(status->admin, response);
    add_text(&asked->json, "{\"pod_id\":", bytes_of_text(status->config->common.pod_id));
    struct bytes time[] = {bytes_of_text("TIME")};
    ask(asked, time, 1, on_time, 0);
    ask_of_key(asked, "GET", KEY_maintenance, "", on_flag, 0);
    ask_first(asked, KEY_pods, "", STATUS_PODS_MAX, on_pods);
    ask_modes(asked);
    ask_of_key(asked, "ZCARD", KEY_outbox, "", on_outbox, 0);
    ask_of_key(asked, "ZCARD", KEY_match_deadlines, "", on_active, 0);
    ask_first(asked, KEY_match_deadlines, "", STATUS_MATCHES_MAX, on_deadlines);
    if (asked->open > 0) return;
    operator_question_withdraw(asked->question, response);
    asked_free(asked);
}

/* ---- life ---------------------------------------------------------------------------------------- */

struct status_admin *status_admin_open(struct world *world, const struct match_config *config,
                                       struct admin *admin)
{
    struct status_admin *status = memory_new(sizeof *status);
    status->world = world;
    status->config = config;
    status->admin = admin;
    return status;
}

void status_admin_close(struct status_admin *status)
{
    free(status);
}
