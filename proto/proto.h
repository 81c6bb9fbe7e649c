/* proto.h -- the contract: what travels, and what it is called.
 *
 * The lists beside this file (messages.def, internal.def, client.def, errors.def, closes.def, states.def,
 * channels.def, redis_keys.def) are the only place where a message, an error, a state, a channel or a key is
 * written down. The preprocessor makes structs and tables from them here; the codec, the servers, the
 * documentation and the tests read the tables. This folder knows nothing else.
 *
 * Structs are plain data with fixed buffers: decoded once at the edge, the same struct travels inside.
 * An optional field that is absent is zero, false or empty. Raw fields borrow bytes from their maker. */
#ifndef DUELPOD_PROTO_H
#define DUELPOD_PROTO_H

#include "common/base.h"
#include "proto/limits.h"

/* ---- structs ---------------------------------------------------------------------------------- */

/* Rows, not statements. */
/* clang-format off */
#define RECORD(record, sentence) struct proto_##record { char unused_[1];
#define END(record) };
#define STR(record, field, length_max, presence, sentence) char field[(length_max) + 1];
#define INT(record, field, min, max, presence, sentence) int64_t field;
#define BOOL(record, field, presence, sentence) bool field;
#define REC(record, field, type, presence, sentence) struct proto_##type field; bool has_##field;
#define LIST(record, field, type, count_max, presence, sentence) \
    size_t field##_count; struct proto_##type field[count_max];
#define IDS(record, field, length_max, count_max, presence, sentence) \
    size_t field##_count; char field[count_max][(length_max) + 1];
#define RAW(record, field, bytes_max, presence, sentence) struct bytes field;
#include "proto/records.def"
/* clang-format on */

/* ---- the description of a record, for the codec and the documentation ------------------------- */

enum field_kind { FIELD_STR, FIELD_INT, FIELD_BOOL, FIELD_REC, FIELD_LIST, FIELD_IDS, FIELD_RAW };

struct proto_field {
    const char *name;
    const char *sentence;
    enum field_kind kind;
    bool required;
    size_t offset;                     /* of the value in the struct */
    size_t presence_offset;            /* of the count (lists) or of has_x (records) */
    size_t size;                       /* bytes of one element, terminator included */
    size_t count_max;                  /* of a list */
    int64_t min, max;                  /* of an integer */
    const struct proto_record *record; /* of records and lists of them */
};

struct proto_record {
    const char *name;
    const char *sentence;
    size_t size;
    size_t field_count;
    const struct proto_field *fields;
};

#define RECORD(record, sentence) extern const struct proto_record proto_record_##record;
#define END(record)
#define STR(...)
#define INT(...)
#define BOOL(...)
#define REC(...)
#define LIST(...)
#define IDS(...)
#define RAW(...)
#include "proto/records.def"

/* ---- client messages -------------------------------------------------------------------------- */

enum client_message {
#define TO_SERVER(name, when, answer) CLIENT_##name,
#include "proto/client.def"
    CLIENT_MESSAGE_COUNT
};

enum server_message {
#define TO_CLIENT(name, record) SERVER_##name,
#include "proto/client.def"
    SERVER_MESSAGE_COUNT
};

union client_message_body {
#define TO_SERVER(name, when, answer) struct proto_##name name;
#include "proto/client.def"
};

struct proto_client_message {
    const char *name, *when, *answer;
    const struct proto_record *record;
};

struct proto_server_message {
    const char *name;
    const struct proto_record *record;
};

extern const struct proto_client_message proto_client_messages[CLIENT_MESSAGE_COUNT];
extern const struct proto_server_message proto_server_messages[SERVER_MESSAGE_COUNT];

/* ---- errors and close codes ------------------------------------------------------------------- */

enum error_code {
    ERROR_none,
#define ERROR(name, retry, sentence) ERROR_##name,
#include "proto/errors.def"
#undef ERROR
    ERROR_COUNT
};

struct proto_error_info {
    const char *name, *sentence;
    bool retry;
};

extern const struct proto_error_info proto_errors[ERROR_COUNT];

/* ERROR_none when nobody has this name. */
enum error_code proto_error_named(const char *name);

enum close_code {
#define CLOSE(code, name, reconnect, reason) CLOSE_##name = (code),
#include "proto/closes.def"
#undef CLOSE
};

struct proto_close_info {
    enum close_code code;
    const char *name, *reason;
    bool reconnect;
};

/* The row of a close code; every value of enum close_code has one. */
const struct proto_close_info *proto_close(enum close_code code);
extern const struct proto_close_info proto_closes[];
extern const size_t proto_close_count;

/* ---- states ----------------------------------------------------------------------------------- */

enum player_state {
#define STATE(name, sentence) STATE_##name,
#include "proto/states.def"
    STATE_COUNT
};

extern const char *const proto_state_names[STATE_COUNT];
extern const char *const proto_state_sentences[STATE_COUNT];

/* STATE_COUNT when nobody has this name. */
enum player_state proto_state_named(const char *name);

/* May the state change like this? Staying is always allowed. */
bool proto_transition_allowed(enum player_state from, enum player_state to);

/* ERROR_none: the message fits the state. Messages that fit every state have no row and pass. */
enum error_code proto_message_refusal(enum client_message message, enum player_state state);

/* ---- channels and keys ------------------------------------------------------------------------ */

enum channel {
#define CHANNEL(name, pattern, record, from, to) CHANNEL_##name,
#include "proto/channels.def"
#undef CHANNEL
    CHANNEL_COUNT
};

enum redis_key {
#define KEY(name, pattern, type, writer, lifetime, content) KEY_##name,
#include "proto/redis_keys.def"
#undef KEY
    KEY_COUNT
};

struct proto_channel {
    const char *name, *pattern, *from, *to;
    const struct proto_record *record;
};

struct proto_key {
    const char *name, *pattern, *type, *writer, *lifetime, *content;
};

extern const struct proto_channel proto_channels[CHANNEL_COUNT];
extern const struct proto_key proto_keys[KEY_COUNT];

struct redis_name {
    size_t length;
    char text[REDIS_KEY_BYTES_MAX];
};

/* The key or channel with its realm prefix and its placeholder filled by id ("" where there is none). */
struct redis_name proto_key_name(enum redis_key key, const char *prefix, const char *id);
struct redis_name proto_channel_name(enum channel channel, const char *prefix, const char *id);

#endif
