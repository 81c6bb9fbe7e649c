/* load_main.c -- the load generator: thousands of players with real sockets on one thread.
 *
 * load_drive.c says when somebody wishes to play, load_player.c is one player's life and load_message.c its
 * answers to the server, load_check.c holds the servers to their promises, load_sample.c reads what they
 * spend, load_report.c tells it. */
#include "bench/load_drive.h"
#include "bench/load_options.h"
#include "bench/load_report.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct load_options options;
    char error[160];
    int exit_code;
    if (!load_options_read(argc, argv, &options, &exit_code)) return exit_code;
    signal(SIGPIPE, SIG_IGN);
    struct load_outcome *outcome = load_drive(&options, error, sizeof error);
    if (outcome == NULL) {
        fprintf(stderr, "load: %s\n", error);
        return EXIT_FAILURE;
    }
    if (!options.quiet) load_report_print(&options, outcome);
    bool written = options.out == NULL || load_report_write(&options, outcome, options.out);
    bool good = load_report_judge(&options, outcome);
    free(outcome);
    return written && good ? EXIT_SUCCESS : EXIT_FAILURE;
}
