#include "common/options.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/options_internal.h"
#include "common/utf8.h"

const struct option *options_find(const struct options_program *program, const char *section, const char *key)
{
    for (size_t i = 0; i < program->row_count; i++) {
        const struct option *row = &program->rows[i];
        if (strcmp(row->section, section) == 0 && strcmp(row->key, key) == 0) return row;
    }
    return NULL;
}

bool options_has_section(const struct options_program *program, const char *section)
{
    for (size_t i = 0; i < program->row_count; i++) {
        if (strcmp(program->rows[i].section, section) == 0) return true;
    }
    return false;
}

/* What stands in a file or on a command line may not forge lines or move the cursor of a terminal. */
static void make_printable(char *line)
{
    bool is_utf8 = utf8_valid(bytes_of_text(line));
    for (char *at = line; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_utf8)) *at = '?';
    }
}

__attribute__((format(printf, 3, 0))) static void report_line(struct options_report *report, const char *kind,
                                                              const char *format, va_list arguments)
{
    char line[OPTIONS_ERROR_BYTES_MAX];
    vsnprintf(line, sizeof line, format, arguments);
    make_printable(line);
    fprintf(report->file, "%s: %s%s\n", report->program_name, kind, line);
}

void options_refuse(struct options_report *report, const char *format, ...)
{
    report->errors++;
    if (report->errors > OPTIONS_ERRORS_MAX) return;
    va_list arguments;
    va_start(arguments, format);
    report_line(report, "", format, arguments);
    va_end(arguments);
}

void options_warn(struct options_report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_line(report, "warning: ", format, arguments);
    va_end(arguments);
}

void options_set(struct options_loader *loader, const struct option *row, const char *value,
                 const char *place)
{
    char why[OPTIONS_RANGE_TEXT_MAX + 64];
    if (option_parse(row, value, loader->config, why, sizeof why)) return;
    if ((row->flags & OPTION_SECRET) != 0) {
        options_refuse(loader->report, "%s: %s.%s: %s", place, row->section, row->key, why);
    } else {
        options_refuse(loader->report, "%s: %s.%s: \"%.60s\": %s", place, row->section, row->key, value, why);
    }
}

static void options_set_defaults(struct options_loader *loader)
{
    for (size_t i = 0; i < loader->program->row_count; i++) {
        const struct option *row = &loader->program->rows[i];
        options_set(loader, row, row->defaults[loader->profile], "default");
    }
}

static void options_check_profile(struct options_loader *loader)
{
    if (loader->profile != PROFILE_PRODUCTION) return;
    for (size_t i = 0; i < loader->program->row_count; i++) {
        const struct option *row = &loader->program->rows[i];
        if ((row->flags & OPTION_DEVELOPMENT_ONLY) == 0) continue;
        bool on = *(const bool *)((const char *)loader->config + row->offset);
        if (!on) continue;
        options_refuse(loader->report, "%s.%s: on is refused with the production profile", row->section,
                       row->key);
    }
}

static void options_read_sources(struct options_loader *loader, int argc, char *const *argv,
                                 char *const *environment)
{
    options_set_defaults(loader);
    options_read_file(loader);
    options_read_environment(loader, environment);
    options_read_flags(loader, argc, argv);
    options_read_secret_files(loader);
    options_check_profile(loader);
    bool rows_are_good = loader->report->errors == 0;
    if (rows_are_good && loader->program->validate != NULL) {
        loader->program->validate(loader->config, loader->profile, loader->report);
    }
}

static enum options_outcome options_finish(const struct options_loader *loader, FILE *out)
{
    size_t errors = loader->report->errors;
    if (errors > OPTIONS_ERRORS_MAX) {
        fprintf(loader->report->file, "%s: and %zu more errors\n", loader->program->name,
                errors - OPTIONS_ERRORS_MAX);
    }
    if (errors > 0) return OPTIONS_REFUSED;
    if (loader->command == COMMAND_START) return OPTIONS_START;
    if (loader->command == COMMAND_PRINT) {
        options_print_config(loader->program, loader->config, out);
    } else {
        fprintf(out, "%s: the configuration is valid\n", loader->program->name);
    }
    return OPTIONS_DONE;
}

enum options_outcome options_load(const struct options_program *program, int argc, char *const *argv,
                                  char *const *environment, void *config, FILE *out, FILE *errors)
{
    struct options_report report = {.program_name = program->name, .file = errors};
    struct options_loader loader = {.program = program, .report = &report};
    options_read_command(&loader, argc, argv, environment);
    if (loader.command == COMMAND_HELP) {
        options_print_help(program, out);
        return OPTIONS_DONE;
    }
    if (loader.command == COMMAND_SAMPLE) {
        options_print_sample(program, loader.profile, out);
        return OPTIONS_DONE;
    }
    if (loader.command == COMMAND_REFERENCE) {
        options_print_reference(program, out);
        return OPTIONS_DONE;
    }
    if (loader.command == COMMAND_VERSION) {
        fprintf(out, "%s %s\n", program->name, program->version);
        return OPTIONS_DONE;
    }
    loader.config = memory_new(program->config_size);
    loader.lines = memory_new(program->row_count * sizeof *loader.lines);
    loader.flags_seen = memory_new(program->row_count * sizeof *loader.flags_seen);
    options_read_sources(&loader, argc, argv, environment);
    enum options_outcome outcome = options_finish(&loader, out);
    if (outcome == OPTIONS_START) memcpy(config, loader.config, program->config_size);
    explicit_bzero(loader.config, program->config_size);
    free(loader.config);
    free(loader.lines);
    free(loader.flags_seen);
    return outcome;
}

size_t options_adopt(const struct options_program *program, void *config, const void *fresh,
                     options_differs_fn *differs, void *context)
{
    size_t restarts = 0;
    for (size_t i = 0; i < program->row_count; i++) {
        const struct option *row = &program->rows[i];
        char *now = (char *)config + row->offset;
        const char *wanted = (const char *)fresh + row->offset;
        if (memcmp(now, wanted, option_value_size(row)) == 0) continue;
        bool adopted = (row->flags & OPTION_RELOADABLE) != 0;
        if (adopted) memcpy(now, wanted, option_value_size(row));
        else restarts++;
        if (differs != NULL) differs(context, row, adopted);
    }
    return restarts;
}
