#include "game_server/session_limits.h"

#include "common/limiter.h"
#include "common/log.h"
#include "game_server/gate.h"

enum { CUT_RETRY_AFTER_MS = 1000 };

static bool gate_lets_in(struct player_shard *home, enum gate_verdict verdict)
{
    static const enum game_metric counters[] = {[GATE_RATE] = METRIC_connections_fast,
                                                [GATE_ADDRESS_FULL] = METRIC_connections_many,
                                                [GATE_FULL] = METRIC_connections_full};
    if (verdict == GATE_OPEN) return true;
    metrics_add(home->metrics, counters[verdict], 1);
    return false;
}

bool session_limits_admit(void *context, const char *peer_ip)
{
    struct player_shard *home = context;
    const struct game *game = home->game;
    if (game->gate == NULL) return true;
    uint64_t key = gate_address_key(game->gate, peer_ip);
    return gate_lets_in(home, gate_admit(game->gate, game->config, key, world_now_ms(home->world)));
}

bool session_limits_enter(struct player_shard *home, struct ws_conn *conn, uint64_t address_key)
{
    struct gate *gate = home->game->gate;
    if (gate == NULL || gate_lets_in(home, gate_enter(gate, home->game->config, address_key))) return true;
    ws_conn_close(conn, CLOSE_too_fast, "too many connections");
    return false;
}

void session_limits_leave(struct player_shard *home, uint64_t address_key)
{
    if (home->game->gate != NULL) gate_leave(home->game->gate, address_key);
}

int64_t session_limits_wait_ms(struct session *session)
{
    struct player_shard *home = session->home;
    const struct game_config *config = home->game->config;
    struct gate *gate = home->game->gate;
    if (gate == NULL) return 0;
    int64_t now_ms = world_now_ms(home->world);
    int64_t wait_ms = gate_address_wait_ms(gate, config, session->address_key, now_ms);
    if (wait_ms > 0) {
        metrics_add(home->metrics, METRIC_limited_address, 1);
    } else if (session->player_key != 0) {
        wait_ms = gate_player_wait_ms(gate, config, session->player_key, now_ms);
        if (wait_ms > 0) metrics_add(home->metrics, METRIC_limited_player, 1);
    }
    return wait_ms;
}

void session_limits_refuse(struct session *session, int64_t id, int64_t wait_ms)
{
    const struct player_shard *home = session->home;
    const struct limiter_rule patience = {1, home->game->config->limits_refusals_max};
    session_refuse(session, ERROR_rate_limited, "", id, wait_ms);
    if (limiter_spend(&session->refusals_us, &patience, world_now_ms(home->world)) == 0) return;
    log_event(LOG_WARNING, "flooder_cut", LOG_TEXT("session_id", session->session_id),
              LOG_TEXT("player_id", session->player_id));
    metrics_add(home->metrics, METRIC_flooders, 1);
    session_close(session, CLOSE_too_fast, CUT_RETRY_AFTER_MS);
}
