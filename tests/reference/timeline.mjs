// Section 9: the bytes of `bt/1`.
import { createHash } from "node:crypto";
import { cardsOf } from "./board.mjs";
import { readyAt } from "./timers.mjs";
import { KINDS, STATS } from "./words.mjs";

const ENGINE = "1.0.1";
const EVENT_KEYS = ["t", "k", "s", "d", "n", "v", "w", "f", "c", "a", "p", "x", "r", "id", "slot", "cd"];

function cardHeader(b, card) {
    const out = { e: card.entity, id: card.definition.id, lv: card.level, slot: card.slot, kind: KINDS[card.kind] };
    for (const name of STATS) if (card.stat[name] !== 0) out[name] = card.stat[name];
    if (card.keywords !== 0) out.kw = card.keywords;
    if (readyAt(b, card) !== 0) out.r = readyAt(b, card);
    if (card.items.length > 0) out.items = card.items.map((item) => item.definition.id);
    return out;
}

function sideHeader(b, side) {
    const named = (actors) => actors.map((actor) => ({ e: actor.entity, id: actor.definition.id }));
    const { player_id: pid, name, level: lvl } = side.snapshot;
    return { pid, name, lvl, e: side.hero.entity, hp: side.hero.hp,
        cards: cardsOf(side).map((card) => cardHeader(b, card)),
        arts: named(side.artifacts), cons: named(side.consumables) };
}

// The board after layers 1 to 4 and before setup.
export function header(b) {
    const { id, ver, sha } = b.catalog;
    return { fmt: "bt", v: 1, eng: ENGINE, cat: { id, ver, sha }, mid: b.match, seed: b.seed, tick: 50,
        sides: b.sides.map((side) => sideHeader(b, side)) };
}

function eventText(event) {
    const out = { t: event.t, k: event.k };
    for (const key of EVENT_KEYS.slice(2)) if (event[key]) out[key] = event[key];
    return out;
}

export function timeline(b) {
    const rows = [...b.sums].sort(([one], [two]) => one - two).filter(([, row]) => Object.values(row).some(Boolean));
    const { streams, sides, result } = b;
    const end = { t: b.now, win: result.win, why: result.why, hp: sides.map((side) => side.hero.hp),
        rng: [streams.order.draws, ...streams.sides.map((stream) => stream.draws)], n: b.events.length,
        stat: rows.map(([e, row]) => ({ e, ...row })), hash: "" };
    const text = JSON.stringify({ ...b.header, ev: b.events.map(eventText), end });
    const hashed = text.slice(0, -'"}}'.length);
    return `${hashed}${createHash("sha256").update(hashed).digest("hex").slice(0, 16)}"}}`;
}
