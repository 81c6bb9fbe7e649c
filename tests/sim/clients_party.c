/* clients_party.c -- what players want of parties: they open them, ask each other in, come, go, send away and queue
 * together, in and out of season.
 *
 * Two neighbours (0 and 1, 2 and 3, ...) like each other, so that parties of two come to be; others are asked too, so
 * that several are asked at once and parties are full. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/checker.h"
#include "tests/sim/sim.h"

/* Thousandths. */
enum {
    FOUND_CHANCE = 400,
    ACCEPT_CHANCE = 700,
    DECLINE_CHANCE = 250,
    ASK_ANYBODY_CHANCE = 500,
    ALONE_CHANCE = 120, /* the founder of a party does not wait for anybody */
    QUEUE_CHANCE = 850,
    BREAK_CHANCE = 60,
    PRESUME_CHANCE = 60, /* does what only the leader may */
};

/* ---- what the server says ---------------------------------------------------------------------------- */

/* `json` begins where the party does. */
static void read_party(struct client *client, const char *json)
{
    char leader[24];
    client_read_text(json, "party_id", client->party_id, sizeof client->party_id);
    client_read_text(json, "leader", leader, sizeof leader);
    client->leads = strcmp(leader, client->id) == 0;
    client->mates = 0;
    const char *members = strstr(json, "\"members\":["), *invited = strstr(json, "\"invited\":[");
    bool named = false;
    for (const char *at = members; at != NULL && (at = strstr(at, "\"player_id\":\"")) != NULL; at++) {
        if (invited != NULL && at > invited && members < invited) break;
        bool own = strncmp(at + strlen("\"player_id\":\""), client->id, strlen(client->id)) == 0;
        client->mates += !own;
        named = named || own;
    }
    if (!named)
        checker_refuse(client->sim->checker, "told", "%s is told of party %s, which he is not in", client->id,
                       client->party_id);
}

void client_party_adopt(struct client *client, const char *json)
{
    const char *party = strstr(json, "\"party\":{");
    client->party_id[0] = '\0';
    client->leads = false;
    client->mates = 0;
    if (party != NULL) read_party(client, party);
}

void client_party_told(struct client *client, const char *json)
{
    char party_id[UUID_LENGTH + 1];
    if (strstr(json, "\"members\":[{") != NULL) {
        read_party(client, json);
        client->acts_at_ms = client->sim->now_ms + sim_between(client->sim, 1, 120);
        return;
    }
    client_read_text(json, "party_id", party_id, sizeof party_id);
    if (strcmp(party_id, client->party_id) == 0 || party_id[0] == '\0') client_party_adopt(client, "");
}

void client_party_invited(struct client *client, const char *json)
{
    client_read_text(json, "party_id", client->invited_to, sizeof client->invited_to);
    if (client->state == STATE_lobby)
        client->acts_at_ms = client->sim->now_ms + sim_between(client->sim, 1, 120);
}

/* ---- what he says --------------------------------------------------------------------------------------- */

static void say_of(struct client *client, const char *type, const char *field, const char *value)
{
    char text[160];
    snprintf(text, sizeof text, "{\"type\":\"%s\",\"%s\":\"%s\"}", type, field, value);
    socket_say(client->conn, text);
}

static void say_of_player(struct client *client, const char *type, size_t index)
{
    say_of(client, type, "player_id", client->sim->clients[index].id);
}

static size_t neighbour(const struct client *client)
{
    return (size_t)(client - client->sim->clients) ^ 1;
}

static void answer_invitation(struct client *client)
{
    struct sim *sim = client->sim;
    bool accepts = sim_chance(sim, ACCEPT_CHANCE);
    if (accepts || sim_chance(sim, DECLINE_CHANCE))
        say_of(client, accepts ? "party_accept" : "party_decline", "party_id", client->invited_to);
    client->invited_to[0] = '\0';
}

static void ask_in(struct client *client)
{
    struct sim *sim = client->sim;
    say_of_player(client, "party_invite", neighbour(client));
    if (sim_chance(sim, ASK_ANYBODY_CHANCE))
        say_of_player(client, "party_invite", (size_t)sim_between(sim, 0, SIM_PLAYERS - 1));
}

static void act_as_pair(struct client *client)
{
    struct sim *sim = client->sim;
    if (sim_chance(sim, BREAK_CHANCE)) {
        if (client->leads && sim_chance(sim, 500)) {
            say_of_player(client, "party_kick", neighbour(client));
        } else {
            socket_say(client->conn, "{\"type\":\"party_leave\"}");
        }
    } else if (client->leads) {
        if (sim_chance(sim, QUEUE_CHANCE)) client_queue(client, "party");
    } else if (sim_chance(sim, PRESUME_CHANCE)) {
        say_of_player(client, "party_kick", neighbour(client));
        client_queue(client, "party");
    }
}

bool client_party_act_in_lobby(struct client *client)
{
    struct sim *sim = client->sim;
    bool member = client->party_id[0] != '\0';
    if (sim->draining) {
        if (member) socket_say(client->conn, "{\"type\":\"party_leave\"}");
        return true;
    }
    if (!sim->teams) return false;
    if (client->invited_to[0] != '\0') {
        answer_invitation(client);
        return true;
    }
    if (!member) {
        if (!sim_chance(sim, FOUND_CHANCE)) return false;
        socket_say(client->conn, "{\"type\":\"party_create\"}");
        return true;
    }
    if (client->mates > 0) {
        act_as_pair(client);
        return true;
    }
    if (sim_chance(sim, BREAK_CHANCE)) socket_say(client->conn, "{\"type\":\"party_leave\"}");
    if (sim_chance(sim, ALONE_CHANCE)) return false;
    ask_in(client);
    return true;
}

bool client_party_act_in_queue(struct client *client)
{
    struct sim *sim = client->sim;
    if (client->party_id[0] == '\0' || !sim_chance(sim, sim->draining ? 300 : sim->rates.client_leaves / 2))
        return false;
    socket_say(client->conn, "{\"type\":\"party_leave\"}");
    return true;
}
