/* store.c -- one blocking connection to a private Redis whose clock is the simulation's.
 *
 * Every script runs as it is, behind a few lines that stand between it and redis.call: expiries are kept in a
 * sorted set in simulated time, entries of a stream get simulated ids. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/redis_reader.h"
#include "common/sha1.h"
#include "tests/sim/checker_look.h"
#include "tests/sim/world.h"

#define EXPIRY_KEY "sim:expiry"

/* The first line of a script is its "#!lua". */
static const char interpose[] =
    "#!lua\n"
    "local redis = (function()\n"
    "local real, at = redis, tonumber(ARGV[1])\n"
    "local function ends(key, ms) real.call('ZADD', '" EXPIRY_KEY
    "', string.format('%.0f', at + ms), key) end\n"
    "local function stays(key) real.call('ZREM', '" EXPIRY_KEY "', key) end\n"
    "local function set(call, key, value, ...)\n"
    "  local unit, time = ...\n"
    "  stays(key)\n"
    "  if unit == 'PX' then ends(key, time) return call('SET', key, value) end\n"
    "  if unit == 'EX' then ends(key, time * 1000) return call('SET', key, value) end\n"
    "  return call('SET', key, value, ...)\n"
    "end\n"
    "local function xadd(call, key, ...)\n"
    "  local words = {...}\n"
    "  for i = 1, 4 do if words[i] == '*' then\n"
    "    local last = real.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]\n"
    "    local ms = last and tonumber(string.match(last[1], '^%d+')) or 0\n"
    "    words[i] = string.format('%.0f-*', math.max(ms, at))\n"
    "    break\n"
    "  end end\n"
    "  return call('XADD', key, unpack(words))\n"
    "end\n"
    "local function run(call, name, key, ...)\n"
    "  if name == 'PEXPIRE' then ends(key, ...) return 1 end\n"
    "  if name == 'EXPIRE' then ends(key, (...) * 1000) return 1 end\n"
    "  if name == 'PERSIST' then stays(key) return 1 end\n"
    "  if name == 'PTTL' then\n"
    "    local time = real.call('ZSCORE', '" EXPIRY_KEY "', key)\n"
    "    return time and math.floor(time - at) or -1\n"
    "  end\n"
    "  if name == 'SET' then return set(call, key, ...) end\n"
    "  if name == 'XADD' then return xadd(call, key, ...) end\n"
    "  if name == 'DEL' then stays(key) end\n"
    "  if key == nil then return call(name) end\n"
    "  return call(name, key, ...)\n"
    "end\n"
    "return setmetatable({call = function(...) return run(real.call, ...) end,\n"
    "  pcall = function(...) return run(real.pcall, ...) end}, {__index = real})\n"
    "end)()\n";

static const char expire_script[] =
    "local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])\n"
    "for _, key in ipairs(due) do redis.call('DEL', key) redis.call('ZREM', KEYS[1], key) end\n"
    "return #due\n";

enum { EXPIRE_EVERY_MS = 25, SHA1_SIZE = SCRIPT_SHA1_BYTES };

struct saved_key {
    char *name, *value;
    size_t name_length, value_length;
};

struct store {
    int fd;
    struct redis_reader *reader;
    struct buffer out;
    char sha1[SCRIPT_COUNT][SHA1_SIZE];
    char expire_sha1[SHA1_SIZE], look_sha1[SHA1_SIZE];
    int64_t expired_ms;
    size_t unread; /* replies that nobody waits for, ahead of the next one */
    struct saved_key *saved;
    size_t saved_count;
};

/* ---- the connection -------------------------------------------------------------------------------- */

static void send_all(struct store *store)
{
    for (size_t at = 0; at < store->out.length;) {
        ssize_t count = write(store->fd, store->out.data + at, store->out.length - at);
        check(count > 0);
        at += (size_t)count;
    }
    buffer_clear(&store->out);
}

static void append_header(struct buffer *out, char mark, size_t number)
{
    buffer_append_character(out, mark);
    buffer_append_integer(out, (int64_t)number);
    buffer_append_text(out, "\r\n");
}

