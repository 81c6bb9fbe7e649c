// Prints a random catalog that obeys section 3, so that rules meet which no real card brings together.
//
//     node tests/reference/random_catalog.mjs SEED
import { KEYWORDS, STATS } from "./words.mjs";

const MEASURES = [...STATS, "hp_now", "hp_permille", "shield_now", "burn_now", "poison_now", "regen_now", "level"];
const STATUSES = ["frozen", "slowed", "hasted", "warded", "guarding", "disabled", "burning", "poisoned", "regenerating",
    "shielded", "wounded", "flag_1", "flag_2", "flag_3", "flag_4"];
const TARGETS = ["self", "my_hero", "enemy_hero", "front", "source", "target", "left", "right", "adjacent",
    "all_enemy_units", "all_ally_units", "all_enemy_cards", "all_ally_cards"];
const POOLS = ["ally_card", "ally_unit", "ally_device", "enemy_card", "enemy_unit", "enemy_device", "dead_ally"];
const ORDERS = ["random", "hp_low", "hp_high", "atk_high", "cd_longest", "leftmost"];
const TRIGGERS = ["used", "ally_used", "enemy_used", "battle_start", "battle_setup", "storm_start", "every",
    "dealt_damage", "hurt", "ally_hurt", "hero_hurt", "crit", "healed", "shielded", "burned", "poisoned", "frozen",
    "slowed", "hasted", "charged", "death", "ally_death", "enemy_death", "summoned", "hero_below", "hero_lethal"];
const SUBJECTS = ["self", "event.source", "event.target", "my_hero", "enemy_hero"];
const COMPARES = ["<", "<=", "==", "!=", ">=", ">"];
const TAGS = ["red", "green", "blue", "black"];
const RARITIES = ["common", "rare", "epic", "legendary"];
const TOKENS = ["shade", "engine_part", "imp_token", "echo_token"];
const HERO_OPS = ["shield", "burn", "poison", "regen"];
const CARD_OPS = ["freeze", "slow", "haste", "charge", "stat", "steal_stat", "ward", "guard", "transform", "destroy",
    "revive", "disable", "gain_use", "trigger_ready", "set_flag"];
const OPS = ["damage", "damage", "heal", ...HERO_OPS, ...CARD_OPS, "cleanse", "dispel", "summon"];

let state = (Number(process.argv[2] ?? 1) * 2654435761) >>> 0;
function below(n) { // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
}
const oneOf = (list) => list[below(list.length)];
const maybe = (permille) => below(1000) < permille;
const from = (low, high) => low + below(high - low + 1);
const levels = (make) => (maybe(500) ? make() : [1, 2, 3, 4, 5].map(make));
const ticks = (low, high) => 50 * from(low / 50, high / 50);

// ---- parts -----------------------------------------------------------------------------------------------

function lastingTest() {
    switch (below(4)) {
        case 0: return { tag: maybe(500) ? oneOf(TAGS) : [oneOf(TAGS), oneOf(TAGS)] };
        case 1: return { kind: maybe(500) ? oneOf(["unit", "device", "rite"]) : ["unit", "device"] };
        case 2: return { rarity: oneOf(RARITIES) };
        default: return { kw: oneOf(Object.keys(KEYWORDS)) };
    }
}

function candidateTest() {
    switch (below(6)) {
        case 0: return { side: oneOf(["ally", "enemy"]) };
        case 1: return { slot: oneOf(["leftmost", "rightmost", "adjacent"]) };
        case 2: return { stat: oneOf(MEASURES), cmp: oneOf(COMPARES), value: from(0, 40) };
        case 3: return { status: oneOf(STATUSES) };
        case 4: return { has: oneOf(MEASURES) };
        default: return lastingTest();
    }
}

const turned = (test) => (maybe(250) ? { ...test, not: true } : test);
const where = (test, most) => Array.from({ length: from(1, most) }, () => turned(test()));

function pick() {
    const out = { pick: oneOf(POOLS) };
    if (maybe(700)) out.n = from(1, 3);
    if (maybe(700)) out.by = oneOf(ORDERS);
    if (maybe(300)) out.where = where(candidateTest, 2);
    if (maybe(200)) out.not = "self";
    return out;
}

