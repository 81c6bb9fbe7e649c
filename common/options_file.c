/* The INI file. The only file that includes ini.h.
 *
 * inih hands over keys without their line and tells only of the first bad line. So the reader that feeds it
 * is ours: it counts lines, refuses what inih would misread, and sees, when inih asks for the next line,
 * whether the last one produced a key. Bad lines are handed on as empty ones, so parsing goes on and every
 * error of the file is found. */
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "common/options_internal.h"

struct ini_source {
    struct options_loader *loader;
    FILE *file;
    int line;
    size_t bytes;
    bool awaits_key;      /* The line just handed over should produce one. */
    bool section_unknown; /* Refused at its own line; its keys are not mentioned again. */
    char section[64];
};

static void ini_refuse(const struct ini_source *source, const char *what)
{
    options_refuse(source->loader->report, "%s:%d: %s", source->loader->file_path, source->line, what);
}

/* Reads one line, without its end, and says what is wrong with it. False at the end of the file. */
static bool ini_read_line(struct ini_source *source, char *line, size_t size, const char **wrong)
{
    size_t length = 0;
    int character;
    *wrong = NULL;
    while ((character = getc(source->file)) != EOF && character != '\n') {
        source->bytes++;
        if (source->bytes > OPTIONS_FILE_BYTES_MAX) *wrong = "the file is larger than 1 MiB";
        if (source->bytes > OPTIONS_FILE_BYTES_MAX) break;
        bool is_control = (character < 0x20 && character != '\t' && character != '\r') || character == 0x7f;
        if (is_control) *wrong = "control character";
        if (length + 1 == size) *wrong = "line longer than 8192 bytes";
        if (length + 1 < size) line[length++] = (char)character;
    }
    line[length] = '\0';
    source->line++;
    return character != EOF || length > 0 || *wrong != NULL;
}

static const char *ini_enter_section(struct ini_source *source, const char *name)
{
    size_t length = strcspn(name, "]");
    source->section_unknown = true;
    if (name[length] != ']') return "no ] after the name of the section";
    const char *rest = name + length + 1;
    if (rest[strspn(rest, " \t\r")] != '\0') return "text after the name of the section";
    if (length >= sizeof source->section) return "unknown section";
    memcpy(source->section, name, length);
    source->section[length] = '\0';
    if (!options_has_section(source->loader->program, source->section)) return "unknown section";
    source->section_unknown = false;
    return NULL;
}

/* What is wrong with a line that inih itself would let pass. */
static const char *ini_check_line(struct ini_source *source, const char *line)
{
    const char *first = line + strspn(line, " \t\r");
    if (*first == '\0' || *first == ';' || *first == '#') return NULL;
    if (*first == '[') return ini_enter_section(source, first + 1);
    source->awaits_key = !source->section_unknown;
    return NULL;
}

static char *ini_next_line(char *line, int size, void *context)
{
    struct ini_source *source = context;
    check(size > OPTIONS_LINE_BYTES_MAX);
    if (source->awaits_key) ini_refuse(source, "neither [section] nor key = value");
    source->awaits_key = false;
    const char *wrong;
    bool too_large = source->bytes > OPTIONS_FILE_BYTES_MAX;
    if (too_large || !ini_read_line(source, line, OPTIONS_LINE_BYTES_MAX + 1, &wrong)) return NULL;
    bool has_mark = source->line == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0;
    if (wrong == NULL) wrong = ini_check_line(source, has_mark ? line + 3 : line);
    if (wrong != NULL) ini_refuse(source, wrong);
    if (wrong != NULL) line[0] = '\0';
    return line;
}

static bool value_has_comment(const char *value)
{
    for (const char *mark = strpbrk(value, ";#"); mark != NULL; mark = strpbrk(mark + 1, ";#")) {
        if (mark > value && (mark[-1] == ' ' || mark[-1] == '\t')) return true;
    }
    return false;
}

static void ini_set(struct ini_source *source, const struct option *row, const char *value)
{
    struct options_loader *loader = source->loader;
    int *line = &loader->lines[row - loader->program->rows];
    char place[1200];
    snprintf(place, sizeof place, "%.1023s:%d", loader->file_path, source->line);
    if (*line != 0) {
        options_refuse(loader->report, "%s: %s.%s was set in line %d already", place, row->section, row->key,
                       *line);
    } else if (value_has_comment(value)) {
        options_refuse(loader->report, "%s: %s.%s: a comment needs a line of its own", place, row->section,
                       row->key);
    } else {
        options_set(loader, row, value, place);
    }
    if (*line == 0) *line = source->line;
}

static int ini_take_key(void *context, const char *section, const char *key, const char *value)
{
    struct ini_source *source = context;
    source->awaits_key = false;
    if (source->section_unknown) return 1;
    const struct option *row = options_find(source->loader->program, section, key);
    if (row != NULL) {
        ini_set(source, row, value);
    } else {
        options_refuse(source->loader->report, "%s:%d: unknown key %.60s in section [%s]",
                       source->loader->file_path, source->line, key, section);
    }
    return 1;
}

/* The buffer is taken whole at once, so that inih never asks for the rest of a line. Values are literal: no
 * continuation lines, no comments behind a value. */
static void ini_configure(void)
{
    ini_use_stack = false;
    ini_allow_realloc = true;
    ini_max_line = OPTIONS_LINE_BYTES_MAX + 3;
    ini_initial_alloc = OPTIONS_LINE_BYTES_MAX + 3;
    ini_allow_bom = true;
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_stop_on_first_error = false;
}

void options_read_file(struct options_loader *loader)
{
    if (loader->file_path == NULL) return;
    struct ini_source source = {.loader = loader, .file = fopen(loader->file_path, "re")};
    if (source.file == NULL) {
        options_refuse(loader->report, "%s: %s", loader->file_path, strerror(errno));
        return;
    }
    ini_configure();
    ini_parse_stream(ini_next_line, &source, ini_take_key, &source);
    if (ferror(source.file)) options_refuse(loader->report, "%s: %s", loader->file_path, strerror(errno));
    fclose(source.file);
}
