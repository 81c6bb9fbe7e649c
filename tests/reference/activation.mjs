// Section 4: an activation, in turn or out of turn.
import { lives, stands } from "./board.mjs";
import { allHold } from "./conditions.mjs";
import { emit } from "./events.mjs";
import { runEffects } from "./ops.mjs";
import { isReady, needed, readies, readyAt } from "./timers.mjs";
import { frameOf, hearRestAt, hearSelfAt, hearSide, openRoot, raise, settle } from "./triggers.mjs";

// Runs the `ready` abilities of a card and then tells that it was used.
export function act(b, card, repetition, cause, depth) {
    const number = emit(b, "act", { s: card.entity, n: repetition, v: readyAt(b, card), c: cause, x: card.usesLeft });
    const about = { source: card.entity, target: card.entity, amount: 0, cause: number };
    const frame = frameOf(b, card, about, depth), told = { ...about, depth: depth + 1 };
    for (const ability of readies(card))
        if (allHold(frame, ability.if ?? [])) runEffects(b, frame, ability.do, number);
    raise(b, "used", hearSelfAt(b, card.side, card.slot), told); // whoever it has turned into
    raise(b, "ally_used", hearRestAt(b, card.side, card.slot), told);
    raise(b, "enemy_used", hearSide(b, 1 - card.side), told);
}

const isThere = (b, card) => stands(b, card) && lives(card);

// Pays its progress and one use, then repeats `multi` more times; each time is a root.
export function takeTurn(b, card) {
    if (!isThere(b, card) || !isReady(b, card)) return;
    const times = 1 + card.stat.multi;
    card.progress -= needed(card);
    if (card.stat.uses > 0) card.usesLeft--;
    for (let repetition = 0; repetition < times && !b.overload; repetition++) {
        if (!isThere(b, card) || card.disabled) return;
        openRoot(b);
        act(b, card, repetition, 0, 0);
        settle(b);
    }
    if (stands(b, card) && card.alive && card.stat.uses > 0 && card.usesLeft === 0) emit(b, "spent", { d: card.entity });
}
