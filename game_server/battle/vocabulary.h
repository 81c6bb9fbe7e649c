/* vocabulary.h -- every closed list of the rules, each once: enum, JSON name and meaning come from one row.
 *
 * The catalog compiler accepts exactly these names; the engine dispatches on the enums; docs/battle.md
 * lists them in the same order. Enumerators start at 1 so that 0 always means "absent". Event kinds, stats
 * and keywords appear as numbers or names in timelines: append, never reorder. */
#ifndef DUELPOD_BATTLE_VOCABULARY_H
#define DUELPOD_BATTLE_VOCABULARY_H

/* Triggers: name and whose ears it reaches (see audience in trigger.c).
 * SELF the card itself, its items and its side's artifacts; ALLY the rest of the side; ENEMY the other
 * side; OWN as SELF, and the whole side when it is about the hero; SIDE the whole side of a hero; ALL both;
 * TIMER is fired by a clock. */
#define BATTLE_TRIGGERS(X)                \
    X(READY, "ready", TIMER)              \
    X(USED, "used", SELF)                 \
    X(ALLY_USED, "ally_used", ALLY)       \
    X(ENEMY_USED, "enemy_used", ENEMY)    \
    X(BATTLE_START, "battle_start", ALL)  \
    X(BATTLE_SETUP, "battle_setup", ALL)  \
    X(STORM_START, "storm_start", ALL)    \
    X(EVERY, "every", TIMER)              \
    X(DEALT_DAMAGE, "dealt_damage", SELF) \
    X(HURT, "hurt", SELF)                 \
    X(ALLY_HURT, "ally_hurt", ALLY)       \
    X(HERO_HURT, "hero_hurt", SIDE)       \
    X(CRIT, "crit", SELF)                 \
    X(HEALED, "healed", OWN)              \
    X(SHIELDED, "shielded", SIDE)         \
    X(BURNED, "burned", SIDE)             \
    X(POISONED, "poisoned", SIDE)         \
    X(FROZEN, "frozen", SELF)             \
    X(SLOWED, "slowed", SELF)             \
    X(HASTED, "hasted", SELF)             \
    X(CHARGED, "charged", SELF)           \
    X(DEATH, "death", SELF)               \
    X(ALLY_DEATH, "ally_death", ALLY)     \
    X(ENEMY_DEATH, "enemy_death", ENEMY)  \
    X(SUMMONED, "summoned", SELF)         \
    X(HERO_BELOW, "hero_below", SIDE)     \
    X(HERO_LETHAL, "hero_lethal", SIDE)

/* Operations: name and what they may hit. HERO a hero, UNIT a unit, CARD any card, BODY a hero or a unit,
 * ANY a hero or a card, DEAD a card that lies dead in its slot, NONE no target at all. */
#define BATTLE_OPS(X)                       \
    X(DAMAGE, "damage", BODY)               \
    X(HEAL, "heal", BODY)                   \
    X(SHIELD, "shield", HERO)               \
    X(BURN, "burn", HERO)                   \
    X(POISON, "poison", HERO)               \
    X(REGEN, "regen", HERO)                 \
    X(FREEZE, "freeze", CARD)               \
    X(SLOW, "slow", CARD)                   \
    X(HASTE, "haste", CARD)                 \
    X(CHARGE, "charge", CARD)               \
    X(STAT, "stat", CARD)                   \
    X(WARD, "ward", UNIT)                   \
    X(GUARD, "guard", UNIT)                 \
    X(CLEANSE, "cleanse", ANY)              \
    X(DISPEL, "dispel", ANY)                \
    X(SUMMON, "summon", NONE)               \
    X(TRANSFORM, "transform", CARD)         \
    X(DESTROY, "destroy", CARD)             \
    X(REVIVE, "revive", DEAD)               \
    X(DISABLE, "disable", CARD)             \
    X(GAIN_USE, "gain_use", CARD)           \
    X(TRIGGER_READY, "trigger_ready", CARD) \
    X(STEAL_STAT, "steal_stat", CARD)       \
    X(SET_FLAG, "set_flag", CARD)

#define BATTLE_TARGETS(X)                 \
    X(SELF, "self")                       \
    X(MY_HERO, "my_hero")                 \
    X(ENEMY_HERO, "enemy_hero")           \
    X(FRONT, "front")                     \
    X(SOURCE, "source")                   \
    X(TARGET, "target")                   \
    X(LEFT, "left")                       \
    X(RIGHT, "right")                     \
    X(ADJACENT, "adjacent")               \
    X(ALL_ENEMY_UNITS, "all_enemy_units") \
    X(ALL_ALLY_UNITS, "all_ally_units")   \
    X(ALL_ENEMY_CARDS, "all_enemy_cards") \
    X(ALL_ALLY_CARDS, "all_ally_cards")

/* What a pick draws from: name, side (0 own, 1 other), dead instead of living, kinds (a mask of 1 <<
 * kind). */
