/* sockets.c -- ws_conn.h between a simulated client and a real session: text keeps its order, and an end that
 * is gone hears nothing. Also who a token belongs to: here a token is the player's id. */
#include <stdlib.h>
#include <string.h>

#include "common/token.h"
#include "game_server/session.h"
#include "tests/sim/pod.h"

enum { SOCKET_MS_MAX = 12, TOKEN_LASTS_S = 1000000 };

enum packet_kind {
    PACKET_OPEN,
    PACKET_UP,
    PACKET_DOWN,
    PACKET_TIMELINE,
    PACKET_PROBE,
    PACKET_LOST,
    PACKET_CLOSED
};

struct packet {
    struct event event;
    enum packet_kind kind;
    struct ws_conn *conn;
    struct bytes text;
};

static void send_packet(struct ws_conn *conn, enum packet_kind kind, bool to_pod, struct bytes text);

/* ---- arriving ---------------------------------------------------------------------------------------- */

static void end_session(struct ws_conn *conn, uint16_t code)
{
    void *session = conn->session;
    conn->session = NULL;
    conn->closing = true;
    if (session != NULL) session_events.closed(session, code);
}

static void arrive_at_client(struct ws_conn *conn, const struct packet *packet)
{
    if (conn->client == NULL) {
        if (packet->kind == PACKET_DOWN) client_hear_forgotten(conn, packet->text);
        return;
    }
    if (packet->kind == PACKET_DOWN) client_hear(conn->client, packet->text);
    if (packet->kind == PACKET_TIMELINE) client_hear_timeline(conn->client, packet->text);
    if (packet->kind == PACKET_PROBE) send_packet(conn, PACKET_PROBE, true, bytes_of_text(""));
    if (packet->kind == PACKET_CLOSED) client_lost(conn->client);
}

static void arrive_at_pod(struct ws_conn *conn, const struct packet *packet)
{
    if (packet->kind == PACKET_OPEN) {
        conn->session = session_events.opened(pod_players(conn->pod), conn, "127.0.0.1");
    } else if (conn->session != NULL && packet->kind == PACKET_UP) {
        if (!conn->closing) session_events.received(conn->session, packet->text);
    } else if (conn->session != NULL && packet->kind == PACKET_PROBE) {
        if (!conn->closing) session_events.answered(conn->session);
    } else if (packet->kind == PACKET_LOST) {
        end_session(conn, 1006);
    } else if (packet->kind == PACKET_CLOSED) {
        end_session(conn, 1000);
    }
}

static void on_packet(struct sim *sim, struct event *event, bool dead)
{
    (void)sim;
    struct packet *packet = container_of(event, struct packet, event);
    if (!dead && event->process != NULL) arrive_at_pod(packet->conn, packet);
    if (!dead && event->process == NULL) arrive_at_client(packet->conn, packet);
    free(packet);
}

/* ---- leaving ------------------------------------------------------------------------------------------ */

static void send_packet(struct ws_conn *conn, enum packet_kind kind, bool to_pod, struct bytes text)
{
    struct sim *sim = conn->sim;
    int64_t *last_ms = to_pod ? &conn->up_ms : &conn->down_ms;
    int64_t at_ms = sim->now_ms + sim_between(sim, 1, SOCKET_MS_MAX);
    struct packet *packet = memory_new(sizeof *packet + text.length + 1);
    if (text.length > 0) memcpy(packet + 1, text.data, text.length);
    packet->event = (struct event){.run = on_packet, .process = to_pod ? conn->pod : NULL};
    packet->kind = kind;
    packet->conn = conn;
    packet->text = (struct bytes){(char *)(packet + 1), text.length};
    if (at_ms < *last_ms) at_ms = *last_ms;
    *last_ms = at_ms;
    events_add(&sim->events, &packet->event, at_ms);
}

struct ws_conn *socket_open(struct client *client, struct process *pod)
{
    struct ws_conn *conn = memory_new(sizeof *conn);
    conn->sim = client->sim;
    conn->client = client;
    conn->pod = pod;
    conn->next = client->sim->conns;
    client->sim->conns = conn;
    send_packet(conn, PACKET_OPEN, true, bytes_of_text(""));
    return conn;
}

void socket_say(struct ws_conn *conn, const char *text)
{
    if (conn->pod->alive) send_packet(conn, PACKET_UP, true, bytes_of_text(text));
}

void socket_lose(struct ws_conn *conn)
{
    conn->client = NULL;
    if (conn->pod->alive && !conn->closing) send_packet(conn, PACKET_LOST, true, bytes_of_text(""));
}

void socket_end(struct ws_conn *conn)
{
    bool was_open = !conn->closing;
    end_session(conn, 1006);
    if (was_open) send_packet(conn, PACKET_CLOSED, false, bytes_of_text(""));
}

/* ---- ws_conn.h, and the parts of the front and of tokens that are named but not used ------------------- */

bool ws_conn_send_text(struct ws_conn *conn, struct bytes text)
{
    if (conn->closing) return false;
    send_packet(conn, PACKET_DOWN, false, text);
    return true;
}

bool ws_conn_send_shared(struct ws_conn *conn, struct shared_bytes *shared)
{
    if (conn->closing) return false;
    send_packet(conn, PACKET_TIMELINE, false, shared_bytes_read(shared));
    return true;
}

void ws_conn_probe(struct ws_conn *conn)
{
    if (!conn->closing) send_packet(conn, PACKET_PROBE, false, bytes_of_text(""));
}

void ws_conn_close(struct ws_conn *conn, uint16_t code, const char *reason)
{
    (void)code;
    (void)reason;
    if (conn->closing) return;
    conn->closing = true;
    send_packet(conn, PACKET_CLOSED, false, bytes_of_text(""));
    if (conn->pod->alive) send_packet(conn, PACKET_CLOSED, true, bytes_of_text(""));
}

void ws_front_stop_accepting(struct ws_front *front)
{
    (void)front;
}

void ws_front_close(struct ws_front *front, void (*closed)(void *context))
{
    (void)front;
    (void)closed;
}

enum token_result token_verify(const struct token_verifier *verifier, struct bytes token, int64_t now_s,
                               struct token_claims *claims)
{
    (void)verifier;
    *claims = (struct token_claims){.issued_at_s = now_s, .expires_at_s = now_s + TOKEN_LASTS_S};
    if (token.length >= sizeof claims->subject) return TOKEN_BAD_SUBJECT;
    memcpy(claims->subject, token.data, token.length);
    return TOKEN_GOOD;
}

const char *token_result_name(enum token_result result)
{
    return result == TOKEN_GOOD ? "good" : "bad";
}
