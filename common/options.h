/* options.h -- every tunable is one row of a table.
 *
 * A row names its section, key, type, range, default, unit and one sentence; parser, --help, --print-config
 * and the tests read the same row. Rows live in .def files, each expanded twice: by options_fields.h into the
 * members of a config struct (`[redis] url` becomes `redis_url`) and by options_rows.h into the row array.
 * match_server/config.h and config.c show it whole.
 *
 * Sources, strongest first: flag --section.key=value, environment DUELPOD_SECTION_KEY, the INI file of
 * --config, the default of the profile. A bad value is refused wherever it stands, also where a stronger
 * source covers it. Every error is printed with its place, not only the first, and then nothing starts.
 *
 * Limits: INI file 1 MiB, lines of 8192 bytes, at most 100 errors printed. Used from the main thread only. */
#ifndef DUELPOD_OPTIONS_H
#define DUELPOD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_type { OPTION_IS_TEXT, OPTION_IS_INT, OPTION_IS_BOOL, OPTION_IS_CHOICE };

/* What a text may look like. Empty is allowed where the default is empty. */
enum option_form {
    FORM_LINE,    /* Any UTF-8 without control characters. */
    FORM_NAME,    /* a-z 0-9 - */
    FORM_NAMES,   /* Such names with commas between, none twice. */
    FORM_ADDRESS, /* IPv4 or IPv6 in digits. */
    FORM_URL,     /* redis://... or unix:///... */
    FORM_PREFIX,  /* A-Z a-z 0-9 _ : { } - */
    FORM_PATH     /* A file name. */
};

enum option_flags {
    OPTION_RELOADABLE = 1,      /* Takes effect at SIGHUP; others need a restart. */
    OPTION_SECRET = 2,          /* Never printed, refused as a flag; `<key>_file` names a file holding it. */
    OPTION_DEVELOPMENT_ONLY = 4 /* A bool that may not be on in production. */
};

enum options_profile { PROFILE_DEVELOPMENT, PROFILE_PRODUCTION };

struct option {
    const char *section;
    const char *key;
    enum option_type type;
    enum option_form form;
    size_t offset; /* Of the member in the config struct. */
    int64_t min;   /* Integers: the range. Texts: the length in bytes. */
    int64_t max;
    const char *choices;     /* "a|b|c"; the member holds the index. */
    const char *defaults[2]; /* By profile. */
    const char *unit;
    unsigned flags;
    const char *sentence;
};

struct options_report;

/* One program's table. `validate` (may be NULL) checks what no single row can see and answers through
 * options_refuse(). */
struct options_program {
    const char *name;
    const char *version;
    const char *sentence;
    const struct option *rows;
    size_t row_count;
    size_t config_size;
    void (*validate)(const void *config, enum options_profile profile, struct options_report *report);
};

enum options_outcome {
    OPTIONS_START,   /* `config` is filled: go on. */
    OPTIONS_DONE,    /* --help, --version, --check-config, --print-config did their work: exit 0. */
    OPTIONS_REFUSED, /* The errors are printed, `config` is as it was: exit 2. */
};

/* Reads all sources into the struct at `config` (config_size bytes). `environment` is an environ array.
 * Answers go to `out`, errors and warnings to `errors`. Called again with the same arguments it reloads. */
enum options_outcome options_load(const struct options_program *program, int argc, char *const *argv,
                                  char *const *environment, void *config, FILE *out, FILE *errors);

/* Of a row that differs: it was adopted, or needs a restart. */
typedef void options_differs_fn(void *context, const struct option *row, bool adopted);

/* Copies the reloadable rows of `fresh` over `config`, touching those only that differ. Returns how many others
 * differ: those need a restart and keep their value. `differs` (may be NULL) is told of every row that does. */
size_t options_adopt(const struct options_program *program, void *config, const void *fresh,
                     options_differs_fn *differs, void *context);

/* For validate hooks: one more error, one line, without a newline. */
void options_refuse(struct options_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
