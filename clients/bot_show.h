/* bot_show.h -- how the bot talks: one readable line per thing that happens, in colour and with a line of
 * progress on a terminal, plain elsewhere.
 *
 * What the server says comes here as decoded records; texts in them are free of control characters. In json
 * mode nothing but the raw messages is printed; in quiet mode only results. Complaints always go to
 * stderr. */
#ifndef DUELPOD_BOT_SHOW_H
#define DUELPOD_BOT_SHOW_H

#include "clients/bot_options.h"
#include "proto/proto.h"

struct bot_show {
    bool quiet;
    bool json;
    bool terminal;
    bool colour;
    bool progress; /* an unfinished line of progress is on the screen */
};

void bot_show_init(struct bot_show *show, const struct bot_options *options);

/* One message of the server as it came. Only in json mode. */
void bot_show_raw(struct bot_show *show, struct bytes message);

/* One decoded message; `record` is the struct of that message. Messages that say nothing to a reader are
 * silent. */
void bot_show_message(struct bot_show *show, enum server_message message, const void *record);

/* The fight. False with a sentence in `error` when it is no timeline. */
bool bot_show_timeline(struct bot_show *show, struct bytes timeline, char *error, size_t error_capacity);

/* What the bot itself does, such as "reconnecting in 500 ms". */
void bot_show_step(struct bot_show *show, const char *format, ...) __attribute__((format(printf, 2, 3)));

void bot_show_complaint(struct bot_show *show, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
