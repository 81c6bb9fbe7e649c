/* protodoc -- the reference pages, made from the lists the servers are compiled from.
 *
 *     protodoc [--internal | --acl | --metrics] [--check FILE]
 *
 * Prints docs/protocol.md, docs/redis.md with --internal, docs/metrics.md with --metrics, or
 * deploy/redis/users.acl with --acl. With --check it prints nothing but compares the page with FILE: exit 1
 * and the first line that differs when the file is stale. Run in the project's root: the prose comes from
 * docs/<page>_preface.md, the scripts from the opening comments of lua/<name>.lua. Same input, same bytes. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/files.h"
#include "common/scripts.h"
#include "proto/proto.h"
#include "tools/protodoc_acl.h"
#include "tools/protodoc_metrics.h"

enum { FILE_BYTES_MAX = 1 << 20, RECORDS_MAX = 64 };

static struct buffer page;

__attribute__((format(printf, 1, 2))) static void print(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check(length >= 0 && (size_t)length < sizeof text);
    buffer_append(&page, text, (size_t)length);
}

/* The caller frees `data`. A page cannot be made of missing parts. */
static struct bytes read_whole(const char *path)
{
    struct bytes text;
    char error[256];
    if (file_read(path, FILE_BYTES_MAX, &text, error, sizeof error)) return text;
    fprintf(stderr, "protodoc: %s\n", error);
    exit(1);
}

static void print_file(const char *path)
{
    struct bytes text = read_whole(path);
    buffer_append(&page, text.data, text.length);
    free((void *)(uintptr_t)text.data);
}

/* Words in a table: neither a column nor a tag begins inside them. */
static void print_cell(const char *words)
{
    for (; *words != '\0'; words++) {
        if (*words == '|' || *words == '<') buffer_append_character(&page, '\\');
        buffer_append_character(&page, *words);
    }
    buffer_append_text(&page, " |");
}

/* ---- records --------------------------------------------------------------------------------------- */

static void print_integer(int64_t value)
{
    if (value == INTEGER_MAX) {
        print("2^53-1");
    } else {
        print("%lld", (long long)value);
    }
}

static void print_type(const struct proto_field *field)
{
    switch (field->kind) {
    case FIELD_STR: print("text, at most %zu bytes", field->size - 1); break;
    case FIELD_INT:
        print("integer ");
        print_integer(field->min);
        print("..");
        print_integer(field->max);
        break;
    case FIELD_BOOL: print("true or false"); break;
    case FIELD_REC: print("[%s](#record-%s)", field->record->name, field->record->name); break;
    case FIELD_LIST:
        print("list of at most %zu [%s](#record-%s)", field->count_max, field->record->name,
              field->record->name);
        break;
    case FIELD_IDS:
        print("list of at most %zu texts, each at most %zu bytes", field->count_max, field->size - 1);
        break;
    case FIELD_RAW: print("object, at most %zu bytes", field->size); break;
    }
}

static void print_fields(const struct proto_record *record)
{
    if (record->field_count == 0) {
        print("\nNo fields.\n");
        return;
    }
    print("\n| field | type | presence | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < record->field_count; i++) {
        const struct proto_field *field = &record->fields[i];
        print("| `%s` | ", field->name);
        print_type(field);
        print(" | %s | ", field->required ? "required" : "optional");
        print_cell(field->sentence);
        print("\n");
    }
}

/* The records that others contain, each once, in the order in which they are met. */
struct shared_records {
    const struct proto_record *rows[RECORDS_MAX];
    size_t count;
};

static void collect_shared(struct shared_records *shared, const struct proto_record *record)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct proto_record *inner = record->fields[i].record;
        if (inner == NULL) continue;
        size_t row = 0;
        while (row < shared->count && shared->rows[row] != inner) row++;
        if (row < shared->count) continue;
        check(shared->count < RECORDS_MAX);
        shared->rows[shared->count++] = inner;
        collect_shared(shared, inner);
    }
}

static void print_records(const struct shared_records *shared)
{
    print("\n## Records\n");
    for (size_t i = 0; i < shared->count; i++) {
        print("\n### Record %s\n\n%s\n", shared->rows[i]->name, shared->rows[i]->sentence);
        print_fields(shared->rows[i]);
    }
}

/* ---- docs/protocol.md ------------------------------------------------------------------------------ */