static void append(struct buffer *out, struct bytes argument)
{
    append_header(out, '$', argument.length);
    if (argument.length > 0) buffer_append(out, argument.data, argument.length);
    buffer_append_text(out, "\r\n");
}

static const struct redis_reply *receive_one(struct store *store)
{
    const struct redis_reply *reply;
    enum redis_read read_now;
    while ((read_now = redis_reader_next(store->reader, &reply)) == REDIS_READ_MORE) {
        char memory[65536];
        ssize_t count = read(store->fd, memory, sizeof memory);
        check(count > 0);
        redis_reader_feed(store->reader, (struct bytes){memory, (size_t)count});
    }
    check(read_now == REDIS_READ_REPLY);
    return reply;
}

static const struct redis_reply *receive(struct store *store)
{
    for (; store->unread > 0; store->unread--) check(!redis_reply_is_error(receive_one(store)));
    return receive_one(store);
}

const struct redis_reply *store_command(struct store *store, const struct bytes *arguments, size_t count)
{
    append_header(&store->out, '*', count);
    for (size_t i = 0; i < count; i++) append(&store->out, arguments[i]);
    send_all(store);
    return receive(store);
}

const struct redis_reply *store_words(struct store *store, const char *words)
{
    struct bytes arguments[16];
    size_t count = 0;
    while (*words != '\0' && count < ARRAY_LENGTH(arguments)) {
        size_t length = strcspn(words, " ");
        arguments[count++] = (struct bytes){words, length};
        words += length + (words[length] == ' ');
    }
    return store_command(store, arguments, count);
}

/* ---- scripts ----------------------------------------------------------------------------------------- */

static void load_script(struct store *store, struct bytes body, char sha1[SHA1_SIZE])
{
    struct bytes words[] = {bytes_of_text("SCRIPT"), bytes_of_text("LOAD"), body};
    const struct redis_reply *reply = store_command(store, words, ARRAY_LENGTH(words));
    struct bytes text = redis_reply_text(reply);
    if (redis_reply_is_error(reply)) fprintf(stderr, "script: %.*s\n", (int)text.length, text.data);
    check(text.length == SHA1_SIZE - 1 && !redis_reply_is_error(reply));
    memcpy(sha1, text.data, text.length);
    sha1[text.length] = '\0';
}

/* Without its first line. */
static void append_script(struct buffer *out, struct bytes whole)
{
    const char *line_end = memchr(whole.data, '\n', whole.length);
    check(line_end != NULL);
    buffer_append(out, line_end + 1, whole.length - (size_t)(line_end + 1 - whole.data));
}

