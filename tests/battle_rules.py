#!/usr/bin/env python3
"""Every sentence of the rules in docs/battle.md, sections 2 to 7, and the test that proves it.

tests/battle_rules.md holds one row for each: its first words, and one or more tests. This checks that every sentence has
exactly one row, every row a sentence, and every test exists: a unit test, or `reference`, the second engine, which must
write the same bytes.   --list prints the sentences without a row.
"""
import glob
import re
import sys

SECTIONS = range(2, 8)
TABLE, RULES = "tests/battle_rules.md", "docs/battle.md"
ELSEWHERE = {"reference": "tests/reference/run.sh", "architectures": "tests/battle_architectures.sh"}


def blocks(text):
    """Paragraphs, list items and table rows, each on one line."""
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        if not part[0].isdigit() or int(part[0]) not in SECTIONS:
            continue
        block = ""
        for line in part.splitlines()[1:] + [""]:
            fresh = not line.strip() or line.startswith(("|", "- ", "#", "**"))
            if fresh and block:
                yield block
                block = ""
            if line.strip() and not line.startswith(("#", "|--", "| list", "| trigger |", "| op |", "| event |")):
                block += (" " if block else "") + line.strip()
            if line.startswith("|") and block:
                yield block
                block = ""


def sentences(text):
    for block in blocks(text):
        if block.startswith("|"):
            yield " ".join(block.strip("| ").split())
            continue
        yield from (one for one in re.split(r"(?<=[.])\s+(?=[A-Z*`])", block.lstrip("- ")) if one)


def rows(text):
    for line in text.splitlines():
        match = re.match(r"- (.+?) -> (.+)$", line)
        if match:
            yield match[1], re.findall(r"[a-z_0-9]+", match[2])


def main():
    rules = list(sentences(open(RULES, encoding="utf-8").read()))
    table = list(rows(open(TABLE, encoding="utf-8").read()))
    units = set()
    for path in glob.glob("tests/unit/*_test.c"):
        units |= set(re.findall(r"^static void (\w+)\(void \*\*state\)", open(path, encoding="utf-8").read(), re.M))
    wrong = []
    for rule in rules:
        hits = [words for words, _ in table if rule.startswith(words)]
        if len(hits) != 1:
            wrong.append(f"{len(hits)} rows for: {rule}")
    for words, tests in table:
        if not any(rule.startswith(words) for rule in rules):
            wrong.append(f"no such rule: {words}")
        wrong += [f"no such test: {test}" for test in tests if test not in units and test not in ELSEWHERE]
    if "--list" in sys.argv:
        print("\n".join(rule for rule in rules if not any(rule.startswith(words) for words, _ in table)))
        return
    for problem in wrong[:40]:
        print(problem)
    print(f"battle_rules: {len(rules)} sentences, {len({t for _, tests in table for t in tests})} tests")
    print(f"{len(rules) - len(wrong) if not wrong else 0} passed, {len(wrong)} failed")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
