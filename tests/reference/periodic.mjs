// Section 4, phases C and D: burn, poison, regeneration and the storm.
import { lose } from "./damage.mjs";
import { emit } from "./events.mjs";
import { hearSide, openRoot, raise, settle } from "./triggers.mjs";
import { AMOUNT_MAX, share } from "./words.mjs";

const BURN = 1, POISON = 2, STORM = 3, REGEN = 4;
const BURN_MS = 500, POISON_MS = 1000, STORM_START_MS = 30_000, STORM_MS = 500, STORM_FIRST = 5;

const bothSides = (b) => [b.sides[b.first], b.sides[1 - b.first]];

function tick(b, hero, n, flag, left) {
    return emit(b, "tick", { d: hero.entity, n, v: hero.hp, w: hero.shield, f: flag, x: left });
}

// Each returns {n, number} of what the hero lost, or null.
function burn(b, side) {
    const { hero } = side, n = hero.burn;
    if (n === 0) return null;
    b.sides[1 - side.index].damage += lose(hero, n, false);
    hero.burn -= Math.max(1, Math.floor(n / 16));
    hero.hurtByStorm = false;
    return { n, number: tick(b, hero, n, BURN, hero.burn) };
}

function poison(b, side) {
    const { hero } = side, n = hero.poison;
    if (n === 0) return null;
    b.sides[1 - side.index].damage += lose(hero, n, true);
    hero.hurtByStorm = false;
    return { n, number: tick(b, hero, n, POISON, n) };
}

function regenerate(b, { hero }) {
    const n = Math.min(b.storming ? Math.floor(hero.regen / 2) : hero.regen, hero.hpMax - hero.hp);
    if (n <= 0) return;
    hero.hp += n;
    tick(b, hero, n, REGEN, hero.regen);
}

// Only when both have suffered it is told: once a hero, the sum, caused by the last.
function tell(b, pains) {
    if (pains.every(({ losses }) => losses.length === 0)) return;
    openRoot(b);
    for (const { side, losses } of pains) {
        if (losses.length === 0) continue;
        const amount = losses.reduce((sum, { n }) => sum + n, 0);
        const event = { source: 0, target: side.hero.entity, amount, cause: losses.at(-1).number, depth: 1 };
        raise(b, "hero_hurt", hearSide(b, side.index), event);
        raise(b, "hero_below", hearSide(b, side.index), event);
    }
    settle(b);
}

// C
export function burnPoisonRegen(b) {
    if (b.now % BURN_MS !== 0) return;
    const pains = bothSides(b).map((side) => {
        const losses = [burn(b, side)];
        if (b.now % POISON_MS === 0) {
            losses.push(poison(b, side));
            regenerate(b, side);
        }
        return { side, losses: losses.filter((loss) => loss !== null) };
    });
    tell(b, pains);
}

// D
export function storm(b) {
    if (b.now < STORM_START_MS || b.now % STORM_MS !== 0) return;
    if (!b.storming) {
        b.storming = true;
        b.stormDamage = STORM_FIRST;
        openRoot(b);
        b.raiseAll("storm_start", emit(b, "stormstart", { n: b.stormDamage }));
        settle(b);
    }
    const pains = bothSides(b).map((side) => ({ side, losses: stormOn(b, side) }));
    b.stormDamage = Math.min(b.stormDamage + Math.floor(b.stormDamage / 4) + 1, AMOUNT_MAX);
    tell(b, pains);
}

function stormOn(b, side) {
    const permille = side.artifacts.reduce((sum, artifact) => sum + artifact.definition.storm_permille, 1000);
    const n = share(b.stormDamage, Math.max(permille, 0));
    if (n === 0) return [];
    lose(side.hero, n, true);
    side.hero.hurtByStorm = true;
    return [{ n, number: tick(b, side.hero, n, STORM, 0) }];
}