static void append_file(struct buffer *out, const char *folder, const char *name)
{
    char path[512], memory[65536];
    snprintf(path, sizeof path, "%s/%s.lua", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    size_t length = fread(memory, 1, sizeof memory, file);
    check(length < sizeof memory);
    append_script(out, (struct bytes){memory, length});
    fclose(file);
}

static void load_all(struct store *store, const char *folder)
{
    for (int script = 0; script < SCRIPT_COUNT; script++) {
        struct buffer body = {0};
        buffer_append_text(&body, interpose);
        if (folder == NULL) {
            append_script(&body, script_body((enum script_id)script));
        } else {
            append_file(&body, folder, script_name((enum script_id)script));
        }
        load_script(store, buffer_bytes(&body), store->sha1[script]);
        buffer_free(&body);
    }
    load_script(store, bytes_of_text(expire_script), store->expire_sha1);
    load_script(store, bytes_of_text(checker_look_script), store->look_sha1);
}

static void append_call(struct store *store, const char *sha1, const struct bytes *keys, size_t key_count,
                        const struct bytes *arguments, size_t argument_count, const char *now)
{
    char numkeys[24];
    snprintf(numkeys, sizeof numkeys, "%zu", key_count);
    append_header(&store->out, '*', 3 + key_count + argument_count);
    append(&store->out, bytes_of_text("EVALSHA"));
    append(&store->out, bytes_of_text(sha1));
    append(&store->out, bytes_of_text(numkeys));
    for (size_t i = 0; i < key_count; i++) append(&store->out, keys[i]);
    for (size_t i = 0; i < argument_count; i++) {
        append(&store->out, i == 0 && now != NULL ? bytes_of_text(now) : arguments[i]);
    }
}

static const struct redis_reply *evaluate(struct store *store, const char *sha1, const struct bytes *keys,
                                          size_t key_count, const struct bytes *arguments,
                                          size_t argument_count, const char *now)
{
    append_call(store, sha1, keys, key_count, arguments, argument_count, now);
    send_all(store);
    return receive(store);
}

const struct redis_reply *store_script(struct store *store, enum script_id script, const struct bytes *keys,
                                       size_t key_count, const struct bytes *arguments, size_t argument_count,
                                       int64_t now_ms)
{
    char now[24];
    snprintf(now, sizeof now, "%lld", (long long)now_ms);
    return evaluate(store, store->sha1[script], keys, key_count, arguments, argument_count, now);
}

const struct redis_reply *store_look(struct store *store, const struct bytes *arguments, size_t count)
{
    return evaluate(store, store->look_sha1, NULL, 0, arguments, count, NULL);
}

void store_expire(struct store *store, int64_t now_ms)
{
    if (now_ms < store->expired_ms + EXPIRE_EVERY_MS && now_ms >= store->expired_ms) return;
    char now[24];
    struct bytes key = bytes_of_text(EXPIRY_KEY), argument = bytes_of_text("");
    snprintf(now, sizeof now, "%lld", (long long)now_ms);
    store->expired_ms = now_ms;
    append_call(store, store->expire_sha1, &key, 1, &argument, 1, now);
    store->unread++;
}

/* ---- what a failover goes back to ---------------------------------------------------------------------- */

static void saved_free(struct store *store)
{
    for (size_t i = 0; i < store->saved_count; i++) {
        free(store->saved[i].name);
        free(store->saved[i].value);
    }
    free(store->saved);
    store->saved = NULL;
    store->saved_count = 0;
}

static char *keep(struct bytes bytes, size_t *length)
{
    char *copy = memory_new(bytes.length + 1);
    memcpy(copy, bytes.data, bytes.length);
    *length = bytes.length;
    return copy;
}

void store_save(struct store *store)
{
    saved_free(store);
    const struct redis_reply *keys = store_words(store, "KEYS *");
    store->saved_count = keys->count;
    store->saved = memory_new((keys->count + 1) * sizeof *store->saved);
    for (size_t i = 0; i < store->saved_count; i++) {
        store->saved[i].name = keep(redis_reply_text(&keys->items[i]), &store->saved[i].name_length);
    }
    for (size_t i = 0; i < store->saved_count; i++) {
        struct saved_key *key = &store->saved[i];
        struct bytes words[] = {bytes_of_text("DUMP"), {key->name, key->name_length}};
        key->value = keep(redis_reply_text(store_command(store, words, 2)), &key->value_length);
    }
}

void store_restore(struct store *store)
{
    store_words(store, "FLUSHALL");
    for (size_t i = 0; i < store->saved_count; i++) {
        const struct saved_key *key = &store->saved[i];
        struct bytes words[] = {bytes_of_text("RESTORE"),
                                {key->name, key->name_length},
                                bytes_of_text("0"),
                                {key->value, key->value_length}};
        check(redis_reply_equals(store_command(store, words, ARRAY_LENGTH(words)), "OK"));
    }
}

/* ---- life ------------------------------------------------------------------------------------------------ */

struct store *store_open(const char *socket_path, const char *folder)
{
    struct store *store = memory_new(sizeof *store);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    check(text_copy(address.sun_path, sizeof address.sun_path, socket_path));
    store->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(connect(store->fd, (struct sockaddr *)&address, sizeof address) == 0);
    store->reader = redis_reader_open();
    load_all(store, folder);
    return store;
}

void store_close(struct store *store)
{
    saved_free(store);
    redis_reader_close(store->reader);
    buffer_free(&store->out);
    close(store->fd);
    free(store);
}
