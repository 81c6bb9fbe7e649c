// Reads battles as battle_random prints them, fights each again and compares every byte.
//
//     battle_random 1 1000 | node tests/reference/compare.mjs [CATALOG] [--all]
import { createInterface } from "node:readline";
import { Catalog } from "./catalog.mjs";
import { fight } from "./battle.mjs";
import { timeline } from "./timeline.mjs";

const CONTEXT = 3;

function firstDifference(want, got) {
    const [one, two] = [want, got].map((text) => {
        try {
            return JSON.parse(text);
        } catch {
            return {};
        }
    });
    for (const key of Object.keys(one))
        if (key !== "ev" && key !== "end" && JSON.stringify(one[key]) !== JSON.stringify(two[key]))
            return `${key}:\n  engine    ${JSON.stringify(one[key])}\n  reference ${JSON.stringify(two[key])}`;
    const lines = (battle) => (battle.ev ?? []).map((event) => JSON.stringify(event));
    const [engine, reference] = [lines(one), lines(two)];
    const at = engine.findIndex((line, i) => line !== reference[i]);
    if (at < 0) return `end:\n  engine    ${JSON.stringify(one.end)}\n  reference ${JSON.stringify(two.end)}`;
    const before = engine.slice(Math.max(at - 12, 0), at).map((line, i) => `  ${Math.max(at - 12, 0) + i + 1} ${line}`);
    const both = (from, name) => from.slice(at, at + CONTEXT).map((line) => `  ${name} ${line}`);
    return [`event ${at + 1}:`, ...before, ...both(engine, "engine   "), ...both(reference, "reference")].join("\n");
}

const args = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const all = process.argv.includes("--all");
const catalog = Catalog.read(args[0] ?? "game_server/catalog/base.json");
let same = 0, different = 0, events = 0, line = 0;
for await (const text of createInterface({ input: process.stdin })) {
    line++;
    const [one, two, seed, , want] = text.split("\t");
    let got;
    try {
        const battle = fight(catalog, [JSON.parse(one), JSON.parse(two)], seed, JSON.parse(want).mid);
        events += battle.events.length;
        got = timeline(battle);
    } catch (error) {
        got = "{}";
        console.log(error.stack);
    }
    if (got === want) {
        same++;
        continue;
    }
    different++;
    if (different <= 3 || all) console.log(`battle ${line}: ${firstDifference(want, got)}`);
    if (different === 3 && !all) break;
}
console.log(`reference: ${same} battles with ${events} events are the same, ${different} differ`);
console.log(`${same} passed, ${different} failed`);
process.exitCode = different > 0 ? 1 : 0;
