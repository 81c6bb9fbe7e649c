/* load_player.h -- one simulated player: a connection and where it is in the game.
 *
 *      OFFLINE -> CONNECTING -> LOBBY -> QUEUEING -> QUEUED -> PLAYING -> ACKING -> LOBBY
 *
 * A player does what the server asks at once (loading_complete, ack_result) and tells its world when it is
 * back in the lobby; the world decides when it wishes to play again. After a lost connection or a refusal it
 * asks the server where it is and goes on from there.
 *
 * Many players share two cores with the servers they load. Therefore messages are not parsed into trees or
 * records: json_view picks `type` and the two or three fields that matter out of the text. One timeline in
 * `verify_every` is unpacked and read whole.
 *
 * All on the loop's thread. */
#ifndef DUELPOD_LOAD_PLAYER_H
#define DUELPOD_LOAD_PLAYER_H

#include "bench/load_check.h"
#include "bench/load_options.h"
#include "bench/load_stats.h"
#include "clients/ws_client.h"

/* A player that makes no progress in a match or an answer for this long is reported as stuck. */
#define LOAD_STUCK_US (30 * INT64_C(1000000))

enum load_player_state {
    PLAYER_OFFLINE,
    PLAYER_CONNECTING,
    PLAYER_LOBBY,
    PLAYER_QUEUEING,
    PLAYER_QUEUED,
    PLAYER_PLAYING,
    PLAYER_ACKING,
};

struct load_player;

/* What all players share. Owned by the driver. */
struct load_world {
    const struct load_options *options;
    struct ws_clients *clients;
    struct load_check *check;
    struct load_stats stats;
    int64_t measure_from_us; /* wishes from here ... */
    int64_t measure_to_us;   /* ... to here are measured */
    size_t connecting;
    size_t online;
    bool ending; /* closed connections are as they should be */
    void (*ready)(struct load_world *world, struct load_player *player); /* in the lobby */
};

struct load_player {
    struct load_world *world;
    struct ws_client *client;
    int64_t wished_at_us; /* when it was meant to enqueue, not when it could */
    int64_t connect_at_us;
    int64_t since_us;   /* in this state */
    int64_t wake_at_us; /* connect again, or ask for the state; 0: nothing */
    uint32_t index;
    enum load_player_state state;
    bool enqueued; /* the answer to the wish has been measured */
    bool found;
    bool has_match;
    bool frame_expected; /* the binary frame with the timeline */
    uint8_t match_id[IDS_UUID_BYTES];
};

void load_player_init(struct load_player *player, struct load_world *world, uint32_t index);

/* Whether it only fills the queue, waiting for the others: queued again at once, not measured. */
bool load_player_is_filler(const struct load_player *player);

/* Only when OFFLINE. */
void load_player_connect(struct load_player *player);

/* Only when in the LOBBY. Latencies count from `wished_at_us`. */
void load_player_enqueue(struct load_player *player, int64_t wished_at_us);

/* Call ten times a second: does what it put off, notices being stuck. */
void load_player_tick(struct load_player *player, int64_t now_us);

/* Leaves the queue. Harmless in any state. */
void load_player_leave(struct load_player *player);

void load_player_disconnect(struct load_player *player);

#endif
