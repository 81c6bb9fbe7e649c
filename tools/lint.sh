#!/bin/bash
# What can be checked without running anything. Quiet when all is well; ends with `N passed, N failed`.
#
# BIN is the build folder: its protodoc tells whether the generated pages are fresh, its generated/ holds the
# embedded scripts. Checks that need a tool fail when the tool is missing.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

bin=${BIN:-build}
jobs=$(nproc)
file_lines_max=500
function_lines_max=80
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# check NAME COMMAND...: the command prints what is wrong and then fails.
check() {
    local name=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "== $name"
        head -n 60 "$work/output"
    fi
}

# files PATTERN...: those of the project that exist, one a line.
files() {
    git ls-files --cached --others --exclude-standard "$@" | while read -r file; do
        if [[ -f $file ]]; then echo "$file"; fi
    done
}

packages="hiredis libuv libwebsockets libcjson libjwt libcrypto uuid inih libdeflate"
# shellcheck disable=SC2086 # words on purpose
read -ra flags <<<"-std=c11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
-Wmissing-prototypes -Wundef -Wwrite-strings -Wformat=2 -Wvla -Werror -fsyntax-only -I. \
$(pkg-config --cflags $packages)"

format_is_ours() {
    files '*.c' '*.h' | xargs -P "$jobs" -n 32 clang-format --dry-run --Werror >"$work/format" 2>&1 && return
    echo "make format would change these:"
    sed -nE 's/^([^ ]+):[0-9]+:[0-9]+: error.*/\1/p' "$work/format" | sort -u | grep . || cat "$work/format"
    return 1
}

# compiles COMPILER [FLAG...]: every C file, warnings being errors.
compiles() {
    files '*.c' | xargs -P "$jobs" -n 8 "$@" "${flags[@]}"
}

# Those of which the fault points make another program.
compiles_with_fault_points() {
    files '*.c' | xargs grep -l '"common/fault\.h"' >"$work/faults"
    [[ -s $work/faults ]] && xargs -P "$jobs" -n 8 gcc -DDUELPOD_FAULTS "${flags[@]}" <"$work/faults"
}

cppcheck_is_content() {
    mkdir -p "$work/cppcheck"
    files '*.c' >"$work/sources"
    cppcheck --quiet --error-exitcode=1 --enable=warning,portability --inline-suppr --std=c11 -j "$jobs" \
        --cppcheck-build-dir="$work/cppcheck" --library=posix --suppress=missingInclude \
        --suppressions-list=tools/cppcheck.txt --suppress=unmatchedSuppression -D_GNU_SOURCE -D__x86_64__ \
        '-Dfail_msg(...)=abort()' -I. --file-list="$work/sources" \
        --template='{file}:{line}: {id}: {message}'
}

shellcheck_is_content() {
    files '*.sh' '.ci/*' | xargs -r shellcheck --external-sources --source-path=SCRIPTDIR
}

python_compiles() {
    files '*.py' | PYTHONPYCACHEPREFIX="$work/python" xargs -r -n 64 /usr/bin/python3 -m py_compile
}

javascript_compiles() {
    local script wrong=0
    for script in $(files '*.mjs'); do node --check "$script" || wrong=1; done
    return "$wrong"
}

# whole SCRIPT: as the program embeds it, without its first line.
whole() {
    tools/script.sh "$1" | tail -n +2
}

# Put together; the line numbers are those of the script alone.
lua_compiles() {
    local script compiler wrong=0 ahead
    compiler=$(command -v luac5.1 || command -v luac) || { echo "luac is missing (package lua5.1)"; return 1; }
    for script in $(files 'lua/[a-z]*.lua'); do
        whole "$script" >"$work/script.lua"
        ahead=$(($(wc -l <"$work/script.lua") - $(wc -l <"$script")))
        if ! "$compiler" -p "$work/script.lua" 2>"$work/luac"; then
            echo "$script: $(sed -E 's/^[^:]*: [^:]*://' "$work/luac") (line number minus $ahead)"
            wrong=1
        fi
    done
    return "$wrong"
}

# globals SCRIPT: prints those of $work/script.lua that Redis does not give it, and those that it sets; fails if any.
globals() {
    local compiler
    compiler=$(command -v luac5.1 || command -v luac) || { echo "luac is missing (package lua5.1)"; return 1; }
    "$compiler" -l -p "$work/script.lua" 2>/dev/null | awk -v script="$1" '
        $3 == "SETGLOBAL" { print script ": sets the global " $NF; bad = 1 }
        $3 == "GETGLOBAL" && $NF !~ /^(KEYS|ARGV|redis|cjson|math|string|table|ipairs|pairs|next|select|tonumber|tostring|type|unpack|error)$/ {
            print script ": uses the global " $NF; bad = 1 }
        END { exit bad }'
}

# What a script uses of a piece that it does not name is a global too.
lua_has_no_globals() {
    local script wrong=0
    for script in $(files 'lua/[a-z]*.lua'); do
        whole "$script" >"$work/script.lua"
        globals "$script" || wrong=1
    done
    return "$wrong"
}

