/* world.c -- a command goes two ways: to Redis at one time, where it is executed, and its reply back at a
 * later one. Each way keeps its order for one link, and on each way it can be lost. */
#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "tests/sim/checker.h"

enum { WAY_MS_MAX = 3, STALL_MS_MAX = 900, POLL_MS = 10 };

/* One command; then, with `answer`, its reply on the way back. */
struct call {
    struct event event;
    struct shard *shard;
    int script; /* or SCRIPT_COUNT */
    size_t key_count, count;
    int64_t block_until_ms; /* of XREAD; 0: does not block */
    uint64_t polled_writes;
    world_reply_fn *reply;
    void *context;
    uint64_t tag;
    struct redis_reply *answer;
    bool answering;
    struct bytes words[]; /* keys, then arguments; their bytes behind */
};

static struct shard *shard_of(struct world *world)
{
    return container_of(world, struct shard, world);
}

static int64_t now_ms(struct world *world)
{
    struct shard *shard = shard_of(world);
    return shard->sim->now_ms + shard->process->clock_ahead_ms;
}

static uint64_t random_bits(struct world *world)
{
    return rng_next(&shard_of(world)->sim->rng);
}

/* ---- at Redis ------------------------------------------------------------------------------------------- */

static const struct redis_reply *execute_blocking(struct sim *sim, const struct call *call)
{
    struct bytes words[32];
    size_t count = 0;
    for (size_t i = 0; i < call->count && count < ARRAY_LENGTH(words); i++) {
        if (bytes_equal_text(call->words[i], "BLOCK")) {
            i++;
        } else {
            words[count++] = call->words[i];
        }
    }
    return store_command(sim->store, words, count);
}

static void trace_script(struct sim *sim, const struct call *call, const struct bytes *arguments,
                         size_t count)
{
    if (sim->trace == 0) return;
    struct buffer text = {0};
    for (size_t i = 4; i < count && i < 12; i++) {
        buffer_append_character(&text, ' ');
        buffer_append(&text, arguments[i].data, arguments[i].length < 40 ? arguments[i].length : 40);
    }
    struct bytes status = redis_reply_text(redis_reply_item(call->answer, 0));
    sim_trace(sim, "%s %s%.*s -> %.*s", call->shard->process->pod_id,
              script_name((enum script_id)call->script), (int)text.length, text.data == NULL ? "" : text.data,
              (int)status.length, status.data);
    buffer_free(&text);
}

static const struct redis_reply *execute(struct sim *sim, struct call *call)
{
    static const struct redis_reply published = {.type = REDIS_INTEGER, .integer = 1};
    store_expire(sim->store, sim_redis_ms(sim));
    if (call->script != SCRIPT_COUNT) {
        const struct bytes *arguments = call->words + call->key_count;
        size_t count = call->count - call->key_count;
        int64_t redis_ms = sim_redis_ms(sim);
        const struct redis_reply *reply = store_script(sim->store, (enum script_id)call->script, call->words,
                                                       call->key_count, arguments, count, redis_ms);
        sim->counts[COUNT_SCRIPTS]++;
        call->answer = reply_copy(reply);
        trace_script(sim, call, arguments, count);
        sim->writes +=
            checker_script(sim->checker, call->shard->process->pod_id, (enum script_id)call->script,
                           call->words, call->key_count, arguments, count, call->answer, redis_ms);
        checker_overdue(sim->checker, sim_served_since_ms(sim) + sim->redis_ahead_ms, redis_ms);
        return NULL;
    }
    if (bytes_equal_text(call->words[0], "PUBLISH")) {
        sim_publish(sim, call->words[1], call->words[2]);
        return &published;
    }
    if (call->block_until_ms > 0) return execute_blocking(sim, call);
    return store_command(sim->store, call->words, call->count);
}

static void call_free(struct call *call)
{
    free(call->answer);
    free(call);
}

static void answer(struct call *call, const struct redis_reply *reply)
{
    if (call->reply != NULL) call->reply(call->context, call->tag, reply);
    call_free(call);
}

static void send_answer(struct sim *sim, struct call *call)
{
    struct shard *shard = call->shard;
    if (sim_chance(sim, sim->rates.reply_lost)) {
        free(call->answer);
        call->answer = NULL;
    }
    call->answering = true;
    call->event.process = shard->process;
    call->event.order = 0;
    int64_t at_ms = sim->now_ms + sim_between(sim, 0, WAY_MS_MAX);
    if (call->block_until_ms == 0) {
        if (at_ms < shard->answered_ms) at_ms = shard->answered_ms;
        shard->answered_ms = at_ms;
    }
    events_add(&sim->events, &call->event, at_ms);
}

/* A blocking read looks again until something is there or its time is over. */
static bool blocks_on(struct sim *sim, struct call *call)
{
    bool over = sim->now_ms >= call->block_until_ms;
    if (call->block_until_ms == 0 || over) return false;
    bool changed = call->polled_writes != sim->writes;
    call->polled_writes = sim->writes;
    if (changed) {
        const struct redis_reply *reply = execute(sim, call);
        call->answer = reply->type == REDIS_NIL ? NULL : reply_copy(reply);
    }
    if (call->answer != NULL) return false;
    call->event.order = 0;
    events_add(&sim->events, &call->event, sim->now_ms + POLL_MS);
    return true;
}

