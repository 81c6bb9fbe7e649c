/* bot_options.h -- the command line of the bot. */
#ifndef DUELPOD_BOT_OPTIONS_H
#define DUELPOD_BOT_OPTIONS_H

#include "clients/ws_handshake.h"
#include "common/base.h"

enum bot_exit {
    BOT_EXIT_DONE = 0,
    BOT_EXIT_NOT_CONNECTED = 1,
    BOT_EXIT_USAGE = 2,
    BOT_EXIT_REFUSED = 3, /* by the server, or it broke the protocol */
    BOT_EXIT_INTERRUPTED = 130,
};

/* Texts are borrowed from argv and live as long as it. */
struct bot_options {
    struct ws_url url;
    const char *url_text;
    const char *token; /* one of token and player is set */
    const char *player;
    const char *mode;
    const char *save; /* file for timelines, or NULL */
    const char *timeline_encoding;
    int64_t matches;
    bool quiet; /* only results and errors */
    bool json;  /* the messages as they come, instead of readable lines */
};

/* True: go on. False: the program ends with `*exit_code`; help or the complaint has been printed. */
bool bot_options_read(int argc, char **argv, struct bot_options *options, enum bot_exit *exit_code);

#endif
