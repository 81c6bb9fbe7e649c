/* pubsub.c -- PUBLISH, delivered to each process on its own: lost, doubled, late and so out of order. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

enum { PUBSUB_MS_MAX = 8, LATE_MS_MAX = 2500 };

struct delivery {
    struct event event;
    struct bytes channel, payload;
};

static void on_delivery(struct sim *sim, struct event *event, bool dead)
{
    struct delivery *delivery = container_of(event, struct delivery, event);
    struct process *process = event->process;
    bool heard = !dead && sim->now_ms >= process->shards[0]->listens_at_ms;
    if (heard) process_message(process, delivery->channel, delivery->payload);
    free(delivery);
}

static void deliver(struct sim *sim, struct process *process, struct bytes channel, struct bytes payload)
{
    struct delivery *delivery = memory_new(sizeof *delivery + channel.length + payload.length + 1);
    char *memory = (char *)(delivery + 1);
    memcpy(memory, channel.data, channel.length);
    memcpy(memory + channel.length, payload.data, payload.length);
    delivery->channel = (struct bytes){memory, channel.length};
    delivery->payload = (struct bytes){memory + channel.length, payload.length};
    delivery->event = (struct event){.run = on_delivery, .process = process};
    int64_t late_ms = sim_chance(sim, sim->rates.publish_late) ? LATE_MS_MAX : PUBSUB_MS_MAX;
    events_add(&sim->events, &delivery->event, sim->now_ms + sim_between(sim, 1, late_ms));
}

static bool starts_with(struct bytes text, const char *start)
{
    size_t length = strlen(start);
    return text.length >= length && memcmp(text.data, start, length) == 0;
}

/* match:... is for match_servers, everything else for pods; who is not meant does not react. */
void sim_publish(struct sim *sim, struct bytes channel, struct bytes payload)
{
    enum process_kind kind = starts_with(channel, "match:") ? PROCESS_MATCH : PROCESS_GAME;
    for (size_t i = 0; i < SIM_PROCESSES; i++) {
        struct process *process = &sim->processes[i];
        if (!process->alive || process->kind != kind) continue;
        if (sim_chance(sim, sim->rates.publish_lost)) {
            sim->counts[COUNT_LOST]++;
            continue;
        }
        deliver(sim, process, channel, payload);
        if (sim_chance(sim, sim->rates.publish_doubled)) deliver(sim, process, channel, payload);
    }
}
