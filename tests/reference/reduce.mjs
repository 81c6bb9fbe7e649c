// Section 9: plays a timeline back without any rule of the game. Every event carries absolute results, so this is
// all a client has to do to know the board at any moment.
//
//     node tests/reference/reduce.mjs < timeline.json         prints the board at the end
import { pathToFileURL } from "node:url";
import { KEYWORDS } from "./words.mjs";

const END_MS = 60_000, BURN = 1, STAT_HP = 1, STAT_ATK = 2, STAT_CD = 3, STAT_USES = 6, LEAVES = 1;

function newCard(fields) {
    const kw = fields.kw ?? 0;
    return { e: 0, id: "", lv: 0, alive: true, hp: 0, hpMax: 0, atk: 0, cd: 0, ward: kw & KEYWORDS.ward ? 1 : 0,
        guard: (kw & KEYWORDS.guard) !== 0, disabled: false, flags: 0, uses: 0, frozenUntil: 0, slowUntil: 0,
        hasteUntil: 0, ...fields };
}

function opening(side) {
    const cards = new Array(8).fill(null);
    for (const { e, id, lv, slot, hp = 0, atk = 0, cd = 0, uses = 0, kw = 0 } of side.cards)
        cards[slot] = newCard({ e, id, lv, hp, hpMax: hp, atk, cd, uses, kw });
    return { e: side.e, hp: side.hp, hpMax: side.hp, shield: 0, burn: 0, poison: 0, regen: 0, cards };
}

const onHero = {
    dmg: (hero, { v, w }) => Object.assign(hero, { hp: v, shield: w }),
    tick: (hero, { v, w, f, x }) => Object.assign(hero, { hp: v, shield: w }, f === BURN ? { burn: x } : {}),
    heal: (hero, { v }) => (hero.hp = v),
    shield: (hero, { v }) => (hero.shield = v),
    burn: (hero, { v }) => (hero.burn = v),
    poison: (hero, { v }) => (hero.poison = v),
    regen: (hero, { v }) => (hero.regen = v),
    cleanse: (hero) => Object.assign(hero, { burn: 0, poison: 0 }),
    dispel: (hero) => Object.assign(hero, { shield: 0, regen: 0 }),
};

const onCard = {
    dmg: (card, { v }) => (card.hp = v),
    heal: (card, { v }) => (card.hp = v),
    freeze: (card, { v }) => (card.frozenUntil = v),
    slow: (card, { v }) => (card.slowUntil = v),
    haste: (card, { v }) => (card.hasteUntil = v),
    stat(card, { p, v, w }) {
        if (p === STAT_HP) Object.assign(card, { hpMax: v, hp: w });
        if (p === STAT_ATK) card.atk = v;
        if (p === STAT_CD) card.cd = v;
        if (p === STAT_USES) card.uses = w;
    },
    ward: (card, { v }) => (card.ward = v),
    wardbreak: (card, { v }) => (card.ward = v),
    guard: (card) => (card.guard = true),
    disable: (card) => (card.disabled = true),
    flag: (card, { v }) => (card.flags = v),
    cleanse: (card) => Object.assign(card, { frozenUntil: 0, slowUntil: 0, disabled: false }),
    dispel: (card) => Object.assign(card, { hasteUntil: 0, ward: 0, guard: false }),
    death: (card) => (card.alive = false),
    destroy: (card) => (card.alive = false),
    spent: (card, { f }) => (card.alive = card.alive && f !== LEAVES),
    revive: (card, { v, w, cd }) =>
        Object.assign(card, { alive: true, hp: v, atk: w, cd, frozenUntil: 0, slowUntil: 0, hasteUntil: 0 }),
};

const NOTHING = { s: 0, d: 0, n: 0, v: 0, w: 0, f: 0, c: 0, a: 0, p: 0, x: 0, r: 0, slot: 0, cd: 0 };

function apply(sides, event) {
    const { k, s, d, n, v, w, f, x, id, slot, cd } = event;
    const find = (entity) => sides.flatMap((side) => side.cards).find((card) => card?.e === entity);
    if (k === "summon" || k === "transform") {
        sides[n - 1].cards[slot] = newCard({ e: d, id, lv: x, hp: v, hpMax: v, atk: w, cd, kw: f });
    } else if (k === "act") {
        const actor = find(s);
        if (actor) actor.uses = x;
    } else {
        const hero = sides.find((side) => side.e === d), card = find(d);
        if (hero) onHero[k]?.(hero, event);
        else if (card) onCard[k]?.(card, event);
    }
}

// `timeline` is the parsed document; `look` sees the board after each event. Causes come before their effects and
// time never runs backwards.
export function reduce(timeline, look = () => {}) {
    const sides = timeline.sides.map(opening);
    let last = 0;
    timeline.ev.forEach((fields, index) => {
        const event = { ...NOTHING, ...fields };
        if (event.t < last || event.t > END_MS || event.t % timeline.tick !== 0) throw new Error(`event ${index + 1}: time ${event.t}`);
        if (event.c > index) throw new Error(`event ${index + 1}: cause ${event.c}`);
        last = event.t;
        apply(sides, event);
        look(sides, index + 1);
    });
    return { sides, t: timeline.end.t, win: timeline.end.win, why: timeline.end.why, events: timeline.ev.length };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
    let text = "";
    for await (const chunk of process.stdin) text += chunk;
    console.log(JSON.stringify(reduce(JSON.parse(text)), null, 1));
}
