// Section 3: measures, conditions, picks, targets and amounts.
//
// A frame says for whom they are read: the side, the level, `self` (number of the card, or of the own hero),
// the event. Everything is named by its number, and looked up when it is needed: it may have gone meanwhile.
import { bodyOf, cardsOf, front, lives, livesUnit, livingOf, sideOf, SLOTS } from "./board.mjs";
import { AMOUNT_MAX, asList, atLevel, clamp, keywordMask, share } from "./words.mjs";

// ---- measures ------------------------------------------------------------------------------------------

const permilleOf = (hp, most) => (hp <= 0 ? 0 : clamp(Math.floor(hp * 1000 / most), 0, 1000));

function measureHero(hero, name) {
    switch (name) {
        case "hp": return hero.hpMax;
        case "hp_now": return hero.hp;
        case "hp_permille": return permilleOf(hero.hp, hero.hpMax);
        case "shield_now": return hero.shield;
        case "burn_now": return hero.burn;
        case "poison_now": return hero.poison;
        case "regen_now": return hero.regen;
        default: return 0;
    }
}

function measureCard(card, name, stats) {
    switch (name) {
        case "hp_now": return card.hp;
        case "hp_permille": return permilleOf(card.hp, card.stat.hp);
        case "level": return card.level;
        case "uses": return card.usesLeft;
        default: return stats[name] ?? 0;
    }
}

export function measure(body, name) {
    if (body === null) return 0;
    return body.type === "hero" ? measureHero(body, name) : measureCard(body, name, body.stat);
}

// ---- conditions ----------------------------------------------------------------------------------------

const COMPARE = {
    "<": (a, z) => a < z, "<=": (a, z) => a <= z, "==": (a, z) => a === z,
    "!=": (a, z) => a !== z, ">=": (a, z) => a >= z, ">": (a, z) => a > z,
};

function subjectOf(frame, subject) {
    switch (subject ?? "self") {
        case "self": return frame.self;
        case "event.source": return frame.event.source;
        case "event.target": return frame.event.target;
        case "my_hero": return frame.b.sides[frame.side].hero.entity;
        default: return frame.b.sides[1 - frame.side].hero.entity;
    }
}

function statusHolds(b, body, status) {
    if (body.type === "hero")
        return { burning: body.burn > 0, poisoned: body.poison > 0, regenerating: body.regen > 0,
            shielded: body.shield > 0, wounded: body.hp < body.hpMax }[status] ?? false;
    if (status.startsWith("flag_")) return (body.flags >> (Number(status[5]) - 1) & 1) === 1;
    return { frozen: body.frozenUntil > b.now, slowed: body.slowUntil > b.now, hasted: body.hasteUntil > b.now,
        warded: body.ward > 0, guarding: body.guard, disabled: body.disabled,
        wounded: body.kind === "unit" && body.hp < body.stat.hp }[status] ?? false;
}

function seatHolds(frame, card, seat) {
    const living = livingOf(frame.b.sides[card.side]);
    if (seat === "leftmost") return !living.some((other) => other.slot < card.slot);
    if (seat === "rightmost") return !living.some((other) => other.slot > card.slot);
    const self = bodyOf(frame.b, frame.self);
    return self?.type === "card" && self.side === card.side && Math.abs(self.slot - card.slot) === 1;
}

function testHolds(frame, condition, candidate) {
    const b = frame.b;
    if ("chance" in condition) return b.streams.sides[frame.side].chance(condition.chance);
    if ("count" in condition)
        return COMPARE[condition.cmp](candidatesOf(frame, condition.count).length, condition.value);
    const entity = candidate ? candidate.entity : subjectOf(frame, condition.subject);
    if ("is" in condition) return entity === frame.self;
    if ("side" in condition)
        return sideOf(b, entity) === (condition.side === "ally" ? frame.side : 1 - frame.side);
    const body = candidate ?? bodyOf(b, entity);
    if ("has" in condition) return measure(body, condition.has) > 0;
    if ("stat" in condition) return COMPARE[condition.cmp](measure(body, condition.stat), condition.value);
    if (body === null) return false;
    if ("status" in condition) return statusHolds(b, body, condition.status);
    if (body.type !== "card") return false;
    if ("tag" in condition) return asList(condition.tag).some((tag) => body.definition.tags.includes(tag));
    if ("kind" in condition) return asList(condition.kind).includes(body.kind);
    if ("rarity" in condition) return condition.rarity === body.definition.rarity;
    if ("kw" in condition) return (body.keywords & keywordMask(condition.kw)) !== 0;
    return seatHolds(frame, body, condition.slot);
}

