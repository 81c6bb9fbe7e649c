// Section 4, the first paragraph: how fast a timer runs and when it will be ready.
import { hasTimer } from "./board.mjs";
import { TICK_MS } from "./words.mjs";

// Half-ticks of progress in one tick at a time when it is not frozen.
function paceAt(card, time) {
    const slowed = card.slowUntil > time, hasted = card.hasteUntil > time;
    if (slowed === hasted) return 2;
    return hasted ? 4 : 1;
}

export const pace = (b, card) => (card.frozenUntil > b.now ? 0 : paceAt(card, b.now));
export const needed = (card) => 2 * card.stat.cd / TICK_MS;

export const hasUses = (card) => card.stat.uses === 0 || card.usesLeft > 0;
export const readies = (card) => card.definition.abilities.filter((ability) => ability.on === "ready");
export const runs = (card) => card.alive && !card.disabled && hasTimer(card) && hasUses(card);
export const isReady = (b, card) => runs(card) && card.frozenUntil <= b.now && card.progress >= needed(card);

// When a timer will be ready at the pace it has, or has after the thaw; 0 when it does not run. The batch of
// this tick being made, it is not before the next.
export function readyAt(b, card) {
    if (!runs(card)) return 0;
    const left = Math.max(needed(card) - card.progress, 0);
    const start = Math.max(b.now, card.frozenUntil);
    const at = start + Math.ceil(left / paceAt(card, start)) * TICK_MS;
    return b.batchMade ? Math.max(at, b.now + TICK_MS) : at;
}

export function advance(b, card) {
    if (runs(card)) card.progress += pace(b, card);
}