# Without a piece that a script names, something is missing.
lua_needs_its_pieces() {
    local script piece wrong=0
    for script in $(files 'lua/[a-z]*.lua'); do
        for piece in $(tools/script.sh --files "$script" | grep -v -e /_prelude.lua -e "^$script\$"); do
            tools/script.sh --files "$script" | grep -v "^$piece\$" | xargs cat >"$work/script.lua"
            if globals "$script" >/dev/null; then
                echo "$script: does not need $piece"
                wrong=1
            fi
        done
    done
    return "$wrong"
}

scripts_have_rows() {
    diff <(files 'lua/[a-z]*.lua' | sed 's:lua/::; s:\.lua::' | sort) \
        <(sed -n 's/^SCRIPT(\([a-z_]*\)).*/\1/p' lua/scripts.def | sort)
}

pages_are_fresh() {
    local wrong=0
    "$bin/protodoc" --check docs/protocol.md || wrong=1
    "$bin/protodoc" --internal --check docs/redis.md || wrong=1
    "$bin/protodoc" --metrics --check docs/metrics.md || wrong=1
    BIN=$bin tools/configuration.sh --check || wrong=1
    "$bin/protodoc" --acl --check deploy/redis/users.acl || wrong=1
    return "$wrong"
}

# Of every family of a table at least one row is named where something is counted; the others follow it by their place.
metrics_are_set() {
    files 'common/*.c' 'match_server/*.c' 'game_server/*.c' | xargs grep -hoE 'METRIC_[a-z][a-z0-9_]*' |
        sort -u >"$work/set"
    grep -hoE '^ *METRIC_(COUNTER|GAUGE|HISTOGRAM)\([a-z0-9_]+(##name)?, "[a-z_]+"' common/metrics_common.def \
        match_server/metrics.def game_server/metrics.def | sed -E 's/^[^(]*\(//; s/, "/ /; s/"$//' >"$work/rows"
    awk 'FNR == NR { set[$1]; next }
         { families[$2]; sub(/##name$/, "", $1); prefix = "METRIC_" $1
           for (name in set) if (index(name, prefix) == 1) found[$2] }
         END { for (name in families) if (!(name in found)) { print name ": nothing sets it"; bad = 1 } exit bad }' \
        "$work/set" "$work/rows"
}

files_are_short() {
    files '*.c' '*.h' '*.def' '*.lua' '*.sh' '*.py' '*.mjs' | xargs wc -l |
        awk -v most="$file_lines_max" '$2 != "total" && $1 > ($2 ~ /^tests\// ? 1.5 * most : most) { print $2 ": " $1 " lines"; bad = 1 } END { exit bad }'
}

# A function of this style has both braces in the first column.
functions_are_short() {
    files '*.c' '*.h' | xargs awk -v most="$function_lines_max" '
        FNR == 1 { start = 0 }
        /^\{/ { start = FNR }
        /^\}/ { if (start && FNR - start + 1 > most) { print FILENAME ":" start ": " FNR - start + 1 " lines"; bad = 1 }
                start = 0 }
        END { exit bad }'
}

# The first words of a header say what it is and guard it.
headers_introduce_themselves() {
    local header wrong=0
    for header in $(files 'common/*.h' 'proto/*.h' 'match_server/*.h' 'game_server/*.h' 'clients/*.h'); do
        head -n 1 "$header" | grep -q '^/\* ' || { echo "$header: no opening comment"; wrong=1; }
        if grep -q '^#ifndef' "$header" && ! grep -q '^#ifndef DUELPOD_[A-Z0-9_]*_H$' "$header"; then
            echo "$header: the guard is not DUELPOD_..._H"
            wrong=1
        fi
    done
    return "$wrong"
}

nothing_is_left_to_do() {
    local mark='TODO|FIX''ME|XX''X|HA''CK'
    ! files '*.c' '*.h' '*.def' '*.lua' '*.py' '*.sh' '*.mjs' | grep -v '^tools/lint\.sh$' | xargs grep -nEw "$mark"
}

check "clang-format" format_is_ours
check "gcc -Werror" compiles gcc
check "clang -Werror" compiles clang
check "gcc -Werror with fault points" compiles_with_fault_points
check "cppcheck" cppcheck_is_content
check "shellcheck" shellcheck_is_content
check "python" python_compiles
check "javascript" javascript_compiles
check "luac" lua_compiles
check "Lua globals" lua_has_no_globals
check "Lua pieces" lua_needs_its_pieces
check "lua/scripts.def" scripts_have_rows
check "generated pages" pages_are_fresh
check "every metric is set" metrics_are_set
check "files of at most $file_lines_max lines (tests: half as many again)" files_are_short
check "functions of at most $function_lines_max lines" functions_are_short
check "headers introduce themselves" headers_introduce_themselves
check "nothing is left to do" nothing_is_left_to_do
check "layers" tests/layers.sh

echo "$passed passed, $failed failed"
((failed == 0))
