#include "tools/protodoc_acl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/scripts.h"
#include "proto/proto.h"

enum { COMMANDS_MAX = 128, COMMAND_BYTES = 32 };

/* `reads` are keys of the other service. EVALSHA counts as a write of every key it is given, so it has a
 * selector of its own over all keys; what the script does inside is held against the first part again. */
static const struct service {
    const char *name;
    const char *commands; /* sent by the server itself, not from a script */
    enum redis_key reads[4];
    size_t read_count;
} services[] = {
    {"match_server",
     "client|setname get hmget lrange ping role script|load time wait xread zcard zrange zrangebyscore "
     "zremrangebyscore zrevrange zrem zscan",
     {0},
     0},
    {"game_server",
     "client|setname hdel hgetall hmget lrange ping role script|load wait",
     {KEY_match, KEY_metadata, KEY_pods, KEY_queue},
     4},
};

/* Without a password nobody can log in, so these are in force only where somebody gave them one. Nobody is ever
 * `default`, but Redis itself is while it reads its append-only file: without these rights it would leave out
 * every step of more than one command and start with what remains. */
static const char people[] =
    "user default off ~* &* +@all\n"
    "user admin on ~* &* +@all\n"
    "user replica on +psync +replconf +ping\n"
    "user sentinel on &* +multi +exec +ping +info +role +slaveof +subscribe +publish +config|rewrite "
    "+client|setname +client|kill +script|kill\n";

/* ---- commands, each once, in alphabetical order ----------------------------------------------------- */

struct commands {
    char names[COMMANDS_MAX][COMMAND_BYTES];
    size_t count;
};

static void commands_add(struct commands *commands, const char *name, size_t length)
{
    char text[COMMAND_BYTES] = "";
    check(length > 0 && length < sizeof text && commands->count < COMMANDS_MAX);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    for (size_t i = 0; i < commands->count; i++)
        if (strcmp(commands->names[i], text) == 0) return;
    memcpy(commands->names[commands->count++], text, sizeof text);
}

static void commands_add_words(struct commands *commands, const char *words)
{
    for (size_t length; *words != '\0'; words += length + (words[length] == ' ')) {
        length = strcspn(words, " ");
        commands_add(commands, words, length);
    }
}

/* redis.call('HGET', and redis.pcall('HGET', */
static void commands_add_script(struct commands *commands, const char *body)
{
    for (const char *at = body; (at = strstr(at, "call('")) != NULL;) {
        at += strlen("call('");
        commands_add(commands, at, strcspn(at, "'"));
    }
}

/* A comment above the rows of lua/scripts.def names the service they belong to. */
static bool script_is_of(const char *owners, const char *script, const char *service)
{
    char row[96], mark[64];
    snprintf(row, sizeof row, "SCRIPT(%s)", script);
    snprintf(mark, sizeof mark, "/* %s", service);
    const char *place = strstr(owners, row);
    check(place != NULL);
    const char *owner = NULL;
    for (const char *at = owners; (at = strstr(at, "\n/* ")) != NULL && at < place; at++) owner = at + 1;
    return owner != NULL && strncmp(owner, mark, strlen(mark)) == 0;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

static void append_commands(struct buffer *page, const struct service *service, const char *owners)
{
    struct commands commands = {.count = 0};
    commands_add_words(&commands, service->commands);
    for (size_t i = 0; i < SCRIPT_COUNT; i++)
        if (script_is_of(owners, script_name((enum script_id)i), service->name))
            commands_add_script(&commands, script_body((enum script_id)i).data);
    qsort(commands.names, commands.count, sizeof commands.names[0], compare_names);
    for (size_t i = 0; i < commands.count; i++) {
        buffer_append_text(page, " +");
        buffer_append_text(page, commands.names[i]);
    }
}

/* ---- keys and channels ------------------------------------------------------------------------------ */

/* "player:{<id>}" becomes " ~player:{*}". */
static void append_pattern(struct buffer *page, const char *mark, const char *pattern)
{
    buffer_append_text(page, mark);
    for (const char *at = pattern; *at != '\0'; at++) {
        buffer_append_character(page, *at == '<' ? '*' : *at);
        if (*at == '<') at = strchr(at, '>');
    }
}

static void append_keys(struct buffer *page, const struct service *service, const char *mark_of_read)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(proto_keys[i].writer, service->name) == 0)
            append_pattern(page, " ~", proto_keys[i].pattern);
    for (size_t i = 0; i < service->read_count; i++)
        append_pattern(page, mark_of_read, proto_keys[service->reads[i]].pattern);
}

static bool is_of(const char *who, const char *service)
{
    return strstr(who, service) != NULL || strcmp(who, "a process") == 0 ||
           strcmp(who, "itself, as proof that its subscriber works") == 0;
}

static void append_service(struct buffer *page, const struct service *service, const char *owners)
{
    buffer_append_text(page, "user ");
    buffer_append_text(page, service->name);
    buffer_append_text(page, " on");
    append_keys(page, service, " %R~");
    append_commands(page, service, owners);
    buffer_append_text(page, " (+evalsha");
    append_keys(page, service, " ~");
    buffer_append_text(page, ") (+publish");
    for (size_t i = 0; i < CHANNEL_COUNT; i++)
        if (is_of(proto_channels[i].from, service->name))
            append_pattern(page, " &", proto_channels[i].pattern);
    buffer_append_text(page, ") (+subscribe");
    for (size_t i = 0; i < CHANNEL_COUNT; i++)
        if (is_of(proto_channels[i].to, service->name)) append_pattern(page, " &", proto_channels[i].pattern);
    buffer_append_text(page, ")\n");
}

void acl_page_make(struct buffer *page, const char *owners)
{
    buffer_append_text(page, people);
    for (size_t i = 0; i < ARRAY_LENGTH(services); i++) append_service(page, &services[i], owners);
}
