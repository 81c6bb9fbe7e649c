/* redis_link.h -- one asynchronous connection to Redis on a libuv loop, kept up for ever.
 *
 *     redis_link_command() --> pending --> one write per loop turn --> Redis --> replies --> callbacks
 *                                 ^                                        |
 *            waits here while the link is down          connection lost: NULL for everything sent
 *
 * A link is either a command link or, when `channels` or `liveness_channel` is set, a subscriber.
 *
 * The promise: every accepted command gets exactly one callback. A reply of NULL means the outcome is
 * UNKNOWN: the connection died or the time was up after the command may have been sent. A link never sends
 * such a command again by itself; the owner repeats it with the same ids, which every script allows. Commands
 * of one link are executed in the order issued, with one exception: a script that Redis had forgotten
 * (NOSCRIPT) is loaded and its calls repeated once, behind what was sent meanwhile.
 *
 * All commands of one loop turn leave in one write, so issue many at once rather than one per reply.
 * Limits: `pending_max` commands and `pending_bytes_max` bytes not yet answered, then commands are refused;
 * replies of at most 64 MiB and 1,048,576 values, nested at most 7 deep, or the connection is dropped.
 *
 * When there are more places than one (`endpoints`, or `sentinels` that are asked first), a link stays where
 * it was ready last, a failed attempt moves on to the next, and a Redis that is a replica counts as a failed
 * attempt. With sentinels it goes on asking twice a second, and leaves when two answers in a row name another
 * primary.
 *
 * A circuit breaker tells an outage from a hiccup: after `breaker_losses` failures in a row commands are refused
 * at once instead of waiting for a connection, until one is ready again.
 *
 *            losses >= breaker_losses          an attempt begins
 *     CLOSED -----------------------> OPEN <-------------------> HALF_OPEN
 *        ^                                    the attempt fails      |
 *        +-----------------------------------------------------------+   the link is ready
 *
 * With `replicas_min` no answer of a script is told before so many replicas have what it wrote: one WAIT a loop
 * turn covers all scripts of that turn (redis_held.h). When too few have it in time the answers are NULL, and
 * it is the owner's repetition that finds out.
 *
 * One thread: everything here runs on the loop's thread, callbacks included. A callback may issue commands
 * and may close the link. SIGPIPE must be ignored (service.h does). */
#ifndef DUELPOD_REDIS_LINK_H
#define DUELPOD_REDIS_LINK_H

#include <uv.h>

#include "common/base.h"
#include "common/redis_address.h"
#include "common/redis_endpoints.h"
#include "common/redis_reply.h"
#include "common/scripts.h"

struct redis_link;

/* Everything is copied, except the table of scripts, which must outlive the link. */
struct redis_link_config {
    struct redis_address address;     /* where Redis is; with sentinels, only user and password count */
    struct redis_endpoints endpoints; /* more places; their users and passwords are those of `address` */
    struct redis_endpoints sentinels; /* asked for the primary before every attempt; none = no Sentinel */
    char sentinel_master[REDIS_MASTER_BYTES]; /* its name there */
    unsigned breaker_losses;                  /* failures in a row that open the breaker; 0 = never */
    const char *client_name;                  /* seen in CLIENT LIST; no spaces; NULL = none */
    int connect_timeout_ms;             /* name lookup, connect, login and loading of scripts together */
    int command_timeout_ms;             /* from issue to reply; 0 = none (a link for XREAD BLOCK) */
    int backoff_min_ms, backoff_max_ms; /* wait before the n-th attempt: random in 0..min(max, min * 2^n) */
    unsigned replicas_min;              /* script answers wait until so many replicas have them; 0 = never */
    int wait_ms;                        /* at most so long; then their outcome is unknown */
    size_t pending_max;                 /* 0 = 65,536 commands */
    size_t pending_bytes_max;           /* 0 = 64 MiB */
    const struct script_table *scripts; /* loaded at every connect; NULL = none */
    const char *const *channels;  /* subscribed at every connect; NULL-terminated; NULL = command link */
    const char *liveness_channel; /* subscribed too. The owner publishes to it, about once a second, on a
                                     command link; those messages are swallowed. NULL = none */
    int liveness_timeout_ms;      /* silence of the whole subscriber after which it reconnects */
};

