// Section 5, the last paragraph: xoshiro128** seeded by splitmix64, below(n), and the three streams.

const MASK = (1n << 64n) - 1n;

function mix(state) {
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return z ^ (z >> 31n);
}

const GOLDEN = 0x9e3779b97f4a7c15n;
const splitmix64 = (state) => mix((state + GOLDEN) & MASK);

export function fnv1a64(text) {
    let hash = 0xcbf29ce484222325n;
    for (const byte of Buffer.from(text, "utf8")) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
    return hash;
}

const rotate = (x, by) => ((x << by) | (x >>> (32 - by))) >>> 0;

export class Stream {
    constructor(seed, domain, playerKey) {
        const key = splitmix64(seed ^ fnv1a64(domain) ^ playerKey);
        const one = splitmix64(key), two = splitmix64((key + GOLDEN) & MASK);
        this.s = [one & 0xffffffffn, one >> 32n, two & 0xffffffffn, two >> 32n].map(Number);
        this.s[3] = (this.s[3] | 1) >>> 0;
        this.draws = 0;
    }

    next() {
        const s = this.s;
        const result = Math.imul(rotate(Math.imul(s[1], 5) >>> 0, 7), 9) >>> 0;
        const t = (s[1] << 9) >>> 0;
        s[2] = (s[2] ^ s[0]) >>> 0;
        s[3] = (s[3] ^ s[1]) >>> 0;
        s[1] = (s[1] ^ s[2]) >>> 0;
        s[0] = (s[0] ^ s[3]) >>> 0;
        s[2] = (s[2] ^ t) >>> 0;
        s[3] = rotate(s[3], 11);
        this.draws++;
        return result;
    }

    // Multiply-high; the low halves below 2^32 mod n are rejected.
    below(n) {
        const rejected = 2 ** 32 % n;
        for (;;) {
            const product = BigInt(this.next()) * BigInt(n);
            if (Number(product & 0xffffffffn) >= rejected) return Number(product >> 32n);
        }
    }

    chance(permille) {
        return this.below(1000) < permille;
    }
}

// order first, then one per side.
export function openStreams(seedHex, players) {
    const seed = BigInt("0x" + seedHex), keys = players.map(fnv1a64);
    return {
        order: new Stream(seed, "order", (keys[0] + keys[1]) & MASK),
        sides: keys.map((key) => new Stream(seed, "side", key)),
    };
}
