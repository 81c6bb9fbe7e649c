/* Playing a timeline back without any rule of the game: every event carries absolute results. What a client
 * in another language has to do is exactly this file. */
#include <string.h>

#include "timeline_read.h"

struct player {
    struct json json;
    const battle_catalog *catalog;
    battle_state *state;
    int32_t events, last_t;
};

static battle_state_side *side_of_hero(struct player *player, int32_t entity)
{
    return entity == 1 || entity == 2 ? &player->state->sides[entity - 1] : NULL;
}

static battle_state_card *find_card(struct player *player, int32_t entity)
{
    if (entity == 0) return NULL;
    for (int k = 0; k < 2 * BATTLE_SLOTS; k++) {
        battle_state_card *card = &player->state->sides[k / BATTLE_SLOTS].cards[k % BATTLE_SLOTS];
        if (card->entity == entity) return card;
    }
    return NULL;
}

static void apply_stat(battle_state_card *card, const struct timeline_event *event)
{
    switch (event->p) {
    case STAT_HP: card->hp_max = event->v, card->hp = event->w; break;
    case STAT_ATK: card->atk = event->v; break;
    case STAT_CD: card->cd_ms = event->v; break;
    case STAT_USES: card->uses = event->w; break;
    default: break;
    }
}

static void arrive(struct player *player, const struct timeline_event *event, bool again)
{
    if (event->n < 1 || event->n > 2 || event->slot < 0 || event->slot >= BATTLE_SLOTS) {
        json_fail(&player->json, BATTLE_E_SCHEMA, "no such place on the board");
        return;
    }
    battle_state_card *card = &player->state->sides[event->n - 1].cards[event->slot];
    if (!again)
        *card = (battle_state_card){.entity = event->d,
                                    .num = battle_catalog_num(player->catalog, event->id),
                                    .level = event->x,
                                    .hp_max = event->v,
                                    .guard = (event->f & KW_GUARD) != 0,
                                    .ward = event->f & KW_WARD ? 1 : 0};
    card->alive = 1;
    card->hp = event->v;
    card->atk = event->w;
    card->cd_ms = event->cd;
    card->frozen_until_ms = card->slow_until_ms = card->haste_until_ms = 0;
}

static void apply_to_hero(battle_state_side *side, int kind, const struct timeline_event *event)
{
    switch (kind) {
    case EVENT_DMG: side->hp = event->v, side->shield = event->w; break;
    case EVENT_HEAL: side->hp = event->v; break;
    case EVENT_SHIELD: side->shield = event->v; break;
    case EVENT_BURN: side->burn = event->v; break;
    case EVENT_POISON: side->poison = event->v; break;
    case EVENT_REGEN: side->regen = event->v; break;
    case EVENT_CLEANSE: side->burn = side->poison = 0; break;
    case EVENT_DISPEL: side->shield = side->regen = 0; break;
    case EVENT_TICK:
        side->hp = event->v, side->shield = event->w;
        if (event->f == 1) side->burn = event->x;
        break;
    default: break;
    }
}

static void apply_to_card(battle_state_card *card, int kind, const struct timeline_event *event)
{
    switch (kind) {
    case EVENT_DMG:
    case EVENT_HEAL: card->hp = event->v; break;
    case EVENT_FREEZE: card->frozen_until_ms = event->v; break;
    case EVENT_SLOW: card->slow_until_ms = event->v; break;
    case EVENT_HASTE: card->haste_until_ms = event->v; break;
    case EVENT_STAT: apply_stat(card, event); break;
    case EVENT_WARD:
    case EVENT_WARDBREAK: card->ward = event->v; break;
    case EVENT_GUARD: card->guard = 1; break;
    case EVENT_DISABLE: card->disabled = 1; break;
    case EVENT_FLAG: card->flags = event->v; break;
    case EVENT_CLEANSE: card->frozen_until_ms = card->slow_until_ms = card->disabled = 0; break;
    case EVENT_DISPEL: card->haste_until_ms = card->ward = card->guard = 0; break;
    case EVENT_DEATH:
    case EVENT_DESTROY: card->alive = 0; break;
    case EVENT_SPENT: card->alive = card->alive && event->f == 0; break;
    default: break;
    }
}

