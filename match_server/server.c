#include "match_server/server.h"

#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/log.h"
#include "match_server/intake.h"
#include "match_server/matchmaker.h"
#include "match_server/server_internal.h"

enum { BEAT_MS = 1000, REPEATS_BEFORE_HELP = 3, LEAVE_MS = 200 };

const enum channel match_server_channels[] = {
    CHANNEL_enqueue_request, CHANNEL_dequeue_request, CHANNEL_loading_request,
    CHANNEL_result_request,  CHANNEL_resume_request,  CHANNEL_heartbeat,
    CHANNEL_snapshot_ack,    CHANNEL_battle_report,   CHANNEL_prompt_seen,
};
const size_t match_server_channel_count = ARRAY_LENGTH(match_server_channels);

/* ---- who does what ------------------------------------------------------------------------------- */

int64_t server_redis_now_ms(const struct match_server *server)
{
    return world_now_ms(server->world) + server->clock_ahead_ms;
}

int server_mode_named(const struct match_server *server, const char *name)
{
    for (size_t i = 0; i < server->mode_count; i++) {
        if (strcmp(server->modes[i].name, name) == 0) return (int)i;
    }
    return NO_MODE;
}

bool server_loads(const struct match_server *server, const char *mode)
{
    return strcmp(mode, "normal") != 0 || server->config->loading_normal;
}

bool server_looks_after(const struct match_server *server, const char *key)
{
    const char *own = server->config->common.pod_id;
    const char *picked = pods_pick(&server->pods, POD_MATCH, key, NULL, server_redis_now_ms(server));
    return picked == NULL || strcmp(picked, own) == 0;
}

void server_heard(struct match_server *server, const char *pod_id)
{
    pods_touch(&server->pods, pod_id, server_redis_now_ms(server) + server->config->pods_heartbeat_ttl_ms);
    maintenance_heard(&server->maintenance);
}

bool server_executes(const struct match_server *server, const char *pod_id, int64_t attempt, const char *key)
{
    if (server->stopping) return false;
    const char *own = server->config->common.pod_id;
    if (strcmp(pod_id, own) == 0) return true;
    if (!server->pods_known) return false;
    int64_t now_ms = server_redis_now_ms(server);
    if (attempt < REPEATS_BEFORE_HELP && pods_is_alive(&server->pods, POD_MATCH, pod_id, now_ms))
        return false;
    const char *picked = pods_pick(&server->pods, POD_MATCH, key, pod_id, now_ms);
    return picked != NULL && strcmp(picked, own) == 0;
}

/* ---- messages ------------------------------------------------------------------------------------ */

static bool is_channel(const struct match_server *server, enum channel channel, struct bytes name)
{
    struct redis_name own = proto_channel_name(channel, server->world->key_prefix, "");
    return name.length == own.length && memcmp(name.data, own.text, own.length) == 0;
}

void server_message(struct match_server *server, struct bytes channel, struct bytes payload)
{
    if (server->stopping) return;
    for (size_t i = 0; i < match_server_channel_count; i++) {
        if (!is_channel(server, match_server_channels[i], channel)) continue;
        intake_message(server, match_server_channels[i], payload);
        return;
    }
}

/* ---- the heartbeat: we live; who else? ------------------------------------------------------------ */

static void on_pods(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct match_server *server = context;
    if (reply == NULL) return;
    if (reply->type != REDIS_ARRAY || reply->count % 2 != 0) {
        server_bad_reply(server, "pods", reply);
        return;
    }
    struct pods pods = {.count = 0};
    for (size_t i = 0; i < reply->count; i += 2) {
        int64_t deadline_ms;
        if (!redis_reply_integer(&reply->items[i + 1], &deadline_ms)) continue;
        pods_add(&pods, redis_reply_text(&reply->items[i]), deadline_ms);
    }
    int64_t now_ms = server_redis_now_ms(server);
    pods_replace(&server->pods, &pods, now_ms);
    server->pods_known = true;
    metrics_set(server->metrics, METRIC_game_servers_alive,
                (int64_t)pods_count_alive(&server->pods, POD_GAME, now_ms));
    metrics_set(server->metrics, METRIC_match_servers_alive,
                (int64_t)pods_count_alive(&server->pods, POD_MATCH, now_ms));
}

static void on_beat_answer(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct match_server *server = context;
    struct answer answer;
    int64_t now_ms;
    FAULT_POINT(after_heartbeat);
    if (!server_answer(server, SCRIPT_heartbeat, reply, &answer)) return;
    if (!redis_reply_integer(redis_reply_item(reply, 1), &now_ms)) return;
    server->clock_ahead_ms = now_ms - world_now_ms(server->world);
}

static void beat(struct match_server *server)
{
    struct script_call *call = &server->call;
    script_call_start_common(call, server->world, server->config);
    script_call_key(call, KEY_pods, "");
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_outbox, "");
    script_call_text(call, "match");
    script_call_text(call, server->config->common.pod_id);
    script_call_integer(call, server->config->pods_heartbeat_ttl_ms);
    script_call_modes(call, server->config);
    script_call_text(call, "");
    FAULT_POINT(before_heartbeat);
    script_call_send(call, SCRIPT_heartbeat, on_beat_answer, server, 0);

    struct redis_name pods = proto_key_name(KEY_pods, server->world->key_prefix, "");
    struct bytes command[] = {bytes_of_text("ZRANGE"),
                              {pods.text, pods.length},
                              bytes_of_text("0"),
                              bytes_of_text("-1"),
                              bytes_of_text("WITHSCORES")};
    world_command(server->world, command, ARRAY_LENGTH(command), on_pods, server, 0);
    maintenance_look(&server->maintenance);
}

