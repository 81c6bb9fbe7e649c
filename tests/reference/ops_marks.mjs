// Section 3, ops that set and wipe marks of living cards.
import { emit } from "./events.mjs";
import { recompute } from "./stats.mjs";
import { hasUses, readies, readyAt } from "./timers.mjs";
import { frameOf, push } from "./triggers.mjs";
import { STATS } from "./words.mjs";

const WARDS_MAX = 100;

export function ward(b, frame, card, n, cause) {
    if (card.kind !== "unit") return;
    card.ward = Math.min(card.ward + n, WARDS_MAX);
    emit(b, "ward", { s: frame.speaker, d: card.entity, v: card.ward, c: cause });
}

export function guard(b, frame, card, n, cause) {
    if (card.kind !== "unit" || card.guard) return;
    card.guard = true;
    emit(b, "guard", { s: frame.speaker, d: card.entity, v: 1, c: cause });
}

export function disable(b, frame, card, n, cause) {
    if (card.disabled) return;
    card.disabled = true;
    recompute(b, frame.speaker, emit(b, "disable", { s: frame.speaker, d: card.entity, v: 1, c: cause }));
}

export function setFlag(b, frame, card, n, cause, effect) {
    const mask = card.flags | 1 << (effect.flag - 1);
    if (mask === card.flags) return;
    card.flags = mask;
    emit(b, "flag", { s: frame.speaker, d: card.entity, v: mask, c: cause });
}

// It dies in the next death step, whatever its hp and wards.
export function destroy(b, frame, card, n, cause) {
    card.doomed = true;
    card.harm = { source: frame.speaker, cause, depth: frame.depth };
}

// Queued; not when no use is left.
export function triggerReady(b, frame, card, n, cause) {
    if (card.disabled || readies(card).length === 0 || !hasUses(card)) return;
    const event = { source: card.entity, target: card.entity, amount: 0, cause };
    push(b, { actor: card, state: null, frame: frameOf(b, card, event, frame.depth + 1), cause });
}

export function cleanse(b, frame, card, n, cause) {
    if (card.frozenUntil <= b.now && card.slowUntil <= b.now && !card.disabled) return;
    card.frozenUntil = card.slowUntil = 0;
    card.disabled = false;
    wiped(b, "cleanse", frame, card, cause);
}

// For a cooldown less is the gain.
function dropGains(card) {
    let any = false;
    for (const name of STATS)
        for (const changes of [card.points, card.permille])
            if (name === "cd" ? changes[name] < 0 : changes[name] > 0) {
                changes[name] = 0;
                any = true;
            }
    return any;
}

export function dispel(b, frame, card, n, cause) {
    const gains = dropGains(card);
    if (!gains && card.hasteUntil <= b.now && card.ward === 0 && !card.guard) return;
    card.hasteUntil = card.ward = 0;
    card.guard = false;
    wiped(b, "dispel", frame, card, cause);
}

function wiped(b, kind, frame, card, cause) {
    recompute(b, frame.speaker, emit(b, kind, { s: frame.speaker, d: card.entity, v: readyAt(b, card), c: cause }));
}
