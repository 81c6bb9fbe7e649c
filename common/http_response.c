#include "common/http_private.h"

#include <stdio.h>
#include <string.h>

static const char *status_text(int status)
{
    switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
    }
}

void http_response_init(struct http_response *response)
{
    *response = (struct http_response){.status = 200, .content_type = "text/plain; charset=utf-8"};
}

void http_response_free(struct http_response *response)
{
    buffer_free(&response->body);
    buffer_free(&response->headers);
}

void http_response_header(struct http_response *response, const char *name, const char *value)
{
    check(strpbrk(name, "\r\n") == NULL && strpbrk(value, "\r\n") == NULL);
    buffer_append_text(&response->headers, name);
    buffer_append_text(&response->headers, ": ");
    buffer_append_text(&response->headers, value);
    buffer_append_text(&response->headers, "\r\n");
}

void http_response_refuse(struct http_response *response, int status)
{
    http_response_free(response);
    http_response_init(response);
    response->status = status;
    buffer_append_text(&response->body, status_text(status));
    buffer_append_text(&response->body, "\n");
}

void http_response_write(const struct http_response *response, bool with_body, struct buffer *out)
{
    char head[256];
    snprintf(head, sizeof head,
             "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n"
             "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n",
             response->status, status_text(response->status), response->content_type, response->body.length);
    buffer_append_text(out, head);
    buffer_append(out, response->headers.data, response->headers.length);
    buffer_append_text(out, "\r\n");
    if (with_body) buffer_append(out, response->body.data, response->body.length);
}
