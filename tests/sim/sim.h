/* sim.h -- both sides' matchmaking under a seeded scheduler, against a real Redis.
 *
 * The servers' own code runs here: match_server from server.h down, game_server from session.h and
 * load_balance.h down. What is simulated is what is below them: clocks, chance, timers, mailboxes, the links to
 * Redis, Pub/Sub and the clients' sockets. Redis is a real one, but its scripts get the simulated time and its
 * keys expire in it, so that a run is a function of its seed and nothing else.
 *
 *     clients --> sessions, players --> struct world --+                  +--> faults: loss, delay, order,
 *                                                      +--> event queue --+    kills, pauses, failover
 *     intake, matchmaker, reaper, outbox --> world ----+                  +--> Redis --> checker
 *
 * One thread, one event at a time. Times are in ms of the simulation unless they say otherwise. */
#ifndef DUELPOD_SIM_H
#define DUELPOD_SIM_H

#include "common/actor.h"
#include "common/rng.h"
#include "common/world.h"

enum {
    SIM_PLAYERS = 12,
    SIM_PODS = 3,
    SIM_PROCESSES = 2 * SIM_PODS, /* a match_server and a game_server each */
    SIM_SHARDS = 3, /* of a process: load balance, players, battles; match_server has the first */
    SIM_START_MS = 1000000,
    SIM_POD_DEAD_MS = 1500, /* pods.heartbeat_ttl_ms */
    SIM_FAULTS_MS = 4000,   /* how long faults happen */
    SIM_DRAIN_MS = 60000,   /* how long everything may take to drain afterwards */
};

struct sim;
struct process;
struct checker;
struct store;
struct client;
struct event;

/* ---- events (events.c) --------------------------------------------------------------------------- */

/* First member of whatever happens later. `run` owns the event. `dead`: the process is gone, only clean up. */
typedef void event_fn(struct sim *sim, struct event *event, bool dead);

struct event {
    event_fn *run;
    struct process *process; /* whom it happens to: waits while paused, ends with it; NULL: the outside */
    int64_t at_ms;
    uint64_t order;
};

struct events {
    struct event **heap;
    size_t count, capacity;
    uint64_t order_next;
};

void events_add(struct events *events, struct event *event, int64_t at_ms);
struct event *events_first(const struct events *events); /* NULL: none */
struct event *events_take(struct events *events);

/* Takes out every event that `wanted` chooses, in order, and runs it as dead. */
void events_end(struct sim *sim, bool (*wanted)(const struct event *event, const void *context),
                const void *context);

/* ---- a thread of a process (shard.c), its world (world.c) ------------------------------------------ */

/* What common/shard.h keeps secret: here it is the simulated one. */
struct shard {
    struct world world;
    struct sim *sim;
    struct process *process;
    struct timers timers;
    struct actors *actors;
    unsigned index;
    int64_t sent_ms, answered_ms; /* of the last command: a link keeps its order */
    int64_t listens_at_ms;        /* the subscriber is cut until then */
};

struct shard *sim_shard_open(struct sim *sim, struct process *process, unsigned index);
void sim_shard_close(struct shard *shard); /* after events_end() */

/* Every command in flight loses its reply; nothing is heard until the link is back at `until_ms`. */
void sim_link_cut(struct shard *shard, int64_t until_ms);

/* ---- a process (process.c, match.c, pod.c) ---------------------------------------------------------- */

enum process_kind { PROCESS_MATCH, PROCESS_GAME };

struct process {
    struct sim *sim;
    enum process_kind kind;
    char pod_id[POD_ID_MAX + 1];
    bool alive;
    int64_t clock_ahead_ms, paused_until_ms;
    int64_t serves_since_ms;          /* started, awake and linked without a break since then */
    struct shard *shards[SIM_SHARDS]; /* [0] has the subscriber */
    size_t shard_count;
    void *program;
};

void process_start(struct process *process);
void process_kill(struct process *process);
void process_redis_ready(struct process *process);
void process_message(struct process *process, struct bytes channel, struct bytes payload);

/* match.c, pod.c; programs and options that all processes of a kind share. */
void match_prepare(void);
void match_start(struct process *process);
void match_kill(struct process *process);
void match_redis_ready(struct process *process);
void match_message(struct process *process, struct bytes channel, struct bytes payload);
void match_drain(struct process *process, const char *pod_id); /* as an operator does; "": any dead pod */
void pod_prepare(void);
void pod_start(struct process *process);
void pod_kill(struct process *process);
void pod_redis_ready(struct process *process);
void pod_message(struct process *process, struct bytes channel, struct bytes payload);

/* ---- clients (clients.c, clients_party.c) and their sockets (sockets.c) ----------------------------------------------- */

/* A socket between a client and a pod; ws_conn.h's functions work on it. Kept until the run ends. */
struct ws_conn {
    struct sim *sim;
    struct ws_conn *next;
    struct client *client; /* NULL: the client has forgotten it */
    struct process *pod;
    void *session;          /* NULL before opened() and after closed() */
    int64_t up_ms, down_ms; /* when the last message either way arrives */
    bool closing;
    char match_id[UUID_LENGTH + 1]; /* of a client that has forgotten it */
};

