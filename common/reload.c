#include "common/reload.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"

void reload_refuse(const char *problem)
{
    log_event(LOG_ERROR, "reload_refused", LOG_TEXT("problem", problem));
}

/* What options_load() said, line by line. */
static void tell_lines(char *text, bool refused)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        if (refused) reload_refuse(line);
        else log_event(LOG_WARNING, "reload_warning", LOG_TEXT("problem", line));
    }
}

static void tell_difference(void *context, const struct option *row, bool adopted)
{
    (void)context;
    char name[96];
    snprintf(name, sizeof name, "%s.%s", row->section, row->key);
    if (adopted) log_event(LOG_INFO, "option_changed", LOG_TEXT("option", name));
    else log_event(LOG_WARNING, "option_needs_restart", LOG_TEXT("option", name));
}

bool reload_read(const struct reload_sources *sources, const void *current, void *fresh)
{
    const struct options_program *program = sources->program;
    char *said = NULL;
    size_t said_length = 0;
    FILE *errors = open_memstream(&said, &said_length);
    check(errors != NULL);
    void *wanted = memory_new(program->config_size);
    enum options_outcome outcome =
        options_load(program, sources->argc, sources->argv, sources->environment, wanted, stdout, errors);
    fclose(errors);
    bool good = outcome == OPTIONS_START;
    tell_lines(said, !good);
    free(said);
    if (good) {
        memcpy(fresh, current, program->config_size);
        options_adopt(program, fresh, wanted, tell_difference, NULL);
    }
    explicit_bzero(wanted, program->config_size);
    free(wanted);
    return good;
}

void reload_done(int64_t start_us)
{
    log_event(LOG_INFO, "reloaded", LOG_INT("took_us", clock_monotonic_us() - start_us));
}
