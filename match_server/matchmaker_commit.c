#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/log.h"
#include "match_server/matchmaker_internal.h"

enum { SIDES = 2, PAIRS_MAX = 1000 };

struct commit_member {
    char player_id[PLAYER_ID_MAX + 1];
    int64_t version;
};

struct commit_match {
    char match_id[IDS_UUID_SIZE];
    struct commit_member members[SIDES];
};

/* A batch between its call and its reply. */
struct commit {
    struct matchmaker *matchmaker;
    size_t count;
    struct commit_match matches[];
};

/* ---- outcomes ------------------------------------------------------------------------------------ */

/* The ticket that was committed, unless the log has replaced it since. */
static struct ticket *ticket_of(struct matchmaker *matchmaker, const struct commit_member *member)
{
    struct ticket *ticket = mirror_find(matchmaker->mirror, member->player_id);
    return ticket != NULL && ticket->version == member->version ? ticket : NULL;
}

static void release(struct matchmaker *matchmaker, const struct commit_match *match)
{
    for (size_t i = 0; i < SIDES; i++) {
        struct ticket *ticket = ticket_of(matchmaker, &match->members[i]);
        if (ticket != NULL && ticket->state == TICKET_COMMITTING) ticket->state = TICKET_FREE;
    }
}

static void doubt(struct matchmaker *matchmaker, const struct commit_match *match, struct bytes player_id,
                  bool refresh)
{
    for (size_t i = 0; i < SIDES; i++) {
        struct ticket *ticket = ticket_of(matchmaker, &match->members[i]);
        if (ticket == NULL || !bytes_equal_text(player_id, ticket->player_id)) continue;
        ticket->state = TICKET_DOUBTFUL;
        if (refresh) matchmaker_refresh(matchmaker, ticket);
    }
}

static void made(struct matchmaker *matchmaker, const struct commit_match *match, const struct answer *answer)
{
    struct match_server *server = matchmaker->server;
    server_ask_host(server, match->match_id, answer->first, 0);
    server_tell_all(server, answer);
    server_observe_waits(server, answer, true);
    if (matchmaker->mode->metric >= 0) {
        metrics_add(server->metrics, METRIC_matches_normal + (size_t)matchmaker->mode->metric, 1);
    }
}

/* Members of a match that was made leave the mirror when the log says so. */
static void settle(struct matchmaker *matchmaker, const struct commit_match *match,
                   const struct redis_reply *reply)
{
    struct match_server *server = matchmaker->server;
    struct answer answer;
    if (!server_answer(server, SCRIPT_commit, reply, &answer)) {
        release(matchmaker, match);
    } else if (answer_is(&answer, "OK")) {
        made(matchmaker, match, &answer);
    } else if (answer_is(&answer, "CONFLICT")) {
        metrics_add(server->metrics, METRIC_match_conflicts, 1);
        doubt(matchmaker, match, answer.first, true);
        release(matchmaker, match);
    } else {
        metrics_add(server->metrics, METRIC_players_poisoned, 1);
        log_event(LOG_WARNING, "player_poisoned", LOG_BYTES("player_id", answer.first),
                  LOG_TEXT("mode", matchmaker->mode->name));
        doubt(matchmaker, match, answer.first, false);
        release(matchmaker, match);
        server_tell_all(server, &answer);
    }
}

static void pause_passes(struct matchmaker *matchmaker)
{
    struct world *world = matchmaker->server->world;
    matchmaker->paused_until_ms = world_now_ms(world) + PAUSE_MS;
    world_timer_set(world, &matchmaker->pause_timer, matchmaker->paused_until_ms);
}

void matchmaker_pause_timer(struct timer *timer)
{
    matchmaker_pass(container_of(timer, struct matchmaker, pause_timer));
}

/* Nothing happened, and Redis said why. */
static void failed(struct commit *commit, const struct redis_reply *reply)
{
    struct matchmaker *matchmaker = commit->matchmaker;
    for (size_t i = 0; i < commit->count; i++) release(matchmaker, &commit->matches[i]);
    if (redis_reply_equals(redis_reply_item(reply, 0), "STALE")) {
        metrics_add(matchmaker->server->metrics, METRIC_match_stale, 1);
        matchmaker->lease_until_ms = 0; /* the next renewal tells whether it is lost for good */
    } else {
        server_bad_reply(matchmaker->server, script_name(SCRIPT_commit), reply);
    }
    if (!matchmaker->server->stopping) pause_passes(matchmaker);
}

static void on_committed(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct commit *commit = context;
    struct matchmaker *matchmaker = commit->matchmaker;
    FAULT_POINT(after_commit);
    matchmaker->commits_in_flight--;
    bool good = redis_reply_equals(redis_reply_item(reply, 0), "OK") && reply->count == commit->count + 1;
    if (good) {
        for (size_t i = 0; i < commit->count; i++) {
            settle(matchmaker, &commit->matches[i], redis_reply_item(reply, i + 1));
        }
        matchmaker_pass(matchmaker);
    } else if (reply != NULL) {
        failed(commit, reply);
    } else {
        metrics_add(matchmaker->server->metrics, METRIC_unknown_replies, 1);
        if (matchmaker->lock[0] != '\0') matchmaker_rebuild(matchmaker);
    }
    free(commit);
}

/* ---- a batch ------------------------------------------------------------------------------------- */

