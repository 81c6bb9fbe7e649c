#include "game_server/player_drain.h"

#include <stdlib.h>

#include "common/log.h"
#include "game_server/mail.h"
#include "game_server/player.h"

enum { STEP_MS = 20, RETRY_SPREAD_MS = 250 };

static void tell_load_balance(struct player_shard *home)
{
    struct message *mail = mail_new(sizeof *mail, MAIL_leaving);
    if (world_send(home->world, home->game->load_balance, mail)) return;
    log_event(LOG_ERROR, "mailbox_full", LOG_TEXT("to", "load balance"));
    free(mail);
}

void player_drain_add(struct player *player)
{
    struct player_shard *home = player->home;
    struct world *world = home->world;
    if (player->session == NULL || home->drain.until_ms == 0) return;
    int64_t now_ms = world_now_ms(world);
    int64_t left_ms = home->drain.until_ms > now_ms ? home->drain.until_ms - now_ms : 0;
    int64_t delay_ms = (int64_t)(world_random(world) % (uint64_t)(left_ms + 1));
    player->drain_at_ms = now_ms + delay_ms;
    session_notice(player->session, "server_draining", "This server restarts; connect again.", delay_ms);
}

static bool may_go(const struct player *player, int64_t now_ms)
{
    if (now_ms >= player->home->drain.until_ms) return true;
    bool fights = player->state == STATE_battling || (player->state == STATE_result && !player->result_told);
    return now_ms >= player->drain_at_ms && !fights;
}

/* How many still have a socket. */
static size_t send_away(struct player_shard *home, int64_t now_ms)
{
    size_t open = 0;
    for (struct player *player = home->players; player != NULL; player = player->next) {
        if (player->session == NULL) continue;
        open++;
        if (!may_go(player, now_ms)) continue;
        session_close(player->session, CLOSE_going_away,
                      (int64_t)(world_random(home->world) % RETRY_SPREAD_MS));
    }
    return open;
}

static void on_timer(struct timer *timer)
{
    struct player_shard *home = container_of(timer, struct player_shard, drain.timer);
    int64_t now_ms = world_now_ms(home->world);
    bool nobody = send_away(home, now_ms) == 0 && now_ms >= home->drain.began_ms + DRAIN_LINGER_MS;
    if (nobody || now_ms >= home->drain.until_ms + DRAIN_LINGER_MS) {
        home->drain.done(home);
    } else {
        world_timer_set(home->world, timer, now_ms + STEP_MS);
    }
}

void player_drain_begin(struct player_shard *home, void (*done)(struct player_shard *home))
{
    int64_t now_ms = world_now_ms(home->world);
    home->drain.done = done;
    home->drain.timer.fire = on_timer;
    home->drain.began_ms = now_ms;
    home->drain.until_ms = now_ms + home->game->config->session_drain_ms;
    tell_load_balance(home);
    for (struct player *player = home->players; player != NULL; player = player->next)
        player_drain_add(player);
    world_timer_set(home->world, &home->drain.timer, now_ms);
}
