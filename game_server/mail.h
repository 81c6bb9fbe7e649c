/* mail.h -- what the actors of game_server write to each other. Every mail starts with struct message. */
#ifndef DUELPOD_MAIL_H
#define DUELPOD_MAIL_H

#include "common/actor.h"
#include "game_server/battle/battle.h"
#include "proto/proto.h"

enum mail_kind {
    MAIL_register,      /* player -> load balance: I am the actor of this player */
    MAIL_unregister,    /* player -> load balance: not any more */
    MAIL_replaced,      /* load balance -> player: a newer login took over */
    MAIL_took_over,     /* load balance -> player: news may have gone to the login before, and there only */
    MAIL_snapshot,      /* load balance -> player: what matchmaking says */
    MAIL_party,         /* load balance -> player: look at your party again */
    MAIL_battle,        /* load balance -> battle worker: compute this match */
    MAIL_pve,           /* player -> battle worker: fight this stage */
    MAIL_pve_fought,    /* battle worker -> player: fought and stored, or not */
    MAIL_heartbeat_now, /* load balance -> player shards: Redis is back, confirm everything */
    MAIL_leaving,       /* player shard -> load balance: the process stops, tell match_servers */
    MAIL_maintenance,   /* load balance -> player shards: the queues are closed, or open again */
};

struct mail_registration {
    struct message message;
    actor_address actor;
    int64_t connection_epoch;
    char player_id[PLAYER_ID_MAX + 1];
};

struct mail_replaced {
    struct message message;
    int64_t connection_epoch; /* of the newer login */
};

struct mail_snapshot {
    struct message message;
    struct proto_snapshot snapshot; /* its raw field points behind the struct */
};

struct mail_party {
    struct message message;
    int64_t version; /* of the change */
};

struct mail_battle {
    struct message message;
    char match_id[UUID_LENGTH + 1];
    int64_t attempt;
};

struct mail_maintenance {
    struct message message;
    struct proto_maintenance_news news;
};

struct mail_pve {
    struct message message;
    actor_address player;
    const battle_stage *stage;
    battle_snapshot side;
    battle_seed seed;
    char match_id[UUID_LENGTH + 1];
};

struct mail_pve_fought {
    struct message message;
    char match_id[UUID_LENGTH + 1];
    bool stored; /* false: no battle took place */
    int winner;
    int64_t stars;
};

/* memory_new() of the struct with kind and size set. */
#define MAIL_NEW(type, kind_) ((struct type *)mail_new(sizeof(struct type), MAIL_##kind_))
void *mail_new(size_t size, enum mail_kind kind);

/* A copy of `snapshot` that owns its raw field. */
struct mail_snapshot *mail_snapshot_new(const struct proto_snapshot *snapshot);

#endif
