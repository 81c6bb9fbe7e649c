/* duelctl.c -- the operator's pages of the admin ports as commands.
 *
 * One command is one request; the answer is printed as it came, JSON but for `metrics`. The token comes from
 * a file or from the environment, never from the command line, where everybody on the machine could read it.
 *
 * Ends with 0; 1 when the server refused (its reason is printed); 2 on wrong usage; 3 when nobody answered. */
#include "common/buffer.h"
#include "common/files.h"

#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TOKEN_VARIABLE "DUELPOD_ADMIN_TOKEN"

enum {
    EXIT_REFUSED = 1,
    EXIT_USAGE = 2,
    EXIT_NOBODY = 3,
    TIMEOUT_S = 10,
    TOKEN_BYTES_MAX = 255,
    ADDRESS_BYTES_MAX = 255,
    ANSWER_BYTES_MAX = 16 << 20,
};

struct options {
    const char *address;             /* host:port */
    char token[TOKEN_BYTES_MAX + 2]; /* one more than allowed, so that too long is noticed */
};

_Noreturn static void complain(const char *what, const char *detail)
{
    fprintf(stderr, "duelctl: %s%s; --help tells more\n", what, detail);
    exit(EXIT_USAGE);
}

/* ---- commands: one row each ------------------------------------------------------------------------ */

struct command {
    const char *name, *arguments, *sentence;
    int count_min, count_max;
    const char *path;
    /* Writes the body of a POST; leaves it empty for a GET. NULL: a GET. */
    void (*body)(struct buffer *out, char **arguments, int count);
};

static void add_text(struct buffer *out, const char *name, const char *value)
{
    buffer_append_text(out, out->length == 0 ? "{" : ",");
    buffer_append_json_text(out, name);
    buffer_append_character(out, ':');
    buffer_append_json_text(out, value);
}

static void add_number(struct buffer *out, const char *name, const char *digits)
{
    char *end;
    errno = 0;
    long long number = strtoll(digits, &end, 10);
    if (digits[0] == '\0' || *end != '\0' || errno != 0) complain("no number: ", digits);
    buffer_append_text(out, out->length == 0 ? "{" : ",");
    buffer_append_json_text(out, name);
    buffer_append_character(out, ':');
    buffer_append_integer(out, number);
}

static void close_object(struct buffer *out)
{
    buffer_append_text(out, out->length == 0 ? "{}" : "}");
}

static void maintenance_body(struct buffer *out, char **arguments, int count)
{
    if (count == 0) return;
    add_text(out, "maintenance", arguments[0]);
    if (count > 1) add_text(out, "reason", arguments[1]);
    if (count > 2) add_number(out, "retry_after_ms", arguments[2]);
    close_object(out);
}

static void drain_body(struct buffer *out, char **arguments, int count)
{
    if (count > 0) add_text(out, "pod_id", arguments[0]);
    close_object(out);
}

static void lift_body(struct buffer *out, char **arguments, int count)
{
    static const char *const kinds[][2] = {
        {"player", "player_id"}, {"device", "device_id"}, {"hash", "device_hash"}};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strcmp(kinds[i][0], arguments[0]) == 0) add_text(out, kinds[i][1], arguments[1]);
    }
    if (out->length == 0) complain("lift player, device or hash, not ", arguments[0]);
    if (count > 2) add_text(out, "relief", arguments[2]);
    close_object(out);
}

static void log_body(struct buffer *out, char **arguments, int count)
{
    (void)count;
    add_text(out, "level", arguments[0]);
    close_object(out);
}

static const struct command commands[] = {
    {"health", "", "whether all threads turn", 0, 0, "/health", NULL},
    {"ready", "", "whether it may get new work, and why not", 0, 0, "/ready", NULL},
    {"metrics", "", "everything that is counted", 0, 0, "/metrics", NULL},
    {"status", "", "pods, queues, matches; of a game_server its players", 0, 0, "/status", NULL},
    {"maintenance", "[on [REASON [RETRY_AFTER_MS]] | off]", "closes and opens the queues, or shows", 0, 3,
     "/maintenance", maintenance_body},
    {"drain", "[POD]", "waiters of dead pods leave; a game_server ends", 0, 1, "/drain", drain_body},
    {"penalties", "", "who is sanctioned", 0, 0, "/penalties", NULL},
    {"lift", "player|device|hash ID [step]", "takes a sanction back, or one step of it", 2, 3,
     "/penalties/lift", lift_body},
    {"log", "debug|info|warning|error", "what is written from now on", 1, 1, "/log", log_body},
};

static const struct command *find_command(const char *name, int count)
{
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        const struct command *command = &commands[i];
        if (strcmp(command->name, name) != 0) continue;
        if (count < command->count_min || count > command->count_max) complain("wrong arguments for ", name);
        return command;
    }
    complain("no such command: ", name);
}

static void print_help(void)
{
    puts("duelctl -- commands for operators of Duelpod\n"
         "\n"
         "  duelctl [--admin HOST:PORT] [--token-file FILE] COMMAND\n"
         "\n"
         "  --admin HOST:PORT    admin port of a match_server, or of a game_server (127.0.0.1:9101)\n"
         "  --token-file FILE    holds its admin.token; else $" TOKEN_VARIABLE "\n"
         "  --help\n");
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        char words[80];
        snprintf(words, sizeof words, "%s %s", commands[i].name, commands[i].arguments);
        printf("  %-50s %s\n", words, commands[i].sentence);
    }
}

