#!/bin/bash
# A second engine, written from docs/battle.md in another language, fights the same battles as the first and must
# write the same bytes; and a player without rules must see the same board. Ends with `N passed, N failed`.
#
#     run.sh             1000 battles with the real catalog, 25 each with 12 random ones; same numbers every time
#     run.sh --forever   battles nobody has fought yet, until Ctrl-C or a difference
#
# BIN is the build folder; its tests/battle_random draws decks and fights with the engine.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

random=${BIN:-build}/tests/battle_random
catalog=game_server/catalog/base.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# compare FIRST COUNT CATALOG: both engines fight the battles from number FIRST on.
compare() {
    "$random" "$1" "$2" "$3" >"$work/battles" && node tests/reference/compare.mjs "$3" <"$work/battles"
}

# counted NAME COMMAND...: adds what the command's last line says; shows its output when something failed.
counted() {
    local name=$1 ok bad
    shift
    "$@" >"$work/output" 2>&1
    read -r ok bad < <(sed -nE '$s/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$work/output")
    passed=$((passed + ${ok:-0}))
    failed=$((failed + ${bad:-1}))
    printf '  %-28s %s passed, %s failed\n' "$name" "${ok:-0}" "${bad:-1}"
    if [[ ${bad:-1} != 0 ]]; then head -n 60 "$work/output"; fi
}

# must_fail NAME CATALOG SED_PROGRAM: the comparison notices a change of what the engine wrote.
must_fail() {
    sed -E "$3" "$work/canary" >"$work/changed"
    if ! cmp -s "$work/canary" "$work/changed" && ! node tests/reference/compare.mjs "$2" <"$work/changed" >"$work/output" 2>&1
    then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "  FAILED  not noticed: $1"
    fi
}

if [[ ${1:-} == --forever ]]; then
    for ((round = $(date +%s); ; round++)); do
        compare $((round * 1000)) 500 "$catalog" || exit 1
        node tests/reference/random_catalog.mjs "$round" >"$work/random.json" || exit 1
        compare 1 50 "$work/random.json" || { echo "random catalog $round"; exit 1; }
    done
fi

counted "the real catalog" compare 1 1000 "$catalog"
for seed in {1..12}; do
    node tests/reference/random_catalog.mjs "$seed" >"$work/random.json"
    counted "random catalog $seed" compare 1 25 "$work/random.json"
done

# All of the above would pass if nothing were compared.
"$random" 3 1 "$catalog" >"$work/canary"
must_fail "an amount" "$catalog" 's/("k":"dmg",[^}]*"n":[0-9]+)/\11/'
must_fail "the coin" "$catalog" 's/("rng":\[)/\11/'
must_fail "a stat of the header" "$catalog" 's/("kind":1,"hp":)/\11/'
must_fail "the engine's board" "$catalog" 's/(\t\[[0-9-]+,)/\11/'
must_fail "the hash" "$catalog" 's/("hash":")./\1_/'
echo "$passed passed, $failed failed"
((failed == 0))
