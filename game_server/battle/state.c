/* The visible state of a battle that has ended, in the shape battle_reduce rebuilds from a timeline. */
#include "engine.h"

static int32_t until_ms(int32_t tick)
{
    return tick * TICK_MS;
}

static void card_state(const struct card *card, battle_state_card *out)
{
    if (card->def == NULL) return;
    *out = (battle_state_card){
        .entity = card->entity,
        .num = card->def->num,
        .level = card->level,
        .alive = card->alive,
        .hp = card->hp,
        .hp_max = card->stat[STAT_HP],
        .atk = card->stat[STAT_ATK],
        .cd_ms = card->stat[STAT_CD],
        .ward = card->ward,
        .guard = card->guard,
        .disabled = card->disabled,
        .flags = card->flags,
        .uses = card->uses_left,
        .frozen_until_ms = until_ms(card->frozen_until),
        .slow_until_ms = until_ms(card->slow_until),
        .haste_until_ms = until_ms(card->haste_until),
    };
}

void battle_ctx_state(const battle_ctx *ctx, battle_state *final)
{
    memset(final, 0, sizeof *final);
    for (int side = 0; side < 2; side++) {
        const struct hero *hero = &ctx->heroes[side];
        battle_state_side *out = &final->sides[side];
        *out = (battle_state_side){.hp = hero->hp,
                                   .hp_max = hero->hp_max,
                                   .shield = hero->shield,
                                   .burn = hero->burn,
                                   .poison = hero->poison,
                                   .regen = hero->regen};
        for (int slot = 0; slot < BATTLE_SLOTS; slot++)
            card_state(&ctx->cards[side][slot], &out->cards[slot]);
    }
    final->t_ms = ctx->result.t_ms;
    final->winner = ctx->result.winner;
    final->why = (int32_t)ctx->result.why;
    final->events = ctx->result.events;
}
