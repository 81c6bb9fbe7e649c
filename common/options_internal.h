/* options_internal.h -- what the options*.c files share and nobody else includes.
 *
 * options.c leads: it finds the command, then lets defaults, file, environment and flags set values through
 * options_set(), weakest first. options_value.c knows the types, options_file.c the INI format (the only file
 * that includes ini.h), options_secret.c the files with secrets, options_print.c the answers,
 * options_reference.c the pages made from the rows. */
#ifndef DUELPOD_OPTIONS_INTERNAL_H
#define DUELPOD_OPTIONS_INTERNAL_H

#include "common/base.h"
#include "common/options.h"

enum {
    OPTIONS_ERRORS_MAX = 100,
    OPTIONS_ERROR_BYTES_MAX = 2048,
    OPTIONS_FILE_BYTES_MAX = 1 << 20,
    OPTIONS_LINE_BYTES_MAX = 8192,
    OPTIONS_RANGE_TEXT_MAX = 160
};

enum options_command {
    COMMAND_START,
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_CHECK,
    COMMAND_PRINT,
    COMMAND_SAMPLE,
    COMMAND_REFERENCE
};

struct options_report {
    const char *program_name;
    FILE *file;
    size_t errors;
};

struct options_loader {
    const struct options_program *program;
    void *config;
    struct options_report *report;
    enum options_command command;
    enum options_profile profile;
    const char *file_path; /* NULL: no file. */
    int *lines;            /* By row: the line of the INI file that set it, or 0. */
    bool *flags_seen;      /* By row: a flag set it. */
};

/* ---- options.c */

/* The row of a section and key, or NULL. */
const struct option *options_find(const struct options_program *program, const char *section,
                                  const char *key);
bool options_has_section(const struct options_program *program, const char *section);

/* Checks and stores one value; `place` names the source in the refusal. */
void options_set(struct options_loader *loader, const struct option *row, const char *value,
                 const char *place);

void options_warn(struct options_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- options_value.c */

/* Stores `text` in the config. False: nothing is stored, `why` says what is allowed, without the value. */
bool option_parse(const struct option *row, const char *text, void *config, char *why, size_t why_size);

/* The value as the INI file has it. `buffer` is used for numbers. */
const char *option_value_text(const struct option *row, const void *config, char *buffer, size_t size);

/* "0..65535", "on|off", "1 to 32 bytes of a-z 0-9 -". */
void option_range_text(const struct option *row, char *buffer, size_t size);

/* Of the member in the config struct. */
size_t option_value_size(const struct option *row);

/* DUELPOD_SECTION_KEY. */
void option_environment_name(const struct option *row, char *buffer, size_t size);

/* ---- options_file.c, options_flags.c, options_secret.c, options_print.c */

void options_read_file(struct options_loader *loader);
void options_read_command(struct options_loader *loader, int argc, char *const *argv,
                          char *const *environment);
void options_read_environment(struct options_loader *loader, char *const *environment);
void options_read_flags(struct options_loader *loader, int argc, char *const *argv);
void options_read_secret_files(struct options_loader *loader);

void options_print_help(const struct options_program *program, FILE *out);
/* An INI file in which every option stands as a comment, with its default in `profile`. */
void options_print_sample(const struct options_program *program, enum options_profile profile, FILE *out);
/* The tables of docs/configuration.md. */
void options_print_reference(const struct options_program *program, FILE *out);
void options_print_config(const struct options_program *program, const void *config, FILE *out);

#endif
