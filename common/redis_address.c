#include "common/redis_address.h"

#include <string.h>

enum { DEFAULT_PORT = 6379 };

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Copies `from` with %XX undone. False when it does not fit, holds NUL, or % is not followed by two
 * digits. */
static bool copy_decoded(char *to, size_t capacity, struct bytes from)
{
    size_t written = 0;
    for (size_t i = 0; i < from.length; i++) {
        char c = from.data[i];
        if (c == '%') {
            if (from.length - i < 3) return false;
            int high = hex_digit(from.data[i + 1]);
            int low = hex_digit(from.data[i + 2]);
            if (high < 0 || low < 0) return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0' || written + 1 >= capacity) return false;
        to[written++] = c;
    }
    to[written] = '\0';
    return true;
}

/* "user:password" or ":password". */
static const char *parse_login(struct bytes text, struct redis_address *out)
{
    const char *colon = memchr(text.data, ':', text.length);
    if (colon == NULL) return "redis url: a user needs a password (user:password@)";
    struct bytes user = {text.data, (size_t)(colon - text.data)};
    struct bytes password = {colon + 1, text.length - user.length - 1};
    if (!copy_decoded(out->username, sizeof out->username, user))
        return "redis url: the user is too long or badly encoded";
    if (password.length == 0 || !copy_decoded(out->password, sizeof out->password, password))
        return "redis url: the password is empty, too long or badly encoded";
    return NULL;
}

static const char *parse_port(struct bytes text, uint16_t *port)
{
    unsigned value = 0;
    bool good = text.length >= 1 && text.length <= 5;
    for (size_t i = 0; good && i < text.length; i++) {
        good = text.data[i] >= '0' && text.data[i] <= '9';
        value = value * 10 + (unsigned)(text.data[i] - '0');
    }
    if (!good || value < 1 || value > UINT16_MAX) return "redis url: the port is outside 1..65535";
    *port = (uint16_t)value;
    return NULL;
}

static const char *parse_host_name(struct bytes text, bool bracketed, struct redis_address *out)
{
    if (text.length == 0 || text.length >= sizeof out->host)
        return "redis url: the host is empty or too long";
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                     c == '-' || c == '_' || (bracketed && (c == ':' || c == '%'));
        if (!plain) return "redis url: the host has a character that no host has";
    }
    bytes_copy(out->host, sizeof out->host, text);
    return NULL;
}

/* "host", "host:port" or "[v6]:port", with at most one slash behind it. */
static const char *parse_host(struct bytes text, struct redis_address *out)
{
    if (text.length > 0 && text.data[text.length - 1] == '/') text.length--;
    bool bracketed = text.length > 0 && text.data[0] == '[';
    const char *end = text.data + text.length;
    const char *close = memchr(text.data, bracketed ? ']' : ':', text.length);
    if (bracketed && close == NULL) return "redis url: [ without ]";
    const char *name = text.data + (bracketed ? 1 : 0);
    const char *rest = close == NULL ? end : close + (bracketed ? 1 : 0);
    struct bytes host = {name, (size_t)((close == NULL ? end : close) - name)};
    const char *error = parse_host_name(host, bracketed, out);
    out->port = DEFAULT_PORT;
    if (error != NULL || rest == end) return error;
    if (*rest != ':') return "redis url: expected a port";
    return parse_port((struct bytes){rest + 1, (size_t)(end - rest - 1)}, &out->port);
}

static const char *parse_path(struct bytes text, struct redis_address *out)
{
    if (text.length < 2 || text.data[0] != '/' || !bytes_copy(out->path, sizeof out->path, text))
        return "redis url: the socket path must be absolute and shorter than 108 bytes";
    return NULL;
}

static const char *parse_all(const char *text, struct redis_address *out)
{
    bool is_unix = strncmp(text, "unix://", 7) == 0;
    if (!is_unix && strncmp(text, "redis://", 8) != 0)
        return "redis url: must start with redis:// or unix://";
    const char *rest = text + (is_unix ? 7 : 8);
    const char *login = rest;
    const char *at = is_unix ? (*rest == '/' ? NULL : strstr(rest, "@/")) : strrchr(rest, '@');
    if (at != NULL) {
        const char *error = parse_login((struct bytes){login, (size_t)(at - login)}, out);
        if (error != NULL) return error;
        rest = at + 1;
    }
    struct bytes place = bytes_of_text(rest);
    return is_unix ? parse_path(place, out) : parse_host(place, out);
}

bool redis_address_parse(const char *text, struct redis_address *out, const char **error)
{
    struct redis_address address = {.port = 0};
    const char *problem = parse_all(text, &address);
    if (problem != NULL) {
        *error = problem;
        return false;
    }
    *out = address;
    return true;
}
