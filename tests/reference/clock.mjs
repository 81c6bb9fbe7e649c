// Section 4: the ticks and their phases. A plain loop over all 1200 ticks.
import { actorsOf, cardsOf, stands } from "./board.mjs";
import { takeTurn } from "./activation.mjs";
import { emit } from "./events.mjs";
import { burnPoisonRegen, storm } from "./periodic.mjs";
import { advance, isReady, readyAt, runs } from "./timers.mjs";
import { hearSide, offer, openRoot, raise, settle } from "./triggers.mjs";
import { TICK_MS } from "./words.mjs";

export const END_MS = 60_000;

const bothSides = (b) => [b.sides[b.first], b.sides[1 - b.first]];

export function playTicks(b) {
    while (!endOfTick(b)) {
        for (const side of b.sides) cardsOf(side).forEach((card) => advance(b, card));
        b.now += TICK_MS;
        if (b.now === END_MS) return;
        b.batchMade = false;
        endStatuses(b);
        const batches = b.sides.map((side) => batchOf(b, side));
        b.batchMade = true;
        runBatches(b, batches);
        if (!b.overload) burnPoisonRegen(b);
        if (!b.overload) storm(b);
    }
}

// A: timers go on at their new pace; of those that are ready their activation tells it.
function endStatuses(b) {
    const ends = (card) => [card.frozenUntil, card.slowUntil, card.hasteUntil].includes(b.now);
    for (const side of bothSides(b))
        for (const card of cardsOf(side))
            if (runs(card) && ends(card) && !isReady(b, card))
                emit(b, "rate", { d: card.entity, v: readyAt(b, card) });
}

const due = (b, actor) => actor.abilities.filter((state) => state.ability.on === "every" && state.ringsAt <= b.now);
const hasClock = (actor) => (actor.card === null ? !actor.spent : actor.card.alive);

// B: the batch of this tick. What becomes ready later acts no sooner than in the next one.
function batchOf(b, side) {
    return {
        clocks: actorsOf(side).filter((actor) => hasClock(actor) && due(b, actor).length > 0),
        cards: cardsOf(side).filter((card) => isReady(b, card)),
    };
}

function runBatches(b, batches) {
    if (batches.every(({ clocks, cards }) => clocks.length + cards.length > 0)) b.throwCoin();
    for (const index of [b.first, 1 - b.first]) {
        for (const actor of batches[index].clocks) if (!b.overload) ring(b, actor);
        for (const card of batches[index].cards) if (!b.overload) takeTurn(b, card);
    }
}

// All clocks of one actor that ring now are one root. The clock of a disabled card rings in vain.
function ring(b, actor) {
    if (!stands(b, actor) || !hasClock(actor)) return;
    openRoot(b);
    for (const state of due(b, actor)) {
        state.ringsAt += state.ability.ms;
        if (!actor.card?.disabled) offer(b, actor, state, { source: 0, target: 0, amount: 0, cause: 0, depth: 0 });
    }
    settle(b);
}

// E, F and G. True when the battle is over.
function endOfTick(b) {
    openRoot(b);
    settle(b);
    const isDown = (side) => side.hero.hp <= 0;
    for (const side of bothSides(b)) if (isDown(side) && !b.overload) save(b, side);
    return b.overload || b.sides.some(isDown);
}

function save(b, side) {
    const { hero } = side, number = emit(b, "lethal", { d: hero.entity, v: hero.hp });
    openRoot(b);
    b.saving = true;
    raise(b, "hero_lethal", hearSide(b, side.index),
        { source: 0, target: hero.entity, amount: 1 - hero.hp, cause: number, depth: 1 });
    settle(b);
    b.saving = false;
    if (hero.hp > 0) emit(b, "lethal", { d: hero.entity, v: hero.hp, f: 1, c: number });
}
