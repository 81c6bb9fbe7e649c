/* bot.c -- the command-line bot: plays matches against whoever is in the queue and tells the fights.
 *
 * The path of one match: bot_session.c (the connection) on ws_client.c (the socket), bot_play.c (what the
 * server says, made records by common/codec.c), bot_result.c (the timeline arrives), timeline_text.c (it
 * becomes sentences), bot_show.c (they are printed). */
#include "clients/bot_options.h"
#include "clients/bot_session.h"
#include "clients/bot_show.h"

#include <signal.h>

int main(int argc, char **argv)
{
    struct bot_options options;
    struct bot_show show;
    enum bot_exit exit_code;
    if (!bot_options_read(argc, argv, &options, &exit_code)) return (int)exit_code;
    signal(SIGPIPE, SIG_IGN);
    bot_show_init(&show, &options);
    return (int)bot_session_run(&options, &show);
}