static int kind_of(const char *name)
{
    for (int kind = 1; kind < EVENT_KINDS; kind++)
        if (strcmp(event_names[kind], name) == 0) return kind;
    return EVENT_NONE;
}

static void apply(struct player *player, const struct timeline_event *event)
{
    int kind = kind_of(event->kind);
    battle_state_side *side = side_of_hero(player, event->d);
    battle_state_card *card = find_card(player, event->d), *actor = find_card(player, event->s);
    player->events++;
    if (event->t < player->last_t || event->t % TICK_MS != 0)
        json_fail(&player->json, BATTLE_E_SCHEMA, "time runs backwards");
    if (event->c < 0 || event->c >= player->events)
        json_fail(&player->json, BATTLE_E_SCHEMA, "cause comes after its effect");
    player->last_t = event->t;
    if (kind == EVENT_SUMMON || kind == EVENT_TRANSFORM || kind == EVENT_REVIVE)
        arrive(player, event, kind == EVENT_REVIVE);
    else if (kind == EVENT_ACT && actor != NULL) actor->uses = event->x;
    else if (side != NULL) apply_to_hero(side, kind, event);
    else if (card != NULL) apply_to_card(card, kind, event);
}

static void open_state(const struct timeline_header *header, battle_state *state)
{
    memset(state, 0, sizeof *state);
    for (int side = 0; side < 2; side++) {
        const struct timeline_side *from = &header->sides[side];
        battle_state_side *to = &state->sides[side];
        to->hp = to->hp_max = from->hp;
        for (int i = 0; i < from->snapshot.card_count; i++) {
            const struct opening_card *opening = &from->cards[i];
            to->cards[i] = (battle_state_card){.entity = opening->entity,
                                               .num = from->snapshot.cards[i].num,
                                               .level = from->snapshot.cards[i].level,
                                               .alive = 1,
                                               .hp = opening->stats[STAT_HP],
                                               .hp_max = opening->stats[STAT_HP],
                                               .atk = opening->stats[STAT_ATK],
                                               .cd_ms = opening->stats[STAT_CD],
                                               .uses = opening->stats[STAT_USES],
                                               .guard = (opening->keywords & KW_GUARD) != 0,
                                               .ward = opening->keywords & KW_WARD ? 1 : 0};
        }
    }
}

static void close_state(struct player *player, const struct timeline_end *end)
{
    battle_state *state = player->state;
    state->t_ms = end->t;
    state->winner = end->winner;
    state->why = end->why;
    state->events = player->events;
    if (end->events != player->events)
        json_fail(&player->json, BATTLE_E_VERIFY, "the number of events is wrong");
    if (end->hp[0] != state->sides[0].hp || end->hp[1] != state->sides[1].hp)
        json_fail(&player->json, BATTLE_E_VERIFY, "the heroes end with other health than the events give");
}

int battle_reduce(const battle_catalog *catalog, const void *timeline, size_t size, battle_state *final,
                  battle_err *err)
{
    struct player player = {.catalog = catalog, .state = final};
    struct timeline_header header;
    struct timeline_event event;
    struct timeline_end end;
    struct json_object document;
    struct json_array events;
    json_open(&player.json, timeline, size, err);
    if (!timeline_read_header(&player.json, catalog, &document, &header, &events)) return err->code;
    open_state(&header, final);
    while (json_array_next(&player.json, &events))
        if (timeline_read_event(&player.json, &event)) apply(&player, &event);
    if (timeline_read_end(&player.json, &document, &end)) close_state(&player, &end);
    return err->code;
}
