#include "common/http_request.h"

#include <string.h>
#include <strings.h>

enum { STATUS_GOOD = 0, LENGTH_DIGITS_MAX = 10 };

static bool is_token_character(unsigned char c)
{
    bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter_or_digit || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_token_character((unsigned char)text.data[i])) return false;
    return text.length > 0;
}

static bool is_name(struct bytes text, const char *name)
{
    return text.length == strlen(name) && strncasecmp(text.data, name, text.length) == 0;
}

static struct bytes until(struct bytes text, char stop)
{
    const char *found = text.length == 0 ? NULL : memchr(text.data, stop, text.length);
    return (struct bytes){text.data, found == NULL ? text.length : (size_t)(found - text.data)};
}

static struct bytes behind(struct bytes text, size_t count)
{
    return (struct bytes){text.data + count, text.length - count};
}

/* "/path?query", visible ASCII only. */
static int parse_target(struct bytes target, struct http_request *out)
{
    if (target.length == 0 || target.data[0] != '/') return 400;
    for (size_t i = 0; i < target.length; i++)
        if (target.data[i] <= ' ' || target.data[i] > '~' || target.data[i] == '#') return 400;
    out->path = until(target, '?');
    out->query = behind(target, out->path.length);
    if (out->query.length > 0) out->query = behind(out->query, 1);
    return STATUS_GOOD;
}

static int parse_request_line(struct bytes line, struct http_request *out, bool *needs_host)
{
    out->method = until(line, ' ');
    if (!is_token(out->method) || out->method.length == line.length) return 400;
    line = behind(line, out->method.length + 1);
    struct bytes target = until(line, ' ');
    if (target.length == line.length) return 400;
    struct bytes version = behind(line, target.length + 1);
    if (version.length != 8 || memcmp(version.data, "HTTP/", 5) != 0) return 400;
    *needs_host = bytes_equal_text(version, "HTTP/1.1");
    if (!*needs_host && !bytes_equal_text(version, "HTTP/1.0")) return 505;
    return parse_target(target, out);
}

static struct bytes trimmed(struct bytes text)
{
    while (text.length > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) text = behind(text, 1);
    while (text.length > 0 && (text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t'))
        text.length--;
    return text;
}

static int parse_header_line(struct bytes line, struct http_request *out)
{
    struct bytes name = until(line, ':');
    if (!is_token(name) || name.length == line.length) return 400;
    struct bytes value = trimmed(behind(line, name.length + 1));
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) return 400;
    }
    if (out->header_count == HTTP_HEADERS_MAX) return 431;
    out->headers[out->header_count++] = (struct http_header){name, value};
    return STATUS_GOOD;
}

static size_t count_headers(const struct http_request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++) count += is_name(request->headers[i].name, name);
    return count;
}

static int parse_length(struct bytes text, size_t *length)
{
    size_t value = 0;
    if (text.length == 0) return 400;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return 400;
        if (i < LENGTH_DIGITS_MAX) value = value * 10 + (size_t)(text.data[i] - '0');
    }
    if (text.length > LENGTH_DIGITS_MAX || value > HTTP_BODY_BYTES_MAX) return 413;
    *length = value;
    return STATUS_GOOD;
}

/* What the headers say together: is it for a host, and how long is the body. */
static int check_headers(const struct http_request *request, bool needs_host, size_t *body_length)
{
    size_t hosts = count_headers(request, "Host");
    size_t lengths = count_headers(request, "Content-Length");
    if (hosts > 1 || (needs_host && hosts == 0) || lengths > 1) return 400;
    if (count_headers(request, "Transfer-Encoding") > 0) return 501;
    *body_length = 0;
    return lengths == 0 ? STATUS_GOOD
                        : parse_length(http_request_header(request, "Content-Length"), body_length);
}

/* Takes one line that ends in CR LF off `rest`. False when there is none yet; a bare CR or LF is bad. */
static bool take_line(struct bytes *rest, struct bytes *line, int *status)
{
    *line = until(*rest, '\n');
    bool ends = line->length < rest->length;
    if (ends && (line->length == 0 || line->data[line->length - 1] != '\r')) *status = 400;
    if (!ends || *status != STATUS_GOOD) return false;
    *rest = behind(*rest, line->length + 1);
    line->length--;
    if (line->length > 0 && memchr(line->data, '\r', line->length) != NULL) *status = 400;
    return *status == STATUS_GOOD;
}

/* The request line and all headers up to the empty line. `*rest` is left at the body. */
static bool parse_head(struct bytes *rest, struct http_request *out, bool *needs_host, int *status)
{
    struct bytes line;
    if (!take_line(rest, &line, status)) return false;
    *status = parse_request_line(line, out, needs_host);
    while (*status == STATUS_GOOD && take_line(rest, &line, status)) {
        if (line.length == 0) return true;
        *status = parse_header_line(line, out);
    }
    return false;
}

enum http_parse http_request_parse(struct bytes bytes, struct http_request *out, int *status)
{
    bool needs_host = false;
    struct bytes rest = bytes;
    size_t body_length = 0;
    out->header_count = 0;
    out->body = (struct bytes){NULL, 0};
    *status = STATUS_GOOD;
    bool whole_head = parse_head(&rest, out, &needs_host, status);
    size_t head_length = whole_head ? bytes.length - rest.length : bytes.length;
    if (*status == STATUS_GOOD && head_length > HTTP_HEAD_BYTES_MAX) *status = 431;
    if (*status == STATUS_GOOD && whole_head) *status = check_headers(out, needs_host, &body_length);
    if (*status != STATUS_GOOD) return HTTP_PARSE_BAD;
    if (!whole_head || rest.length < body_length) return HTTP_PARSE_MORE;
    out->body = (struct bytes){rest.data, body_length};
    return HTTP_PARSE_WHOLE;
}

struct bytes http_request_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (is_name(request->headers[i].name, name)) return request->headers[i].value;
    return (struct bytes){NULL, 0};
}
