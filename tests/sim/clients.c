/* clients.c -- players as they are: they queue, load, refuse, forget, disappear and come back somewhere else.
 *
 * A client believes what it is told and asks again only after an error, so at the end its belief is a test of
 * what it was told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/checker.h"
#include "tests/sim/sim.h"

enum {
    THINK_MS_MAX = 120,
    REPEAT_MS = 700,
    OFFLINE_MS_MAX = 2500,
    QUIET_MODE_CHANCE = 300,
    TEAM_MODE_CHANCE = 700,
    STAGE_CHANCE = 250,
    STAGE_ACK_CHANCE = 700
};

/* ---- reading what the server says -------------------------------------------------------------------------- */

void client_read_text(const char *json, const char *name, char *out, size_t capacity)
{
    char start[48];
    snprintf(start, sizeof start, "\"%s\":\"", name);
    const char *at = strstr(json, start);
    size_t length = 0;
    if (at != NULL) {
        at += strlen(start);
        length = strcspn(at, "\"");
        check(length < capacity);
        memcpy(out, at, length);
    }
    out[length] = '\0';
}

static void enter(struct client *client, enum player_state state)
{
    if (client->state != state) client->answered = false;
    client->state = state;
    client->acts_at_ms = client->sim->now_ms + sim_between(client->sim, 1, THINK_MS_MAX);
}

/* welcome and state tell everything. */
static void adopt(struct client *client, const char *json)
{
    char state[16];
    client_read_text(json, "state", state, sizeof state);
    check(proto_state_named(state) != STATE_COUNT);
    client_read_text(json, "match_id", client->match_id, sizeof client->match_id);
    enter(client, proto_state_named(state));
    client->answered = false;
    client_party_adopt(client, json);
}

static void hear_match(struct client *client, const char *json)
{
    client_read_text(json, "match_id", client->match_id, sizeof client->match_id);
    if (strcmp(client->match_id, client->finished) == 0 && client->sim->counts[COUNT_FAILOVERS] == 0)
        checker_refuse(client->sim->checker, "told", "%s is told of match %s after its result", client->id,
                       client->match_id);
    bool loads = strstr(json, "\"loading_deadline_ms\"") != NULL;
    client->answered = false;
    enter(client, loads ? STATE_loading : STATE_battling);
}

/* The place in the state machine stays as it is; who does not acknowledge is told again at his next login. */
static void hear_stage(struct client *client, const char *json)
{
    char text[128];
    const char *rewards = strstr(json, "\"rewards\":{");
    check(rewards != NULL);
    client_read_text(json, "match_id", client->stage_match, sizeof client->stage_match);
    checker_rewards(client->sim->checker, client->id, client->stage_match, rewards);
    if (!client->sim->draining && !sim_chance(client->sim, STAGE_ACK_CHANCE)) return;
    snprintf(text, sizeof text, "{\"type\":\"ack_result\",\"match_id\":\"%s\"}", client->stage_match);
    socket_say(client->conn, text);
}

static void hear_result(struct client *client, const char *json)
{
    char outcome[8];
    if (strstr(json, "\"mode\":\"pve\"") != NULL) {
        hear_stage(client, json);
        return;
    }
    client_read_text(json, "match_id", client->match_id, sizeof client->match_id);
    client_read_text(json, "outcome", outcome, sizeof outcome);
    checker_outcome(client->sim->checker, client->id, client->match_id, outcome);
    text_copy(client->finished, sizeof client->finished, client->match_id);
    enter(client, STATE_result);
}

/* Of a battle against a stage it moves nothing. */
static void hear_acked(struct client *client, const char *json)
{
    char match_id[UUID_LENGTH + 1];
    client_read_text(json, "match_id", match_id, sizeof match_id);
    if (strcmp(match_id, client->match_id) == 0) enter(client, STATE_lobby);
}

