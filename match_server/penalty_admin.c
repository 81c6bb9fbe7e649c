#include "match_server/penalty_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ids.h"
#include "common/log.h"
#include "common/operator_page.h"
#include "match_server/penalty.h"

enum { NAME_SIZE = 8 + PLAYER_ID_MAX, RECORD_VALUES = 5 };

struct penalty_admin {
    struct world *world;
    const struct match_config *config;
    struct admin *admin;
    struct script_call call;
};

/* What a reply has to know. */
struct asked {
    struct penalty_admin *penalties;
    struct operator_question *question;
    bool more;            /* list: there are more than are shown */
    char name[NAME_SIZE]; /* lift: whom */
};

static struct asked *asked_new(struct penalty_admin *penalties, struct http_response *response)
{
    struct asked *asked = memory_new(sizeof *asked);
    asked->penalties = penalties;
    asked->question = operator_question_put(penalties->admin, response);
    return asked;
}

static void answer(struct asked *asked, struct http_response *response)
{
    operator_question_answer(asked->question, response);
    free(asked);
}

static void fail(struct asked *asked)
{
    operator_question_fail(asked->question);
    free(asked);
}

static void withdraw(struct asked *asked, struct http_response *response)
{
    operator_question_withdraw(asked->question, response);
    free(asked);
}

/* ---- calls ------------------------------------------------------------------------------------------ */

/* "player:<id>" or "device:<hash>" -> its record. False: no such name. */
static bool add_record_key(struct script_call *call, const char *name)
{
    bool player = strncmp(name, "player:", 7) == 0;
    if (!player && strncmp(name, "device:", 7) != 0) return false;
    if (!ids_is_player_id(bytes_of_text(name + 7))) return false;
    script_call_key(call, player ? KEY_penalty_player : KEY_penalty_device, name + 7);
    return true;
}

static struct script_call *call_start(struct penalty_admin *penalties)
{
    script_call_start(&penalties->call, penalties->world);
    script_call_text(&penalties->call, "");
    return &penalties->call;
}

/* ---- the list -------------------------------------------------------------------------------------- */

static void append_record(struct buffer *out, const struct redis_reply *values)
{
    char name[NAME_SIZE];
    bytes_copy(name, sizeof name, redis_reply_text(&values[0]));
    bool player = strncmp(name, "player:", 7) == 0;
    buffer_append_text(out, player ? "{\"player_id\":" : "{\"device_hash\":");
    buffer_append_json_text(out, name[0] == '\0' ? "" : name + 7);
    operator_page_append_integer(out, ",\"score\":", &values[1]);
    operator_page_append_integer(out, ",\"violations\":", &values[2]);
    operator_page_append_integer(out, ",\"last_ms\":", &values[3]);
    operator_page_append_integer(out, ",\"banned_until_ms\":", &values[4]);
    buffer_append_text(out, "}");
}

static void on_records(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    if (!redis_reply_equals(redis_reply_item(reply, 0), "OK") || (reply->count - 1) % RECORD_VALUES != 0) {
        fail(asked);
        return;
    }
    struct http_response response;
    http_response_init(&response);
    buffer_append_text(&response.body, "{\"penalties\":[");
    for (size_t i = 1; i < reply->count; i += RECORD_VALUES) {
        if (i > 1) buffer_append_text(&response.body, ",\n");
        append_record(&response.body, &reply->items[i]);
    }
    buffer_append_text(&response.body, asked->more ? "],\"more\":true}\n" : "],\"more\":false}\n");
    answer(asked, &response);
}

static void on_names(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct asked *asked = context;
    struct penalty_admin *penalties = asked->penalties;
    if (reply == NULL || reply->type != REDIS_ARRAY) {
        fail(asked);
        return;
    }
    struct script_call *call = call_start(penalties);
    script_call_integer(call, penalties->config->penalty_half_life_s * 1000);
    asked->more = reply->count > PENALTIES_SHOWN_MAX;
    for (size_t i = 0; i < reply->count && i < PENALTIES_SHOWN_MAX; i++) {
        char name[NAME_SIZE];
        bool whole = bytes_copy(name, sizeof name, redis_reply_text(&reply->items[i]));
        if (whole && add_record_key(call, name)) script_call_text(call, name);
    }
    if (!script_call_send(call, SCRIPT_penalty_list, on_records, asked, 0)) fail(asked);
}