#define BATTLE_POOLS(X)                        \
    X(ALLY_CARD, "ally_card", 0, 0, 0xe)       \
    X(ALLY_UNIT, "ally_unit", 0, 0, 0x2)       \
    X(ALLY_DEVICE, "ally_device", 0, 0, 0x4)   \
    X(ENEMY_CARD, "enemy_card", 1, 0, 0xe)     \
    X(ENEMY_UNIT, "enemy_unit", 1, 0, 0x2)     \
    X(ENEMY_DEVICE, "enemy_device", 1, 0, 0x4) \
    X(DEAD_ALLY, "dead_ally", 0, 1, 0x2)

#define BATTLE_ORDERS(X)        \
    X(RANDOM, "random")         \
    X(HP_LOW, "hp_low")         \
    X(HP_HIGH, "hp_high")       \
    X(ATK_HIGH, "atk_high")     \
    X(CD_LONGEST, "cd_longest") \
    X(LEFTMOST, "leftmost")

/* Stats of a card, and the lowest and highest base value a catalog may give. cd in ms; 0 has no timer.
 * damage, burn, poison, heal are added to what the card deals; *_permille raise it. uses 0 means
 * unlimited. */
#define BATTLE_STATS(X)                             \
    X(HP, "hp", 0, 100000)                          \
    X(ATK, "atk", 0, 100000)                        \
    X(CD, "cd", 0, 60000)                           \
    X(CRIT, "crit", 0, 1000)                        \
    X(MULTI, "multi", 0, 4)                         \
    X(USES, "uses", 0, 1000)                        \
    X(LIFESTEAL, "lifesteal", 0, 1000)              \
    X(THORNS, "thorns", 0, 1000)                    \
    X(CLEAVE, "cleave", 0, 1000)                    \
    X(DAMAGE, "damage", 0, 1000)                    \
    X(DAMAGE_PERMILLE, "damage_permille", 0, 10000) \
    X(BURN, "burn", 0, 1000)                        \
    X(POISON, "poison", 0, 1000)                    \
    X(FREEZE_PERMILLE, "freeze_permille", 0, 10000)

/* What conditions and amounts can read besides stats: the state of a card or hero at that moment. */
#define BATTLE_MEASURES(X)        \
    X(HP_NOW, "hp_now")           \
    X(HP_PERMILLE, "hp_permille") \
    X(SHIELD_NOW, "shield_now")   \
    X(BURN_NOW, "burn_now")       \
    X(POISON_NOW, "poison_now")   \
    X(REGEN_NOW, "regen_now")     \
    X(LEVEL, "level")

#define BATTLE_KEYWORDS(X) \
    X(GUARD, "guard", 1)   \
    X(WARD, "ward", 2)     \
    X(SWIFT, "swift", 4)   \
    X(SOCKETED, "socketed", 8)

#define BATTLE_STATUSES(X)          \
    X(FROZEN, "frozen")             \
    X(SLOWED, "slowed")             \
    X(HASTED, "hasted")             \
    X(WARDED, "warded")             \
    X(GUARDING, "guarding")         \
    X(DISABLED, "disabled")         \
    X(BURNING, "burning")           \
    X(POISONED, "poisoned")         \
    X(REGENERATING, "regenerating") \
    X(SHIELDED, "shielded")         \
    X(WOUNDED, "wounded")           \
    X(FLAG_1, "flag_1")             \
    X(FLAG_2, "flag_2")             \
    X(FLAG_3, "flag_3")             \
    X(FLAG_4, "flag_4")

#define BATTLE_SUBJECTS(X)          \
    X(SELF, "self")                 \
    X(EVENT_SOURCE, "event.source") \
    X(EVENT_TARGET, "event.target") \
    X(MY_HERO, "my_hero")           \
    X(ENEMY_HERO, "enemy_hero")

#define BATTLE_SEATS(X)       \
    X(LEFTMOST, "leftmost")   \
    X(RIGHTMOST, "rightmost") \
    X(ADJACENT, "adjacent")

#define BATTLE_COMPARES(X) \
    X(LT, "<")             \
    X(LE, "<=")            \
    X(EQ, "==")            \
    X(NE, "!=")            \
    X(GE, ">=")            \
    X(GT, ">")

#define BATTLE_SIDES(X) \
    X(ALLY, "ally")     \
    X(ENEMY, "enemy")

#define BATTLE_KINDS(X)     \
    X(UNIT, "unit")         \
    X(DEVICE, "device")     \
    X(RITE, "rite")         \
    X(ARTIFACT, "artifact") \
    X(ITEM, "item")         \
    X(CONSUMABLE, "consumable")

#define BATTLE_RARITIES(X) \
    X(COMMON, "common")    \
    X(RARE, "rare")        \
    X(EPIC, "epic")        \
    X(LEGENDARY, "legendary")

