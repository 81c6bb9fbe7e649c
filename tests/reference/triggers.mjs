// Sections 3 and 4: who hears what, the queue, and what settling means.
import { actorsOf, bodyOf, isAble, lives, sideOf, stands } from "./board.mjs";
import { act } from "./activation.mjs";
import { allHold } from "./conditions.mjs";
import { buryDead } from "./death.mjs";
import { emit } from "./events.mjs";
import { runEffects } from "./ops.mjs";

const DEPTH_MAX = 16, QUEUE_MAX = 512, ICD_MS = 250, FIRES_MAX = 100;
const FIZZLE_DEPTH = 1, FIZZLE_QUEUE = 3;

// ---- who hears -------------------------------------------------------------------------------------------

// Self is the card and its items, and also every artifact and consumable of its side; these are also the rest.
const isAt = (actor, slot) => actor.card === null || actor.card.slot === slot;
const isNotAt = (actor, slot) => actor.card === null || actor.card.slot !== slot;

export const hearSelfAt = (b, side, slot) => actorsOf(b.sides[side]).filter((actor) => isAt(actor, slot));
export const hearRestAt = (b, side, slot) => actorsOf(b.sides[side]).filter((actor) => isNotAt(actor, slot));

// Nobody hears of what has gone.
function placeOf(b, entity) {
    const body = bodyOf(b, entity);
    return { side: sideOf(b, entity), slot: body?.type === "card" ? body.slot : -1 };
}

export function hearSelf(b, entity) {
    const { side, slot } = placeOf(b, entity);
    return side < 0 ? [] : hearSelfAt(b, side, slot);
}

export function hearRest(b, entity) {
    const { side, slot } = placeOf(b, entity);
    return side < 0 ? [] : hearRestAt(b, side, slot);
}

export const hearSide = (b, side) => actorsOf(b.sides[side]);

// ---- frames ----------------------------------------------------------------------------------------------

// Items speak in the name of their card.
export function frameOf(b, actor, event, depth) {
    const { side, card, level } = actor;
    const self = card === null ? b.sides[side].hero.entity : card.entity;
    const speaker = card === null ? actor.entity : self, slot = card === null ? -1 : card.slot;
    return { b, side, level, self, speaker, slot, event, depth };
}

// ---- queueing --------------------------------------------------------------------------------------------

// `event` is {source, target, amount, cause, depth}: entities, an amount, the number of an event, and how deep
// in the cascade its answers are.
export function raise(b, trigger, actors, event) {
    for (const actor of actors)
        for (const state of actor.abilities)
            if (state.ability.on === trigger && isAble(actor, trigger === "death")) offer(b, actor, state, event);
}

export function offer(b, actor, state, event) {
    const frame = frameOf(b, actor, event, event.depth);
    if (!fires(b, state, frame)) return;
    push(b, { actor, state, frame, cause: event.cause });
}

// All this is settled at queueing.
function fires(b, state, frame) {
    const { ability } = state, once = ability.on === "hero_below" || ability.on === "hero_lethal";
    if (b.now < state.quietUntil || state.fired >= (once ? 1 : ability.max ?? FIRES_MAX)) return false;
    if (ability.on === "hero_below" && !heroIsBelow(b.sides[frame.side].hero, ability.permille)) return false;
    if (!allHold(frame, ability.if ?? [])) return false;
    state.met++;
    if (state.met % (ability.nth ?? 1) !== 0) return false;
    state.fired++;
    state.quietUntil = b.now + (ability.icd ?? ICD_MS);
    return true;
}

const heroIsBelow = (hero, permille) => hero.hp * 1000 < permille * hero.hpMax;

export function push(b, entry) {
    if (b.overload) return;
    if (entry.frame.depth > DEPTH_MAX) fizzle(b, entry.actor.entity, FIZZLE_DEPTH, entry.cause);
    else if (b.queue.length === QUEUE_MAX) fizzle(b, entry.actor.entity, FIZZLE_QUEUE, entry.cause);
    else b.queue.push(entry);
}

export function fizzle(b, entity, reason, cause) {
    emit(b, "fizzle", { s: entity, n: reason, c: cause });
}

// ---- running ---------------------------------------------------------------------------------------------

function answer(b, { actor, state, frame, cause }) {
    if (state === null) return answerOutOfTurn(b, actor, frame, cause);
    const death = state.ability.on === "death";
    if (stands(b, actor) ? !isAble(actor, death) : !death) return;
    const number = emit(b, "trig", { s: actor.entity, d: frame.event.source, c: cause, a: state.number });
    spendIfOnce(b, actor, number);
    runEffects(b, frame, state.ability.do, number);
}

function answerOutOfTurn(b, card, frame, cause) {
    if (stands(b, card) && lives(card) && !card.disabled) act(b, card, 0, cause, frame.depth);
}

// A rite leaves its slot, a consumable is drunk.
function spendIfOnce(b, actor, cause) {
    const rite = actor.type === "card" && actor.kind === "rite";
    if (!rite && actor.type !== "consumable") return;
    emit(b, "spent", { d: actor.entity, f: rite ? 1 : 0, c: cause });
    actor.spent = true;
    actor.alive = false;
}

export function openRoot(b) {
    b.rootEffects = 0;
}

// Take the queue first in, first out until it is empty, then the death step, and again until both are quiet.
export function settle(b) {
    do {
        while (b.queue.length > 0 && !b.overload) answer(b, b.queue.shift());
        if (b.overload) b.queue.length = 0;
    } while (!b.overload && buryDead(b));
}
