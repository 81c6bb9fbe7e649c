// Section 3: reads a catalog. It is taken to be valid; refusing bad ones is the business of the other side.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export class Catalog {
    constructor(bytes) {
        const json = JSON.parse(bytes.toString("utf8"));
        this.id = json.catalog;
        this.ver = json.ver;
        this.sha = createHash("sha256").update(bytes).digest("hex");
        this.levels = json.levels;
        this.definitions = new Map();
        this.numbers = new Map();
        for (const section of ["cards", "tokens", "artifacts", "items", "consumables"])
            for (const entry of json[section] ?? []) this.add(entry, section);
    }

    static read(path) {
        return new Catalog(readFileSync(path));
    }

    add(entry, section) {
        const definition = {
            tags: [], kw: [], stats: {}, abilities: [], auras: [], storm_permille: 0, ...entry,
            kind: entry.kind ?? section.slice(0, -1),
        };
        this.definitions.set(entry.id, definition);
        this.numbers.set(entry.num, definition);
    }

    get(id) {
        return this.definitions.get(id);
    }
}
