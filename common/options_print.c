/* What the table prints of itself: --help and --print-config. */
#include <string.h>

#include "common/options_internal.h"

/* The defaults as help shows them. */
static void print_defaults(const struct option *row, FILE *out)
{
    const char *development = row->defaults[PROFILE_DEVELOPMENT];
    const char *production = row->defaults[PROFILE_PRODUCTION];
    if (strcmp(development, production) != 0) {
        fprintf(out, "default %s, in production %s", development, production);
    } else if (development[0] == '\0') {
        fputs("default empty", out);
    } else {
        fprintf(out, "default %s", development);
    }
}

static void print_option_help(const struct option *row, FILE *out)
{
    char range[OPTIONS_RANGE_TEXT_MAX], environment[128];
    option_range_text(row, range, sizeof range);
    option_environment_name(row, environment, sizeof environment);
    fprintf(out, "  --%s.%s\n      %s\n      ", row->section, row->key, row->sentence);
    print_defaults(row, out);
    fprintf(out, "; %s\n      %s%s%s%s\n", range, environment,
            (row->flags & OPTION_RELOADABLE) != 0 ? "; reloadable" : "",
            (row->flags & OPTION_SECRET) != 0 ? "; secret, not as a flag" : "",
            (row->flags & OPTION_DEVELOPMENT_ONLY) != 0 ? "; on is refused in production" : "");
}

static bool opens_section(const struct options_program *program, size_t index)
{
    return index == 0 || strcmp(program->rows[index - 1].section, program->rows[index].section) != 0;
}

void options_print_help(const struct options_program *program, FILE *out)
{
    fprintf(
        out,
        "%s -- %s\n\n"
        "Usage: %s [--config FILE] [--profile development|production] [--section.key=value ...]\n\n"
        "  --config FILE      INI file to read (or DUELPOD_CONFIG)\n"
        "  --profile NAME     development (the default) or production (or DUELPOD_PROFILE)\n"
        "  --check-config     check everything, print all errors, start nothing\n"
        "  --print-config     print the configuration in force as an INI file, without secrets\n"
        "  --print-sample     print an INI file with every option as a comment, and the profile's defaults\n"
        "  --print-reference  print the options as tables in Markdown\n"
        "  --version          print the version\n"
        "  --help             print this\n\n"
        "A flag is stronger than the environment, that than the file, that than the default.\n",
        program->name, program->sentence, program->name);
    for (size_t i = 0; i < program->row_count; i++) {
        if (opens_section(program, i)) fprintf(out, "\n[%s]\n", program->rows[i].section);
        print_option_help(&program->rows[i], out);
    }
}

/* Secrets become comments, so that the output stays a valid file. */
static void print_value(const struct option *row, const void *config, FILE *out)
{
    char number[64];
    const char *value = option_value_text(row, config, number, sizeof number);
    bool is_secret = (row->flags & OPTION_SECRET) != 0;
    const char *host = row->type == OPTION_IS_TEXT && row->form == FORM_URL ? strrchr(value, '@') : NULL;
    if (is_secret) {
        fprintf(out, "; %s = (%s)\n", row->key, value[0] == '\0' ? "not set" : "set");
    } else if (host != NULL) {
        fprintf(out, "; %s = (password)%s\n", row->key, host);
    } else {
        fprintf(out, "%s = %s\n", row->key, value);
    }
}

void options_print_config(const struct options_program *program, const void *config, FILE *out)
{
    for (size_t i = 0; i < program->row_count; i++) {
        const struct option *row = &program->rows[i];
        if (opens_section(program, i)) fprintf(out, "%s[%s]\n", i == 0 ? "" : "\n", row->section);
        print_value(row, config, out);
    }
}
