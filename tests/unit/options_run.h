/* options_run.h -- starts a program's options from flags, environment and a file, and keeps what came of
 * it. */
#ifndef DUELPOD_TESTS_OPTIONS_RUN_H
#define DUELPOD_TESTS_OPTIONS_RUN_H

#include "common/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base.h"
#include "game_server/config.h"
#include "match_server/config.h"

enum { ARGUMENTS_MAX = 16, TEXT_MAX = 65536 };

/* One start of a program: what it is given, and what came of it. */
struct run {
    char *flags[ARGUMENTS_MAX];
    char *environment[ARGUMENTS_MAX];
    const char *file; /* Its text; NULL for no file. */
    enum options_outcome outcome;
    struct game_config game;
    struct match_config match;
    char out[TEXT_MAX];
    char errors[TEXT_MAX];
};

static char folder[] = "/tmp/options_test.XXXXXX";
static char config_path[64], secret_path[64];
static struct run run;

static inline void write_file(const char *path, const void *text, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) return 1;
    snprintf(config_path, sizeof config_path, "%s/server.ini", folder);
    snprintf(secret_path, sizeof secret_path, "%s/secret", folder);
    return 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    unlink(config_path);
    unlink(secret_path);
    return rmdir(folder);
}

static inline int clear_run(void **state)
{
    (void)state;
    memset(&run, 0, sizeof run);
    return 0;
}

static inline void load(const struct options_program *program, void *config)
{
    char *arguments[ARGUMENTS_MAX + 4] = {(char *)program->name};
    int count = 1;
    if (run.file != NULL) {
        write_file(config_path, run.file, strlen(run.file));
        arguments[count++] = (char *)"--config";
        arguments[count++] = config_path;
    }
    for (char **flag = run.flags; *flag != NULL; flag++) arguments[count++] = *flag;
    memset(run.out, 0, sizeof run.out);
    memset(run.errors, 0, sizeof run.errors);
    FILE *out = fmemopen(run.out, sizeof run.out, "w");
    FILE *errors = fmemopen(run.errors, sizeof run.errors, "w");
    run.outcome = options_load(program, count, arguments, run.environment, config, out, errors);
    fclose(out);
    fclose(errors);
}

static inline void load_game(void)
{
    load(&game_program, &run.game);
}

static inline void load_match(void)
{
    load(&match_program, &run.match);
}

static inline void expect_start(void)
{
    assert_string_equal(run.errors, "");
    assert_int_equal(run.outcome, OPTIONS_START);
}

static inline size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++) lines += *text == '\n';
    return lines;
}

/* Refused with exactly one error, which holds both texts. */
static inline void expect_refusal(const char *place, const char *text)
{
    assert_int_equal(run.outcome, OPTIONS_REFUSED);
    if (strstr(run.errors, place) == NULL || strstr(run.errors, text) == NULL) {
        fail_msg("expected \"%s\" and \"%s\" in: %s", place, text, run.errors);
    }
    assert_int_equal(lines_of(run.errors), 1);
}

static inline void refuse_flag(const char *flag, const char *text)
{
    clear_run(NULL);
    run.flags[0] = (char *)flag;
    load_game();
    expect_refusal("game_server: --", text);
}

static inline void refuse_file(const char *file, const char *place, const char *text)
{
    clear_run(NULL);
    run.file = file;
    load_game();
    char whole_place[128];
    snprintf(whole_place, sizeof whole_place, "%s%s", config_path, place);
    expect_refusal(whole_place, text);
}

#define TEST(name) cmocka_unit_test_setup(name, clear_run)

#endif
