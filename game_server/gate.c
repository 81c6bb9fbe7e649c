#include "game_server/gate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/keyed_hash.h"
#include "common/limiter.h"
#include "common/rng.h"
#include "common/tally.h"
#include "game_server/ws_peer.h"

enum { STRIPES = 16, STRIPE_SHIFT = 60 }; /* by the highest bits of a key; limiters look at the lowest */

enum bucket_kind { BUCKET_HANDSHAKES, BUCKET_ADDRESS, BUCKET_PLAYER, BUCKET_KINDS };

struct stripe {
    pthread_mutex_t mutex;
    struct limiter *limiters[BUCKET_KINDS];
};

struct gate {
    struct keyed_hash_key key;
    struct stripe stripes[STRIPES];
    pthread_mutex_t connections_mutex;
    struct tally *connections; /* by address */
};

struct gate *gate_open(const struct game_config *config)
{
    struct gate *gate = memory_new(sizeof *gate);
    rng_entropy(&gate->key, sizeof gate->key);
    for (size_t i = 0; i < STRIPES; i++) {
        check(pthread_mutex_init(&gate->stripes[i].mutex, NULL) == 0);
        for (size_t kind = 0; kind < BUCKET_KINDS; kind++) {
            gate->stripes[i].limiters[kind] = limiter_open((size_t)config->limits_addresses_max / STRIPES);
        }
    }
    check(pthread_mutex_init(&gate->connections_mutex, NULL) == 0);
    gate->connections = tally_open((size_t)config->client_connections_max);
    return gate;
}

void gate_free(struct gate *gate)
{
    if (gate == NULL) return;
    for (size_t i = 0; i < STRIPES; i++) {
        for (size_t kind = 0; kind < BUCKET_KINDS; kind++) limiter_free(gate->stripes[i].limiters[kind]);
        pthread_mutex_destroy(&gate->stripes[i].mutex);
    }
    pthread_mutex_destroy(&gate->connections_mutex);
    tally_free(gate->connections);
    free(gate);
}

uint64_t gate_address_key(const struct gate *gate, const char *ip)
{
    char network[WS_PEER_NETWORK_BYTES];
    ws_peer_network(ip, network);
    return keyed_hash(&gate->key, (struct bytes){network, sizeof network});
}

uint64_t gate_player_key(const struct gate *gate, const char *player_id)
{
    return keyed_hash(&gate->key, bytes_of_text(player_id));
}

static int64_t gate_take(struct gate *gate, enum bucket_kind kind, uint64_t key,
                         const struct limiter_rule *rule, int64_t now_ms)
{
    if (rule->per_s == 0) return 0;
    struct stripe *stripe = &gate->stripes[key >> STRIPE_SHIFT];
    pthread_mutex_lock(&stripe->mutex);
    int64_t wait_ms = limiter_take(stripe->limiters[kind], key, rule, now_ms);
    pthread_mutex_unlock(&stripe->mutex);
    return wait_ms;
}

static enum gate_verdict gate_refusal(const struct gate *gate)
{
    return tally_total(gate->connections) >= tally_total_max(gate->connections) ? GATE_FULL
                                                                                : GATE_ADDRESS_FULL;
}

enum gate_verdict gate_admit(struct gate *gate, const struct game_config *config, uint64_t address_key,
                             int64_t now_ms)
{
    const struct limiter_rule rule = {config->limits_handshakes_per_s, config->limits_handshakes_burst};
    if (gate_take(gate, BUCKET_HANDSHAKES, address_key, &rule, now_ms) > 0) return GATE_RATE;
    size_t each_max = (size_t)config->limits_address_connections_max;
    enum gate_verdict verdict = GATE_OPEN;
    pthread_mutex_lock(&gate->connections_mutex);
    bool address_full = each_max > 0 && tally_of(gate->connections, address_key) >= each_max;
    if (address_full || gate_refusal(gate) == GATE_FULL) verdict = gate_refusal(gate);
    pthread_mutex_unlock(&gate->connections_mutex);
    return verdict;
}

enum gate_verdict gate_enter(struct gate *gate, const struct game_config *config, uint64_t address_key)
{
    size_t each_max = (size_t)config->limits_address_connections_max;
    pthread_mutex_lock(&gate->connections_mutex);
    bool counted = tally_add(gate->connections, address_key, each_max);
    enum gate_verdict verdict = counted ? GATE_OPEN : gate_refusal(gate);
    pthread_mutex_unlock(&gate->connections_mutex);
    return verdict;
}

void gate_leave(struct gate *gate, uint64_t address_key)
{
    pthread_mutex_lock(&gate->connections_mutex);
    tally_remove(gate->connections, address_key);
    pthread_mutex_unlock(&gate->connections_mutex);
}

int64_t gate_address_wait_ms(struct gate *gate, const struct game_config *config, uint64_t address_key,
                             int64_t now_ms)
{
    const struct limiter_rule rule = {config->limits_address_messages_per_s,
                                      config->limits_address_messages_burst};
    return gate_take(gate, BUCKET_ADDRESS, address_key, &rule, now_ms);
}

int64_t gate_player_wait_ms(struct gate *gate, const struct game_config *config, uint64_t player_key,
                            int64_t now_ms)
{
    const struct limiter_rule rule = {config->limits_player_messages_per_s,
                                      config->limits_player_messages_burst};
    return gate_take(gate, BUCKET_PLAYER, player_key, &rule, now_ms);
}

uint64_t gate_forgotten(struct gate *gate)
{
    uint64_t forgotten = 0;
    for (size_t i = 0; i < STRIPES; i++) {
        struct stripe *stripe = &gate->stripes[i];
        pthread_mutex_lock(&stripe->mutex);
        for (size_t kind = 0; kind < BUCKET_KINDS; kind++) {
            forgotten += limiter_forgotten(stripe->limiters[kind]);
        }
        pthread_mutex_unlock(&stripe->mutex);
    }
    return forgotten;
}
