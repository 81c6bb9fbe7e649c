#!/usr/bin/env bash
# Builds the battle core alone with every compiler and optimisation at hand and compares the golden battles
# byte for byte: the same inputs must give the same timelines everywhere. No other library is linked. Then a
# program that shares no code with the core re-derives some of them.
#   tests/battle_determinism.sh            compare with tests/golden/battle.txt
#   tests/battle_determinism.sh --write    write that file anew (only together with a new engine or catalog)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
export TMPDIR=$work # what an interrupted compiler leaves goes with it
trap 'rm -rf "$work"' EXIT
golden=tests/golden/battle.txt
warnings="-Wall -Wextra -Wconversion -Werror"

build_and_run() { # name compiler flags...
    local name=$1 compiler=$2
    shift 2
    # shellcheck disable=SC2086
    "$compiler" -std=c11 $warnings "$@" -I. tests/support/battle_golden.c game_server/battle/*.c -o "$work/$name"
    "$work/$name" > "$work/$name.txt"
}

compared=0
for compiler in gcc clang; do
    command -v "$compiler" > /dev/null || continue
    for level in -O0 -O2 -O3; do
        name="$compiler$level"
        build_and_run "$name" "$compiler" "$level"
        if [ "${1:-}" = --write ] && [ "$compared" = 0 ]; then cp "$work/$name.txt" "$golden"; fi
        if ! diff -q "$golden" "$work/$name.txt" > /dev/null; then
            echo "battle_determinism: $name differs from $golden:"
            diff "$golden" "$work/$name.txt" | head -5
            echo "$compared passed, 1 failed"
            exit 1
        fi
        compared=$((compared + 1))
    done
done
if command -v python3 > /dev/null; then python3 tests/battle_rederive.py "$work/$name" 60; fi

# Neither unsigned char, nor doing without the processor's wide registers, nor a sanitizer may change a byte.
build_and_run unsigned-char "${CC:-cc}" -O2 -funsigned-char
cmp "$golden" "$work/unsigned-char.txt"
build_and_run plain "${CC:-cc}" -O2 -DBATTLE_PLAIN
cmp "$golden" "$work/plain.txt"
build_and_run undefined "${CC:-cc}" -O1 -fsanitize=undefined -fno-sanitize-recover=all
cmp "$golden" "$work/undefined.txt"
echo "battle_determinism: $((compared + 3)) builds agree on $(wc -l < "$golden") battles"
echo "$((compared + 3)) passed, 0 failed"
