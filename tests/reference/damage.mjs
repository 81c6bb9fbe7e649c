// Section 5: damage, and everything a blow sets off; and healing.
import { bodyOf, livesUnit } from "./board.mjs";
import { emit } from "./events.mjs";
import { countEffect } from "./limits.mjs";
import { hearRest, hearSelf, hearSide, raise } from "./triggers.mjs";
import { AMOUNT_MAX, clamp, share } from "./words.mjs";

const CRIT = 1, LETHAL = 2, CLEAVE = 4, THORNS = 8, LIFESTEAL = 2;

// Only cards, and items in their name, have stats of blows.
export function dealerOf(b, frame) {
    const body = bodyOf(b, frame.speaker);
    return body?.type === "card" ? body : null;
}

const canBeHit = (body) => body !== null && (body.type === "hero" || livesUnit(body));

export function damage(b, frame, n, targets, cause) {
    if (!targets.some((entity) => canBeHit(bodyOf(b, entity)))) return;
    const dealer = dealerOf(b, frame), crit = dealer !== null && rollCrit(b, frame, dealer);
    const amount = dealer === null ? n : weigh(dealer, n, crit);
    const swept = dealer === null ? 0 : share(amount, dealer.stat.cleave);
    for (const entity of targets) {
        const blow = { frame, dealer, source: frame.speaker, cause, flags: crit ? CRIT : 0 };
        const target = bodyOf(b, entity), sweeps = swept > 0 && target?.type === "card" && canBeHit(target);
        strike(b, blow, entity, amount);
        if (sweeps) cleave(b, { ...blow, flags: CLEAVE }, target, swept);
    }
}

// One roll per op; none when the chance is 0 or certain.
function rollCrit(b, frame, dealer) {
    const chance = dealer.stat.crit;
    return chance >= 1000 || (chance > 0 && b.streams.sides[frame.side].chance(chance));
}

function weigh(dealer, n, crit) {
    const flat = clamp(n + dealer.stat.damage, 0, AMOUNT_MAX);
    const raised = clamp(flat + share(flat, dealer.stat.damage_permille), 0, AMOUNT_MAX);
    return clamp(crit ? 2 * raised : raised, 0, AMOUNT_MAX);
}

function cleave(b, blow, target, swept) {
    for (const step of [-1, 1]) {
        const other = b.sides[target.side].slots[target.slot + step];
        if (other) strike(b, blow, other.entity, swept);
    }
}

function strike(b, blow, entity, amount) {
    const target = bodyOf(b, entity);
    if (amount <= 0 || !canBeHit(target) || !countEffect(b, blow.frame, blow.cause)) return;
    const landed = target.type === "hero" ? hitHero(b, blow, target, amount) : hitUnit(b, blow, target, amount);
    if (landed === null) return;
    b.tally(blow.source, "dmg", amount);
    tell(b, blow, target, { source: blow.source, target: entity, amount, cause: landed.number,
        depth: blow.frame.depth + 1 });
    answerWithThorns(b, blow, entity, landed.number);
    if (blow.dealer === null) return;
    const stolen = share(landed.removed, blow.dealer.stat.lifesteal);
    if (stolen > 0) heal(b, blow.frame, b.sides[blow.frame.side].hero.entity, stolen, LIFESTEAL, blow.cause);
}

function hitHero(b, blow, hero, amount) {
    const removed = lose(hero, amount, false);
    hero.hurtByStorm = false;
    const number = emitBlow(b, blow, hero, amount, hero.shield);
    if (blow.frame.side !== hero.side) b.sides[blow.frame.side].damage += removed;
    return { removed, number };
}

// Shield first, unless it goes past it. Returns what was really removed.
export function lose(hero, amount, past) {
    const absorbed = past ? 0 : Math.min(hero.shield, amount), left = amount - absorbed;
    const removed = absorbed + Math.min(left, Math.max(hero.hp, 0));
    hero.shield -= absorbed;
    hero.hp = clamp(hero.hp - left, -AMOUNT_MAX, AMOUNT_MAX);
    return removed;
}

// Null when a ward took the blow.
function hitUnit(b, blow, card, amount) {
    if (card.ward > 0) {
        card.ward--;
        emit(b, "wardbreak", { s: blow.source, d: card.entity, n: amount, v: card.ward, c: blow.cause });
        return null;
    }
    const removed = Math.min(amount, card.hp);
    card.hp -= amount;
    const number = emitBlow(b, blow, card, amount, 0);
    card.harm = { source: blow.source, cause: number, depth: blow.frame.depth };
    if (blow.frame.side !== card.side) b.sides[blow.frame.side].damage += removed;
    return { removed, number };
}

function emitBlow(b, blow, target, n, shield) {
    const f = blow.flags | (target.hp <= 0 ? LETHAL : 0);
    return emit(b, "dmg", { s: blow.source, d: target.entity, n, v: target.hp, w: shield, f, c: blow.cause });
}

function tell(b, blow, target, event) {
    raise(b, "dealt_damage", hearSelf(b, blow.source), event);
    if (blow.flags & CRIT) raise(b, "crit", hearSelf(b, blow.source), event);
    if (target.type === "hero") {
        raise(b, "hero_hurt", hearSide(b, target.side), event);
        raise(b, "hero_below", hearSide(b, target.side), event);
    } else {
        raise(b, "hurt", hearSelf(b, target.entity), event);
        raise(b, "ally_hurt", hearRest(b, target.entity), event);
    }
}

// The thorns of what was struck hit the unit that struck; never for thorns or cleaving, and without stats.
function answerWithThorns(b, blow, entity, cause) {
    const card = bodyOf(b, entity), striker = blow.dealer;
    if (card?.type !== "card" || card.stat.thorns === 0 || blow.flags & (THORNS | CLEAVE)) return;
    if (striker === null || !livesUnit(striker)) return;
    const frame = { ...blow.frame, side: card.side, speaker: blow.frame.speaker };
    strike(b, { frame, dealer: null, source: entity, cause, flags: THORNS }, blow.source, card.stat.thorns);
}

// Up to the maximum; halved in the storm, except for what saves a hero.
export function heal(b, frame, entity, n, flags, cause) {
    const target = bodyOf(b, entity);
    if (!canBeHit(target)) return;
    const most = target.type === "hero" ? target.hpMax : target.stat.hp;
    const healed = Math.min(b.storming && !b.saving ? Math.floor(n / 2) : n, most - target.hp);
    if (healed <= 0) return;
    target.hp += healed;
    const number = emit(b, "heal", { s: frame.speaker, d: entity, n: healed, v: target.hp, f: flags, c: cause });
    b.tally(frame.speaker, "heal", healed);
    raise(b, "healed", target.type === "hero" ? hearSide(b, target.side) : hearSelf(b, entity),
        { source: frame.speaker, target: entity, amount: healed, cause: number, depth: frame.depth + 1 });
}
