/* Abilities, their effects, and auras. */
#include "catalog_compile.h"

#define OP_CLASS(name, text, what) what,
enum op_class { HERO, UNIT, CARD, BODY, ANY, DEAD, NONE };
static const uint8_t op_classes[OPS] = {NONE, BATTLE_OPS(OP_CLASS)};

enum { OP, TO, N, MS, STAT, MODE, CARD_ID, COPY, FLAG, EFFECT_FIELDS };
static const char *const effect_names[] = {"op", "to", "n", "ms", "stat", "mode", "card", "copy", "flag"};

/* Which of the fields above an op must have and may have, besides op and to. */
struct op_fields {
    uint32_t must, may;
};

static struct op_fields fields_of_op(int op)
{
    switch (op) {
    case OP_DAMAGE:
    case OP_HEAL:
    case OP_SHIELD:
    case OP_BURN:
    case OP_POISON:
    case OP_REGEN: return (struct op_fields){1u << N, 0};
    case OP_FREEZE:
    case OP_SLOW:
    case OP_HASTE:
    case OP_CHARGE: return (struct op_fields){1u << MS, 0};
    case OP_STAT:
    case OP_STEAL_STAT: return (struct op_fields){1u << N | 1u << STAT, op == OP_STAT ? 1u << MODE : 0};
    case OP_WARD:
    case OP_GAIN_USE:
    case OP_REVIVE: return (struct op_fields){0, 1u << N};
    case OP_SUMMON: return (struct op_fields){1u << CARD_ID, 1u << N};
    case OP_TRANSFORM: return (struct op_fields){0, 1u << CARD_ID | 1u << COPY};
    case OP_SET_FLAG: return (struct op_fields){1u << FLAG, 0};
    default: return (struct op_fields){0, 0};
    }
}

static bool check_target(struct json *json, const struct effect *effect)
{
    bool hero = effect->to == TO_MY_HERO || effect->to == TO_ENEMY_HERO;
    int class = op_classes[effect->op];
    if (class == NONE) return effect->to == TO_NONE || compile_refuse(json, "this op takes no target");
    if (effect->to == TO_NONE) return compile_refuse(json, "this op needs a target");
    if (class == HERO && !hero) return compile_refuse(json, "this op needs my_hero or enemy_hero");
    if (hero && (class == CARD || class == UNIT || class == DEAD))
        return compile_refuse(json, "this op needs a card");
    return true;
}

static bool check_effect(struct json *json, const struct effect *effect, uint32_t seen)
{
    struct op_fields fields = fields_of_op(effect->op);
    uint32_t given = seen & ~(1u << OP | 1u << TO);
    if (!json_ok(json)) return false;
    if ((given & fields.must) != fields.must) return compile_refuse(json, "the op lacks a field");
    if (given & ~(fields.must | fields.may)) return compile_refuse(json, "the op has a field too many");
    if (effect->op == OP_TRANSFORM && (effect->card >= 0) == (effect->copy != TO_NONE))
        return compile_refuse(json, "transform takes either card or copy");
    if (seen & 1u << MS && effect->amount.kind == AMOUNT_LITERAL)
        for (int i = 0; i < BATTLE_CARD_LEVELS; i++)
            if (effect->amount.by_level[i] % TICK_MS != 0)
                return compile_refuse(json, "ms is a multiple of 50");
    return check_target(json, effect);
}

static bool read_card_id(struct json *json, battle_catalog *catalog, int16_t *out)
{
    char id[BATTLE_ID_BYTES];
    if (!json_id(json, id)) return false;
    *out = (int16_t)catalog_find(catalog, id);
    return *out >= 0 || compile_refuse(json, "unknown card");
}