static void on_beat_timer(struct timer *timer)
{
    struct match_server *server = container_of(timer, struct match_server, beat_timer);
    beat(server);
    world_timer_set(server->world, timer, world_now_ms(server->world) + BEAT_MS);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static int metric_of(const char *mode)
{
    static const char *const names[] = {"normal", "ranked", "party"};
    for (int i = 0; i < (int)ARRAY_LENGTH(names); i++) {
        if (strcmp(names[i], mode) == 0) return i;
    }
    return -1;
}

/* More modes than MODES_MAX and longer names than MODE_MAX are not served; the options do not allow them. */
static void modes_open(struct match_server *server)
{
    const char *rest = server->config->queue_modes;
    for (struct bytes item; server->mode_count < MODES_MAX && text_next_item(&rest, &item);) {
        struct mode *mode = &server->modes[server->mode_count];
        if (!bytes_copy(mode->name, sizeof mode->name, item)) continue;
        mode->metric = metric_of(mode->name);
        mode->rated = strcmp(mode->name, "ranked") == 0;
        mode->teams = strcmp(mode->name, "party") == 0;
        mode->matchmaker = matchmaker_open(server, mode);
        server->mode_count++;
    }
}

static void on_leave_timer(struct timer *timer);

struct match_server *server_open(struct world *world, const struct match_config *config,
                                 struct metrics_block *metrics)
{
    struct match_server *server = memory_new(sizeof *server);
    server->world = world;
    server->config = config;
    server->metrics = metrics;
    for (size_t i = 0; i < sizeof server->sealer.key; i += sizeof(uint64_t)) {
        uint64_t random = world_random(world);
        memcpy(server->sealer.key + i, &random, sizeof random);
    }
    server->beat_timer.fire = on_beat_timer;
    server->leave_timer.fire = on_leave_timer;
    follower_init(&server->follower, server);
    reaper_init(&server->reaper, server);
    outbox_init(&server->outbox, server);
    maintenance_init(&server->maintenance, server);
    check(match_config_ranked_rules(config, &server->ranked_rules) == NULL);
    modes_open(server);
    return server;
}

void server_show(struct match_server *server, struct server_signs *signs)
{
    server->signs = signs;
}

void server_redis_ready(struct match_server *server)
{
    if (server->stopping) return;
    int64_t now_ms = world_now_ms(server->world);
    world_timer_set(server->world, &server->beat_timer, now_ms);
    reaper_start(&server->reaper);
    outbox_start(&server->outbox);
    maintenance_start(&server->maintenance);
    for (size_t i = 0; i < server->mode_count; i++) matchmaker_start(server->modes[i].matchmaker);
}

/* Redis answers in order, so the answer to the last command is the last of all; what the answers before made
 * us publish is covered by a second round. */
static void on_left(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)reply;
    struct match_server *server = context;
    struct bytes command[] = {bytes_of_text("PING")};
    if (tag > 0 && world_command(server->world, command, ARRAY_LENGTH(command), on_left, server, tag - 1))
        return;
    server->stopped(server->stopped_context);
}

static void stop_now(struct match_server *server)
{
    server->stopping = true;
    world_timer_cancel(server->world, &server->beat_timer);
    reaper_stop(&server->reaper);
    outbox_stop(&server->outbox);
    maintenance_stop(&server->maintenance);
    follower_stop(&server->follower);
    for (size_t i = 0; i < server->mode_count; i++) matchmaker_stop(server->modes[i].matchmaker);
    FAULT_POINT(before_release);
    struct redis_name pods = proto_key_name(KEY_pods, server->world->key_prefix, "");
    char member[POD_MEMBER_SIZE];
    pods_member(POD_MATCH, server->config->common.pod_id, member);
    struct bytes command[] = {bytes_of_text("ZREM"), {pods.text, pods.length}, bytes_of_text(member)};
    if (!world_command(server->world, command, ARRAY_LENGTH(command), on_left, server, 1))
        server->stopped(server->stopped_context);
}

static void on_leave_timer(struct timer *timer)
{
    stop_now(container_of(timer, struct match_server, leave_timer));
}

/* Until the others have heard it they leave the messages of this pod to us, and some are said only once. */
void server_stop(struct match_server *server, void (*done)(void *context), void *context)
{
    check(server->stopped == NULL);
    server->stopped = done;
    server->stopped_context = context;
    struct proto_heartbeat leaving = {.leaving = "match_server"};
    text_copy(leaving.pod_id, sizeof leaving.pod_id, server->config->common.pod_id);
    world_publish(server->world, CHANNEL_heartbeat, "", &leaving);
    world_timer_set(server->world, &server->leave_timer, world_now_ms(server->world) + LEAVE_MS);
}

void server_close(struct match_server *server)
{
    for (size_t i = 0; i < server->mode_count; i++) matchmaker_close(server->modes[i].matchmaker);
    script_call_free(&server->call);
    maintenance_free(&server->maintenance);
    free(server);
}
