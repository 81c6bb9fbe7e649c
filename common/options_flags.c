/* The command line and the environment. */
#include <string.h>

#include "common/options_internal.h"

enum { FLAG_NAME_MAX = 80 };

static const struct command {
    const char *name;
    enum options_command command;
} commands[] = {
    {"help", COMMAND_HELP},          {"version", COMMAND_VERSION},     {"check-config", COMMAND_CHECK},
    {"print-config", COMMAND_PRINT}, {"print-sample", COMMAND_SAMPLE}, {"print-reference", COMMAND_REFERENCE},
};

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    }
    return NULL;
}

/* One flag of the command line, in either spelling. */
struct flag {
    char name[FLAG_NAME_MAX];
    const char *value; /* NULL: none was given. */
};

/* Takes the flag at argv[*index] and moves *index past it. False: not a flag at all. */
static bool flag_take(struct flag *flag, int argc, char *const *argv, int *index)
{
    const char *argument = argv[(*index)++];
    flag->name[0] = '\0';
    flag->value = NULL;
    if (strncmp(argument, "--", 2) != 0 || argument[2] == '\0') return false;
    size_t length = strcspn(argument + 2, "=");
    if (length >= sizeof flag->name) return false;
    memcpy(flag->name, argument + 2, length);
    flag->name[length] = '\0';
    if (argument[2 + length] == '=') {
        flag->value = argument + 2 + length + 1;
    } else if (command_find(flag->name) == NULL && *index < argc && strncmp(argv[*index], "--", 2) != 0) {
        flag->value = argv[(*index)++];
    }
    return true;
}

static const char *environment_find(char *const *environment, const char *name)
{
    size_t length = strlen(name);
    for (; environment != NULL && *environment != NULL; environment++) {
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=') {
            return *environment + length + 1;
        }
    }
    return NULL;
}

static void read_profile(struct options_loader *loader, const char *text)
{
    if (strcmp(text, "production") == 0) {
        loader->profile = PROFILE_PRODUCTION;
    } else if (strcmp(text, "development") == 0) {
        loader->profile = PROFILE_DEVELOPMENT;
    } else {
        options_refuse(loader->report,
                       "profile: \"%.60s\": no such choice, allowed is development|production", text);
    }
}

/* What has to be known before any source is read: the command, the file and the profile. */
void options_read_command(struct options_loader *loader, int argc, char *const *argv,
                          char *const *environment)
{
    const char *profile = environment_find(environment, "DUELPOD_PROFILE");
    loader->file_path = environment_find(environment, "DUELPOD_CONFIG");
    struct flag flag;
    for (int index = 1; index < argc;) {
        if (!flag_take(&flag, argc, argv, &index)) continue;
        const struct command *command = command_find(flag.name);
        if (command != NULL && loader->command == COMMAND_START) loader->command = command->command;
        if (strcmp(flag.name, "profile") == 0 && flag.value != NULL) profile = flag.value;
        if (strcmp(flag.name, "config") == 0 && flag.value != NULL) loader->file_path = flag.value;
    }
    if (profile != NULL) read_profile(loader, profile);
}

void options_read_environment(struct options_loader *loader, char *const *environment)
{
    for (size_t i = 0; i < loader->program->row_count; i++) {
        const struct option *row = &loader->program->rows[i];
        char name[FLAG_NAME_MAX];
        option_environment_name(row, name, sizeof name);
        const char *value = environment_find(environment, name);
        if (value != NULL) options_set(loader, row, value, name);
    }
}

static const struct option *flag_find_row(const struct options_loader *loader, const struct flag *flag)
{
    char section[FLAG_NAME_MAX];
    size_t length = strcspn(flag->name, ".");
    if (flag->name[length] == '\0') return NULL;
    memcpy(section, flag->name, length);
    section[length] = '\0';
    return options_find(loader->program, section, flag->name + length + 1);
}

static bool text_has_password(const struct option *row, const char *value)
{
    return row->form == FORM_URL && row->type == OPTION_IS_TEXT && strchr(value, '@') != NULL;
}

static void set_by_flag(struct options_loader *loader, const struct option *row, const struct flag *flag)
{
    bool *seen = &loader->flags_seen[row - loader->program->rows];
    bool is_secret = (row->flags & OPTION_SECRET) != 0 || text_has_password(row, flag->value);
    char name[FLAG_NAME_MAX];
    option_environment_name(row, name, sizeof name);
    if (*seen) {
        options_refuse(loader->report, "--%s is given twice", flag->name);
    } else if (is_secret) {
        options_refuse(loader->report, "--%s: a command line is no place for a password; use %s or a file",
                       flag->name, name);
    } else {
        char place[FLAG_NAME_MAX + 2];
        snprintf(place, sizeof place, "--%s", flag->name);
        options_set(loader, row, flag->value, place);
    }
    *seen = true;
}

static void read_flag(struct options_loader *loader, const struct flag *flag)
{
    const struct option *row = flag_find_row(loader, flag);
    bool is_command = command_find(flag->name) != NULL;
    bool is_source = strcmp(flag->name, "config") == 0 || strcmp(flag->name, "profile") == 0;
    if (is_command && flag->value != NULL) {
        options_refuse(loader->report, "--%s takes no value", flag->name);
    } else if (!is_command && !is_source && row == NULL) {
        options_refuse(loader->report, "--%s: unknown option; --help lists them", flag->name);
    } else if (!is_command && flag->value == NULL) {
        options_refuse(loader->report, "--%s needs a value", flag->name);
    } else if (row != NULL) {
        set_by_flag(loader, row, flag);
    }
}

void options_read_flags(struct options_loader *loader, int argc, char *const *argv)
{
    struct flag flag;
    for (int index = 1; index < argc;) {
        const char *argument = argv[index];
        if (flag_take(&flag, argc, argv, &index)) {
            read_flag(loader, &flag);
        } else {
            options_refuse(loader->report, "\"%.60s\": not an option; --help lists them", argument);
        }
    }
}
