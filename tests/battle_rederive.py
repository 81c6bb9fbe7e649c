#!/usr/bin/env python3
"""Re-derives health, shields, deaths and the end's sums of golden battles from the amounts in their events.

battle_reduce takes the absolute results; this takes the differences, knows none of the code, and must meet the
results at every event. Reads timelines from `battle_golden --timeline N`:  battle_rederive.py GOLDEN [COUNT]
"""
import collections
import hashlib
import json
import subprocess
import sys

HEROES = (1, 2)
BURN, REGEN = 1, 4
STAT_HP = 1


class Battle:
    def __init__(self, timeline):
        self.hp, self.shield, self.alive = {}, dict.fromkeys(HEROES, 0), set()
        self.sums = collections.defaultdict(lambda: [0, 0, 0, 0])
        for side in timeline["sides"]:
            self.hp[side["e"]] = side["hp"]
            for card in side["cards"]:
                self.hp[card["e"]] = card.get("hp", 0)
                self.alive.add(card["e"])

    def lose(self, entity, amount):
        absorbed = min(amount, self.shield.get(entity, 0))
        if entity in self.shield:
            self.shield[entity] -= absorbed
        self.hp[entity] -= amount - absorbed

    def apply(self, event):
        kind, source, target, n = event["k"], event["s"], event["d"], event["n"]
        if kind == "dmg" or (kind == "tick" and event["f"] == BURN):
            self.lose(target, n)
        elif kind == "tick":
            self.hp[target] += n if event["f"] == REGEN else -n
        elif kind == "heal":
            self.hp[target] += n
        elif kind == "shield":
            self.shield[target] += n
        elif kind == "dispel" and target in HEROES:
            self.shield[target] = 0
        elif kind in ("summon", "transform", "revive"):
            self.hp[target] = event["v"]
            self.alive.add(target)
        elif kind == "stat" and event["p"] == STAT_HP:
            self.hp[target] = event["w"]
        elif kind in ("death", "destroy"):
            assert target in self.alive, "dies twice"
            self.alive.discard(target)
            if source:
                self.sums[source][3] += 1
        if kind in ("dmg", "heal", "shield"):
            self.sums[source][("dmg", "heal", "shield").index(kind)] += n
        if kind in ("dmg", "tick", "heal"):
            assert self.hp[target] == event["v"], f"hp is {self.hp[target]}"
        if kind in ("dmg", "tick") and target in HEROES:
            assert self.shield[target] == event["w"], f"shield is {self.shield[target]}"


def check(raw):
    timeline, last = json.loads(raw), 0
    battle = Battle(timeline)
    for number, fields in enumerate(timeline["ev"], 1):
        event = collections.defaultdict(int, fields)
        try:
            assert last <= event["t"] and event["t"] % 50 == 0, "time"
            assert event["c"] < number, "cause"
            battle.apply(event)
        except AssertionError as problem:
            raise AssertionError(f"event {number} {fields}: {problem}") from None
        last = event["t"]
    end = timeline["end"]
    sums = {row["e"]: [row["dmg"], row["heal"], row["shield"], row["kills"]] for row in end["stat"]}
    assert sums == {entity: row for entity, row in battle.sums.items() if any(row)}, "sums at the end"
    assert end["n"] == len(timeline["ev"]) and timeline["ev"][-1]["k"] == "end", "number of events"
    hashed = raw[: raw.rindex(b'"hash":"') + len(b'"hash":"')]
    assert hashlib.sha256(hashed).hexdigest()[:16] == end["hash"], "hash"
    return end["n"]


def main():
    golden, count, events = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200, 0
    for number in range(1, count + 1):
        raw = subprocess.run([golden, "--timeline", str(number)], check=True, stdout=subprocess.PIPE).stdout
        try:
            events += check(raw)
        except AssertionError as problem:
            sys.exit(f"battle_rederive: battle {number}: {problem}")
    print(f"battle_rederive: {events} events of {count} battles agree")


if __name__ == "__main__":
    main()
