#include <stdlib.h>
#include <string.h>

#include "match_server/device_crowd.h"
#include "match_server/matcher_party.h"
#include "match_server/mirror.h"
#include "match_server/queue_policy_kind.h"
#include "match_server/waiting_order.h"

/* Values of ticket.place: in which order the ticket stands. Of two with a mate only one stands in the parties, for
 * both. */
enum { PLACE_NONE, PLACE_PARTIES, PLACE_SOLOS };

/* Matches use up at most two parties, or four solo players, each. */
enum {
    PARTIES_MAX = 2 * QUEUE_MATCHES_MAX + MATCHER_PARTY_LOOK_AHEAD + 1,
    SOLOS_MAX = 4 * QUEUE_MATCHES_MAX + MATCHER_PARTY_LOOK_AHEAD + 1
};

static_assert((int)DEVICE_CROWD_MAX + PARTY_MATCH_PLAYERS <= (int)MATCHER_PARTY_LOOK_AHEAD + 1,
              "the first of a crowd sees three others behind it");
static_assert(2 * 2 * PARTIES_MAX <= DEVICE_CROWD_DEVICES && 2 * SOLOS_MAX <= DEVICE_CROWD_DEVICES,
              "every one of a pass may have a device of his own");

/* Its own orders, so that the next party is found however many solo players wait before it. */
struct party {
    struct queue_policy policy;
    struct waiting_order parties, solos;
    struct device_crowd crowd;
    struct ticket *waiting_parties[PARTIES_MAX], *waiting_solos[SOLOS_MAX];
    bool taken[PARTIES_MAX + SOLOS_MAX];
    struct party_match matches[QUEUE_MATCHES_MAX];
};

static struct party *party_of(struct queue_policy *policy)
{
    return container_of(policy, struct party, policy);
}

/* ---- the orders ---------------------------------------------------------------------------------- */

static void party_put(struct queue_policy *policy, struct ticket *ticket)
{
    struct party *party = party_of(policy);
    if (ticket->mate_id[0] == '\0') {
        ticket->place = PLACE_SOLOS;
        waiting_order_add(&party->solos, ticket);
    } else if (strcmp(ticket->player_id, ticket->mate_id) < 0) {
        ticket->place = PLACE_PARTIES;
        waiting_order_add(&party->parties, ticket);
    }
}

static void party_remove(struct queue_policy *policy, struct ticket *ticket)
{
    struct party *party = party_of(policy);
    if (ticket->place == PLACE_SOLOS) waiting_order_remove(&party->solos, ticket);
    if (ticket->place == PLACE_PARTIES) waiting_order_remove(&party->parties, ticket);
    ticket->place = PLACE_NONE;
}

/* ---- matches ------------------------------------------------------------------------------------- */

/* A party whose one half is missing or not free is left out. */
static bool is_free(const struct ticket *ticket)
{
    if (ticket->state != TICKET_FREE) return false;
    return ticket->mate_id[0] == '\0' || (ticket->mate != NULL && ticket->mate->state == TICKET_FREE);
}

/* The two of a party are looked at together; they may share a device. */
static bool admit(struct device_crowd *crowd, const struct ticket *ticket)
{
    if (!device_crowd_admit(crowd, ticket->device)) return false;
    return ticket->mate == NULL || device_crowd_admit(crowd, ticket->mate->device);
}

/* The first free ones, past crowds of one device; returns how many, and clears `complete` when there are more. */
static size_t read_free(struct device_crowd *crowd, const struct waiting_order *order, int64_t until_ms,
                        struct ticket **out, size_t out_max, bool *complete)
{
    struct order_place place = {0, 0};
    struct ticket *ticket;
    size_t count = 0;
    device_crowd_start_pass(crowd);
    while ((ticket = waiting_order_next(order, &place)) != NULL && ticket->q_ms <= until_ms) {
        if (!is_free(ticket) || !admit(crowd, ticket)) continue;
        if (count == out_max) {
            *complete = false;
            break;
        }
        out[count++] = ticket;
    }
    return count;
}

static size_t party_matches(struct queue_policy *policy, const struct queue_view *view,
                            struct queue_match *out, size_t out_max)
{
    struct party *party = party_of(policy);
    size_t ahead = MATCHER_PARTY_LOOK_AHEAD + 1;
    struct party_waiting waiting = {
        .parties = party->waiting_parties, .solos = party->waiting_solos, .complete = view->complete};
    waiting.party_count = read_free(&party->crowd, &party->parties, view->until_ms, party->waiting_parties,
                                    2 * out_max + ahead, &waiting.complete);
    waiting.solo_count = read_free(&party->crowd, &party->solos, view->until_ms, party->waiting_solos,
                                   4 * out_max + ahead, &waiting.complete);
    size_t count = matcher_party(&waiting, party->taken, party->matches, out_max);
    for (size_t i = 0; i < count; i++) {
        memcpy(out[i].members, party->matches[i].members, sizeof party->matches[i].members);
    }
    return count;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void party_close(struct queue_policy *policy)
{
    struct party *party = party_of(policy);
    waiting_order_free(&party->parties);
    waiting_order_free(&party->solos);
    free(party);
}

static const struct queue_policy_kind party_kind = {
    .members = PARTY_MATCH_PLAYERS,
    .close = party_close,
    .matches = party_matches,
    .put = party_put,
    .lift = party_remove,
    .remove = party_remove,
};

struct queue_policy *queue_policy_open_party(void)
{
    struct party *party = memory_new(sizeof *party);
    party->policy.kind = &party_kind;
    return &party->policy;
}
