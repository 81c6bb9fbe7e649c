// Section 2: heroes, cards, artifacts, items and consumables; their numbers and their order.
import { atLevel, keywordMask, STATS } from "./words.mjs";

export const SLOTS = 8;
const FIRST_SUMMON = 100, LAST_SUMMON = 227;

// What every actor has for each of its abilities: how often it fired and was met, and when it may again.
function abilitiesOf(definition, now) {
    return definition.abilities.map((ability, index) => ({
        ability, number: index + 1, fired: 0, met: 0, quietUntil: 0,
        ringsAt: now + (ability.ms ?? 0),
    }));
}

// The first ringing comes one period after the owner came or stood up again.
export function startClocks(b, actor) {
    for (const state of actor.abilities) state.ringsAt = b.now + (state.ability.ms ?? 0);
}

function makeActor(b, type, entity, definition, level, side, card) {
    return { type, entity, definition, level, side, card, abilities: abilitiesOf(definition, b.now) };
}

export function makeCard(b, entity, definition, level, side, slot, items) {
    const card = makeActor(b, "card", entity, definition, level, side, null);
    Object.assign(card, {
        card, slot, items, kind: definition.kind, alive: true, doomed: false, spent: false,
        hp: 0, base: {}, lower: {}, stat: {}, points: {}, permille: {}, keywords: 0,
        progress: 0, usesLeft: 0, ward: 0, guard: false, disabled: false, flags: 0,
        frozenUntil: 0, slowUntil: 0, hasteUntil: 0, harm: { source: 0, cause: 0, depth: 0 },
    });
    for (const name of STATS) {
        card.base[name] = atLevel(definition.stats[name] ?? 0, level);
        card.points[name] = 0;
        card.permille[name] = 0;
    }
    for (const item of items) {
        item.card = card;
        startClocks(b, item);
    }
    card.keywords = keywordMask(definition.kw);
    for (const item of items) card.keywords |= keywordMask(item.definition.kw);
    return card;
}

export function makeSide(b, index, snapshot) {
    const catalog = b.catalog, hp = catalog.levels.hp[snapshot.level - 1];
    const side = {
        index, snapshot, hero: { type: "hero", entity: 1 + index, side: index, hp, hpMax: hp, shield: 0, burn: 0,
            poison: 0, regen: 0, hurtByStorm: false },
        slots: new Array(SLOTS).fill(null), artifacts: [], consumables: [], damage: 0,
    };
    for (const entry of snapshot.cards) {
        const items = (entry.items ?? []).map((id, place) => makeActor(b, "item",
            50 + 20 * index + 2 * entry.slot + place, catalog.get(id), entry.level, index, null));
        side.slots[entry.slot] = makeCard(b, 10 + 10 * index + entry.slot, catalog.get(entry.id), entry.level,
            index, entry.slot, items);
    }
    side.artifacts = (snapshot.artifacts ?? []).map((id, place) =>
        makeActor(b, "artifact", 30 + 10 * index + place, catalog.get(id), 1, index, null));
    side.consumables = (snapshot.consumables ?? []).map((id, place) =>
        makeActor(b, "consumable", 66 + 20 * index + place, catalog.get(id), 1, index, null));
    return side;
}

export function nextEntity(b) {
    return b.summoned > LAST_SUMMON - FIRST_SUMMON ? 0 : FIRST_SUMMON + b.summoned++;
}

export const cardsOf = (side) => side.slots.filter((card) => card !== null);
// A unit lives while its hp is above 0 and until it is destroyed, though it is only buried in the death step.
export const lives = (card) => card.alive && !card.doomed && (card.kind !== "unit" || card.hp > 0);
export const livesUnit = (card) => card.kind === "unit" && lives(card);
export const livingOf = (side) => cardsOf(side).filter(lives);
export const hasTimer = (card) => card.base.cd > 0;

// The order of actors of a side: cards by slot, artifacts, items by slot, consumables.
export function actorsOf(side) {
    const cards = cardsOf(side);
    return [...cards, ...side.artifacts, ...cards.flatMap((card) => card.items), ...side.consumables];
}

export function front(b, sideIndex) {
    const side = b.sides[sideIndex], units = cardsOf(side).filter(livesUnit);
    return units.find((unit) => unit.guard) ?? units[0] ?? side.hero;
}

// Does it still stand where it stood, and is it able? Only a death is answered by the dead.
export const stands = (b, actor) => actor.card === null || b.sides[actor.side].slots[actor.card.slot] === actor.card;
export function isAble(actor, evenDead) {
    if (actor.card === null) return !actor.spent;
    return (actor.card.alive || evenDead) && !actor.card.disabled;
}

export function sideOf(b, entity) {
    return b.sides.findIndex((side) =>
        side.hero.entity === entity || actorsOf(side).some((actor) => actor.entity === entity));
}

// Whatever has this number and can be the subject of a condition or the target of an op: a hero or a card.
export function bodyOf(b, entity) {
    for (const side of b.sides) {
        if (side.hero.entity === entity) return side.hero;
        for (const card of cardsOf(side)) if (card.entity === entity) return card;
    }
    return null;
}
