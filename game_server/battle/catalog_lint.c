/* Linting: a catalog that compiles may still answer itself for ever within one instant. The engine's limits
 * would end that, but a card that runs into them is a mistake.
 *
 * Abilities without an inner cooldown are the nodes; an edge leads from one to another when an op of the first
 * can raise the trigger of the second, whoever stands where. What neither begins nor ends a chain is taken away
 * until nothing changes: what is left runs in circles. */
#include <string.h>

#include "catalog_compile.h"

#define ON(name) (1u << ON_##name)

/* The triggers an op can raise before the instant is over. */
static uint32_t raised_by_op(int op)
{
    const uint32_t fall = ON(DEATH) | ON(ALLY_DEATH) | ON(ENEMY_DEATH);
    switch (op) {
    case OP_DAMAGE:
        return fall | ON(DEALT_DAMAGE) | ON(HURT) | ON(ALLY_HURT) | ON(HERO_HURT) | ON(CRIT) | ON(HEALED);
    case OP_DESTROY: return fall;
    case OP_HEAL: return ON(HEALED);
    case OP_SHIELD: return ON(SHIELDED);
    case OP_BURN: return ON(BURNED);
    case OP_POISON: return ON(POISONED);
    case OP_FREEZE: return ON(FROZEN);
    case OP_SLOW: return ON(SLOWED);
    case OP_HASTE: return ON(HASTED);
    case OP_CHARGE: return ON(CHARGED);
    case OP_SUMMON:
    case OP_TRANSFORM:
    case OP_REVIVE: return ON(SUMMONED);
    case OP_TRIGGER_READY: return ON(READY) | ON(USED) | ON(ALLY_USED) | ON(ENEMY_USED);
    default: return 0;
    }
}

struct node {
    uint32_t raises;
    uint8_t on;
    bool alone; /* its card can stand only once on a side and does not name itself */
    bool left;
};

static bool names_itself(const battle_catalog *catalog, struct span effects)
{
    for (int i = 0; i < effects.count; i++)
        if (catalog->effects[effects.start + i].to == TO_SELF) return true;
    return false;
}

static struct node node_of(const battle_catalog *catalog, const struct def *def, int index)
{
    const struct ability *ability = &catalog->abilities[index];
    struct node node = {.on = ability->on};
    node.left = ability->on == ON_READY || ability->icd_ticks == 0;
    node.alone = def->unique && !names_itself(catalog, ability->effects);
    for (int i = 0; i < ability->effects.count; i++)
        node.raises |= raised_by_op(catalog->effects[ability->effects.start + i].op);
    return node;
}

static bool leads(const struct node *nodes, int from, int to)
{
    if (from == to && nodes[from].on == ON_READY && nodes[from].alone) return false;
    return nodes[from].left && nodes[to].left && nodes[from].raises >> nodes[to].on & 1;
}

static bool is_on_a_way(const struct node *nodes, int count, int which)
{
    bool in = false, out = false;
    for (int i = 0; i < count && !(in && out); i++) {
        in = in || leads(nodes, i, which);
        out = out || leads(nodes, which, i);
    }
    return in && out;
}

static void take_away_what_ends(struct node *nodes, int count)
{
    bool changed;
    do {
        changed = false;
        for (int i = 0; i < count; i++) {
            if (!nodes[i].left || is_on_a_way(nodes, count, i)) continue;
            nodes[i].left = false;
            changed = true;
        }
    } while (changed);
}

static int refuse_loop(const struct def *def, int ability, battle_err *err)
{
    static const char message[] = "can answer itself without an inner cooldown";
    char place[] = ".abilities[0]";
    size_t length = strlen(def->id);
    battle_err_clear(err);
    place[sizeof place - 3] = (char)('0' + ability);
    memcpy(err->place, def->id, length);
    memcpy(err->place + length, place, sizeof place);
    memcpy(err->message, message, sizeof message);
    return err->code = BATTLE_E_LINT;
}

int battle_catalog_lint(const battle_catalog *catalog, battle_err *err)
{
    struct node nodes[ABILITIES_MAX];
    battle_err_clear(err);
    for (int i = 0; i < catalog->def_count; i++)
        for (int k = 0; k < catalog->defs[i].abilities.count; k++) {
            int index = catalog->defs[i].abilities.start + k;
            nodes[index] = node_of(catalog, &catalog->defs[i], index);
        }
    take_away_what_ends(nodes, catalog->ability_count);
    for (int i = 0; i < catalog->def_count; i++)
        for (int k = 0; k < catalog->defs[i].abilities.count; k++)
            if (nodes[catalog->defs[i].abilities.start + k].left)
                return refuse_loop(&catalog->defs[i], k, err);
    return BATTLE_OK;
}