void penalty_admin_list(struct penalty_admin *penalties, const struct http_request *request,
                        struct http_response *response)
{
    (void)request;
    char last[16];
    snprintf(last, sizeof last, "%d", PENALTIES_SHOWN_MAX);
    struct redis_name index = proto_key_name(KEY_penalties, penalties->world->key_prefix, "");
    struct bytes command[] = {
        bytes_of_text("ZREVRANGE"), {index.text, index.length}, bytes_of_text("0"), bytes_of_text(last)};
    struct asked *asked = asked_new(penalties, response);
    if (!world_command(penalties->world, command, ARRAY_LENGTH(command), on_names, asked, 0))
        withdraw(asked, response);
}

/* ---- relief ---------------------------------------------------------------------------------------- */

static void on_lifted(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct asked *asked = context;
    bool lifted = redis_reply_equals(redis_reply_item(reply, 0), "OK");
    if (!lifted && !redis_reply_equals(redis_reply_item(reply, 0), "NONE")) {
        fail(asked);
        return;
    }
    struct http_response response;
    http_response_init(&response);
    if (!lifted) {
        admin_refuse(&response, 404, "there is no record");
        answer(asked, &response);
        return;
    }
    log_event(LOG_INFO, "penalty_lifted", LOG_TEXT("whose", asked->name),
              LOG_TEXT("relief", tag != 0 ? "step" : "full"));
    operator_page_append_integer(&response.body, "{\"score\":", redis_reply_item(reply, 1));
    operator_page_append_integer(&response.body, ",\"banned_until_ms\":", redis_reply_item(reply, 2));
    buffer_append_text(&response.body, "}\n");
    answer(asked, &response);
}

/* Whom and how much the body means; NULL, or what is wrong with it. */
static const char *read_wish(const struct codec_document *document, char name[NAME_SIZE], bool *step)
{
    char text[PLAYER_ID_MAX + 1], relief[8] = "full";
    char hash[DIGEST_TEXT_SIZE] = "";
    bool player = codec_has(document, "player_id");
    bool device = codec_has(document, "device_id");
    bool hashed = codec_has(document, "device_hash");
    if (player + device + hashed != 1) return "one of player_id, device_id, device_hash";
    const char *field = player ? "player_id" : device ? "device_id" : "device_hash";
    if (!codec_text(document, field, text, sizeof text) || text[0] == '\0' ||
        (!device && !ids_is_player_id(bytes_of_text(text))))
        return "not an id of 1 to 64 characters";
    if (codec_has(document, "relief") && !codec_text(document, "relief", relief, sizeof relief))
        relief[0] = '\0';
    *step = strcmp(relief, "step") == 0;
    if (!*step && strcmp(relief, "full") != 0) return "relief: full or step";
    if (device) penalty_device_hash(text, hash);
    snprintf(name, NAME_SIZE, "%s:%s", player ? "player" : "device", device ? hash : text);
    return NULL;
}

void penalty_admin_lift(struct penalty_admin *penalties, const struct http_request *request,
                        struct http_response *response)
{
    char name[NAME_SIZE];
    bool step = false;
    struct codec_document *document = operator_page_read(request, response);
    if (document == NULL) return;
    const char *problem = read_wish(document, name, &step);
    codec_close(document);
    if (problem != NULL) {
        admin_refuse(response, 400, problem);
        return;
    }
    struct asked *asked = asked_new(penalties, response);
    text_copy(asked->name, sizeof asked->name, name);
    struct script_call *call = call_start(penalties);
    check(add_record_key(call, name));
    script_call_key(call, KEY_penalties, "");
    penalty_call_rules(call, penalties->config);
    script_call_text(call, name);
    script_call_text(call, step ? "step" : "full");
    if (!script_call_send(call, SCRIPT_penalty_lift, on_lifted, asked, step)) withdraw(asked, response);
}

/* ---- life ------------------------------------------------------------------------------------------ */

struct penalty_admin *penalty_admin_open(struct world *world, const struct match_config *config,
                                         struct admin *admin)
{
    struct penalty_admin *penalties = memory_new(sizeof *penalties);
    penalties->world = world;
    penalties->config = config;
    penalties->admin = admin;
    return penalties;
}

void penalty_admin_close(struct penalty_admin *penalties)
{
    script_call_free(&penalties->call);
    free(penalties);
}