static void print_client_messages(struct shared_records *shared)
{
    print("\n## Client to server\n\n| type | when | answer |\n|---|---|---|\n");
    for (size_t i = 0; i < CLIENT_MESSAGE_COUNT; i++) {
        const struct proto_client_message *message = &proto_client_messages[i];
        print("| [`%s`](#%s) | %s | %s |\n", message->name, message->name, message->when, message->answer);
    }
    for (size_t i = 0; i < CLIENT_MESSAGE_COUNT; i++) {
        print("\n### %s\n\n%s\n", proto_client_messages[i].name, proto_client_messages[i].record->sentence);
        print_fields(proto_client_messages[i].record);
        collect_shared(shared, proto_client_messages[i].record);
    }
}

static void print_server_messages(struct shared_records *shared)
{
    print("\n## Server to client\n");
    for (size_t i = 0; i < SERVER_MESSAGE_COUNT; i++) {
        print("\n### %s\n\n%s\n", proto_server_messages[i].name, proto_server_messages[i].record->sentence);
        print_fields(proto_server_messages[i].record);
        collect_shared(shared, proto_server_messages[i].record);
    }
}

static void print_states(void)
{
    print("\n## States\n\n| state | meaning |\n|---|---|\n");
    for (size_t i = 0; i < STATE_COUNT; i++)
        print("| `%s` | %s |\n", proto_state_names[i], proto_state_sentences[i]);
    print("\n```mermaid\nstateDiagram-v2\n    [*] --> lobby\n");
#define TRANSITION(from, to, cause) print("    %s --> %s : %s\n", #from, #to, cause);
#include "proto/states.def"
    print(
        "```\n\nNews can be lost on the way, so a client may see a state further along without the ones between.\n");
}

static void print_acceptance(void)
{
    print(
        "\n### Which message fits which state\n\n"
        "What does not fit is answered with this `error` and changes nothing. Before `welcome`, anything but\n"
        "`authenticate` is answered with `unauthenticated`, and the connection closes with 4003.\n\n| message |");
    for (size_t i = 0; i < STATE_COUNT; i++) print(" %s |", proto_state_names[i]);
    print("\n|---|");
    for (size_t i = 0; i < STATE_COUNT; i++) print("---|");
    print("\n");
    for (int message = 0; message < CLIENT_MESSAGE_COUNT; message++) {
        if (message == CLIENT_authenticate) continue;
        print("| `%s` |", proto_client_messages[message].name);
        for (int state = 0; state < STATE_COUNT; state++) {
            enum error_code error =
                proto_message_refusal((enum client_message)message, (enum player_state)state);
            print(error == ERROR_none ? " accepted |" : " `%s` |", proto_errors[error].name);
        }
        print("\n");
    }
}

static void print_errors_and_closes(void)
{
    print("\n## Error codes\n\n| code | may succeed later | message |\n|---|---|---|\n");
    for (int i = ERROR_none + 1; i < ERROR_COUNT; i++) {
        print("| `%s` | %s | %s |\n", proto_errors[i].name, proto_errors[i].retry ? "yes" : "no",
              proto_errors[i].sentence);
    }
    print("\n## Close codes\n\n| code | reason | reconnect |\n|---|---|---|\n");
    for (size_t i = 0; i < proto_close_count; i++) {
        print("| %d | %s | %s |\n", (int)proto_closes[i].code, proto_closes[i].reason,
              proto_closes[i].reconnect ? "yes" : "no");
    }
}

static void make_client_page(void)
{
    struct shared_records shared = {.count = 0};
    print_file("docs/protocol_preface.md");
    print_client_messages(&shared);
    print_server_messages(&shared);
    print_records(&shared);
    print_states();
    print_acceptance();
    print_errors_and_closes();
}

/* ---- docs/redis.md ---------------------------------------------------------------------------------- */

static void print_keys(void)
{
    print("\n## Keys\n\n| key | type | written by | lives | content |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < KEY_COUNT; i++) {
        const struct proto_key *key = &proto_keys[i];
        print("| `%s` | %s | %s | %s | ", key->pattern, key->type, key->writer, key->lifetime);
        print_cell(key->content);
        print("\n");
    }
}

static void print_channels(void)
{
    struct shared_records shared = {.rows = {&proto_record_match_card}, .count = 1}; /* in snapshot.match */
    print("\n## Channels\n\n| channel | record | from | to |\n|---|---|---|---|\n");
    for (size_t i = 0; i < CHANNEL_COUNT; i++) {
        const struct proto_channel *channel = &proto_channels[i];
        print("| `%s` | [%s](#record-%s) | %s | %s |\n", channel->pattern, channel->record->name,
              channel->record->name, channel->from, channel->to);
    }
    collect_shared(&shared, &proto_record_match_card);
    for (size_t i = 0; i < CHANNEL_COUNT; i++) {
        struct proto_field holder = {.record = proto_channels[i].record};
        collect_shared(&shared, &(struct proto_record){.field_count = 1, .fields = &holder});
    }
    print_records(&shared);
}

