#include "proto/proto.h"

#include <string.h>

/* ---- field tables ------------------------------------------------------------------------------
 * Two passes over the records: the fields of each, then the record that names them. */

/* Rows, not statements. */
/* clang-format off */
#define OPTIONAL false
#define REQUIRED true
#define AT(record, field) offsetof(struct proto_##record, field)
#define ELEMENT(record, field) sizeof(((struct proto_##record *)0)->field[0])

#define RECORD(record_, sentence_) static const struct proto_field record_##_fields[] = {
#define END(record_) {.name = NULL}};
#define STR(record_, field, length_max, presence, sentence_) \
    {.name = #field, .sentence = sentence_, .kind = FIELD_STR, .required = presence, \
     .offset = AT(record_, field), .size = (length_max) + 1},
#define INT(record_, field, min_, max_, presence, sentence_) \
    {.name = #field, .sentence = sentence_, .kind = FIELD_INT, .required = presence, \
     .offset = AT(record_, field), .min = min_, .max = max_},
#define BOOL(record_, field, presence, sentence_) \
    {.name = #field, .sentence = sentence_, .kind = FIELD_BOOL, .required = presence, .offset = AT(record_, field)},
#define REC(record_, field, type, presence, sentence_) \
    {.name = #field, .sentence = sentence_, .kind = FIELD_REC, .required = presence, \
     .offset = AT(record_, field), .presence_offset = AT(record_, has_##field), .record = &proto_record_##type},
#define LIST(record_, field, type, count_max_, presence, sentence_) \
    {.name = #field, .sentence = sentence_, .kind = FIELD_LIST, .required = presence, \
     .offset = AT(record_, field), .presence_offset = AT(record_, field##_count), .size = ELEMENT(record_, field), \
     .count_max = count_max_, .record = &proto_record_##type},
#define IDS(record_, field, length_max, count_max_, presence, sentence_) \
    {.name = #field, .sentence = sentence_, .kind = FIELD_IDS, .required = presence, \
     .offset = AT(record_, field), .presence_offset = AT(record_, field##_count), .size = (length_max) + 1, \
     .count_max = count_max_},
#define RAW(record_, field, bytes_max, presence, sentence_) \
    {.name = #field, .sentence = sentence_, .kind = FIELD_RAW, .required = presence, \
     .offset = AT(record_, field), .size = bytes_max},
#include "proto/records.def"

#define RECORD(record_, sentence_) \
    const struct proto_record proto_record_##record_ = {.name = #record_, .sentence = sentence_, \
        .size = sizeof(struct proto_##record_), .field_count = ARRAY_LENGTH(record_##_fields) - 1, \
        .fields = record_##_fields};
#define END(record)
#define STR(...)
#define INT(...)
#define BOOL(...)
#define REC(...)
#define LIST(...)
#define IDS(...)
#define RAW(...)
#include "proto/records.def"
/* clang-format on */

const struct proto_client_message proto_client_messages[CLIENT_MESSAGE_COUNT] = {
#define TO_SERVER(name_, when_, answer_) {#name_, when_, answer_, &proto_record_##name_},
#include "proto/client.def"
};

const struct proto_server_message proto_server_messages[SERVER_MESSAGE_COUNT] = {
#define TO_CLIENT(name_, record_) {#name_, &proto_record_##record_},
#include "proto/client.def"
};

/* ---- errors and close codes -------------------------------------------------------------------- */

const struct proto_error_info proto_errors[ERROR_COUNT] = {
    [ERROR_none] = {"none", "Nothing is wrong.", false},
#define ERROR(name_, retry_, sentence_) [ERROR_##name_] = {#name_, sentence_, retry_},
#include "proto/errors.def"
#undef ERROR
};

enum error_code proto_error_named(const char *name)
{
    for (int code = ERROR_none + 1; code < ERROR_COUNT; code++) {
        if (strcmp(proto_errors[code].name, name) == 0) return (enum error_code)code;
    }
    return ERROR_none;
}

const struct proto_close_info proto_closes[] = {
#define CLOSE(code_, name_, reconnect_, reason_) {CLOSE_##name_, #name_, reason_, reconnect_},
#include "proto/closes.def"
#undef CLOSE
};

const size_t proto_close_count = ARRAY_LENGTH(proto_closes);

const struct proto_close_info *proto_close(enum close_code code)
{
    size_t row = 0;
    while (row < proto_close_count && proto_closes[row].code != code) row++;
    check(row < proto_close_count);
    return &proto_closes[row];
}

/* ---- states ------------------------------------------------------------------------------------ */

const char *const proto_state_names[STATE_COUNT] = {
#define STATE(name, sentence) #name,
#include "proto/states.def"
};

const char *const proto_state_sentences[STATE_COUNT] = {
#define STATE(name, sentence) sentence,
#include "proto/states.def"
};

enum player_state proto_state_named(const char *name)
{
    for (int state = 0; state < STATE_COUNT; state++) {
        if (strcmp(proto_state_names[state], name) == 0) return (enum player_state)state;
    }
    return STATE_COUNT;
}

bool proto_transition_allowed(enum player_state from, enum player_state to)
{
    static const bool allowed[STATE_COUNT][STATE_COUNT] = {
#define TRANSITION(from_, to_, cause) [STATE_##from_][STATE_##to_] = true,
#include "proto/states.def"
    };
    return from == to || allowed[from][to];
}

enum error_code proto_message_refusal(enum client_message message, enum player_state state)
{
    enum { PASS = ERROR_COUNT };
    static const int answers[CLIENT_MESSAGE_COUNT][STATE_COUNT] = {
#define ACCEPT(message_, state_) [CLIENT_##message_][STATE_##state_] = PASS,
#define REFUSE(message_, state_, error_) [CLIENT_##message_][STATE_##state_] = ERROR_##error_,
#include "proto/states.def"
    };
    bool has_row = false;
    for (int i = 0; i < STATE_COUNT; i++) has_row = has_row || answers[message][i] != 0;
    int answer = answers[message][state];
    if (!has_row || answer == PASS) return ERROR_none;
    return answer == 0 ? ERROR_wrong_state : (enum error_code)answer;
}

/* ---- channels and keys ------------------------------------------------------------------------- */

const struct proto_channel proto_channels[CHANNEL_COUNT] = {
#define CHANNEL(name_, pattern_, record_, from_, to_) {#name_, pattern_, from_, to_, &proto_record_##record_},
#include "proto/channels.def"
#undef CHANNEL
};

const struct proto_key proto_keys[KEY_COUNT] = {
#define KEY(name_, pattern_, type_, writer_, lifetime_, content_) \
    {#name_, pattern_, type_, writer_, lifetime_, content_},
#include "proto/redis_keys.def"
#undef KEY
};

static void name_append(struct redis_name *name, const char *text, size_t length)
{
    check(name->length + length < sizeof name->text);
    memcpy(name->text + name->length, text, length);
    name->length += length;
    name->text[name->length] = '\0';
}

static struct redis_name name_make(const char *pattern, const char *prefix, const char *id)
{
    struct redis_name name;
    name.length = 0; /* not zeroed whole: a name is made for every key of every script call */
    name_append(&name, prefix, strlen(prefix));
    const char *open = strchr(pattern, '<');
    if (open == NULL) {
        name_append(&name, pattern, strlen(pattern));
        return name;
    }
    const char *rest = strchr(open, '>') + 1;
    name_append(&name, pattern, (size_t)(open - pattern));
    name_append(&name, id, strlen(id));
    name_append(&name, rest, strlen(rest));
    return name;
}

struct redis_name proto_key_name(enum redis_key key, const char *prefix, const char *id)
{
    return name_make(proto_keys[key].pattern, prefix, id);
}

struct redis_name proto_channel_name(enum channel channel, const char *prefix, const char *id)
{
    return name_make(proto_channels[channel].pattern, prefix, id);
}