enum redis_breaker { REDIS_BREAKER_CLOSED, REDIS_BREAKER_OPEN, REDIS_BREAKER_HALF_OPEN };

/* Any of them may be NULL. */
struct redis_link_events {
    /* Logged in, all scripts loaded, all subscriptions confirmed; at every (re)connect. */
    void (*ready)(void *context);
    /* An attempt failed or the connection ended. `reason` holds no secrets and is valid during the call.
     * Everything sent has had its NULL before. The next attempt is already planned. */
    void (*lost)(void *context, const char *reason);
    /* A published message; it may come shortly before `ready`, as soon as its own channel is confirmed. */
    void (*message)(void *context, struct bytes channel, struct bytes payload);
    /* The breaker has changed; before the `ready` or `lost` of the same instant. */
    void (*breaker)(void *context, enum redis_breaker breaker);
};

/* `reply` is valid during the call only; NULL: the outcome is unknown. An error reply of Redis has type
 * REDIS_ERROR. */
typedef void redis_reply_fn(void *context, uint64_t tag, const struct redis_reply *reply);

/* One list makes the struct and its sum. `pending` is a level, the others only grow. */
#define REDIS_LINK_COUNTERS(COUNTER)                             \
    COUNTER(commands, "Commands accepted.")                      \
    COUNTER(refused, "Commands refused because of a limit.")     \
    COUNTER(scripts, "Of the commands, script calls.")           \
    COUNTER(script_reloads, "Scripts that Redis had forgotten.") \
    COUNTER(replies, "Replies received.")                        \
    COUNTER(errors, "Of the replies, errors.")                   \
    COUNTER(messages, "Pub/Sub messages received.")              \
    COUNTER(timeouts, "Commands whose time was up.")             \
    COUNTER(unknown, "Commands that got NULL.")                  \
    COUNTER(connects, "Times the link became ready.")            \
    COUNTER(losses, "Failed attempts and lost connections.")     \
    COUNTER(writes, "Writes to the socket.")                     \
    COUNTER(bytes_out, "Bytes written.")                         \
    COUNTER(bytes_in, "Bytes read.")                             \
    COUNTER(waits, "Times replicas were waited for.")            \
    COUNTER(waits_short, "Of these, in vain.")                   \
    COUNTER(pending, "Commands not yet answered.")

struct redis_link_counters {
#define COUNTER(name, sentence) uint64_t name;
    REDIS_LINK_COUNTERS(COUNTER)
#undef COUNTER
};

/* Starts connecting at once. Never fails: a wrong address shows as `lost`, again and again. */
struct redis_link *redis_link_open(uv_loop_t *loop, const struct redis_link_config *config,
                                   const struct redis_link_events *events, void *context);

/* Ends the link: every pending command gets NULL during this call, no event comes any more. `closed` (may be
 * NULL) is called from the loop when all memory has been released. A second close is ignored. */
void redis_link_close(struct redis_link *link, void (*closed)(void *context));

/* Issues one command; arguments are copied. False: a limit is reached, the breaker is not closed, the link is
 * closed or a subscriber; nothing happened and `reply` will not be called. While the link is down the command
 * waits for it, for at most command_timeout_ms. `tag` is the caller's own and comes back unchanged. */
bool redis_link_command(struct redis_link *link, const struct bytes *arguments, size_t count,
                        redis_reply_fn *reply, void *context, uint64_t tag);

/* The same for script number `script` of the link's table. */
bool redis_link_script(struct redis_link *link, unsigned script, const struct bytes *keys, size_t key_count,
                       const struct bytes *arguments, size_t argument_count, redis_reply_fn *reply,
                       void *context, uint64_t tag);

/* From now on `timed` is called for every answer, before its callback, with the time from issuing to the answer.
 * `script` is its number, or negative for a plain command. */
typedef void redis_timed_fn(void *context, int script, uint64_t time_us);
void redis_link_time(struct redis_link *link, redis_timed_fn *timed, void *context);

bool redis_link_is_ready(const struct redis_link *link);
enum redis_breaker redis_link_breaker(const struct redis_link *link);
/* waiting, asking, connecting, preparing, ready or closed. */
const char *redis_link_state_name(const struct redis_link *link);
struct redis_link_counters redis_link_counters(const struct redis_link *link);
void redis_link_counters_add(struct redis_link_counters *sum, const struct redis_link_counters *more);

#endif
