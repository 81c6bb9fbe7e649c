#include "clients/bot_send.h"

#include "common/buffer.h"
#include "common/version.h"

struct pair {
    const char *name;
    const char *text;
};

/* {"type":...,"id":...,name:text,...}; an `id` of 0 is left out. Every field the bot sends is a text. */
static void say(struct ws_client *client, const char *type, int64_t id, const struct pair *pairs,
                size_t pair_count)
{
    struct buffer text = {0};
    if (client == NULL) return;
    buffer_append_text(&text, "{\"type\":");
    buffer_append_json_text(&text, type);
    if (id != 0) {
        buffer_append_text(&text, ",\"id\":");
        buffer_append_integer(&text, id);
    }
    for (size_t i = 0; i < pair_count; i++) {
        buffer_append_character(&text, ',');
        buffer_append_json_text(&text, pairs[i].name);
        buffer_append_character(&text, ':');
        buffer_append_json_text(&text, pairs[i].text);
    }
    buffer_append_character(&text, '}');
    ws_client_send_text(client, buffer_bytes(&text));
    buffer_free(&text);
}

void bot_send_authenticate(struct ws_client *client, const char *token, const char *timeline_encoding)
{
    const struct pair pairs[] = {
        {"token", token}, {"client", "bot " DUELPOD_VERSION}, {"timeline_encoding", timeline_encoding}};
    say(client, "authenticate", BOT_AUTHENTICATE_ID, pairs, ARRAY_LENGTH(pairs));
}

void bot_send_get_state(struct ws_client *client)
{
    say(client, "get_state", 0, NULL, 0);
}

void bot_send_enqueue(struct ws_client *client, const char *mode)
{
    say(client, "enqueue", 0, &(struct pair){"mode", mode}, 1);
}

void bot_send_dequeue(struct ws_client *client)
{
    say(client, "dequeue", 0, NULL, 0);
}

void bot_send_loading_complete(struct ws_client *client, const char *match_id)
{
    say(client, "loading_complete", 0, &(struct pair){"match_id", match_id}, 1);
}

void bot_send_ack_result(struct ws_client *client, const char *match_id)
{
    say(client, "ack_result", 0, &(struct pair){"match_id", match_id}, 1);
}