static void on_call(struct sim *sim, struct event *event, bool dead)
{
    struct call *call = container_of(event, struct call, event);
    if (call->answering || dead) {
        answer(call, dead ? NULL : call->answer);
        return;
    }
    if (sim_chance(sim, sim->rates.request_lost)) {
        sim->counts[COUNT_LOST]++;
        call->answering = true;
        call->event.process = call->shard->process;
        events_add(&sim->events, event, sim->now_ms + WAY_MS_MAX);
        return;
    }
    if (blocks_on(sim, call)) return;
    if (call->answer == NULL) {
        const struct redis_reply *reply = execute(sim, call);
        if (call->answer == NULL) call->answer = reply_copy(reply);
    }
    send_answer(sim, call);
}

/* ---- the calls of a world --------------------------------------------------------------------------------- */

static struct call *call_new(struct shard *shard, const struct bytes *keys, size_t key_count,
                             const struct bytes *arguments, size_t argument_count)
{
    size_t bytes = 0, count = key_count + argument_count;
    for (size_t i = 0; i < key_count; i++) bytes += keys[i].length;
    for (size_t i = 0; i < argument_count; i++) bytes += arguments[i].length;
    struct call *call = memory_new(sizeof *call + count * sizeof call->words[0] + bytes + 1);
    char *memory = (char *)(call->words + count);
    for (size_t i = 0; i < count; i++) {
        struct bytes word = i < key_count ? keys[i] : arguments[i - key_count];
        if (word.length > 0) memcpy(memory, word.data, word.length);
        call->words[i] = (struct bytes){memory, word.length};
        memory += word.length;
    }
    call->shard = shard;
    call->script = SCRIPT_COUNT;
    call->key_count = key_count;
    call->count = count;
    call->event.run = on_call;
    return call;
}

static bool call_send(struct call *call, world_reply_fn *reply, void *context, uint64_t tag)
{
    struct shard *shard = call->shard;
    struct sim *sim = shard->sim;
    call->reply = reply;
    call->context = context;
    call->tag = tag;
    int64_t at_ms = sim->now_ms + sim_between(sim, 0, WAY_MS_MAX);
    if (sim_chance(sim, sim->rates.stall)) at_ms += sim_between(sim, 1, STALL_MS_MAX);
    if (call->script == SCRIPT_expire) at_ms += faults_delay_expire(sim);
    if (call->block_until_ms == 0) {
        if (at_ms < shard->sent_ms) at_ms = shard->sent_ms;
        shard->sent_ms = at_ms;
    }
    events_add(&sim->events, &call->event, at_ms);
    return true;
}

static bool command(struct world *world, const struct bytes *arguments, size_t count, world_reply_fn *reply,
                    void *context, uint64_t tag)
{
    struct shard *shard = shard_of(world);
    if (!shard->process->alive) return false;
    return call_send(call_new(shard, arguments, 0, arguments, count), reply, context, tag);
}

static bool blocking_command(struct world *world, const struct bytes *arguments, size_t count,
                             world_reply_fn *reply, void *context, uint64_t tag)
{
    enum { BLOCK_MS = 200 };
    struct shard *shard = shard_of(world);
    if (!shard->process->alive) return false;
    struct call *call = call_new(shard, arguments, 0, arguments, count);
    call->block_until_ms = shard->sim->now_ms + BLOCK_MS;
    call->polled_writes = UINT64_MAX;
    return call_send(call, reply, context, tag);
}

static bool script(struct world *world, enum script_id script_id, const struct bytes *keys, size_t key_count,
                   const struct bytes *arguments, size_t argument_count, world_reply_fn *reply, void *context,
                   uint64_t tag)
{
    struct shard *shard = shard_of(world);
    if (!shard->process->alive) return false;
    check(argument_count > 0 && arguments[0].length == 0);
    struct call *call = call_new(shard, keys, key_count, arguments, argument_count);
    call->script = (int)script_id;
    return call_send(call, reply, context, tag);
}

struct letter {
    struct event event;
    struct message *message;
};

static void on_letter(struct sim *sim, struct event *event, bool dead)
{
    (void)sim;
    struct letter *letter = container_of(event, struct letter, event);
    if (dead) {
        free(letter->message);
    } else {
        actors_deliver(event->process->shards[actor_shard(letter->message->to)]->actors, letter->message);
    }
    free(letter);
}

static bool send_mail(struct world *world, uint64_t to, struct message *message)
{
    struct shard *shard = shard_of(world);
    if (!shard->process->alive || to == ACTOR_NOBODY) return false;
    struct letter *letter = memory_new(sizeof *letter);
    letter->event = (struct event){.run = on_letter, .process = shard->process};
    letter->message = message;
    message->to = to;
    events_add(&shard->sim->events, &letter->event, shard->sim->now_ms);
    return true;
}

const struct world_ops sim_world_ops = {
    .now_ms = now_ms,
    .random = random_bits,
    .command = command,
    .blocking_command = blocking_command,
    .script = script,
    .send = send_mail,
};

/* ---- a link that breaks ------------------------------------------------------------------------------------ */

static bool is_call_of(const struct event *event, const void *context)
{
    return event->run == on_call && container_of(event, struct call, event)->shard == context;
}

/* What is on its way to Redis is lost; of what Redis has executed the reply is. */
void sim_link_cut(struct shard *shard, int64_t until_ms)
{
    shard->listens_at_ms = shard->sent_ms = shard->answered_ms = until_ms;
    events_end(shard->sim, is_call_of, shard);
}