static bool compile_effect(struct json *json, battle_catalog *catalog, struct effect *effect)
{
    static const char *const modes[] = {NULL, "add", "permille"};
    struct json_object object;
    int64_t number = 0;
    *effect = (struct effect){.pick = -1, .card = -1};
    effect->amount = (struct amount){.pick = -1, .by_level = {1, 1, 1, 1, 1}};
    json_object_open(json, &object, effect_names, EFFECT_FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case OP: effect->op = (uint8_t)json_word(json, op_names, OPS); break;
        case TO: compile_target(json, catalog, &effect->to, &effect->pick); break;
        case N: compile_amount(json, catalog, -AMOUNT_MAX, &effect->amount); break;
        case MS: compile_amount(json, catalog, 0, &effect->amount); break;
        case STAT: effect->stat = (uint8_t)json_word(json, measure_names, STATS); break;
        case MODE: effect->permille = json_word(json, modes, 3) == 2; break;
        case CARD_ID: read_card_id(json, catalog, &effect->card); break;
        case COPY: effect->copy = (uint8_t)json_word(json, target_names, TO_PICK); break;
        default: json_int(json, 1, 4, &number), effect->flag = (uint8_t)number; break;
        }
    }
    if (!(object.seen & 1u << N) && effect->op == OP_REVIVE) /* without n: all of its health */
        for (int i = 0; i < BATTLE_CARD_LEVELS; i++) effect->amount.by_level[i] = AMOUNT_MAX;
    return json_object_need(json, &object, 1u << OP) && check_effect(json, effect, object.seen);
}

static bool compile_effects(struct json *json, battle_catalog *catalog, struct span *out)
{
    struct json_array array;
    *out = (struct span){(uint16_t)catalog->effect_count, 0};
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (catalog->effect_count == EFFECTS_MAX) return compile_refuse(json, "too many effects");
        if (!compile_effect(json, catalog, &catalog->effects[catalog->effect_count])) return false;
        catalog->effect_count++;
        out->count++;
    }
    if (json_ok(json) && out->count == 0) return compile_refuse(json, "an ability needs an effect");
    return json_ok(json);
}

enum { ID, ON, IF, DO, ICD, MAX, NTH, EVERY_MS, PERMILLE, ABILITY_FIELDS };
static const char *const ability_names[] = {"id", "on", "if", "do", "icd", "max", "nth", "ms", "permille"};

static bool check_ability(struct json *json, const struct ability *ability, uint32_t seen)
{
    if (!json_object_need(
            json, &(struct json_object){.names = ability_names, .count = ABILITY_FIELDS, .seen = seen},
            1u << ID | 1u << ON | 1u << DO))
        return false;
    if ((ability->on == ON_EVERY) != ((seen & 1u << EVERY_MS) != 0))
        return compile_refuse(json, "ms belongs to every, and every needs it");
    if ((ability->on == ON_HERO_BELOW) != ((seen & 1u << PERMILLE) != 0))
        return compile_refuse(json, "permille belongs to hero_below, and hero_below needs it");
    if (seen & 1u << ICD && ability->icd_ticks == 0 && !(seen & 1u << MAX))
        return compile_refuse(json, "icd 0 needs a max");
    if (ability->on == ON_READY && seen & (1u << ICD | 1u << MAX | 1u << NTH))
        return compile_refuse(json, "ready has no icd, max or nth");
    return true;
}

static bool ticks(struct json *json, int64_t low, int64_t high, uint16_t *out)
{
    int64_t ms = 0;
    if (!json_int(json, low, high, &ms)) return false;
    *out = (uint16_t)(ms / TICK_MS);
    return ms % TICK_MS == 0 || compile_refuse(json, "time is a multiple of 50 ms");
}

static bool compile_ability(struct json *json, battle_catalog *catalog, struct ability *ability)
{
    struct json_object object;
    char id[BATTLE_ID_BYTES];
    int64_t number = 0;
    *ability = (struct ability){.icd_ticks = ICD_DEFAULT_MS / TICK_MS, .fires_max = FIRES_DEFAULT};
    json_object_open(json, &object, ability_names, ABILITY_FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case ID: json_id(json, id); break;
        case ON: ability->on = (uint8_t)json_word(json, trigger_names, TRIGGERS); break;
        case IF: compile_conditions(json, catalog, SUBJECT_SELF, &ability->conditions); break;
        case DO: compile_effects(json, catalog, &ability->effects); break;
        case ICD: ticks(json, 0, BATTLE_END_MS, &ability->icd_ticks); break;
        case MAX: json_int(json, 1, 1000, &number), ability->fires_max = (uint16_t)number; break;
        case NTH: json_int(json, 2, 100, &number), ability->nth = (uint16_t)number; break;
        case EVERY_MS: ticks(json, CD_MIN_MS, BATTLE_END_MS, &ability->every_ticks); break;
        default: json_int(json, 1, 1000, &number), ability->below_permille = (uint16_t)number; break;
        }
    }
    if (ability->on == ON_HERO_BELOW || ability->on == ON_HERO_LETHAL) ability->fires_max = 1;
    return check_ability(json, ability, object.seen);
}

