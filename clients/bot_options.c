#include "clients/bot_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_URL "ws://127.0.0.1:8081/v1/ws"
#define MATCHES_MAX 1000000

static const char help[] =
    "bot -- plays matches on a game server and tells the fights\n"
    "\n"
    "  --url ws://HOST:PORT/PATH    the game server (" DEFAULT_URL ")\n"
    "  --player NAME                who to be; asks the server for a development token\n"
    "  --token TOKEN                who to be, by a token from elsewhere\n"
    "  --mode MODE                  queue to join: normal, ranked or party (normal)\n"
    "  --matches N                  how many matches to play (1)\n"
    "  --timeline gzip|json         how timelines travel (gzip)\n"
    "  --save FILE                  write the timeline as JSON; the second goes to FILE.2 and so on\n"
    "  --json                       print the server's messages as they are, one per line\n"
    "  --quiet                      print only results and errors\n"
    "  --help\n"
    "\n"
    "Ends with 0 when done, 1 when it could not connect, 2 on wrong usage, 3 when the server refused,\n"
    "130 when interrupted; Ctrl-C leaves the queue first.\n";

enum {
    OPTION_URL = 1,
    OPTION_PLAYER,
    OPTION_TOKEN,
    OPTION_MODE,
    OPTION_MATCHES,
    OPTION_TIMELINE,
    OPTION_SAVE,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_HELP
};

static const struct option long_options[] = {
    {"url", required_argument, NULL, OPTION_URL},
    {"player", required_argument, NULL, OPTION_PLAYER},
    {"token", required_argument, NULL, OPTION_TOKEN},
    {"mode", required_argument, NULL, OPTION_MODE},
    {"matches", required_argument, NULL, OPTION_MATCHES},
    {"timeline", required_argument, NULL, OPTION_TIMELINE},
    {"save", required_argument, NULL, OPTION_SAVE},
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static bool complain(enum bot_exit *exit_code, const char *what, const char *detail)
{
    fprintf(stderr, "bot: %s%s; --help tells more\n", what, detail);
    *exit_code = BOT_EXIT_USAGE;
    return false;
}

static bool read_count(const char *text, int64_t *count)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < 1 || value > MATCHES_MAX) return false;
    *count = value;
    return true;
}

static bool take(struct bot_options *options, int option, const char *value, enum bot_exit *exit_code)
{
    switch (option) {
    case OPTION_URL: options->url_text = value; return true;
    case OPTION_PLAYER: options->player = value; return true;
    case OPTION_TOKEN: options->token = value; return true;
    case OPTION_MODE: options->mode = value; return true;
    case OPTION_TIMELINE: options->timeline_encoding = value; return true;
    case OPTION_SAVE: options->save = value; return true;
    case OPTION_JSON: options->json = true; return true;
    case OPTION_QUIET: options->quiet = true; return true;
    case OPTION_MATCHES:
        return read_count(value, &options->matches) ||
               complain(exit_code, "--matches must be 1 to 1000000", "");
    case OPTION_HELP:
        fputs(help, stdout);
        *exit_code = BOT_EXIT_DONE;
        return false;
    default: *exit_code = BOT_EXIT_USAGE; return false; /* getopt has complained */
    }
}

bool bot_options_read(int argc, char **argv, struct bot_options *options, enum bot_exit *exit_code)
{
    char error[160];
    int option;
    *options = (struct bot_options){
        .url_text = DEFAULT_URL, .mode = "normal", .timeline_encoding = "gzip", .matches = 1};
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (!take(options, option, optarg, exit_code)) return false;
    }
    if (optind < argc) return complain(exit_code, "unexpected: ", argv[optind]);
    if ((options->token == NULL) == (options->player == NULL)) {
        return complain(exit_code, "either --player or --token is needed", "");
    }
    bool known =
        strcmp(options->timeline_encoding, "gzip") == 0 || strcmp(options->timeline_encoding, "json") == 0;
    if (!known)
        return complain(exit_code, "--timeline must be gzip or json, not ", options->timeline_encoding);
    if (!ws_url_parse(options->url_text, &options->url, error, sizeof error))
        return complain(exit_code, error, "");
    return true;
}