void client_hear(struct client *client, struct bytes text)
{
    char json[8192], type[32];
    size_t length = text.length < sizeof json ? text.length : sizeof json - 1;
    memcpy(json, text.data, length);
    json[length] = '\0';
    client_read_text(json, "type", type, sizeof type);
    sim_trace(client->sim, "%s <- %.150s", client->id, json);
    if (strcmp(type, "welcome") == 0) {
        const char *state = strstr(json, "\"state\":{");
        check(state != NULL);
        client->live = true;
        adopt(client, state + strlen("\"state\":{"));
    } else if (strcmp(type, "state") == 0) {
        adopt(client, json);
    } else if (strcmp(type, "enqueued") == 0) {
        client_read_text(json, "mode", client->mode, sizeof client->mode);
        enter(client, STATE_queued);
    } else if (strcmp(type, "match_found") == 0) {
        hear_match(client, json);
    } else if (strcmp(type, "match_cancelled") == 0) {
        enter(client, strstr(json, "\"requeued\":true") != NULL ? STATE_queued : STATE_lobby);
    } else if (strcmp(type, "battle_result") == 0) {
        hear_result(client, json);
    } else if (strcmp(type, "result_acked") == 0) {
        hear_acked(client, json);
    } else if (strcmp(type, "dequeued") == 0) {
        enter(client, STATE_lobby);
    } else if (strcmp(type, "party") == 0) {
        client_party_told(client, json);
    } else if (strcmp(type, "party_invitation") == 0) {
        client_party_invited(client, json);
    } else if (strcmp(type, "error") == 0 && client->live) {
        socket_say(client->conn, "{\"type\":\"get_state\"}");
    }
}

/* Keeps only what it needs to be a nuisance later. */
void client_hear_forgotten(struct ws_conn *conn, struct bytes text)
{
    char json[2048], match_id[UUID_LENGTH + 1];
    size_t length = text.length < sizeof json ? text.length : sizeof json - 1;
    memcpy(json, text.data, length);
    json[length] = '\0';
    client_read_text(json, "match_id", match_id, sizeof match_id);
    if (match_id[0] != '\0') text_copy(conn->match_id, sizeof conn->match_id, match_id);
}

void client_hear_timeline(struct client *client, struct bytes frame)
{
    bool stage = client->stage_match[0] != '\0';
    checker_delivery(client->sim->checker, client->id, stage ? client->stage_match : client->match_id, frame);
    client->stage_match[0] = '\0';
}

/* ---- coming and going ------------------------------------------------------------------------------------------ */

void client_lost(struct client *client)
{
    struct sim *sim = client->sim;
    client->conn = NULL;
    client->live = false;
    client->finished[0] = client->stage_match[0] = client->party_id[0] = client->invited_to[0] = '\0';
    client->state = STATE_lobby;
    client->online_at_ms = sim->now_ms + sim_between(sim, 50, sim->draining ? 300 : OFFLINE_MS_MAX);
    if (client->online_at_ms < client->away_until_ms) client->online_at_ms = client->away_until_ms;
}

static void come(struct client *client)
{
    struct sim *sim = client->sim;
    struct process *pod = &sim->processes[SIM_PODS + sim_between(sim, 0, SIM_PODS - 1)];
    if (!pod->alive || pod->paused_until_ms > sim->now_ms) return;
    char text[160];
    client->conn = socket_open(client, pod);
    client->live = false;
    snprintf(text, sizeof text,
             "{\"type\":\"authenticate\",\"token\":\"%s\",\"device_id\":\"device-%s\","
             "\"timeline_encoding\":\"gzip\"}",
             client->id, client->id);
    socket_say(client->conn, text);
}

static void go(struct client *client)
{
    socket_lose(client->conn);
    client_lost(client);
}

/* Whatever it says, it is behind the newer login, so the only answer can be that it was replaced. */
void clients_poke_forgotten(struct sim *sim)
{
    static const char *const types[] = {"enqueue", "dequeue", "cancel_loading", "ack_result"};
    for (struct ws_conn *conn = sim->conns; conn != NULL; conn = conn->next) {
        for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
            char text[160];
            if (conn->client != NULL || conn->closing) continue;
            snprintf(text, sizeof text, "{\"type\":\"%s\",\"%s\":\"%s\"}", types[i],
                     i == 0 ? "mode" : "match_id", i == 0 ? "normal" : conn->match_id);
            socket_say(conn, i == 1 ? "{\"type\":\"dequeue\"}" : text);
        }
    }
}

/* ---- acting ------------------------------------------------------------------------------------------------------ */