#define BATTLE_EVENT_KINDS(X)   \
    X(START, "start")           \
    X(ACT, "act")               \
    X(TRIG, "trig")             \
    X(DMG, "dmg")               \
    X(TICK, "tick")             \
    X(HEAL, "heal")             \
    X(SHIELD, "shield")         \
    X(BURN, "burn")             \
    X(POISON, "poison")         \
    X(REGEN, "regen")           \
    X(FREEZE, "freeze")         \
    X(SLOW, "slow")             \
    X(HASTE, "haste")           \
    X(CHARGE, "charge")         \
    X(RATE, "rate")             \
    X(STAT, "stat")             \
    X(WARD, "ward")             \
    X(WARDBREAK, "wardbreak")   \
    X(GUARD, "guard")           \
    X(DISABLE, "disable")       \
    X(CLEANSE, "cleanse")       \
    X(DISPEL, "dispel")         \
    X(FLAG, "flag")             \
    X(SUMMON, "summon")         \
    X(TRANSFORM, "transform")   \
    X(REVIVE, "revive")         \
    X(DEATH, "death")           \
    X(DESTROY, "destroy")       \
    X(SPENT, "spent")           \
    X(LETHAL, "lethal")         \
    X(STORMSTART, "stormstart") \
    X(FIZZLE, "fizzle")         \
    X(OVERLOAD, "overload")     \
    X(END, "end")

#define BATTLE_WHYS(X)        \
    X(KO, "ko")               \
    X(STORM, "storm")         \
    X(DOUBLE_KO, "double_ko") \
    X(TIMEOUT, "timeout")     \
    X(OVERLOAD, "overload")

#define VOCABULARY_TRIGGER(name, ...) ON_##name,
enum trigger { ON_NONE, BATTLE_TRIGGERS(VOCABULARY_TRIGGER) TRIGGERS };
#define VOCABULARY_OP(name, ...) OP_##name,
enum op { OP_NONE, BATTLE_OPS(VOCABULARY_OP) OPS };
#define VOCABULARY_TARGET(name, ...) TO_##name,
enum target { TO_NONE, BATTLE_TARGETS(VOCABULARY_TARGET) TO_PICK };
#define VOCABULARY_POOL(name, ...) POOL_##name,
enum pool { POOL_NONE, BATTLE_POOLS(VOCABULARY_POOL) POOLS };
#define VOCABULARY_ORDER(name, ...) BY_##name,
enum order { BY_NONE, BATTLE_ORDERS(VOCABULARY_ORDER) ORDERS };
#define VOCABULARY_STAT(name, ...) STAT_##name,
#define VOCABULARY_MEASURE(name, ...) MEASURE_##name,
enum stat { STAT_NONE, BATTLE_STATS(VOCABULARY_STAT) STATS };
enum measure { MEASURE_BEFORE = STATS - 1, BATTLE_MEASURES(VOCABULARY_MEASURE) MEASURES };
#define VOCABULARY_KEYWORD(name, text, bit) KW_##name = (bit),
enum keyword { KW_NONE, BATTLE_KEYWORDS(VOCABULARY_KEYWORD) };
#define VOCABULARY_STATUS(name, ...) STATUS_##name,
enum status { STATUS_NONE, BATTLE_STATUSES(VOCABULARY_STATUS) STATUSES };
#define VOCABULARY_SUBJECT(name, ...) SUBJECT_##name,
enum subject { SUBJECT_NONE, BATTLE_SUBJECTS(VOCABULARY_SUBJECT) SUBJECT_CANDIDATE };
#define VOCABULARY_SEAT(name, ...) SEAT_##name,
enum seat { SEAT_NONE, BATTLE_SEATS(VOCABULARY_SEAT) SEATS };
#define VOCABULARY_COMPARE(name, ...) CMP_##name,
enum compare { CMP_NONE, BATTLE_COMPARES(VOCABULARY_COMPARE) COMPARES };
#define VOCABULARY_SIDE(name, ...) SIDE_##name,
enum side_name { SIDE_NONE, BATTLE_SIDES(VOCABULARY_SIDE) SIDE_NAMES };
#define VOCABULARY_EVENT(name, ...) EVENT_##name,
enum event_kind { EVENT_NONE, BATTLE_EVENT_KINDS(VOCABULARY_EVENT) EVENT_KINDS };

/* The names, indexed by the enums; [0] is NULL. Defined in vocabulary.c. */
extern const char *const trigger_names[TRIGGERS];
extern const char *const op_names[OPS];
extern const char *const target_names[TO_PICK];
extern const char *const pool_names[POOLS];
extern const char *const order_names[ORDERS];
extern const char *const measure_names[MEASURES]; /* stats first */
extern const char *const keyword_names[5];        /* by position, bit 1 << (position - 1) */
extern const char *const status_names[STATUSES];
extern const char *const subject_names[SUBJECT_CANDIDATE];
extern const char *const seat_names[SEATS];
extern const char *const compare_names[COMPARES];
extern const char *const side_names[SIDE_NAMES];
extern const char *const kind_names[7];
extern const char *const rarity_names[5];
extern const char *const event_names[EVENT_KINDS];
extern const char *const why_names[6];

#endif
