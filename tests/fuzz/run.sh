#!/bin/bash
# Feeds every parser its corpus and then what libFuzzer makes of it, with the address and undefined-behaviour
# sanitizers. Each target is one file NAME_fuzz.c and one folder corpus/NAME. Ends with `N passed, N failed`.
#
#     run.sh                  a fixed number of inputs from a fixed seed, a few seconds a target
#     run.sh --forever [NAME] until Ctrl-C or a crash; new inputs are kept in build/fuzz/NAME
#
# A crash prints its input as base64: decode it into the corpus folder, mend what it found, and it stays a test.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

work=$(mktemp -d)
export TMPDIR=$work # what an interrupted compiler leaves goes with it
trap 'rm -rf "$work"' EXIT
seconds_max=300 # a target that takes longer has failed
passed=0
failed=0

read -ra flags <<<"-std=c11 -D_GNU_SOURCE -g -O1 -I. -fno-omit-frame-pointer -fno-sanitize-recover=all \
-fsanitize=fuzzer-no-link,address,undefined"

export work seconds_max

# ---- building ------------------------------------------------------------------------------------------------

compile_one() { # FILE FLAG...: its object in $work
    local file=$1
    shift
    clang "$@" -c "$file" -o "$work/${file//\//_}.o"
}

export -f compile_one

compile() { # FILE...
    printf '%s\n' "$@" | xargs -P 2 -I{} bash -c "compile_one {} ${flags[*]}"
}

objects() { # FILE...
    local file
    for file in "$@"; do echo "$work/${file//\//_}.o"; done
}

link() { # NAME FILE...
    local name=$1
    shift
    # shellcheck disable=SC2046 # words on purpose
    clang -fsanitize=fuzzer,address,undefined $(objects "tests/fuzz/${name}_fuzz.c" "$@") -lcjson -lm -o "$work/$name"
}

battle=(game_server/battle/*.c)
codec=(common/base.c common/buffer.c common/codec*.c common/rng.c common/utf8.c proto/proto.c)

build() {
    compile tests/fuzz/*_fuzz.c "${battle[@]}" "${codec[@]}" common/http_request.c || return 1
    link catalog "${battle[@]}" && link snapshot "${battle[@]}" && link timeline "${battle[@]}" &&
        link message "${codec[@]}" && link http common/base.c common/http_request.c
}

# ---- inputs --------------------------------------------------------------------------------------------------

# Every word that a parser knows, so that the fuzzer need not guess them.
words() {
    sed -nE 's/.*X\([A-Z_0-9]+, "([^"]*)".*/"\\"\1\\""/p' game_server/battle/vocabulary.h
    grep -hoE '"[a-z_]+"' game_server/battle/{catalog,snapshot,timeline}*.c proto/*.def |
        sed -E 's/"(.*)"/"\\"\1\\""/' | sort -u
    grep -hoE '\((STR|INT|BOOL|REC|LIST|IDS) *\([a-z_]+, *[a-z_]+' proto/*.def | sed -E 's/.*, *(.*)/"\\"\1\\""/' | sort -u
}

# What the repository has anyway is seed, too: real catalogs are too large to change well, real battles are not.
seeds() { # NAME
    mkdir -p "$work/seeds/$1"
    case $1 in
    timeline) for number in 1 9 17 25; do "$work/golden" --timeline "$number" >"$work/seeds/$1/$number"; done ;;
    catalog) cp game_server/catalog/base.json "$work/seeds/$1/" ;;
    esac
}

# ---- running -------------------------------------------------------------------------------------------------

fuzz() { # NAME: bounded by a number, not by the clock, so a busy machine tries as much; exit code in $work/NAME.code
    local corpus=(tests/fuzz/corpus/"$1") runs
    case $1 in
    catalog) runs=22000 ;;
    timeline) runs=25000 ;;
    *) runs=100000 ;;
    esac
    [[ -d ${corpus[0]} ]] || corpus=()
    timeout --foreground "$seconds_max" "$work/$1" -seed=1 -runs=$runs -timeout=20 -rss_limit_mb=1024 -dict="$work/words" \
        -artifact_prefix="$work/$1-" -print_final_stats=1 -verbosity=1 "$work/new/$1" "${corpus[@]}" \
        "$work/seeds/$1" >"$work/$1.log" 2>&1
    echo $? >"$work/$1.code"
}

export -f fuzz

verdict() { # NAME CODE
    local inputs
    inputs=$(sed -nE 's/^stat::number_of_executed_units: *//p' "$work/$1.log")
    if [[ $2 == 0 && ${inputs:-0} -gt 0 ]]; then
        passed=$((passed + 1))
        printf '  ok      %s (%s inputs)\n' "$1" "$inputs"
    else
        failed=$((failed + 1))
        printf '  FAILED  %s\n' "$1"
        tail -n 40 "$work/$1.log"
    fi
}

if ! build >"$work/build.log" 2>&1 || ! gcc -std=c11 -O2 -I. tests/support/battle_golden.c "${battle[@]}" -o "$work/golden"; then
    tail -n 40 "$work/build.log"
    echo "0 passed, 1 failed"
    exit 1
fi
words | sort -u >"$work/words"
names=()
for target in tests/fuzz/*_fuzz.c; do
    name=$(basename "$target" _fuzz.c)
    names+=("$name")
    mkdir -p "$work/new/$name"
    seeds "$name"
done

if [[ ${1:-} == --forever ]]; then
    name=${2:-catalog}
    mkdir -p "build/fuzz/$name" "tests/fuzz/corpus/$name"
    exec "$work/$name" -timeout=20 -rss_limit_mb=2048 -dict="$work/words" -artifact_prefix=build/fuzz/ \
        "build/fuzz/$name" "tests/fuzz/corpus/$name" "$work/seeds/$name"
fi

printf '%s\n' "${names[@]}" | xargs -P 2 -I{} bash -c "fuzz {}"
for name in "${names[@]}"; do verdict "$name" "$(cat "$work/$name.code")"; done
echo "$passed passed, $failed failed"
((failed == 0))
