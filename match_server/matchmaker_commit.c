#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/log.h"
#include "match_server/match_receipt.h"
#include "match_server/matchmaker_internal.h"

struct commit_member {
    char player_id[PLAYER_ID_MAX + 1];
    int64_t version;
};

struct commit_match {
    char match_id[IDS_UUID_SIZE];
    struct commit_member members[MATCH_PLAYERS_MAX];
    struct match_receipt receipt;
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
    for (size_t i = 0; i < queue_policy_members(matchmaker->policy); i++) {
        struct ticket *ticket = ticket_of(matchmaker, &match->members[i]);
        if (ticket == NULL || ticket->state != TICKET_COMMITTING) continue;
        mirror_mark(matchmaker->mirror, ticket, TICKET_FREE);
    }
}

static void doubt_one(struct matchmaker *matchmaker, struct ticket *ticket, bool refresh)
{
    mirror_mark(matchmaker->mirror, ticket, TICKET_DOUBTFUL);
    if (refresh) matchmaker_refresh(matchmaker, ticket);
}

/* And his mate: it may be he who changed, and what is left of a party must be looked at anew. */
static void doubt(struct matchmaker *matchmaker, const struct commit_match *match, struct bytes player_id,
                  bool refresh)
{
    for (size_t i = 0; i < queue_policy_members(matchmaker->policy); i++) {
        struct ticket *ticket = ticket_of(matchmaker, &match->members[i]);
        if (ticket == NULL || !bytes_equal_text(player_id, ticket->player_id)) continue;
        if (ticket->mate != NULL) doubt_one(matchmaker, ticket->mate, true);
        doubt_one(matchmaker, ticket, refresh);
    }
}

static void log_receipt(const struct matchmaker *matchmaker, const struct commit_match *match)
{
    const char *player_ids[MATCH_PLAYERS_MAX];
    for (size_t i = 0; i < MATCH_PLAYERS_MAX; i++) player_ids[i] = match->members[i].player_id;
    match_receipt_log(&match->receipt, match->match_id, matchmaker->mode->name, player_ids);
}

