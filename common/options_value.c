/* One value of one row: from text, to text, and what is allowed. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/options_internal.h"
#include "common/utf8.h"

static const struct form {
    const char *allowed;    /* For people. */
    const char *characters; /* NULL: any. */
} forms[] = {
    [FORM_LINE] = {"text without control characters", NULL},
    [FORM_NAME] = {"a-z 0-9 -", "abcdefghijklmnopqrstuvwxyz0123456789-"},
    [FORM_NAMES] = {"names of a-z 0-9 - with commas between, none twice",
                    "abcdefghijklmnopqrstuvwxyz0123456789-,"},
    [FORM_ADDRESS] = {"an IPv4 or IPv6 address", NULL},
    [FORM_URL] = {"redis://... or unix:///...", NULL},
    [FORM_PREFIX] = {"A-Z a-z 0-9 _ : { } -",
                     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:{}-"},
    [FORM_PATH] = {"a file name", NULL},
};

static bool text_is_plain(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f) return false;
    }
    return utf8_valid(bytes_of_text(text));
}

static bool text_is_address(const char *text)
{
    struct in6_addr address;
    return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

/* Does `names` hold the first `length` bytes of `name` as a whole name? */
static bool names_hold(const char *names, const char *name, size_t length)
{
    for (struct bytes item; text_next_item(&names, &item);) {
        if (item.length == length && memcmp(item.data, name, length) == 0) return true;
    }
    return false;
}

static bool text_is_names(const char *text)
{
    for (const char *name = text;;) {
        size_t length = strcspn(name, ",");
        if (length == 0) return false;
        if (name[length] == '\0') return true;
        if (names_hold(name + length + 1, name, length)) return false;
        name += length + 1;
    }
}

static bool text_has_form(enum option_form form, const char *text)
{
    const char *characters = forms[form].characters;
    if (characters != NULL && text[strspn(text, characters)] != '\0') return false;
    if (form == FORM_NAMES) return text_is_names(text);
    if (form == FORM_ADDRESS) return text_is_address(text);
    if (form == FORM_URL) return strncmp(text, "redis://", 8) == 0 || strncmp(text, "unix:///", 8) == 0;
    return true;
}

static bool text_may_be_empty(const struct option *row)
{
    return row->defaults[PROFILE_DEVELOPMENT][0] == '\0';
}

static const char *parse_text(const struct option *row, const char *text, char *value)
{
    size_t length = strlen(text);
    if (length > (size_t)row->max) return "too long";
    if (!text_is_plain(text)) return "not text";
    if (length > 0 || !text_may_be_empty(row)) {
        if (length < (size_t)row->min) return length == 0 ? "empty" : "too short";
        if (!text_has_form(row->form, text)) return "wrong form";
    }
    memset(value, 0, option_value_size(row));
    memcpy(value, text, length);
    return NULL;
}

static const char *parse_int(const struct option *row, const char *text, int64_t *value)
{
    bool negative = *text == '-';
    const char *at = text + negative;
    if (*at == '\0' || at[strspn(at, "0123456789")] != '\0') return "not a whole number";
    int64_t number = 0;
    for (; *at != '\0'; at++) {
        int64_t digit = negative ? -(*at - '0') : *at - '0';
        bool overflow =
            __builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number);
        if (overflow) return "out of range";
    }
    if (number < row->min || number > row->max) return "out of range";
    *value = number;
    return NULL;
}

static const char *parse_bool(const char *text, bool *value)
{
    bool on = strcmp(text, "on") == 0 || strcmp(text, "true") == 0;
    bool off = strcmp(text, "off") == 0 || strcmp(text, "false") == 0;
    if (!on && !off) return "neither on nor off";
    *value = on;
    return NULL;
}

static const char *parse_choice(const struct option *row, const char *text, int *value)
{
    const char *choice = row->choices;
    for (int index = 0; *choice != '\0'; index++) {
        size_t length = strcspn(choice, "|");
        if (strlen(text) == length && memcmp(choice, text, length) == 0) {
            *value = index;
            return NULL;
        }
        choice += length + (choice[length] == '|');
    }
    return "no such choice";
}

bool option_parse(const struct option *row, const char *text, void *config, char *why, size_t why_size)
{
    void *value = (char *)config + row->offset;
    const char *refusal = NULL;
    switch (row->type) {
    case OPTION_IS_TEXT: refusal = parse_text(row, text, value); break;
    case OPTION_IS_INT: refusal = parse_int(row, text, value); break;
    case OPTION_IS_BOOL: refusal = parse_bool(text, value); break;
    case OPTION_IS_CHOICE: refusal = parse_choice(row, text, value); break;
    }
    if (refusal == NULL) return true;
    char range[OPTIONS_RANGE_TEXT_MAX];
    option_range_text(row, range, sizeof range);
    snprintf(why, why_size, "%s, allowed is %s", refusal, range);
    return false;
}

static const char *choice_text(const struct option *row, int index, char *buffer, size_t size)
{
    const char *choice = row->choices;
    for (; index > 0; index--) choice += strcspn(choice, "|") + 1;
    snprintf(buffer, size, "%.*s", (int)strcspn(choice, "|"), choice);
    return buffer;
}

const char *option_value_text(const struct option *row, const void *config, char *buffer, size_t size)
{
    const void *value = (const char *)config + row->offset;
    switch (row->type) {
    case OPTION_IS_TEXT: return value;
    case OPTION_IS_INT: snprintf(buffer, size, "%" PRId64, *(const int64_t *)value); return buffer;
    case OPTION_IS_BOOL: return *(const bool *)value ? "on" : "off";
    case OPTION_IS_CHOICE: return choice_text(row, *(const int *)value, buffer, size);
    }
    return "";
}

void option_range_text(const struct option *row, char *buffer, size_t size)
{
    switch (row->type) {
    case OPTION_IS_TEXT:
        snprintf(buffer, size, "%s, %" PRId64 " to %" PRId64 " bytes%s", forms[row->form].allowed, row->min,
                 row->max, row->min > 0 && text_may_be_empty(row) ? " or empty" : "");
        break;
    case OPTION_IS_INT:
        snprintf(buffer, size, "%" PRId64 "..%" PRId64 "%s%s", row->min, row->max,
                 row->unit[0] == '\0' ? "" : " ", row->unit);
        break;
    case OPTION_IS_BOOL: snprintf(buffer, size, "on|off"); break;
    case OPTION_IS_CHOICE: snprintf(buffer, size, "%s", row->choices); break;
    }
}

size_t option_value_size(const struct option *row)
{
    switch (row->type) {
    case OPTION_IS_TEXT: return (size_t)row->max + 1;
    case OPTION_IS_INT: return sizeof(int64_t);
    case OPTION_IS_BOOL: return sizeof(bool);
    case OPTION_IS_CHOICE: return sizeof(int);
    }
    return 0;
}

void option_environment_name(const struct option *row, char *buffer, size_t size)
{
    snprintf(buffer, size, "DUELPOD_%s_%s", row->section, row->key);
    for (char *at = buffer; *at != '\0'; at++) {
        if (*at >= 'a' && *at <= 'z') *at = (char)(*at - 'a' + 'A');
    }
}
