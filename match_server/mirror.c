#include "match_server/mirror.h"

#include <stdlib.h>
#include <string.h>

#include "common/registry.h"
#include "match_server/device_crowd.h"
#include "match_server/queue_policy.h"
#include "match_server/waiting_order.h"

struct mirror {
    struct registry *by_player; /* the address is the ticket */
    struct waiting_order order;
    struct queue_policy *policy; /* NULL: none */
    size_t stray_count;
};

struct mirror *mirror_open(struct queue_policy *policy)
{
    struct mirror *mirror = memory_new(sizeof *mirror);
    mirror->by_player = registry_open();
    mirror->policy = policy;
    return mirror;
}

void mirror_clear(struct mirror *mirror)
{
    struct order_place place = {0, 0};
    struct ticket *ticket;
    while ((ticket = waiting_order_next(&mirror->order, &place)) != NULL) {
        queue_policy_remove(mirror->policy, ticket);
        free(ticket);
    }
    waiting_order_clear(&mirror->order);
    registry_close(mirror->by_player);
    mirror->by_player = registry_open();
    mirror->stray_count = 0;
}

void mirror_close(struct mirror *mirror)
{
    mirror_clear(mirror);
    waiting_order_free(&mirror->order);
    registry_close(mirror->by_player);
    free(mirror);
}

struct ticket *mirror_find(const struct mirror *mirror, const char *player_id)
{
    const struct registry_entry *entry = registry_find(mirror->by_player, player_id);
    return entry == NULL ? NULL : (struct ticket *)(uintptr_t)entry->address;
}

/* ---- parties ------------------------------------------------------------------------------------- */

static bool is_mate_of(const struct ticket *one, const struct ticket *other)
{
    return strcmp(one->mate_id, other->player_id) == 0 && one->q_ms == other->q_ms;
}

static void meet(struct mirror *mirror, struct ticket *ticket)
{
    if (ticket->mate_id[0] == '\0') return;
    struct ticket *mate = mirror_find(mirror, ticket->mate_id);
    if (mate == NULL || mate == ticket || !is_mate_of(ticket, mate) || !is_mate_of(mate, ticket)) {
        mirror->stray_count++;
        return;
    }
    ticket->mate = mate;
    mate->mate = ticket;
    mirror->stray_count--;
}

/* Before a ticket changes or goes. */
static void part(struct mirror *mirror, struct ticket *ticket)
{
    if (ticket->mate_id[0] == '\0') return;
    if (ticket->mate == NULL) {
        mirror->stray_count--;
        return;
    }
    ticket->mate->mate = NULL;
    ticket->mate = NULL;
    mirror->stray_count++;
}

size_t mirror_strays(const struct mirror *mirror, struct ticket **out, size_t out_max)
{
    struct order_place place = {0, 0};
    struct ticket *ticket;
    size_t count = 0, wanted = mirror->stray_count < out_max ? mirror->stray_count : out_max;
    while (count < wanted && (ticket = waiting_order_next(&mirror->order, &place)) != NULL) {
        if (ticket->mate_id[0] != '\0' && ticket->mate == NULL) out[count++] = ticket;
    }
    return count;
}

/* ---- tickets ------------------------------------------------------------------------------------- */

struct ticket *mirror_put(struct mirror *mirror, const struct ticket *ticket)
{
    struct ticket *kept = mirror_find(mirror, ticket->player_id);
    if (kept == NULL) {
        kept = memory_new(sizeof *kept);
        registry_put(mirror->by_player, ticket->player_id)->address = (uint64_t)(uintptr_t)kept;
    } else {
        if (ticket->version < kept->version && kept->state != TICKET_DOUBTFUL) return kept;
        queue_policy_lift(mirror->policy, kept);
        part(mirror, kept);
        waiting_order_remove(&mirror->order, kept);
    }
    uint32_t place = kept->place;
    *kept = *ticket;
    kept->place = place;
    kept->mate = NULL;
    waiting_order_add(&mirror->order, kept);
    meet(mirror, kept);
    queue_policy_put(mirror->policy, kept);
    return kept;
}

void mirror_mark(struct mirror *mirror, struct ticket *ticket, enum ticket_state state)
{
    ticket->state = state;
    queue_policy_mark(mirror->policy, ticket);
}

void mirror_remove(struct mirror *mirror, const char *player_id)
{
    struct ticket *ticket = mirror_find(mirror, player_id);
    if (ticket == NULL) return;
    queue_policy_remove(mirror->policy, ticket);
    part(mirror, ticket);
    waiting_order_remove(&mirror->order, ticket);
    registry_remove(mirror->by_player, player_id);
    free(ticket);
}

size_t mirror_count(const struct mirror *mirror)
{
    return mirror->order.count;
}

struct ticket *mirror_next(const struct mirror *mirror, struct order_place *place)
{
    return waiting_order_next(&mirror->order, place);
}

size_t mirror_waiting(const struct mirror *mirror, int64_t until_ms, struct device_crowd *crowd,
                      struct ticket **out, size_t count_max, bool *complete)
{
    struct order_place place = {0, 0};
    struct ticket *ticket;
    size_t count = 0;
    *complete = true;
    while ((ticket = waiting_order_next(&mirror->order, &place)) != NULL && ticket->q_ms <= until_ms) {
        if (ticket->state != TICKET_FREE) continue;
        if (crowd != NULL && !device_crowd_admit(crowd, ticket->device)) continue;
        if (count == count_max) {
            *complete = false;
            break;
        }
        out[count++] = ticket;
    }
    return count;
}