static void add_match(struct commit *commit, struct script_call *call, struct ticket *const members[SIDES],
                      bool loading)
{
    struct match_server *server = commit->matchmaker->server;
    struct commit_match *match = &commit->matches[commit->count++];
    const char *sha256[SIDES] = {members[0]->snapshot_sha256, members[1]->snapshot_sha256};
    struct match_seal seal = match_seal_make(&server->sealer, server_redis_now_ms(server), sha256, SIDES);
    const char *host = NULL;
    if (!loading) {
        char pods[SIDES * (POD_ID_MAX + 1)];
        char *end = stpcpy(pods, members[0]->pod_id);
        *end++ = ',';
        stpcpy(end, members[1]->pod_id);
        host = pods_host(&server->pods, pods, seal.match_id, NULL, server_redis_now_ms(server));
    }
    text_copy(match->match_id, sizeof match->match_id, seal.match_id);
    script_call_key(call, KEY_match, seal.match_id);
    script_call_text(call, seal.match_id);
    script_call_text(call, seal.seed);
    script_call_text(call, seal.commitment);
    script_call_text(call, host == NULL ? "" : host);
    for (size_t i = 0; i < SIDES; i++) {
        struct commit_member *member = &match->members[i];
        text_copy(member->player_id, sizeof member->player_id, members[i]->player_id);
        member->version = members[i]->version;
        script_call_key(call, KEY_metadata, member->player_id);
        script_call_text(call, member->player_id);
        script_call_integer(call, member->version);
        members[i]->state = TICKET_COMMITTING;
    }
}

static void begin_call(struct matchmaker *matchmaker, struct script_call *call, bool loading)
{
    struct match_server *server = matchmaker->server;
    const struct match_config *config = server->config;
    const char *mode = matchmaker->mode->name;
    script_call_start_common(call, server->world, config);
    script_call_key(call, KEY_matchmaker_lock, mode);
    script_call_key(call, KEY_queue, mode);
    script_call_key(call, KEY_queue_log, mode);
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_match_deadlines, "");
    script_call_key(call, KEY_outbox, "");
    script_call_text(call, matchmaker->lock);
    script_call_text(call, mode);
    script_call_integer(call, SIDES);
    script_call_text(call, loading ? "loading" : "battling");
    script_call_integer(call, loading ? config->loading_deadline_ms : config->battle_deadline_ms);
    script_call_integer(call, config->battle_ready_deadline_ms);
}

/* False: a limit; the tickets are free again. */
static bool commit_send(struct matchmaker *matchmaker, struct ticket *const *waiting,
                        const struct pairing *pairs, size_t count)
{
    struct match_server *server = matchmaker->server;
    struct commit *commit = memory_new(sizeof *commit + count * sizeof commit->matches[0]);
    bool loading = server_loads(server, matchmaker->mode->name);
    commit->matchmaker = matchmaker;
    begin_call(matchmaker, &server->call, loading);
    for (size_t i = 0; i < count; i++) {
        struct ticket *const members[SIDES] = {waiting[pairs[i].members[0]], waiting[pairs[i].members[1]]};
        add_match(commit, &server->call, members, loading);
    }
    FAULT_POINT(before_commit);
    if (script_call_send(&server->call, SCRIPT_commit, on_committed, commit, 0)) {
        matchmaker->commits_in_flight++;
        return true;
    }
    for (size_t i = 0; i < count; i++) release(matchmaker, &commit->matches[i]);
    free(commit);
    pause_passes(matchmaker);
    return false;
}

/* ---- passes -------------------------------------------------------------------------------------- */

static bool may_commit(const struct matchmaker *matchmaker)
{
    const struct match_server *server = matchmaker->server;
    return matchmaker_leads(matchmaker) && matchmaker->log_id[0] != '\0' && !server->stopping &&
           matchmaker->commits_in_flight < (size_t)server->config->matchmaker_batches_in_flight_max &&
           world_now_ms(server->world) >= matchmaker->paused_until_ms;
}

/* A pass looks only as far as one batch needs, so it costs the same however many wait. */
void matchmaker_pass(struct matchmaker *matchmaker)
{
    size_t pairs_max = (size_t)matchmaker->server->config->matchmaker_batch_pairs_max;
    if (pairs_max > PAIRS_MAX) pairs_max = PAIRS_MAX;
    size_t waiting_max = SIDES * pairs_max + MATCHER_LOOK_AHEAD + 1;
    struct world *world = matchmaker->server->world;
    while (may_commit(matchmaker)) {
        struct ticket *waiting[SIDES * PAIRS_MAX + MATCHER_LOOK_AHEAD + 1];
        bool taken[ARRAY_LENGTH(waiting)], complete;
        struct pairing pairs[PAIRS_MAX];
        int64_t start_ms = world_now_ms(world);
        size_t count =
            mirror_waiting(matchmaker->mirror, matchmaker->rebuilt_until_ms, waiting, waiting_max, &complete);
        complete = complete && !matchmaker->rebuilding;
        size_t pair_count = matcher_normal(waiting, count, complete, taken, pairs, pairs_max);
        metrics_observe(matchmaker->server->metrics, METRIC_matcher_seconds,
                        (world_now_ms(world) - start_ms) * 1000);
        if (pair_count == 0 || !commit_send(matchmaker, waiting, pairs, pair_count)) break;
    }
}