static void made(struct matchmaker *matchmaker, const struct commit_match *match, const struct answer *answer)
{
    struct match_server *server = matchmaker->server;
    server_ask_host(server, match->match_id, answer->first, 0);
    server_tell_all(server, answer);
    log_receipt(matchmaker, match);
    server_observe_waits(server, answer, true);
    if (matchmaker->mode->metric >= 0) {
        size_t mode = (size_t)matchmaker->mode->metric;
        metrics_add(server->metrics, METRIC_matches_normal + mode, 1);
        metrics_observe(server->metrics, METRIC_gap_normal + mode, match_receipt_gap(&match->receipt));
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

/* NULL: nobody lives. */
static const char *find_host(const struct match_server *server, const struct queue_match *match,
                             size_t members, const char *match_id, int64_t now_ms)
{
    char pods[MATCH_PLAYERS_MAX * (POD_ID_MAX + 1)], *end = pods;
    for (size_t i = 0; i < members; i++) {
        if (i > 0) *end++ = ',';
        end = stpcpy(end, match->members[i]->pod_id);
    }
    return pods_host(&server->pods, pods, match_id, NULL, now_ms);
}

static struct match_seal seal_of(struct match_server *server, const struct queue_match *match, size_t members,
                                 int64_t now_ms)
{
    const char *sha256[MATCH_PLAYERS_MAX];
    for (size_t i = 0; i < members; i++) sha256[i] = match->members[i]->snapshot_sha256;
    return match_seal_make(&server->sealer, now_ms, sha256, members);
}

static void add_match(struct commit *commit, struct script_call *call, const struct queue_match *proposed,
                      bool loading)
{
    struct matchmaker *matchmaker = commit->matchmaker;
    struct match_server *server = matchmaker->server;
    struct commit_match *match = &commit->matches[commit->count++];
    size_t members = queue_policy_members(matchmaker->policy);
    int64_t made_ms = server_redis_now_ms(server); /* one instant for the id, the host and the receipt */
    struct match_seal seal = seal_of(server, proposed, members, made_ms);
    const char *host = loading ? NULL : find_host(server, proposed, members, seal.match_id, made_ms);
    text_copy(match->match_id, sizeof match->match_id, seal.match_id);
    match_receipt_note(matchmaker->policy, proposed, made_ms, &match->receipt);
    script_call_key(call, KEY_match, seal.match_id);
    script_call_text(call, seal.match_id);
    script_call_text(call, seal.seed);
    script_call_text(call, seal.commitment);
    script_call_text(call, host == NULL ? "" : host);
    for (size_t i = 0; i < members; i++) {
        struct commit_member *member = &match->members[i];
        struct ticket *ticket = proposed->members[i];
        text_copy(member->player_id, sizeof member->player_id, ticket->player_id);
        member->version = ticket->version;
        script_call_key(call, KEY_metadata, member->player_id);
        script_call_text(call, member->player_id);
        script_call_integer(call, member->version);
        mirror_mark(matchmaker->mirror, ticket, TICKET_COMMITTING);
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
    script_call_integer(call, (int64_t)queue_policy_members(matchmaker->policy));
    script_call_text(call, loading ? "loading" : "battling");
    script_call_integer(call, loading ? config->loading_deadline_ms : config->battle_deadline_ms);
    script_call_integer(call, config->battle_ready_deadline_ms);
}

/* False: a limit; the tickets are free again. */
static bool commit_send(struct matchmaker *matchmaker, const struct queue_match *matches, size_t count)
{
    struct match_server *server = matchmaker->server;
    struct commit *commit = memory_new(sizeof *commit + count * sizeof commit->matches[0]);
    bool loading = server_loads(server, matchmaker->mode->name);
    commit->matchmaker = matchmaker;
    begin_call(matchmaker, &server->call, loading);
    for (size_t i = 0; i < count; i++) add_match(commit, &server->call, &matches[i], loading);
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
           !maintenance_is_active(&server->maintenance) &&
           matchmaker->commits_in_flight < (size_t)server->config->matchmaker_batches_in_flight_max &&
           world_now_ms(server->world) >= matchmaker->paused_until_ms;
}

/* A window that opens by waiting is looked at when it opens. While no commit may be sent there is no need:
 * whatever ends that makes a pass. */
static void look_again_when_windows_touch(struct matchmaker *matchmaker)
{
    const struct match_server *server = matchmaker->server;
    int64_t next_ms = queue_policy_next_ms(matchmaker->policy);
    if (next_ms == QUEUE_NEVER_MS || matchmaker->rebuilding || !may_commit(matchmaker)) return;
    int64_t now_ms = server_redis_now_ms(server);
    int64_t wait_ms = next_ms <= now_ms ? 1 : next_ms - now_ms;
    world_timer_set(server->world, &matchmaker->window_timer, world_now_ms(server->world) + wait_ms);
}

void matchmaker_window_timer(struct timer *timer)
{
    matchmaker_pass(container_of(timer, struct matchmaker, window_timer));
}

void matchmaker_pass(struct matchmaker *matchmaker)
{
    const struct match_server *server = matchmaker->server;
    while (may_commit(matchmaker)) {
        struct queue_view view = {.mirror = matchmaker->mirror,
                                  .now_ms = server_redis_now_ms(server),
                                  .until_ms = matchmaker->rebuilt_until_ms,
                                  .complete = !matchmaker->rebuilding};
        struct queue_match matches[QUEUE_MATCHES_MAX];
        int64_t start_us = metrics_now_us();
        size_t count = queue_policy_matches(matchmaker->policy, &view, matches,
                                            (size_t)server->config->matchmaker_batch_pairs_max);
        metrics_observe(server->metrics, METRIC_matcher_seconds, metrics_now_us() - start_us);
        if (count == 0 || !commit_send(matchmaker, matches, count)) break;
    }
    look_again_when_windows_touch(matchmaker);
}