/* ---- one request ----------------------------------------------------------------------------------- */

_Noreturn static void give_up(const struct options *options, const char *reason)
{
    fprintf(stderr, "duelctl: %s: %s\n", options->address, reason);
    exit(EXIT_NOBODY);
}

static int dial(const struct options *options)
{
    char host[ADDRESS_BYTES_MAX + 1];
    const char *colon = strrchr(options->address, ':');
    if (colon == NULL || !text_copy(host, sizeof host, options->address))
        complain("no HOST:PORT: ", options->address);
    host[colon - options->address] = '\0';
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    int failure = getaddrinfo(host, colon + 1, &hints, &addresses);
    if (failure != 0) give_up(options, gai_strerror(failure));
    int fd = socket(addresses->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval timeout = {.tv_sec = TIMEOUT_S};
    if (fd < 0) give_up(options, strerror(errno));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    if (connect(fd, addresses->ai_addr, addresses->ai_addrlen) != 0) give_up(options, strerror(errno));
    freeaddrinfo(addresses);
    return fd;
}

static void write_request(struct buffer *out, const struct options *options, const struct command *command,
                          const struct buffer *body)
{
    buffer_append_text(out, body->length > 0 ? "POST " : "GET ");
    buffer_append_text(out, command->path);
    buffer_append_text(out, " HTTP/1.1\r\nHost: duelctl\r\nConnection: close\r\n");
    if (options->token[0] != '\0') {
        buffer_append_text(out, "Authorization: Bearer ");
        buffer_append_text(out, options->token);
        buffer_append_text(out, "\r\n");
    }
    if (body->length > 0) {
        buffer_append_text(out, "Content-Type: application/json\r\nContent-Length: ");
        buffer_append_integer(out, (int64_t)body->length);
        buffer_append_text(out, "\r\n");
    }
    buffer_append_text(out, "\r\n");
    if (body->length > 0) buffer_append(out, body->data, body->length);
}

/* Everything until the server closes. */
static void exchange(const struct options *options, const struct buffer *request, struct buffer *answer)
{
    int fd = dial(options);
    for (size_t sent = 0; sent < request->length;) {
        ssize_t count = send(fd, request->data + sent, request->length - sent, MSG_NOSIGNAL);
        if (count < 0) give_up(options, strerror(errno));
        sent += (size_t)count;
    }
    char chunk[4096];
    ssize_t count;
    while ((count = recv(fd, chunk, sizeof chunk, 0)) > 0 && answer->length < ANSWER_BYTES_MAX)
        buffer_append(answer, chunk, (size_t)count);
    if (count < 0) give_up(options, strerror(errno));
    close(fd);
    buffer_append_character(answer, '\0');
}

static int print_answer(const struct options *options, const struct buffer *answer)
{
    int status = 0;
    const char *body = strstr(answer->data, "\r\n\r\n");
    if (sscanf(answer->data, "HTTP/1.1 %d", &status) != 1 || body == NULL)
        give_up(options, "that is no admin port");
    bool good = status >= 200 && status < 300;
    if (!good) fprintf(stderr, "duelctl: %s: %d\n", options->address, status);
    fputs(body + 4, good ? stdout : stderr);
    return good ? EXIT_SUCCESS : EXIT_REFUSED;
}

/* ---- options --------------------------------------------------------------------------------------- */

static void read_token(struct options *options, const char *path)
{
    const char *variable = getenv(TOKEN_VARIABLE);
    if (path == NULL && variable != NULL && !text_copy(options->token, sizeof options->token, variable))
        complain("too long: $", TOKEN_VARIABLE);
    if (path != NULL && !file_read_line(path, options->token, sizeof options->token))
        complain("--token-file: ", strerror(errno));
    if (strlen(options->token) > TOKEN_BYTES_MAX) complain("a token has at most 255 bytes", "");
    if (strpbrk(options->token, "\r\n") != NULL) complain("a token is one line", "");
}

int main(int argc, char **argv)
{
    enum { OPTION_ADMIN = 1, OPTION_TOKEN_FILE, OPTION_HELP };
    static const struct option long_options[] = {{"admin", required_argument, NULL, OPTION_ADMIN},
                                                 {"token-file", required_argument, NULL, OPTION_TOKEN_FILE},
                                                 {"help", no_argument, NULL, OPTION_HELP},
                                                 {NULL, 0, NULL, 0}};
    struct options options = {.address = "127.0.0.1:9101"};
    const char *token_file = NULL;
    for (int option; (option = getopt_long(argc, argv, "+", long_options, NULL)) != -1;) {
        switch (option) {
        case OPTION_ADMIN: options.address = optarg; break;
        case OPTION_TOKEN_FILE: token_file = optarg; break;
        case OPTION_HELP: print_help(); return EXIT_SUCCESS;
        default: return EXIT_USAGE;
        }
    }
    if (optind == argc) complain("which command", "");
    const struct command *command = find_command(argv[optind], argc - optind - 1);
    read_token(&options, token_file);
    struct buffer body = {0}, request = {0}, answer = {0};
    if (command->body != NULL) command->body(&body, argv + optind + 1, argc - optind - 1);
    write_request(&request, &options, command, &body);
    exchange(&options, &request, &answer);
    int code = print_answer(&options, &answer);
    buffer_free(&body);
    buffer_free(&request);
    buffer_free(&answer);
    return code;
}
