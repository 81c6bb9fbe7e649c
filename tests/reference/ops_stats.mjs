// Section 3, ops on stats: stat, steal_stat, gain_use.
import { bodyOf, hasTimer, lives } from "./board.mjs";
import { emit } from "./events.mjs";
import { recompute } from "./stats.mjs";
import { readyAt } from "./timers.mjs";
import { AMOUNT_MAX, clamp } from "./words.mjs";

const USES_MAX = 1000, USES = 6;

// hp belongs to units, a cooldown and uses to cards that have them.
function hasStat(card, name) {
    if (name === "hp") return card.kind === "unit";
    if (name === "cd") return hasTimer(card);
    return name !== "uses" || card.stat.uses > 0;
}

function change(b, frame, card, list, name, n, cause) {
    list[name] = clamp(list[name] + n, -AMOUNT_MAX, AMOUNT_MAX);
    recompute(b, frame.speaker, cause);
}

export function stat(b, frame, card, n, cause, effect) {
    if (!hasStat(card, effect.stat)) return;
    change(b, frame, card, effect.mode === "permille" ? card.permille : card.points, effect.stat, n, cause);
}

// Takes up to n points; `self` gains what was really lost.
export function stealStat(b, frame, card, n, cause, { stat: name }) {
    const thief = bodyOf(b, frame.self);
    if (card === thief || !hasStat(card, name)) return;
    const before = card.stat[name];
    change(b, frame, card, card.points, name, -n, cause);
    const lost = before - card.stat[name];
    if (lost > 0 && thief?.type === "card" && lives(thief) && hasStat(thief, name))
        change(b, frame, thief, thief.points, name, lost, cause);
}

// The event says what is left and when the card is ready with it.
export function tellUses(b, speaker, card, cause) {
    return emit(b, "stat", { s: speaker, d: card.entity, v: card.stat.uses, w: card.usesLeft, c: cause, p: USES,
        r: readyAt(b, card) });
}

export function gainUse(b, frame, card, n, cause) {
    if (card.stat.uses === 0) return;
    card.usesLeft = clamp(card.usesLeft + n, 0, USES_MAX);
    tellUses(b, frame.speaker, card, cause);
}