function holds(frame, condition, candidate) {
    if ("any" in condition)
        return condition.any.length === 0 || condition.any.some((one) => holds(frame, one, candidate));
    return testHolds(frame, condition, candidate) !== (condition.not ?? false);
}

// In order, stopping at the first that fails.
export const allHold = (frame, conditions, candidate = null) =>
    conditions.every((condition) => holds(frame, condition, candidate));

// ---- picks ---------------------------------------------------------------------------------------------

function pool(frame, name) {
    const own = frame.b.sides[frame.side], other = frame.b.sides[1 - frame.side];
    const only = (cards, kind) => cards.filter((card) => card.kind === kind);
    switch (name) {
        case "ally_card": return livingOf(own);
        case "ally_unit": return only(livingOf(own), "unit");
        case "ally_device": return only(livingOf(own), "device");
        case "enemy_card": return livingOf(other);
        case "enemy_unit": return only(livingOf(other), "unit");
        case "enemy_device": return only(livingOf(other), "device");
        default: return only(cardsOf(own).filter((card) => !card.alive), "unit");
    }
}

export function candidatesOf(frame, pick) {
    return pool(frame, pick.pick)
        .filter((card) => pick.not !== "self" || card.entity !== frame.self)
        .filter((card) => allHold(frame, pick.where ?? [], card));
}

const ORDER = {
    hp_low: (a, z) => a.hp - z.hp, hp_high: (a, z) => z.hp - a.hp,
    atk_high: (a, z) => z.stat.atk - a.stat.atk, cd_longest: (a, z) => z.stat.cd - a.stat.cd,
};

function pickCards(frame, pick) {
    const list = candidatesOf(frame, pick), wanted = pick.n ?? SLOTS, by = pick.by ?? "leftmost";
    if (list.length <= wanted) return list;
    if (by === "random") {
        const dice = frame.b.streams.sides[frame.side];
        for (let i = 0; i < wanted; i++) {
            const j = i + dice.below(list.length - i);
            [list[i], list[j]] = [list[j], list[i]];
        }
    } else if (by !== "leftmost") {
        list.sort(ORDER[by]); // stable
    }
    return list.slice(0, wanted);
}

// ---- targets -------------------------------------------------------------------------------------------

function beside(frame, steps) {
    const self = bodyOf(frame.b, frame.self);
    if (self?.type !== "card") return [];
    const slots = frame.b.sides[self.side].slots;
    return steps.map((step) => slots[self.slot + step]).filter((card) => card && lives(card));
}

// Their numbers.
export function targetsOf(frame, to) {
    const own = frame.b.sides[frame.side], other = frame.b.sides[1 - frame.side];
    switch (to) {
        case "self": return [frame.self];
        case "my_hero": return [own.hero.entity];
        case "enemy_hero": return [other.hero.entity];
        case "source": return [frame.event.source];
        case "target": return [frame.event.target];
        default: return bodiesOf(frame, to, own, other).map((body) => body.entity);
    }
}

function bodiesOf(frame, to, own, other) {
    if (typeof to === "object") return pickCards(frame, to);
    switch (to) {
        case "front": return [front(frame.b, other.index)];
        case "left": return beside(frame, [-1]);
        case "right": return beside(frame, [1]);
        case "adjacent": return beside(frame, [-1, 1]);
        case "all_enemy_units": return livingOf(other).filter(livesUnit);
        case "all_ally_units": return livingOf(own).filter(livesUnit);
        case "all_enemy_cards": return livingOf(other);
        default: return livingOf(own);
    }
}

// ---- amounts -------------------------------------------------------------------------------------------

const within = (n) => clamp(n, -AMOUNT_MAX, AMOUNT_MAX);

export function amountOf(frame, amount) {
    const level = frame.level;
    if (typeof amount !== "object" || Array.isArray(amount)) return atLevel(amount, level);
    const plus = atLevel(amount.plus ?? 0, level);
    if ("count" in amount)
        return within(Math.min(candidatesOf(frame, amount.count).length * (amount.each ?? 1), AMOUNT_MAX) + plus);
    const read = "event" in amount ? frame.event.amount
        : measure(bodyOf(frame.b, subjectOf(frame, amount.of)), amount.stat);
    return within(Math.min(share(Math.max(read, 0), amount.permille ?? 1000), AMOUNT_MAX) + plus);
}
