// Section 4: the death step.
import { cardsOf, lives } from "./board.mjs";
import { emit } from "./events.mjs";
import { recompute } from "./stats.mjs";
import { hearRest, hearSelf, hearSide, raise } from "./triggers.mjs";

// Marks and emits all who die together, then queues what is heard of it. False when nobody died.
export function buryDead(b) {
    const dead = [b.first, 1 - b.first]
        .flatMap((side) => cardsOf(b.sides[side]).filter((card) => card.alive && !lives(card)));
    if (dead.length === 0) return false;
    const events = dead.map((card) => bury(b, card));
    dead.forEach((card, i) => raise(b, "death", hearSelf(b, card.entity), events[i]));
    dead.forEach((card, i) => raise(b, "ally_death", hearRest(b, card.entity), events[i]));
    dead.forEach((card, i) => raise(b, "enemy_death", hearSide(b, 1 - card.side), events[i]));
    recompute(b, 0, events[0].cause);
    return true;
}

// What its death causes names the death, one deeper than what killed it.
function bury(b, card) {
    const { source, cause, depth } = card.harm;
    const number = emit(b, card.doomed ? "destroy" : "death", { s: source, d: card.entity, c: cause });
    card.alive = card.doomed = false;
    b.tally(source, "kills", 1);
    return { source, target: card.entity, amount: 0, cause: number, depth: depth + 1 };
}