function condition() {
    switch (below(5)) {
        case 0: return { chance: from(1, 999) };
        case 1: return { count: pick(), cmp: oneOf(COMPARES), value: from(0, 3) };
        case 2: return { is: "self", subject: oneOf(SUBJECTS) };
        default: return { subject: oneOf(SUBJECTS), ...candidateTest() };
    }
}

function conditions() {
    const list = where(condition, 2);
    const flat = () => ({ subject: oneOf(SUBJECTS), ...candidateTest() });
    if (maybe(250)) list.push({ any: where(flat, 2) });
    return list;
}

function amount(low, high) {
    if (maybe(600)) return levels(() => from(low, high));
    const plus = maybe(500) ? { plus: levels(() => from(low, 5)) } : {};
    switch (below(3)) {
        case 0: return { stat: oneOf(MEASURES), of: oneOf(SUBJECTS), permille: from(100, 1500), ...plus };
        case 1: return { count: pick(), each: from(1, 6), ...plus };
        default: return { event: "amount", permille: from(100, 1500), ...plus };
    }
}

// ---- effects ---------------------------------------------------------------------------------------------

const fields = {
    freeze: () => ({ ms: levels(() => ticks(0, 3000)) }),
    slow: () => ({ ms: levels(() => ticks(50, 4000)) }),
    haste: () => ({ ms: amount(50, 4000) }),
    charge: () => ({ ms: maybe(500) ? levels(() => ticks(50, 2000)) : { stat: "cd", permille: from(50, 400) } }),
    stat: () => ({ n: maybe(700) ? from(-60, 200) : amount(-20, 40), stat: oneOf(STATS),
        ...(maybe(400) ? { mode: oneOf(["add", "permille"]) } : {}) }),
    steal_stat: () => ({ n: amount(1, 60), stat: oneOf(STATS) }),
    ward: () => (maybe(300) ? { n: from(1, 120) } : {}),
    revive: () => (maybe(500) ? { n: amount(1, 40) } : {}),
    gain_use: () => (maybe(300) ? { n: from(1, 3) } : {}),
    set_flag: () => ({ flag: from(1, 4) }),
    transform: () => (maybe(500) ? { card: oneOf(TOKENS) } : { copy: oneOf(TARGETS) }),
    summon: () => ({ card: oneOf(TOKENS), ...(maybe(300) ? { n: from(1, 3) } : {}) }),
};

const evenTicks = (effect) => {
    if (Number.isInteger(effect.ms)) effect.ms -= effect.ms % 50;
    if (Array.isArray(effect.ms)) effect.ms = effect.ms.map((ms) => ms - ms % 50);
    return effect;
};

function targetOf(op) {
    if (HERO_OPS.includes(op)) return oneOf(["my_hero", "enemy_hero"]);
    if (maybe(400)) return pick();
    return oneOf(CARD_OPS.includes(op) ? TARGETS.filter((word) => !word.endsWith("_hero")) : TARGETS);
}

function effect() {
    const op = oneOf(OPS);
    if (op === "summon") return { op, ...fields.summon() };
    const own = fields[op]?.() ?? (["guard", "destroy", "disable", "trigger_ready", "cleanse", "dispel"].includes(op)
        ? {} : { n: amount(1, maybe(20) ? 1_000_000 : 25) });
    return evenTicks({ op, to: targetOf(op), ...own });
}

const effects = () => Array.from({ length: from(1, 3) }, effect);

function ability(id, on) {
    const out = { id, on, do: effects() };
    if (maybe(on === "ready" ? 150 : 300)) out.if = conditions();
    if (on === "every") out.ms = ticks(500, 4000);
    if (on === "hero_below") out.permille = from(100, 900);
    if (on === "ready") return out;
    if (maybe(300)) out.nth = from(2, 4);
    if (maybe(500)) out.max = from(1, maybe(200) ? 1000 : 8);
    if (maybe(500)) out.icd = out.max === undefined ? ticks(50, 1500) : ticks(0, 500);
    return out;
}

