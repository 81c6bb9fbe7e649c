// Section 3, ops: choose targets, weigh the amount once, look at each target again before it is hit.
import { bodyOf, lives } from "./board.mjs";
import { amountOf, targetsOf } from "./conditions.mjs";
import { damage, heal } from "./damage.mjs";
import { countEffect } from "./limits.mjs";
import { revive, summon, transform } from "./ops_board.mjs";
import { burn, cleanseHero, dispelHero, poison, regen, shield } from "./ops_hero.mjs";
import { cleanse, destroy, disable, dispel, guard, setFlag, triggerReady, ward } from "./ops_marks.mjs";
import { gainUse, stat, stealStat } from "./ops_stats.mjs";
import { charge, freeze, haste, slow } from "./ops_time.mjs";
import { AMOUNT_MAX } from "./words.mjs";

const ON_HEROES = { shield, burn, poison, regen, cleanse: cleanseHero, dispel: dispelHero };
const ON_CARDS = {
    freeze, slow, haste, charge, stat, steal_stat: stealStat, ward, guard, cleanse, dispel, transform, destroy,
    disable, gain_use: gainUse, trigger_ready: triggerReady, set_flag: setFlag,
};

export function runEffects(b, frame, effects, cause) {
    for (const effect of effects) if (!b.overload) runEffect(b, frame, effect, cause);
}

function runEffect(b, frame, effect, cause) {
    if (effect.op === "summon") return summon(b, frame, effect, cause);
    const targets = targetsOf(frame, effect.to);
    const without = effect.op === "revive" ? AMOUNT_MAX : 1;
    const n = targets.length === 0 ? 0 : amountOf(frame, effect.n ?? effect.ms ?? without);
    if (n === 0 || (n < 0 && effect.op !== "stat")) return;
    if (effect.op === "damage") return damage(b, frame, n, targets, cause);
    for (const entity of targets) {
        if (!countEffect(b, frame, cause)) return;
        hit(b, frame, effect, n, entity, cause);
    }
}

function hit(b, frame, effect, n, entity, cause) {
    const body = bodyOf(b, entity);
    if (effect.op === "heal") heal(b, frame, entity, n, 0, cause);
    else if (effect.op === "revive") revive(b, frame, body, n, cause);
    else if (body?.type === "hero") ON_HEROES[effect.op]?.(b, frame, body, n, cause);
    else if (body !== null && lives(body)) ON_CARDS[effect.op]?.(b, frame, body, n, cause, effect);
}
