// Sections 4 and 7: a whole battle, from two snapshots and a seed to its events and its end.
import { cardsOf, livesUnit, makeSide } from "./board.mjs";
import { playTicks } from "./clock.mjs";
import { emit } from "./events.mjs";
import { EFFECTS_MAX } from "./limits.mjs";
import { stand, startTimer } from "./ops_board.mjs";
import { openStreams } from "./random.mjs";
import { settleAll } from "./stats.mjs";
import { openRoot, raise, settle } from "./triggers.mjs";
import { header } from "./timeline.mjs";

class Battle {
    constructor(catalog, snapshots, seed, match) {
        Object.assign(this, { catalog, seed, match, now: 0, events: [], queue: [], rootEffects: 0, effects: 0,
            summoned: 0, storming: false, saving: false, overload: false, batchMade: false, first: 0, sums: new Map() });
        this.players = snapshots.map((snapshot) => snapshot.player_id);
        this.streams = openStreams(seed, this.players);
        this.sides = snapshots.map((snapshot, index) => makeSide(this, index, snapshot));
    }

    // 0 means the player with the smaller id in byte order.
    throwCoin() {
        const smaller = Buffer.compare(...this.players.map((id) => Buffer.from(id))) < 0 ? 0 : 1;
        this.first = this.streams.order.below(2) === 0 ? smaller : 1 - smaller;
    }

    tally(source, what, n) {
        if (source === 0) return;
        const row = this.sums.get(source) ?? { dmg: 0, heal: 0, shield: 0, kills: 0 };
        row[what] += n;
        this.sums.set(source, row);
    }

    // In the order artifacts, items, cards, consumables; each group first side, then the other.
    raiseAll(trigger, cause) {
        const event = { source: 0, target: 0, amount: 0, cause, depth: 0 };
        const groups = [(side) => side.artifacts, (side) => cardsOf(side).flatMap((card) => card.items), cardsOf,
            (side) => side.consumables];
        for (const group of groups)
            for (const index of [this.first, 1 - this.first])
                raise(this, trigger, group(this.sides[index]), event);
    }
}

function setUp(b) {
    b.throwCoin();
    const cards = b.sides.flatMap(cardsOf);
    cards.forEach((card) => stand(b, card));
    settleAll(b);
    cards.forEach(startTimer);
    b.header = header(b);
    b.batchMade = true;
    openRoot(b);
    b.raiseAll("battle_setup", 0);
    settle(b);
    const start = emit(b, "start", {});
    openRoot(b);
    b.raiseAll("battle_start", start);
    settle(b);
}

// Section 7: by hp as a share of the maximum, damage dealt, hp of living units; -1 is a draw.
function breakTie(b) {
    const [one, two] = b.sides;
    const unitsHp = (side) => cardsOf(side).filter(livesUnit).reduce((sum, card) => sum + card.hp, 0);
    const measures = [
        [one.hero.hp * two.hero.hpMax, two.hero.hp * one.hero.hpMax],
        [one.damage, two.damage],
        [unitsHp(one), unitsHp(two)],
    ];
    for (const [left, right] of measures) if (left !== right) return left > right ? 0 : 1;
    return -1;
}

function outcome(b) {
    const down = b.sides.map((side) => side.hero.hp <= 0);
    if (b.overload) return { win: breakTie(b), why: "overload" };
    if (down[0] && down[1]) return { win: breakTie(b), why: "double_ko" };
    if (!down[0] && !down[1]) return { win: breakTie(b), why: "timeout" };
    const loser = down[0] ? 0 : 1;
    return { win: 1 - loser, why: b.sides[loser].hero.hurtByStorm ? "storm" : "ko" };
}

export function fight(catalog, snapshots, seed, match) {
    const b = new Battle(catalog, snapshots, seed, match);
    setUp(b);
    playTicks(b);
    if (b.overload) emit(b, "overload", { n: b.effects > EFFECTS_MAX ? 1 : 2 });
    b.result = outcome(b);
    emit(b, "end", { n: b.result.win + 1 });
    return b;
}
