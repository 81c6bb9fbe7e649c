// Section 3, ops on timers: freeze, slow, haste, charge.
import { hasTimer } from "./board.mjs";
import { dealerOf } from "./damage.mjs";
import { emit } from "./events.mjs";
import { needed, readyAt, runs } from "./timers.mjs";
import { hearSelf, raise } from "./triggers.mjs";
import { clamp, AMOUNT_MAX, share, TICK_MS } from "./words.mjs";

const wholeTicks = (ms) => ms - ms % TICK_MS;

function tell(b, trigger, frame, card, amount, cause) {
    raise(b, trigger, hearSelf(b, card.entity),
        { source: frame.speaker, target: card.entity, amount, cause, depth: frame.depth + 1 });
}

// Adds to what remains, at most `most` from now. The trigger's amount is what the op wanted.
function status(kind, field, most, trigger) {
    return (b, frame, card, n, cause) => {
        if (!hasTimer(card)) return;
        const permille = kind === "freeze" ? dealerOf(b, frame)?.stat.freeze_permille ?? 0 : 0;
        const wanted = wholeTicks(clamp(n + share(n, permille), 0, AMOUNT_MAX));
        const from = Math.max(card[field], b.now), until = Math.min(from + wanted, b.now + most);
        if (until <= from) return;
        card[field] = until;
        const number = emit(b, kind, { s: frame.speaker, d: card.entity, n: until - from, v: until,
            w: readyAt(b, card), c: cause });
        tell(b, trigger, frame, card, n, number);
    };
}

export const freeze = status("freeze", "frozenUntil", 6000, "frozen");
export const slow = status("slow", "slowUntil", 10_000, "slowed");
export const haste = status("haste", "hasteUntil", 10_000, "hasted");

// Adds progress, never past ready; what is told is in whole ticks, rounded up.
export function charge(b, frame, card, n, cause) {
    if (!runs(card)) return;
    const added = Math.min(2 * wholeTicks(n) / TICK_MS, needed(card) - card.progress);
    if (added <= 0) return;
    card.progress += added;
    const number = emit(b, "charge", { s: frame.speaker, d: card.entity, n: Math.ceil(added / 2) * TICK_MS,
        v: readyAt(b, card), c: cause });
    tell(b, "charged", frame, card, n, number);
}
