#!/usr/bin/python3
"""The balance tool: the aims of docs/balance.md hold, and a catalog that breaks one is told apart."""
import csv
import json
import math
import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(ROOT, "build")))
CATALOG = os.path.join(ROOT, "game_server", "catalog", "base.json")
DECKS = os.path.join(ROOT, "game_server", "catalog", "decks.json")


def version_of(path):
    return json.loads(read(path))["ver"]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class BalanceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_tool(self, *arguments, code=0):
        result = subprocess.run([os.path.join(BIN, "balance"), "--out", self.folder, *arguments], text=True,
                                capture_output=True, timeout=300, check=False, cwd=ROOT)
        self.assertEqual(result.returncode, code, (arguments, result.stdout[-2000:], result.stderr[-2000:]))
        return result

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def changed_catalog(self, *changes):
        """The catalog with texts replaced; each must stand there."""
        text = read(CATALOG)
        for before, after in changes:
            self.assertIn(before, text)
            text = text.replace(before, after)
        return self.write("catalog.json", text)

    # ---- the catalog as it is -------------------------------------------------------------------------

    def test_every_aim_holds(self):
        last = self.run_tool("check").stdout.splitlines()[-1]
        self.assertEqual(last, "14 passed, 0 failed")

    def test_the_catalog_uses_every_word_twice(self):
        self.assertIn(f"base {version_of(CATALOG)}: 0 findings", self.run_tool("lint").stdout)

    def test_the_page_shows_the_figures_of_these_cards_and_decks(self):
        line = self.run_tool("--seeds", "1", "matrix").stdout.splitlines()[0]
        fingerprint = line.split("fingerprint `")[1].split("`")[0]
        page = read(os.path.join(ROOT, "docs", "balance.md"))
        self.assertTrue(f"fingerprint `{fingerprint}`" in page, "the page is stale: make balance writes it anew")

    # ---- a catalog that breaks an aim -------------------------------------------------------------------

    def test_an_over_strong_card_fails_the_check(self):
        catalog = json.loads(read(CATALOG))
        card = next(card for card in catalog["cards"] if card["id"] == "iron_colossus")
        card["stats"]["hp"] = [10 * hp for hp in card["stats"]["hp"]]
        path = self.write("strong.json", json.dumps(catalog))
        result = self.run_tool("--catalog", path, "--seeds", "40", "--level", "10", "check", code=1)
        self.assertIn("FAILED level 10: no deck above 65 % (iron_line", result.stdout)

    def test_an_ability_that_never_fires_is_named(self):
        never = '"if": [{"subject": "my_hero", "stat": "hp_now", "cmp": ">", "value": 99999}]'
        path = self.changed_catalog(('"id": "feast", "on": "enemy_death"',
                                     '"id": "feast", "on": "enemy_death", ' + never))
        result = self.run_tool("--catalog", path, "--seeds", "2", "check", code=1)
        self.assertIn("never fires: carrion_crow.feast (enemy_death)", result.stdout)

    def test_battles_that_last_too_long_fail_the_check(self):
        catalog = json.loads(read(CATALOG))
        catalog["levels"]["hp"] = [20 * hp for hp in catalog["levels"]["hp"]]
        path = self.write("long.json", json.dumps(catalog))
        result = self.run_tool("--catalog", path, "--seeds", "10", "--level", "5", "check", code=1)
        self.assertIn("FAILED level 5: median length", result.stdout)

    def test_lint_names_what_is_rare_and_what_can_never_happen(self):
        path = self.changed_catalog(('"by": "hp_high"', '"by": "hp_low"'))
        self.assertIn("hp_high 0: used too rarely", self.run_tool("--catalog", path, "lint", code=1).stdout)
        path = self.changed_catalog(('"card": "spent_shell"', '"card": "ice_block"'))
        self.assertIn("spent_shell: nothing summons it", self.run_tool("--catalog", path, "lint", code=1).stdout)
        path = self.changed_catalog(('{"id": "turn", "on": "every", "ms": 4500', '{"id": "turn", "on": "hasted"'))
        self.assertIn("hourglass.turn: its card has no cooldown",
                      self.run_tool("--catalog", path, "lint", code=1).stdout)

    def test_a_catalog_that_loops_or_is_malformed_is_refused_by_name(self):
        loops = self.changed_catalog(('"on": "burned", "icd": 1000', '"on": "burned", "icd": 0, "max": 9'))
        self.assertIn("furnace_heart.abilities[1]: E_LINT", self.run_tool("--catalog", loops, "lint", code=1).stderr)
        wrong = self.changed_catalog(('"op": "steal_stat"', '"op": "steel_stat"'))
        error = self.run_tool("--catalog", wrong, "lint", code=1).stderr
        self.assertIn(wrong + ": cards[", error)
        self.assertIn(".abilities[1].do[0].op: E_SCHEMA", error)
        self.assertIn("in trickster", error)

    # ---- the figures ------------------------------------------------------------------------------------

    def test_figures_do_not_depend_on_the_number_of_threads(self):
        one = self.run_tool("--threads", "1", "--seeds", "20", "matrix").stdout
        sheet = read(os.path.join(self.folder, "matrix.csv"))
        self.assertEqual(self.run_tool("--threads", "3", "--seeds", "20", "matrix").stdout, one)
        self.assertEqual(read(os.path.join(self.folder, "matrix.csv")), sheet)

    def test_the_matrix_is_a_sheet_a_page_and_pictures(self):
        self.run_tool("--seeds", "30", "matrix")
        with open(os.path.join(self.folder, "matrix.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        decks = json.loads(read(DECKS))["decks"]
        sizes = [sum(deck["level"] == level for deck in decks) for level in (1, 5, 10)]
        self.assertEqual(len(rows), sum(size * size for size in sizes))
        shares = {(row["deck"], row["opponent"]): row for row in rows}
        for row in rows:
            battles, wins, draws = int(row["battles"]), int(row["wins"]), int(row["draws"])
            self.assertEqual(battles, 30)
            self.assertEqual(battles, wins + draws + int(row["losses"]))
            back = shares[(row["opponent"], row["deck"])]
            if row["deck"] != row["opponent"]:
                self.assertAlmostEqual(float(row["share"]) + float(back["share"]), 1, delta=0.0002)
                self.assertEqual(wins, int(back["losses"]))
            share, square = (wins + draws / 2) / battles, 1.959964 ** 2
            middle = (share + square / (2 * battles)) / (1 + square / battles)
            half = (math.sqrt(square) / (1 + square / battles)
                    * math.sqrt(share * (1 - share) / battles + square / (4 * battles ** 2)))
            self.assertAlmostEqual(float(row["low95"]), max(0, middle - half), delta=0.0001)
            self.assertAlmostEqual(float(row["high95"]), min(1, middle + half), delta=0.0001)
        page = read(os.path.join(self.folder, "matrix.html"))
        self.assertEqual(page.count("<svg"), 3)
        self.assertNotIn("href", page)
        self.assertNotIn("src=", page)
        for level in (1, 5, 10):
            self.assertIn("</svg>", read(os.path.join(self.folder, f"balance_level{level}.svg")))

    def test_tables_go_between_the_marks_of_a_page(self):
        page = self.write("page.md", "before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n")
        self.run_tool("--seeds", "2", "--level", "1", "--page", page, "matrix")
        text = read(page)
        self.assertTrue(text.startswith(f"before\n<!-- figures -->\nCatalog `base` {version_of(CATALOG)}"))
        self.assertTrue(text.endswith("|\n<!-- end of figures -->\nafter\n"))
        self.assertNotIn("old", text)
        self.assertTrue(os.path.exists(os.path.join(self.folder, "img", "balance_level1.svg")))
        bare = self.write("bare.md", "nothing to fill\n")
        self.assertIn("end of figures", self.run_tool("--seeds", "2", "--page", bare, "matrix", code=2).stderr)
        self.assertEqual(read(bare), "nothing to fill\n")

    def test_a_piece_is_worth_what_its_decks_lose_without_it(self):
        table = self.run_tool("--seeds", "40", "ablate", "iron_colossus", "whetstone").stdout
        self.assertRegex(table, r"\| iron_colossus \| unit \| legendary \| 1 \| \+[0-9.]+ ")
        with open(os.path.join(self.folder, "ablation.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["id"] for row in rows}, {"iron_colossus", "whetstone"})
        for row in rows:
            self.assertAlmostEqual(float(row["share_with"]) - float(row["share_without"]), float(row["adds"]),
                                   delta=0.0002)
        self.run_tool("ablate", "no_such_card", code=2)

    def test_a_search_finds_legal_decks_that_win_more(self):
        told = self.run_tool("--seconds", "4", "--level", "1", "search").stdout
        self.assertRegex(told, r"level 1: \d+ decks tried in \d+ climbs; the best wins \d+\.\d %")
        found = os.path.join(self.folder, "search.json")
        self.run_tool("--decks", found, "lint")  # reads and checks the deck
        self.assertEqual(json.loads(read(found))["decks"][0]["level"], 1)
        self.assertGreater(float(told.split("best wins ")[1].split(" ")[0]), 50)

    def test_bench_tells_battles_per_second_by_level(self):
        rows = self.run_tool("--seconds", "1", "bench").stdout.splitlines()[1:]
        self.assertEqual([row.split()[0] for row in rows], ["1", "5", "10"])
        for row in rows:
            self.assertGreater(int(row.split()[1]), 0)

    # ---- bad input ----------------------------------------------------------------------------------------

    def test_a_bad_deck_is_named_with_its_place(self):
        good = json.loads(read(DECKS))

        def refused(change, *words):
            decks = json.loads(json.dumps(good))
            change(decks)
            error = self.run_tool("--decks", self.write("decks.json", json.dumps(decks)), "lint", code=1).stderr
            for word in words:
                self.assertIn(word, error)

        first, now = good["decks"][0]["id"], version_of(CATALOG)
        refused(lambda all_: all_.update(ver=now + 7), f"ver: {now + 7}, but the catalog is version {now}")
        refused(lambda all_: all_.update(catalog="other"), 'catalog: must be "base"')
        refused(lambda all_: all_.update(decks=[]), "decks: there are none")
        refused(lambda all_: all_["decks"][0].update(notes="x"), "decks[0].notes: unknown field")
        refused(lambda all_: all_["decks"][1].update(id=first), "decks[1].id: " + first + " is used twice")
        refused(lambda all_: all_["decks"][0].pop("id"), "decks[0].id: missing")
        refused(lambda all_: all_["decks"][0]["cards"][2].update(id="ghost"), f"decks[0] ({first}).cards[2].id",
                "E_ID")
        refused(lambda all_: all_["decks"][0]["cards"][2].update(level=6), f"decks[0] ({first}).cards[2].level",
                "E_LEVEL")
        refused(lambda all_: all_["decks"][0].update(level=1), "E_SIZE")
        self.run_tool("--decks", self.write("decks.json", '{"catalog":'), "lint", code=1)

    def test_wrong_usage_ends_with_2(self):
        for arguments in ((), ("nothing",), ("lint", "more"), ("--seeds", "0", "check"), ("--seeds", "x", "check"),
                          ("--threads", "17", "check"), ("--level", "11", "check"), ("--unknown", "check"),
                          ("--catalog", "/does/not/exist", "lint"), ("--decks", "/does/not/exist", "lint"),
                          ("--out", "/proc/no/such", "--seeds", "1", "matrix")):
            self.run_tool(*arguments, code=2)


if __name__ == "__main__":
    unittest.main()
