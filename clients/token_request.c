#include "clients/token_request.h"

#include "clients/json_view.h"
#include "common/buffer.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT_S 5
#define ANSWER_BYTES_MAX 16384
#define TOKEN_BYTES_MAX 4096

static int connect_to(const struct ws_url *server, char *error, size_t error_capacity)
{
    char port[8];
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    snprintf(port, sizeof port, "%u", server->port);
    int failure = getaddrinfo(server->host, port, &hints, &addresses);
    if (failure != 0) {
        snprintf(error, error_capacity, "%s: %s", server->host, gai_strerror(failure));
        return -1;
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval timeout = {.tv_sec = TIMEOUT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    if (fd < 0 || connect(fd, addresses->ai_addr, addresses->ai_addrlen) != 0) {
        snprintf(error, error_capacity, "%s:%u: %s", server->host, server->port, strerror(errno));
        if (fd >= 0) close(fd);
        fd = -1;
    }
    freeaddrinfo(addresses);
    return fd;
}

static bool send_request(int fd, const struct ws_url *server, const char *player_id)
{
    struct buffer body = {0};
    buffer_append_text(&body, "{\"player_id\":");
    buffer_append_json_text(&body, player_id);
    buffer_append_text(&body, "}");
    char head[512];
    int length = snprintf(head, sizeof head,
                          "POST /v1/dev/token HTTP/1.1\r\nHost: %s:%u\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                          server->host, server->port, body.length);
    struct buffer request = {0};
    buffer_append(&request, head, (size_t)length);
    buffer_append(&request, body.data, body.length);
    ssize_t sent = send(fd, request.data, request.length, MSG_NOSIGNAL);
    bool whole = sent == (ssize_t)request.length;
    buffer_free(&body);
    buffer_free(&request);
    return whole;
}

static void read_answer(int fd, struct buffer *answer)
{
    char piece[4096];
    ssize_t length;
    while (answer->length < ANSWER_BYTES_MAX && (length = recv(fd, piece, sizeof piece, 0)) > 0) {
        buffer_append(answer, piece, (size_t)length);
    }
}

static enum token_request_result judge(struct bytes answer, char **token, char *error, size_t error_capacity)
{
    const char *body = answer.length > 0 ? memmem(answer.data, answer.length, "\r\n\r\n", 4) : NULL;
    if (body == NULL) {
        snprintf(error, error_capacity, "no answer to the request for a token");
        return TOKEN_REQUEST_NOT_CONNECTED;
    }
    size_t head_bytes = (size_t)(body + 4 - answer.data);
    struct bytes object = {body + 4, answer.length - head_bytes};
    char text[TOKEN_BYTES_MAX + 1];
    bool accepted = answer.length > 12 && memcmp(answer.data + 8, " 200", 4) == 0;
    if (accepted && json_view_text(json_view_field(object, "token"), text, sizeof text)) {
        *token = memory_copy_text(text);
        return TOKEN_REQUEST_OK;
    }
    size_t line = 0;
    while (line < 80 && line < head_bytes && answer.data[line] >= ' ' && answer.data[line] <= '~') line++;
    snprintf(error, error_capacity, "the server gives no development token: '%.*s'", (int)line, answer.data);
    return TOKEN_REQUEST_REFUSED;
}

enum token_request_result token_request(const struct ws_url *server, const char *player_id, char **token,
                                        char *error, size_t error_capacity)
{
    *token = NULL;
    int fd = connect_to(server, error, error_capacity);
    if (fd < 0) return TOKEN_REQUEST_NOT_CONNECTED;
    struct buffer answer = {0};
    if (send_request(fd, server, player_id)) read_answer(fd, &answer);
    close(fd);
    enum token_request_result result = judge(buffer_bytes(&answer), token, error, error_capacity);
    buffer_free(&answer);
    return result;
}
