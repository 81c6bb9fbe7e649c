/* token.c -- prints a development token for a player, as the server's own development endpoint would make it.
 *
 * The secret comes from a file or from the environment, never from the command line, where everybody on the
 * machine could read it. Ends with 0, or with 2 on wrong usage. */
#include "common/clock.h"
#include "common/files.h"
#include "common/ids.h"
#include "common/token_mint.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2
#define SECRET_VARIABLE "DUELPOD_AUTH_HS256_SECRET"
#define SECRET_BYTES_MIN 32
#define SECRET_BYTES_MAX 255
#define TTL_S_MAX 604800

static const char help[] = "token -- prints a development token\n"
                           "\n"
                           "  --player NAME        the player, 1 to 64 of A-Z a-z 0-9 _ -\n"
                           "  --secret-file FILE   holds the HS256 secret; else $" SECRET_VARIABLE "\n"
                           "  --ttl S              seconds it is valid, 1 to 604800 (3600)\n"
                           "  --issuer TEXT        (duelpod-dev)\n"
                           "  --audience TEXT      (duelpod)\n"
                           "  --help\n";

enum { OPTION_PLAYER = 1, OPTION_SECRET_FILE, OPTION_TTL, OPTION_ISSUER, OPTION_AUDIENCE, OPTION_HELP };

static const struct option long_options[] = {
    {"player", required_argument, NULL, OPTION_PLAYER},
    {"secret-file", required_argument, NULL, OPTION_SECRET_FILE},
    {"ttl", required_argument, NULL, OPTION_TTL},
    {"issuer", required_argument, NULL, OPTION_ISSUER},
    {"audience", required_argument, NULL, OPTION_AUDIENCE},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct options {
    const char *player, *issuer, *audience;
    char secret[SECRET_BYTES_MAX + 2]; /* one more than allowed, so that too long is noticed */
    int64_t ttl_s;
};

_Noreturn static void complain(const char *what, const char *detail)
{
    fprintf(stderr, "token: %s%s; --help tells more\n", what, detail);
    exit(EXIT_USAGE);
}

static void read_secret_file(const char *path, struct options *options)
{
    if (!file_read_line(path, options->secret, sizeof options->secret))
        complain("--secret-file: ", strerror(errno));
}

static int64_t read_ttl(const char *text)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < 1 || value > TTL_S_MAX)
        complain("--ttl must be 1 to 604800", "");
    return value;
}

static void read_options(int argc, char **argv, struct options *options)
{
    int option;
    *options = (struct options){.issuer = "duelpod-dev", .audience = "duelpod", .ttl_s = 3600};
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case OPTION_PLAYER: options->player = optarg; break;
        case OPTION_SECRET_FILE: read_secret_file(optarg, options); break;
        case OPTION_TTL: options->ttl_s = read_ttl(optarg); break;
        case OPTION_ISSUER: options->issuer = optarg; break;
        case OPTION_AUDIENCE: options->audience = optarg; break;
        case OPTION_HELP: fputs(help, stdout); exit(EXIT_SUCCESS);
        default: exit(EXIT_USAGE); /* getopt has complained */
        }
    }
    if (optind < argc) complain("unexpected: ", argv[optind]);
}

static void check_options(struct options *options)
{
    const char *variable = getenv(SECRET_VARIABLE);
    if (options->secret[0] == '\0' && variable != NULL)
        text_copy(options->secret, sizeof options->secret, variable);
    size_t length = strlen(options->secret);
    if (length < SECRET_BYTES_MIN || length > SECRET_BYTES_MAX)
        complain("the secret must be 32 to 255 bytes", "");
    bool named = options->player != NULL && ids_is_player_id(bytes_of_text(options->player));
    if (!named) complain("--player must be 1 to 64 of A-Z a-z 0-9 _ -", "");
}

int main(int argc, char **argv)
{
    struct options options;
    read_options(argc, argv, &options);
    check_options(&options);
    char *token = token_mint_hs256(options.secret, options.player, options.issuer, options.audience,
                                   clock_wall_ms() / 1000, options.ttl_s);
    check(token != NULL);
    puts(token);
    free(token);
    return EXIT_SUCCESS;
}
