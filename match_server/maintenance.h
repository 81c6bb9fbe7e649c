/* maintenance.h -- are the queues closed, does any game_server listen, and who tells whom?
 *
 *     operator --POST /maintenance--+                                 +--> matchmakers: nobody is matched, nobody ages
 *                                   +--> maintenance:flag --beat------+--> requests to queue: error maintenance
 *     detector: nobody listens -----+    maintenance:pauses           +--> maintenance:news -> game_servers -> clients
 *
 * Every match_server looks at the flag once a second and publishes what it saw every maintenance.probe_ms, at
 * once when it changed. How many heard that is what the detector lives on (listener_watch.h); while it finds
 * all game_servers gone it keeps a flag of its own up, which ends by itself after maintenance.flag_ms should
 * every match_server die too, and has the leases of waiters on dead pods ended (drain.h). An operator's flag
 * stays until an operator ends it. Players in a match play on; waiters keep their places.
 *
 * Pauses are kept in Redis so that a matchmaker that takes over later does not count them either.
 *
 * One thread: the server's. */
#ifndef DUELPOD_MAINTENANCE_H
#define DUELPOD_MAINTENANCE_H

#include "common/timers.h"
#include "match_server/drain.h"
#include "match_server/listener_watch.h"

struct match_server;

struct maintenance {
    struct match_server *server;
    struct timer probe_timer;
    struct listener_watch watch;
    struct drain drain;
    struct proto_maintenance_news news; /* as last seen */
    bool known;                         /* the flag has been read once */
    bool by_detector;                   /* it is the detector's */
    bool gone;                          /* all game_servers are */
    int64_t paused_until_ms;            /* end of the last pause that the matchers know; clock of Redis */
    struct {
        bool active, by_detector;
        struct proto_maintenance_flag flag;
    } read; /* between two replies */
};

void maintenance_init(struct maintenance *maintenance, struct match_server *server);
void maintenance_free(struct maintenance *maintenance);
void maintenance_start(struct maintenance *maintenance); /* more than once is harmless */
void maintenance_stop(struct maintenance *maintenance);

/* Reads flag and pauses; with every beat of the server. */
void maintenance_look(struct maintenance *maintenance);

/* A game_server said something. */
void maintenance_heard(struct maintenance *maintenance);

/* Nobody may be matched now. */
bool maintenance_is_active(const struct maintenance *maintenance);

/* When a client may try again; also before the flag was seen here. */
int64_t maintenance_retry_after_ms(const struct maintenance *maintenance);

#endif
