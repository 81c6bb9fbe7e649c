// Section 4, limits: effects of one root and of the battle. (Depth and queue: triggers.mjs; events: events.mjs.)
import { fizzle } from "./triggers.mjs";

const ROOT_EFFECTS_MAX = 512, FIZZLE_ROOT = 2;
export const EFFECTS_MAX = 20_000;

// Each effect asks first. False when it may not happen.
export function countEffect(b, frame, cause) {
    if (b.overload) return false;
    if (++b.effects > EFFECTS_MAX) {
        b.overload = true;
        return false;
    }
    if (++b.rootEffects <= ROOT_EFFECTS_MAX) return true;
    b.queue.length = 0;
    if (b.rootEffects === ROOT_EFFECTS_MAX + 1) fizzle(b, frame.speaker, FIZZLE_ROOT, cause);
    return false;
}
