/* The one place where libwebsockets' life and its callback are known. The callback's cases are the whole
 * interface: what it calls lives in the other files. */
#include "game_server/ws_internal.h"

#include <arpa/inet.h>
#include <libwebsockets.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static void peer_address(struct lws *wsi, char text[WS_PEER_IP_BYTES])
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof(address);
    const void *ip = &((struct sockaddr_in *)(void *)&address)->sin_addr;
    text[0] = '\0';
    if (getpeername(lws_get_socket_fd(wsi), (struct sockaddr *)&address, &size) != 0) return;
    if (address.ss_family == AF_INET6) ip = &((struct sockaddr_in6 *)(void *)&address)->sin6_addr;
    inet_ntop(address.ss_family, ip, text, WS_PEER_IP_BYTES);
}

/* A header too long to be read leaves the proxy's own address. */
bool ws_library_client_address(struct ws_front *front, struct lws *wsi, char text[WS_PEER_IP_BYTES])
{
    char forwarded[512];
    peer_address(wsi, text);
    if (!ws_proxies_trust(&front->proxies, text)) return false;
    if (lws_hdr_copy(wsi, forwarded, sizeof(forwarded), WSI_TOKEN_X_FORWARDED_FOR) > 0)
        ws_peer_resolve(&front->proxies, forwarded, text);
    return !ws_proxies_trust(&front->proxies, text);
}

/* The connection becomes the library's opaque pointer, which tells on_wsi_destroyed what it was. */
static void on_established(struct ws_front *front, struct lws *wsi, struct ws_conn *conn)
{
    memset(conn, 0, sizeof(*conn));
    conn->front = front;
    conn->wsi = wsi;
    ws_list_init(&conn->link);
    ws_conn_move(conn, &front->quiet);
    lws_set_opaque_user_data(wsi, conn);
    ws_count(front, WS_COUNTER_opened);
    ws_count_set(front, WS_COUNTER_open, ++front->open);
    ws_accept_pending_ended(front);

    char ip[WS_PEER_IP_BYTES];
    ws_library_client_address(front, wsi, ip);
    if (front->closing_down) ws_conn_close(conn, WS_CLOSE_GOING_AWAY, "going away");
    else conn->owner = front->events.opened(front->context, conn, ip);
    if (conn->owner != NULL) return;
    ws_count(front, WS_COUNTER_refused_owner);
    ws_conn_close(conn, WS_CLOSE_POLICY, "refused");
}

/* The library starts to close, mostly because the peer broke the protocol: nothing may be written any
 * more. */
static void on_closing(struct ws_conn *conn)
{
    if (conn->state == WS_ENDING) return;
    if (conn->code == 0 && lws_get_close_length(conn->wsi) >= 2) {
        const unsigned char *code = lws_get_close_payload(conn->wsi);
        conn->code = (uint16_t)(code[0] << 8 | code[1]);
    }
    conn->state = WS_ENDING;
    ws_conn_move(conn, &conn->front->closing);
}

static void on_closed(struct ws_conn *conn)
{
    struct ws_front *front = conn->front;
    lws_set_opaque_user_data(conn->wsi, NULL);
    conn->state = WS_ENDING;
    ws_list_remove(&conn->link);
    ws_send_drop_queue(conn);
    free(conn->message);
    free(conn->close_reason);
    ws_count(front, WS_COUNTER_closed);
    ws_count_set(front, WS_COUNTER_open, --front->open);
    if (conn->owner != NULL) front->events.closed(conn->owner, conn->code == 0 ? WS_CLOSE_LOST : conn->code);
}

/* Comes for everything that was adopted; `conn` is NULL when it never opened or on_closed has run. */
static void on_wsi_destroyed(struct ws_front *front, struct lws *wsi, const struct ws_conn *user)
{
    struct ws_conn *conn = lws_get_opaque_user_data(wsi);
    if (conn != NULL) {
        on_closed(conn);
    } else if (user == NULL || user->front == NULL) {
        ws_count(front, WS_COUNTER_handshake_lost);
        ws_accept_pending_ended(front);
    }
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
    struct ws_front *front = lws_context_user(lws_get_context(wsi));
    struct ws_conn *conn = user;
    switch (reason) {
    case LWS_CALLBACK_WSI_CREATE: front->adopted = true; return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return ws_guard_admit_upgrade(front, wsi) ? 0 : -1;
    case LWS_CALLBACK_FILTER_HTTP_CONNECTION: ws_guard_answer_http(front, wsi); return -1;
    case LWS_CALLBACK_RAW_ADOPT:
    case LWS_CALLBACK_RAW_RX:
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_BODY: return -1;
    case LWS_CALLBACK_ESTABLISHED: on_established(front, wsi, conn); return 0;
    case LWS_CALLBACK_RECEIVE: ws_receive_chunk(conn, in, length); return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        ws_count(front, WS_COUNTER_pongs_in);
        ws_receive_pong(conn, in, length);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE: ws_send_writeable(conn); return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        ws_receive_close(conn, in, length);
        return -1; /* both sides have said all: the socket can go */
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
        if (conn->front != NULL) on_closing(conn);
        return 0;
    case LWS_CALLBACK_CLOSED:
        if (conn->front != NULL) on_closed(conn);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY: on_wsi_destroyed(front, wsi, conn); return 0;
    default: return 0;
    }
}

void ws_library_adopt(struct ws_front *front, int fd)
{
    front->adopted = false;
    struct lws *wsi = lws_adopt_socket_vhost(front->vhost, fd);
    if (wsi != NULL || front->adopted) return; /* its end, even an immediate one, is announced */
    ws_count(front, WS_COUNTER_handshake_lost);
    ws_accept_pending_ended(front);
}

/* HTTP/2 and extensions stay out by not being configured; pings are our own (ws_send_ping), so the
 * library's keep alive is switched off by a policy without times. */
bool ws_library_open(struct ws_front *front, char *error, size_t error_capacity)
{
    static const lws_retry_bo_t no_keep_alive;
    static const struct lws_protocols protocols[] = {
        {WS_PROTOCOL_NAME, on_event, sizeof(struct ws_conn), WS_RECEIVE_CHUNK, 0, NULL, WS_SEND_CHUNK},
        {NULL, NULL, 0, 0, 0, NULL, 0},
    };
    void *loops[] = {front->loop};
    unsigned int handshake_seconds = (front->config.handshake_timeout_ms + 999) / 1000;
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .gid = -1,
        .uid = -1,
        .user = front,
        .vhost_name = WS_PROTOCOL_NAME,
        .server_string = "duelpod",
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME,
        .foreign_loops = loops,
        .pcontext = &front->lws,
        .max_http_header_data2 = WS_HEADER_BYTES_MAX,
        .max_http_header_pool2 = front->config.handshakes_max,
        .timeout_secs = handshake_seconds,
        .timeout_secs_ah_idle = handshake_seconds,
        .retry_and_idle_policy = &no_keep_alive,
    };
    front->lws = lws_create_context(&info);
    if (front->lws != NULL) front->vhost = lws_create_vhost(front->lws, &info);
    if (front->vhost != NULL) return true;
    text_copy(error, error_capacity, "libwebsockets does not start (is its libuv plugin installed?)");
    return false;
}

void ws_library_close(struct ws_front *front)
{
    lws_context_destroy(front->lws);
}

void ws_library_free(struct ws_front *front)
{
    if (front->lws != NULL) lws_context_destroy(front->lws);
}
