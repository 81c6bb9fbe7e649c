#!/bin/bash
# Writes what is made from the options' rows: docs/configuration.md, deploy/game.ini, deploy/match.ini.
# With --check it writes nothing and fails when one of them is not what it would write. BIN is the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${BIN:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/docs" "$work/deploy"
{
    cat docs/configuration_preface.md
    "$bin/game_server" --print-reference
    "$bin/match_server" --print-reference
} >"$work/docs/configuration.md"
"$bin/game_server" --profile=production --print-sample >"$work/deploy/game.ini"
"$bin/match_server" --profile=production --print-sample >"$work/deploy/match.ini"

wrong=0
for page in docs/configuration.md deploy/game.ini deploy/match.ini; do
    if [[ ${1:-} != --check ]]; then
        cp "$work/$page" "$page"
    elif ! cmp -s "$work/$page" "$page"; then
        echo "$page is not fresh: make docs"
        wrong=1
    fi
done
exit "$wrong"
