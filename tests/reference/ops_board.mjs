// Section 6 and the ops that change who stands where: summon, transform, revive.
import { bodyOf, makeCard, nextEntity, SLOTS, startClocks } from "./board.mjs";
import { amountOf, targetsOf } from "./conditions.mjs";
import { emit } from "./events.mjs";
import { countEffect } from "./limits.mjs";
import { tellUses } from "./ops_stats.mjs";
import { recompute, settleIn } from "./stats.mjs";
import { needed, readyAt } from "./timers.mjs";
import { fizzle, hearSelf, raise } from "./triggers.mjs";
import { clamp, KEYWORDS } from "./words.mjs";

const FIZZLE_NO_SLOT = 4, FIZZLE_NOT_DEAD = 5, FIZZLE_NO_ENTITY = 6;

export function startTimer(card) {
    card.progress = card.keywords & KEYWORDS.swift ? Math.floor(needed(card) / 2) : 0;
}

// Full health and uses, a timer at its start, one ward or guard where the keywords say so.
export function stand(b, card) {
    settleIn(b, card);
    card.ward = card.keywords & KEYWORDS.ward ? 1 : 0;
    card.guard = (card.keywords & KEYWORDS.guard) !== 0;
    startTimer(card);
}

// The event, a second one for limited uses, then auras, then `summoned`.
function arrive(b, kind, frame, card, cause) {
    let number = emit(b, kind, { s: frame.speaker, d: card.entity, n: card.side + 1, v: card.hp, w: card.stat.atk,
        f: card.keywords, c: cause, x: card.level, r: readyAt(b, card), id: card.definition.id, slot: card.slot,
        cd: card.stat.cd });
    if (card.stat.uses > 0) number = tellUses(b, frame.speaker, card, cause);
    recompute(b, frame.speaker, number);
    raise(b, "summoned", hearSelf(b, card.entity),
        { source: frame.speaker, target: card.entity, amount: 0, cause: number, depth: frame.depth + 1 });
}

// ---- summon ----------------------------------------------------------------------------------------------

function startSlot(b, frame) {
    if (frame.slot >= 0) return frame.slot;
    const body = bodyOf(b, frame.event.target);
    return body?.type === "card" && body.side === frame.side ? body.slot : 0;
}

function freeSlot(side, start) {
    const free = (slot) => side.slots[slot] === null || !side.slots[slot].alive;
    for (let slot = start; slot < SLOTS; slot++) if (free(slot)) return slot;
    for (let slot = start - 1; slot >= 0; slot--) if (free(slot)) return slot;
    return -1;
}

export function summon(b, frame, effect, cause) {
    const n = clamp(amountOf(frame, effect.n ?? 1), 0, SLOTS);
    for (let i = 0; i < n && countEffect(b, frame, cause); i++) summonOne(b, frame, effect, cause);
}

function summonOne(b, frame, effect, cause) {
    const side = b.sides[frame.side], slot = freeSlot(side, startSlot(b, frame));
    if (slot < 0) return fizzle(b, frame.speaker, FIZZLE_NO_SLOT, cause);
    const entity = nextEntity(b);
    if (entity === 0) return fizzle(b, frame.speaker, FIZZLE_NO_ENTITY, cause);
    const card = makeCard(b, entity, b.catalog.get(effect.card), frame.level, frame.side, slot, []);
    side.slots[slot] = card;
    stand(b, card);
    arrive(b, "summon", frame, card, cause);
}

// ---- transform, revive -----------------------------------------------------------------------------------

// Another card; never a copy of itself.
function formOf(b, frame, card, effect) {
    if (effect.card) return b.catalog.get(effect.card);
    const model = bodyOf(b, targetsOf(frame, effect.copy)[0] ?? 0);
    return model?.type === "card" && model !== card ? model.definition : null;
}

export function transform(b, frame, old, n, cause, effect) {
    const definition = formOf(b, frame, old, effect);
    if (definition === null) return;
    const entity = nextEntity(b);
    if (entity === 0) return fizzle(b, frame.speaker, FIZZLE_NO_ENTITY, cause);
    const card = makeCard(b, entity, definition, old.level, old.side, old.slot, old.items);
    b.sides[old.side].slots[old.slot] = card;
    stand(b, card);
    arrive(b, "transform", frame, card, cause);
}

// Same entity, its timer at the start; freeze, slow and haste are gone.
export function revive(b, frame, card, n, cause) {
    if (card?.type !== "card" || card.alive || card.spent) return fizzle(b, frame.speaker, FIZZLE_NOT_DEAD, cause);
    card.alive = true;
    card.frozenUntil = card.slowUntil = card.hasteUntil = 0;
    card.hp = Math.min(n, card.stat.hp);
    [card, ...card.items].forEach((actor) => startClocks(b, actor));
    startTimer(card);
    arrive(b, "revive", frame, card, cause);
}
