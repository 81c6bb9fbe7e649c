/* The strict upgrade guard. The library lets through far more than a WebSocket handshake: unknown Upgrade
 * values (after which its header table is gone and the pointer it passes dangles), h2c, any version, POST,
 * HTTP/1.0, two Hosts, short keys. So everything is asked of the header table again, and the passed
 * pointer is never touched.
 *
 * Answers are written straight to the socket: nothing else has been written to it yet, and the connection
 * is hung up right after. */
#include "game_server/ws_internal.h"

#include <libwebsockets.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define WS_KEY_LENGTH 24
#define WS_SUBPROTOCOLS_BYTES 128 /* the library's own bound */

static void guard_answer(struct lws *wsi, const char *head)
{
    char answer[256];
    int length = snprintf(answer, sizeof(answer),
                          "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", head);
    /* A socket that does not take this is about to be closed anyway. */
    (void)!send(lws_get_socket_fd(wsi), answer, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Copies a header that occurs exactly once. False when it is absent, repeated or does not fit. */
static bool header_once(struct lws *wsi, enum lws_token_indexes token, char *value, int capacity)
{
    if (lws_hdr_fragment_length(wsi, token, 1) > 0) return false;
    return lws_hdr_total_length(wsi, token) > 0 && lws_hdr_copy(wsi, value, capacity, token) > 0;
}

static bool header_is(struct lws *wsi, enum lws_token_indexes token, const char *expected)
{
    char value[64];
    return header_once(wsi, token, value, sizeof(value)) && strcasecmp(value, expected) == 0;
}

/* Is `word` an element of a comma separated list? */
static bool list_contains(const char *list, const char *word, bool fold_case)
{
    size_t length = strlen(word);
    while (*list != '\0') {
        list += strspn(list, ", \t");
        size_t size = strcspn(list, ",");
        size_t trimmed = size;
        while (trimmed > 0 && (list[trimmed - 1] == ' ' || list[trimmed - 1] == '\t')) trimmed--;
        int difference = fold_case ? strncasecmp(list, word, length) : strncmp(list, word, length);
        if (trimmed == length && difference == 0) return true;
        list += size;
    }
    return false;
}

static bool connection_upgrades(struct lws *wsi)
{
    char value[128];
    return lws_hdr_copy(wsi, value, sizeof(value), WSI_TOKEN_CONNECTION) > 0 &&
           list_contains(value, "upgrade", true);
}

static bool key_valid(struct lws *wsi)
{
    char key[WS_KEY_LENGTH + 8];
    if (!header_once(wsi, WSI_TOKEN_KEY, key, sizeof(key)) || strlen(key) != WS_KEY_LENGTH) return false;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return strspn(key, alphabet) == WS_KEY_LENGTH - 2 && strcmp(key + WS_KEY_LENGTH - 2, "==") == 0;
}

static bool has_body(struct lws *wsi)
{
    return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0 ||
           lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
}

static bool subprotocol_known(struct lws *wsi)
{
    char offered[WS_SUBPROTOCOLS_BYTES];
    if (lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) <= 0) return true;
    return lws_hdr_copy(wsi, offered, sizeof(offered) - 1, WSI_TOKEN_PROTOCOL) > 0 &&
           list_contains(offered, WS_PROTOCOL_NAME, false);
}

static bool path_right(struct lws *wsi)
{
    char path[64];
    return lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI) > 0 && strcmp(path, WS_PATH) == 0;
}

static bool origin_allowed(const struct ws_front_config *config, struct lws *wsi)
{
    char origin[256];
    if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) <= 0) return !config->origin_required;
    if (config->origins == NULL || config->origins[0] == '\0') return true;
    return header_once(wsi, WSI_TOKEN_ORIGIN, origin, sizeof(origin)) &&
           list_contains(config->origins, origin, true);
}

/* At accept the proxy alone was known, who is not asked about. */
static bool proxied_client_admitted(struct ws_front *front, struct lws *wsi)
{
    char ip[WS_PEER_IP_BYTES];
    if (front->events.admit == NULL || !ws_library_client_address(front, wsi, ip)) return true;
    return front->events.admit(front->context, ip);
}

/* The answer to send, or NULL when the request is a proper one for us. "" hangs up without an answer: the
 * library may have sent one already, or the request is not HTTP/1.1 at all. */
static const char *guard_judge(struct ws_front *front, struct lws *wsi, enum ws_counter *counter)
{
    *counter = WS_COUNTER_handshake_malformed;
    if (!header_is(wsi, WSI_TOKEN_UPGRADE, "websocket")) return "";
    if (!header_is(wsi, WSI_TOKEN_HTTP, "HTTP/1.1")) return "";
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0) return "405 Method Not Allowed\r\nAllow: GET";
    char host[256];
    if (!header_once(wsi, WSI_TOKEN_HOST, host, sizeof(host)) || has_body(wsi)) return "400 Bad Request";
    if (!path_right(wsi)) {
        *counter = WS_COUNTER_handshake_path;
        return "404 Not Found";
    }
    if (!header_is(wsi, WSI_TOKEN_VERSION, "13")) return "426 Upgrade Required\r\nSec-WebSocket-Version: 13";
    if (!connection_upgrades(wsi) || !key_valid(wsi) || !subprotocol_known(wsi)) return "400 Bad Request";
    if (!origin_allowed(&front->config, wsi)) {
        *counter = WS_COUNTER_handshake_origin;
        return "403 Forbidden";
    }
    if (!proxied_client_admitted(front, wsi)) {
        *counter = WS_COUNTER_refused_peer;
        return "429 Too Many Requests\r\nRetry-After: 1";
    }
    return NULL;
}

bool ws_guard_admit_upgrade(struct ws_front *front, struct lws *wsi)
{
    enum ws_counter counter;
    const char *answer = guard_judge(front, wsi, &counter);
    if (answer == NULL) return true;
    ws_count(front, counter);
    if (answer[0] != '\0') guard_answer(wsi, answer);
    return false;
}

void ws_guard_answer_http(struct ws_front *front, struct lws *wsi)
{
    ws_count(front, WS_COUNTER_handshake_http);
    bool right = path_right(wsi);
    guard_answer(wsi, right ? "426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
                            : "404 Not Found");
}