static const char *const script_parts[] = {"Keys ", "Arguments ", "Reply ", "Errors ", "Cost "};

/* Prints the comment that a script opens with; how many of the parts it names, in their order. */
static size_t print_opening_comment(const char *path)
{
    struct bytes text = read_whole(path);
    size_t seen = 0;
    print("\n```\n");
    for (const char *line = text.data; strncmp(line, "--", 2) == 0; line++) {
        const char *words = line + (line[2] == ' ' ? 3 : 2);
        const char *part = seen < ARRAY_LENGTH(script_parts) ? script_parts[seen] : NULL;
        if (part != NULL && strncmp(words, part, strlen(part)) == 0) seen++;
        print("%.*s\n", (int)strcspn(words, "\n"), words);
        line += strcspn(line, "\n");
        if (*line == '\0') break;
    }
    print("```\n");
    free((void *)(uintptr_t)text.data);
    return seen;
}

static void print_script(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "lua/%s.lua", name);
    print("\n### %s\n", name);
    size_t seen = print_opening_comment(path);
    if (seen == ARRAY_LENGTH(script_parts)) return;
    fprintf(stderr, "protodoc: %s: the opening comment lacks \"%s\"\n", path, script_parts[seen]);
    exit(1);
}

static const char *const script_pieces[] = {"player", "queue",   "match", "season",
                                            "record", "penalty", "party"};

static void make_internal_page(void)
{
    print_file("docs/redis_preface.md");
    print_keys();
    print_channels();
    print("\n## Scripts\n\nOne atomic step each, embedded in the programs. What all of them share:\n");
    print_opening_comment("lua/_prelude.lua");
    for (size_t i = 0; i < ARRAY_LENGTH(script_pieces); i++) {
        char path[128];
        snprintf(path, sizeof path, "lua/_%s.lua", script_pieces[i]);
        print("\nWhat those share that need `%s`:\n", script_pieces[i]);
        print_opening_comment(path);
    }
    for (size_t i = 0; i < SCRIPT_COUNT; i++) print_script(script_name((enum script_id)i));
}

static void make_metrics_page(void)
{
    print_file("docs/metrics_preface.md");
    metrics_page_append(&page);
}

static void make_acl(void)
{
    struct bytes owners = read_whole("lua/scripts.def");
    acl_page_make(&page, owners.data);
    free((void *)(uintptr_t)owners.data);
}

/* ---- check ------------------------------------------------------------------------------------------- */

static size_t line_length(const char *line)
{
    return strcspn(line, "\n");
}

/* Both texts are terminated. 1 and the first line that differs when they do. */
static int compare(const char *path, const char *old, const char *new)
{
    for (int number = 1;; number++) {
        size_t old_length = line_length(old), new_length = line_length(new);
        if (old_length != new_length || memcmp(old, new, old_length) != 0 ||
            old[old_length] != new[new_length]) {
            fprintf(stderr, "%s:%d: stale, run make docs\n  is        %.*s\n  should be %.*s\n", path, number,
                    (int)old_length, old, (int)new_length, new);
            return 1;
        }
        if (old[old_length] == '\0') return 0;
        old += old_length + 1;
        new += new_length + 1;
    }
}

int main(int count, char **arguments)
{
    static const struct option options[] = {
        {"internal", no_argument, NULL, 'i'}, {"metrics", no_argument, NULL, 'm'},
        {"acl", no_argument, NULL, 'a'},      {"check", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},     {NULL, 0, NULL, 0}};
    const char *check_path = NULL;
    void (*make)(void) = make_client_page;
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        if (option == 'i') make = make_internal_page;
        if (option == 'a') make = make_acl;
        if (option == 'm') make = make_metrics_page;
        if (option == 'c') check_path = optarg;
        if (strchr("iamc", option) != NULL) continue;
        fputs("usage: protodoc [--internal | --acl | --metrics] [--check FILE]\n",
              option == 'h' ? stdout : stderr);
        return option == 'h' ? 0 : 2;
    }
    make();
    buffer_append_character(&page, '\0');
    int status = 0;
    if (check_path != NULL) {
        struct bytes old = read_whole(check_path);
        status = compare(check_path, old.data, page.data);
        free((void *)(uintptr_t)old.data);
    } else if (fputs(page.data, stdout) == EOF || fflush(stdout) == EOF) {
        status = 1;
    }
    buffer_free(&page);
    return status;
}
