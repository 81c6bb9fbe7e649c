// Section 5, the first paragraph: the layers of a stat, and what follows when one changes.
import { cardsOf, hasTimer, SLOTS } from "./board.mjs";
import { allHold } from "./conditions.mjs";
import { emit } from "./events.mjs";
import { readyAt } from "./timers.mjs";
import { AMOUNT_MAX, atLevel, clamp, share, STATS, statNumber, TICK_MS } from "./words.mjs";

const CD_MIN = 500, CD_MAX = 60_000;

const within = (n) => clamp(n, -AMOUNT_MAX, AMOUNT_MAX);

// Points first, then permille, summed once; never below 0.
function layer(value, changes) {
    const sum = (list) => list.reduce((total, change) => within(total + change.amount), 0);
    const points = sum(changes.filter((change) => !change.permille));
    const permille = sum(changes.filter((change) => change.permille));
    const raised = clamp(value + points, 0, AMOUNT_MAX);
    return clamp(share(raised, Math.max(1000 + permille, 0)), 0, AMOUNT_MAX);
}

// What no layer may do: a unit has health, a limited card uses, a timer its cooldown; and none gets what it lacks.
function tidy(card, stat) {
    if (card.kind === "unit") stat.hp = Math.max(stat.hp, 1);
    stat.uses = card.base.uses === 0 ? 0 : Math.max(stat.uses, 1);
    stat.cd = hasTimer(card) ? clamp(stat.cd - stat.cd % TICK_MS, CD_MIN, CD_MAX) : 0;
    return stat;
}

// ---- auras -----------------------------------------------------------------------------------------------

function amountOf(aura, actor) {
    const permille = aura.permille !== undefined, given = permille ? aura.permille : aura.add;
    if (typeof given !== "object" || Array.isArray(given)) return { permille, amount: atLevel(given, actor.level) };
    const read = clamp(share(actor.lower[given.stat], given.permille ?? 1000), 0, AMOUNT_MAX);
    return { permille, amount: read + atLevel(given.plus ?? 0, actor.level) };
}

// An aura of a card reaches cards by their place.
function reaches(b, giver, aura, card) {
    const ally = giver.side === card.side, offset = card.slot - giver.slot, unit = card.kind === "unit";
    switch (aura.to) {
        case "self": return giver === card;
        case "left": return ally && offset === -1;
        case "right": return ally && offset === 1;
        case "adjacent": return ally && Math.abs(offset) === 1;
        case "all_ally_units": return ally && unit;
        case "all_ally_cards": return ally;
        case "all_enemy_units": return !ally && unit;
        default: return !ally;
    }
}

function changesFrom(b, giver, card, name, isReached) {
    const frame = { b, side: card.side, self: card.entity, level: card.level };
    return giver.definition.auras
        .filter((aura) => aura.stat === name && isReached(aura) && allHold(frame, aura.where ?? [], card))
        .map((aura) => amountOf(aura, giver));
}

// ---- layers ----------------------------------------------------------------------------------------------

// 1 to 3: all that auras may read.
function lowerLayers(b, card) {
    const stat = {}, suits = (aura) => aura.to !== "all_ally_units" || card.kind === "unit";
    const given = (givers, name) => givers.flatMap((giver) => changesFrom(b, giver, card, name, suits));
    for (const name of STATS)
        stat[name] = layer(layer(card.base[name], given(card.items, name)), given(b.sides[card.side].artifacts, name));
    return tidy(card, stat);
}

// 4 to 6.
function upperLayers(b, card, givers) {
    const stat = {};
    for (const name of STATS) {
        const auras = givers.flatMap((giver) =>
            changesFrom(b, giver, card, name, (aura) => reaches(b, giver, aura, card)));
        stat[name] = layer(layer(card.lower[name], auras),
            [{ permille: false, amount: card.points[name] }, { permille: true, amount: card.permille[name] }]);
    }
    return tidy(card, stat);
}

// Auras are of cards that stand and are not disabled; the dying stand until the death step.
function standing(b) {
    return [b.first, 1 - b.first].flatMap((side) => cardsOf(b.sides[side]).filter((card) => card.alive));
}

// ---- changes ---------------------------------------------------------------------------------------------

// A card that has just come: its stats without auras, full health and uses.
export function settleIn(b, card) {
    card.lower = lowerLayers(b, card);
    adoptQuietly(card, card.lower);
}

// At the start auras count as if they had always been there.
export function settleAll(b) {
    const cards = standing(b), givers = cards.filter((card) => !card.disabled);
    for (const card of cards) adoptQuietly(card, upperLayers(b, card, givers));
}

function adoptQuietly(card, stat) {
    card.stat = { ...stat };
    card.hp = card.stat.hp;
    card.usesLeft = card.stat.uses;
}

// Compares every card with what it should be now; each difference is a `stat` event.
export function recompute(b, source, cause) {
    const cards = standing(b), givers = cards.filter((card) => !card.disabled);
    for (const card of cards) {
        const wanted = upperLayers(b, card, givers);
        for (const name of STATS) if (wanted[name] !== card.stat[name]) adopt(b, card, name, wanted[name], source, cause);
    }
}

// Health and uses follow their maximum up; health is cut by it on the way down.
function adopt(b, card, name, value, source, cause) {
    const delta = value - card.stat[name];
    card.stat[name] = value;
    if (name === "hp" && card.hp > 0) card.hp = Math.min(card.hp + Math.max(delta, 0), value);
    if (name === "uses") card.usesLeft = Math.min(card.usesLeft + Math.max(delta, 0), AMOUNT_MAX);
    emit(b, "stat", { s: source, d: card.entity, n: delta, v: value, c: cause, p: statNumber(name),
        w: name === "hp" ? card.hp : name === "uses" ? card.usesLeft : 0,
        r: name === "cd" || name === "uses" ? readyAt(b, card) : 0 });
}