struct client {
    struct sim *sim;
    char id[24];
    struct ws_conn *conn;    /* NULL: offline */
    enum player_state state; /* as the server told */
    bool live;               /* welcome came */
    char match_id[UUID_LENGTH + 1];
    int64_t acts_at_ms, online_at_ms;
    bool answered; /* the last match: said that it has loaded */
    char stage_match[UUID_LENGTH +
                     1];            /* the battle against a stage whose timeline comes next; "": none does */
    char finished[UUID_LENGTH + 1]; /* the match whose result this connection was told last */
    char party_id[UUID_LENGTH + 1]; /* as the server told; "": none */
    bool leads;
    size_t mates;                     /* other members of the party */
    char mode[16];                    /* of the queue he was told to be in last */
    int64_t away_until_ms;            /* stays offline when his connection is lost before */
    char invited_to[UUID_LENGTH + 1]; /* the last invitation, also when it is over */
};

struct ws_conn *socket_open(struct client *client, struct process *pod);
void socket_say(struct ws_conn *conn, const char *text);
void socket_lose(struct ws_conn *conn); /* the client's end is gone */
void socket_end(struct ws_conn *conn);  /* the pod's end, at its death */

void clients_open(struct sim *sim);
void client_hear(struct client *client, struct bytes text);
void client_hear_forgotten(struct ws_conn *conn, struct bytes text);
void client_hear_timeline(struct client *client, struct bytes frame);
void client_lost(struct client *client);

/* What a client hears and wants of parties (clients_party.c). */
void client_party_adopt(struct client *client, const char *json); /* a state, which names the party if any */
void client_party_told(struct client *client, const char *json);  /* "party" */
void client_party_invited(struct client *client, const char *json);
bool client_party_act_in_lobby(struct client *client); /* true: that was enough */
bool client_party_act_in_queue(struct client *client);

/* The text value of the first member of this name; "" when there is none. */
void client_read_text(const char *json, const char *name, char *out, size_t capacity);

/* Asks for it, unless there is a lull. */
void client_queue(struct client *client, const char *mode);

/* A device that its player has left without closing the connection wants to play too. */
void clients_poke_forgotten(struct sim *sim);

/* ---- the run (sim.c), its faults (faults.c) ------------------------------------------------------------ */

/* Chances in thousandths, drawn once for each seed; all zero without faults. */
struct fault_rates {
    unsigned publish_lost, publish_doubled, publish_late;
    unsigned request_lost, reply_lost, stall, expire_late;
    unsigned client_leaves, client_elsewhere, client_cancels, client_silent;
};

struct sim {
    uint64_t seed;
    struct rng rng;
    int64_t now_ms, redis_ahead_ms;
    struct events events;
    struct process processes[SIM_PROCESSES];
    struct client clients[SIM_PLAYERS];
    struct ws_conn *conns;
    struct store *store;
    struct checker *checker;
    struct fault_rates rates;
    bool faults, draining;
    bool loading_normal;
    bool teams; /* players form parties and queue for two against two */
    int64_t queue_lease_ms;
    char lull_mode
        [16]; /* what nobody wants to play in that time, but later one and his neighbour, who are patient */
    int64_t lull_until_ms, lull_spares_from_ms;
    size_t lull_spares;
    uint64_t writes;    /* scripts that may have changed a queue */
    uint64_t counts[8]; /* of COUNT_... */
    size_t matches;     /* finished ones */
    int trace;
};

enum {
    COUNT_SCRIPTS,
    COUNT_LOST,
    COUNT_KILLS,
    COUNT_PAUSES,
    COUNT_CUTS,
    COUNT_FAILOVERS,
    COUNT_EVENTS,
    COUNT_TAKEN_ALONG
};

/* Runs one seed; false: an invariant broke, the checker has said which. `parties`: there are some in any case. */
bool sim_run(struct store *store, uint64_t seed, bool parties, int trace, struct sim *out);

bool sim_chance(struct sim *sim, unsigned thousandths);
int64_t sim_between(struct sim *sim, int64_t low, int64_t high);
int64_t sim_redis_ms(const struct sim *sim);

enum lull { LULL_NONE, LULL_SPARED, LULL_FELT };
enum lull sim_lull(const struct sim *sim, const struct client *client, const char *mode);

/* Since when some match_server has done its work without a break; now_ms: none does. */
int64_t sim_served_since_ms(const struct sim *sim);

/* One line of a trace, when there is one. */
void sim_trace(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

void faults_start(struct sim *sim); /* draws the rates and plans what will happen */
void faults_stop(struct sim *sim);

/* Of a call of expire that is being sent: by how much it is late. */
int64_t faults_delay_expire(struct sim *sim);

/* ---- Redis (store.c) ------------------------------------------------------------------------------------ */

/* `folder`: scripts from there instead of the embedded ones; NULL: the embedded ones. */
struct store *store_open(const char *socket_path, const char *folder);
void store_close(struct store *store);

/* The reply lives until the next call. */
const struct redis_reply *store_command(struct store *store, const struct bytes *arguments, size_t count);
const struct redis_reply *store_words(struct store *store, const char *words); /* separated by spaces */
const struct redis_reply *store_script(struct store *store, enum script_id script, const struct bytes *keys,
                                       size_t key_count, const struct bytes *arguments, size_t argument_count,
                                       int64_t now_ms);
const struct redis_reply *store_look(struct store *store, const struct bytes *arguments, size_t count);
void store_expire(struct store *store, int64_t now_ms); /* goes out with the next command */

/* Everything there is, and going back to it: what a failover loses. */
void store_save(struct store *store);
void store_restore(struct store *store);

#endif