function aura(kind) {
    const own = ["self", "left", "right", "adjacent", "all_enemy_units", "all_ally_units", "all_enemy_cards",
        "all_ally_cards"];
    const out = { to: kind === "item" ? "self" : oneOf(kind === "artifact" ? own.filter((w) => w.includes("ally")) : own),
        stat: oneOf(STATS) };
    const reads = kind === "unit" && maybe(200);
    const give = (low, high) => (reads ? { stat: oneOf(STATS), permille: from(10, 300) } : levels(() => from(low, high)));
    if (maybe(500)) out.add = give(-10, 30);
    else out.permille = give(-400, 400);
    if (maybe(300)) out.where = where(lastingTest, 2);
    return out;
}

// ---- definitions -----------------------------------------------------------------------------------------

function stats(kind) {
    const out = {};
    if (kind === "unit") out.hp = levels(() => from(1, maybe(30) ? 100_000 : 80));
    if (kind === "rite") return out;
    if (maybe(850)) out.cd = maybe(500) ? ticks(500, 5000) : [1, 2, 3, 4, 5].map(() => ticks(500, 5000));
    const some = { atk: 40, crit: 1000, multi: 2, uses: 4, lifesteal: 1000, thorns: 8, cleave: 1000, damage: 9,
        damage_permille: 700, burn: 3, poison: 3, freeze_permille: 500 };
    for (const [name, most] of Object.entries(some)) if (maybe(name === "atk" ? 800 : 130)) out[name] = levels(() => from(0, most));
    return out;
}

function definition(id, num, kind) {
    const out = { id, num, rarity: oneOf(RARITIES) }, card = ["unit", "device", "rite"].includes(kind);
    if (card) out.kind = kind;
    if (card) out.tags = TAGS.filter(() => maybe(400));
    if (card) out.stats = stats(kind);
    if ((card || kind === "item") && maybe(350)) out.kw = Object.keys(KEYWORDS).filter(() => maybe(400));
    const first = out.stats?.cd && maybe(900) ? ["ready"] : [];
    const heard = Array.from({ length: from(kind === "rite" || kind === "consumable" ? 1 : 0, 2) }, () => oneOf(TRIGGERS));
    out.abilities = [...first, ...heard].map((on, i) => ability(`a${i}`, on));
    if (kind !== "rite" && kind !== "consumable" && maybe(kind === "item" ? 700 : 250))
        out.auras = Array.from({ length: from(1, 2) }, () => aura(kind));
    if (kind === "artifact" && maybe(300)) out.storm_permille = from(-1000, 1000);
    return out;
}

const many = (count, name, num, kind) =>
    Array.from({ length: count }, (_, i) => definition(`${name}_${i}`, num + i, kind === null ? oneOf(["unit", "unit", "unit",
        "device", "device", "rite"]) : kind));

const plain = { id: "plain", num: 1, kind: "unit", rarity: "common", stats: { hp: 20, atk: 5, cd: 2000 },
    abilities: [{ id: "hit", on: "ready", do: [{ op: "damage", to: "front", n: { stat: "atk" } }] }] };
const hp = maybe(200) ? 100_000 : 300;

console.log(JSON.stringify({
    schema: 1, catalog: "random", ver: 1, min_engine: "1.0.0",
    levels: { hp: Array(10).fill(hp), slots: [4, 4, 5, 5, 6, 6, 7, 7, 8, 8], artifacts: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3],
        items: [1, 2, 2, 3, 3, 4, 4, 5, 5, 6], budget: Array(10).fill(900), rarity_cost: [1, 2, 3, 5],
        level_cost: [2, 3, 4, 5, 6] },
    cards: [plain, ...many(24, "card", 100, null)],
    tokens: TOKENS.map((id, i) => definition(id, 10 + i, oneOf(["unit", "unit", "device"]))),
    artifacts: many(8, "artifact", 200, "artifact"),
    items: many(8, "item", 300, "item"),
    consumables: many(4, "consumable", 400, "consumable"),
    starter: { cards: [{ id: "plain", level: 1, slot: 0 }], artifacts: [], consumables: [], collection: ["plain"] },
}));
