// Section 3, ops on heroes: the piles, cleanse and dispel.
import { dealerOf } from "./damage.mjs";
import { emit } from "./events.mjs";
import { hearSide, raise } from "./triggers.mjs";
import { AMOUNT_MAX } from "./words.mjs";

// Adds to a pile; burn and poison plus the dealer's stat.
function pile(name, trigger, addsStat) {
    return (b, frame, hero, n, cause) => {
        const stat = addsStat ? dealerOf(b, frame)?.stat[name] ?? 0 : 0;
        const added = Math.min(n + stat, AMOUNT_MAX - hero[name]);
        if (added <= 0) return;
        hero[name] += added;
        const number = emit(b, name, { s: frame.speaker, d: hero.entity, n: added, v: hero[name], c: cause });
        if (name === "shield") b.tally(frame.speaker, "shield", added);
        const event = { source: frame.speaker, target: hero.entity, amount: added, cause: number,
            depth: frame.depth + 1 };
        if (trigger) raise(b, trigger, hearSide(b, hero.side), event);
    };
}

export const shield = pile("shield", "shielded", false);
export const burn = pile("burn", "burned", true);
export const poison = pile("poison", "poisoned", true);
export const regen = pile("regen", null, false);

function clean(kind, one, two) {
    return (b, frame, hero, n, cause) => {
        if (hero[one] === 0 && hero[two] === 0) return;
        hero[one] = hero[two] = 0;
        emit(b, kind, { s: frame.speaker, d: hero.entity, c: cause });
    };
}

export const cleanseHero = clean("cleanse", "burn", "poison");
export const dispelHero = clean("dispel", "shield", "regen");
