// Section 3: the closed lists that appear as numbers in timelines, and the plain arithmetic of section 1.

export const STATS = ["hp", "atk", "cd", "crit", "multi", "uses", "lifesteal", "thorns", "cleave", "damage",
    "damage_permille", "burn", "poison", "freeze_permille"];
export const statNumber = (name) => STATS.indexOf(name) + 1;
export const KEYWORDS = { guard: 1, ward: 2, swift: 4, socketed: 8 };
export const KINDS = { unit: 1, device: 2, rite: 3 };

export const AMOUNT_MAX = 1_000_000;
export const TICK_MS = 50;

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
export const share = (value, permille) => Math.floor(value * permille / 1000);

// A number may be given once for all levels or as five.
export const atLevel = (value, level) => (Array.isArray(value) ? value[level - 1] : value);
export const asList = (value) => (Array.isArray(value) ? value : [value]);
export const keywordMask = (words) => asList(words ?? []).reduce((mask, word) => mask | KEYWORDS[word], 0);