bool compile_abilities(struct json *json, battle_catalog *catalog, struct def *def)
{
    struct json_array array;
    def->abilities = (struct span){(uint16_t)catalog->ability_count, 0};
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (def->abilities.count == DEF_ABILITIES_MAX)
            return compile_refuse(json, "more than four abilities");
        if (catalog->ability_count == ABILITIES_MAX) return compile_refuse(json, "too many abilities");
        struct ability *ability = &catalog->abilities[catalog->ability_count];
        if (!compile_ability(json, catalog, ability)) return false;
        ability->index = (uint8_t)++def->abilities.count;
        def->triggers |= 1u << ability->on;
        def->answers[ability->on] |= (uint8_t)(1u << (ability->index - 1));
        catalog->ability_count++;
    }
    return json_ok(json);
}

/* What a card is never changes, what befalls it does: an aura that looked at that would read itself. */
static bool where_is_lasting(const battle_catalog *catalog, struct span where)
{
    for (int i = 0; i < where.count; i++) {
        int test = catalog->conditions[where.start + i].test;
        if (test != TEST_TAG && test != TEST_KIND && test != TEST_RARITY && test != TEST_KEYWORD)
            return false;
    }
    return true;
}

static bool check_aura(struct json *json, const battle_catalog *catalog, const struct aura *aura,
                       const struct def *def, int64_t layer)
{
    int own_layer = def->kind == BATTLE_ITEM ? 2 : def->kind == BATTLE_ARTIFACT ? 3 : 4;
    if (layer != 0 && layer != own_layer)
        return compile_refuse(json, "items are layer 2, artifacts 3, cards 4");
    if (def->kind == BATTLE_ITEM && aura->to != TO_SELF)
        return compile_refuse(json, "an item changes only self");
    if (def->kind == BATTLE_ARTIFACT && aura->to != TO_ALL_ALLY_UNITS && aura->to != TO_ALL_ALLY_CARDS)
        return compile_refuse(json, "an artifact changes all_ally_units or all_ally_cards");
    if (aura->to == TO_MY_HERO || aura->to == TO_ENEMY_HERO || aura->to == TO_FRONT ||
        aura->to == TO_SOURCE || aura->to == TO_TARGET)
        return compile_refuse(json, "an aura reaches cards by their place");
    if (!where_is_lasting(catalog, aura->where))
        return compile_refuse(json, "an aura's where tests tag, kind, rarity or kw");
    if (aura->amount.kind != AMOUNT_LITERAL &&
        (def->kind != BATTLE_UNIT || aura->amount.kind != AMOUNT_MEASURE || aura->amount.measure >= STATS))
        return compile_refuse(json, "an aura is a literal, or for a unit a stat of its own");
    return true;
}

static bool compile_aura(struct json *json, battle_catalog *catalog, const struct def *def, struct aura *aura)
{
    enum { LAYER, AURA_TO, AURA_STAT, ADD, AURA_PERMILLE, WHERE };
    static const char *const names[] = {"layer", "to", "stat", "add", "permille", "where"};
    struct json_object object;
    int64_t layer = 0;
    *aura = (struct aura){0};
    json_object_open(json, &object, names, 6);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case LAYER: json_int(json, 2, 4, &layer); break;
        case AURA_TO: aura->to = (uint8_t)json_word(json, target_names, TO_PICK); break;
        case AURA_STAT: aura->stat = (uint8_t)json_word(json, measure_names, STATS); break;
        case WHERE: compile_conditions(json, catalog, SUBJECT_CANDIDATE, &aura->where); break;
        default:
            aura->permille = field == AURA_PERMILLE;
            compile_amount(json, catalog, -AMOUNT_MAX, &aura->amount);
        }
    }
    if (!json_object_need(json, &object, 1u << AURA_TO | 1u << AURA_STAT)) return false;
    if (((object.seen >> ADD) & 1) + ((object.seen >> AURA_PERMILLE) & 1) != 1)
        return compile_refuse(json, "an aura has either add or permille");
    return check_aura(json, catalog, aura, def, layer);
}

bool compile_auras(struct json *json, battle_catalog *catalog, struct def *def)
{
    struct json_array array;
    def->auras = (struct span){(uint16_t)catalog->aura_count, 0};
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (catalog->aura_count == AURAS_MAX) return compile_refuse(json, "too many auras");
        if (!compile_aura(json, catalog, def, &catalog->auras[catalog->aura_count])) return false;
        catalog->aura_count++;
        def->auras.count++;
    }
    return json_ok(json);
}