static void say_of_match(struct client *client, const char *type)
{
    char text[128];
    snprintf(text, sizeof text, "{\"type\":\"%s\",\"match_id\":\"%s\"}", type, client->match_id);
    socket_say(client->conn, text);
}

static const char *wished_mode(struct sim *sim)
{
    if (sim->teams && sim_chance(sim, TEAM_MODE_CHANCE)) return "party";
    return sim_chance(sim, QUIET_MODE_CHANCE) ? "ranked" : "normal";
}

void client_queue(struct client *client, const char *mode)
{
    char text[64];
    if (sim_lull(client->sim, client, mode) == LULL_FELT) return;
    snprintf(text, sizeof text, "{\"type\":\"enqueue\",\"mode\":\"%s\"}", mode);
    socket_say(client->conn, text);
}

static void act_in_lobby(struct client *client)
{
    struct sim *sim = client->sim;
    bool wanted = !sim->draining && sim_lull(sim, client, sim->lull_mode) == LULL_SPARED;
    if (wanted && (client->mates == 0 || client->leads)) {
        client_queue(client, sim->lull_mode);
        return;
    }
    if (client_party_act_in_lobby(client) || sim->draining) return;
    if (sim_chance(sim, STAGE_CHANCE))
        socket_say(client->conn, "{\"type\":\"start_pve\",\"stage\":\"meadow\"}");
    client_queue(client, wished_mode(sim));
}

static void act_when_loading(struct client *client)
{
    struct sim *sim = client->sim;
    if (client->answered && !sim->draining) return;
    client->answered = true;
    if (sim_chance(sim, sim->rates.client_cancels)) {
        say_of_match(client, "cancel_loading");
    } else if (!sim_chance(sim, sim->rates.client_silent)) {
        say_of_match(client, "loading_complete");
    }
}

static void act_in_queue(struct client *client)
{
    struct sim *sim = client->sim;
    enum lull lull = sim_lull(sim, client, client->mode);
    if (lull == LULL_SPARED || client_party_act_in_queue(client)) return;
    if (sim->draining || lull == LULL_FELT || sim_chance(sim, sim->rates.client_leaves))
        socket_say(client->conn, "{\"type\":\"dequeue\"}");
}

static void act(struct client *client)
{
    struct sim *sim = client->sim;
    client->acts_at_ms = sim->now_ms + REPEAT_MS;
    switch (client->state) {
    case STATE_lobby: act_in_lobby(client); break;
    case STATE_queued: act_in_queue(client); break;
    case STATE_loading: act_when_loading(client); break;
    case STATE_result: say_of_match(client, "ack_result"); break;
    default: break;
    }
}

struct tick {
    struct event event;
    size_t index; /* of the client */
};

/* The client's clock: also one who hears nothing acts, leaves or comes. */
static void on_tick(struct sim *sim, struct event *event, bool dead)
{
    struct tick *tick = container_of(event, struct tick, event);
    struct client *client = &sim->clients[tick->index];
    if (dead) {
        free(tick);
        return;
    }
    event->order = 0;
    events_add(&sim->events, event, sim->now_ms + sim_between(sim, 20, 60));
    if (client->conn == NULL) {
        if (sim->now_ms >= client->online_at_ms) come(client);
    } else if (sim_chance(sim, sim->rates.client_elsewhere)) {
        text_copy(client->conn->match_id, sizeof client->conn->match_id, client->match_id);
        client->conn->client = NULL; /* the old socket stays open: a second device */
        client_lost(client);
        client->online_at_ms = sim->now_ms;
    } else if (sim_chance(sim, sim->rates.client_elsewhere)) {
        go(client);
    } else if (client->live && sim->now_ms >= client->acts_at_ms) {
        act(client);
    }
}

void clients_open(struct sim *sim)
{
    for (size_t i = 0; i < SIM_PLAYERS; i++) {
        struct client *client = &sim->clients[i];
        client->sim = sim;
        snprintf(client->id, sizeof client->id, "player-%02zu", i);
        client->online_at_ms = sim->now_ms + sim_between(sim, 0, 1000);
        struct tick *tick = memory_new(sizeof *tick);
        tick->event.run = on_tick;
        tick->index = i;
        events_add(&sim->events, &tick->event, sim->now_ms);
    }
}
