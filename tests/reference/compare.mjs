// Reads battles as battle_random prints them, fights each again, and compares every byte. Then plays the events
// back without rules and compares the board with that of the engine and of the reference.
//
//     battle_random 1 1000 | node tests/reference/compare.mjs [CATALOG]
import { createInterface } from "node:readline";
import { fight } from "./battle.mjs";
import { Catalog } from "./catalog.mjs";
import { reduce } from "./reduce.mjs";
import { timeline } from "./timeline.mjs";

const SHOWN = 3, BEFORE = 12, MOST = 1_000_000;
const WHYS = ["", "ko", "storm", "double_ko", "timeout", "overload"];

// ---- the board as battle_random writes it ------------------------------------------------------------------

const EMPTY = new Array(16).fill(0);

function cardWords(catalog, card) {
    if (card === null) return EMPTY;
    return [card.e, catalog.get(card.id).num, card.lv, card.alive, card.hp, card.hpMax, card.atk, card.cd, card.ward,
        card.guard, card.disabled, card.flags, card.uses, card.frozenUntil, card.slowUntil, card.hasteUntil];
}

function boardWords(catalog, { sides, t, win, why, events }) {
    const words = sides.flatMap((side) => [side.hp, side.hpMax, side.shield, side.burn, side.poison, side.regen,
        ...side.cards.flatMap((card) => cardWords(catalog, card))]);
    return JSON.stringify([...words, t, win, WHYS.indexOf(why), events].map(Number));
}

function boardOfReference(b) {
    const cards = (side) => side.slots.map((card) => card && { ...card, e: card.entity, id: card.definition.id,
        lv: card.level, hpMax: card.stat.hp, atk: card.stat.atk, cd: card.stat.cd, uses: card.usesLeft });
    return { sides: b.sides.map((side) => ({ ...side.hero, cards: cards(side) })), t: b.now, ...b.result,
        events: b.events.length };
}

// After every event: nothing below 0 but the hp of who falls, nothing above its maximum.
function checkBounds(sides, number) {
    const isIn = (value, low, high) => value >= low && value <= high;
    const heroIsFine = (hero) => isIn(hero.hp, -MOST, hero.hpMax) &&
        [hero.shield, hero.burn, hero.poison, hero.regen].every((pile) => isIn(pile, 0, MOST));
    const cardIsFine = (card) => isIn(card.hp, -MOST, card.hpMax) && isIn(card.ward, 0, 100) && isIn(card.flags, 0, 15) &&
        [card.atk, card.cd, card.uses].every((stat) => isIn(stat, 0, MOST));
    const cards = sides.flatMap((side) => side.cards).filter((card) => card !== null);
    if (!sides.every(heroIsFine) || !cards.every(cardIsFine)) throw new Error(`event ${number}: out of bounds`);
    const entities = cards.map((card) => card.e);
    if (new Set(entities).size !== entities.length) throw new Error(`event ${number}: an entity stands twice`);
}

// ---- differences -------------------------------------------------------------------------------------------

function firstDifference(want, got) {
    const [one, two] = [want, got].map((text) => JSON.parse(text));
    const key = Object.keys(one).find((name) => name !== "ev" && name !== "end" &&
        JSON.stringify(one[name]) !== JSON.stringify(two[name]));
    const lines = ({ ev }) => ev.map((event) => JSON.stringify(event));
    const engine = lines(one), reference = lines(two), at = engine.findIndex((line, i) => line !== reference[i]);
    const show = (what, a, z) => `${what}:\n  engine    ${JSON.stringify(a)}\n  reference ${JSON.stringify(z)}`;
    if (key !== undefined) return show(key, one[key], two[key]);
    if (at < 0) return show("end", one.end, two.end);
    const from = Math.max(at - BEFORE, 0), before = engine.slice(from, at).map((line, i) => `  ${from + i + 1} ${line}`);
    return [`event ${at + 1}:`, ...before, `  engine    ${engine[at]}`, `  reference ${reference[at]}`].join("\n");
}

// What is wrong with one battle; empty when nothing is.
function check(catalog, [one, two, seed, board, want]) {
    const b = fight(catalog, [JSON.parse(one), JSON.parse(two)], seed, JSON.parse(want).mid), got = timeline(b);
    if (got !== want) return firstDifference(want, got);
    const reduced = boardWords(catalog, reduce(JSON.parse(want), checkBounds));
    const fought = boardWords(catalog, boardOfReference(b));
    if (reduced !== board) return `reduced board:\n  engine  ${board}\n  reduced ${reduced}`;
    if (fought !== board) return `board:\n  engine    ${board}\n  reference ${fought}`;
    return "";
}

function checkSafely(catalog, fields) {
    try {
        return check(catalog, fields);
    } catch (error) {
        return error.stack;
    }
}

const catalog = Catalog.read(process.argv[2] ?? "game_server/catalog/base.json");
const kinds = new Map();
let passed = 0, failed = 0, events = 0;
for await (const line of createInterface({ input: process.stdin })) {
    const fields = line.split("\t"), wrong = checkSafely(catalog, fields);
    if (wrong === "") {
        passed++;
        for (const { k, n } of JSON.parse(fields[4]).ev) {
            const name = k === "fizzle" || k === "overload" ? `${k} ${n}` : k;
            kinds.set(name, (kinds.get(name) ?? 0) + 1);
            events++;
        }
    } else if (failed++ < SHOWN) console.log(`battle ${passed + failed}: ${wrong}`);
}
if (process.argv[3] === "--kinds") console.log(JSON.stringify(Object.fromEntries([...kinds].sort())));
console.log(`${events} events`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
