#!/bin/bash
# Runs test suites one after the other: tools/test.sh unit lua ws match e2e
#
# Each suite prints what it likes and ends with `N passed, N failed`; a suite that does not, or exits otherwise
# than with 0 while it reports no failure, counts as one failure. The last line sums them up.
set -uo pipefail

bin=${BIN:-build}
export BIN="$bin"
passed=0
failed=0

# add NAME EXIT_CODE LAST_LINE
add() {
    if [[ $3 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
        if ((BASH_REMATCH[2] > 0 || $2 == 0)); then return; fi
    fi
    echo "suite $1 ended with exit code $2 and no clean count"
    failed=$((failed + 1))
}

# Runs one command as a suite, its output passing through.
suite() {
    local name=$1 output code
    shift
    echo "== $name"
    output=$(mktemp)
    "$@" 2>&1 | tee "$output"
    code=${PIPESTATUS[0]}
    add "$name" "$code" "$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$output" | tail -n 1)"
    rm -f "$output"
}

# cmocka programs: one line each, the whole output only of those that fail.
unit_programs() {
    local program output code ok bad good=0 wrong=0
    output=$(mktemp)
    for program in "$bin"/tests/*_test; do
        timeout $((120 * ${PATIENCE:-1})) "$program" >"$output" 2>&1
        code=$?
        ok=$(grep -c '^\[       OK \]' "$output")
        bad=$(grep -E '^\[  FAILED  \] [a-zA-Z0-9_]+$' "$output" | sort -u | wc -l)
        if ((code != 0 && bad == 0)); then bad=1; fi
        printf '  %-28s %s passed, %s failed\n' "$(basename "$program")" "$ok" "$bad"
        if ((bad > 0)); then tail -n 60 "$output"; fi
        good=$((good + ok))
        wrong=$((wrong + bad))
    done
    rm -f "$output"
    echo "$good passed, $wrong failed"
    ((wrong == 0))
}

# Suites that neither wait for nor measure anything of the others run beside them and are counted at the end.
beside=()
begin() {
    local output
    output=$(mktemp)
    ("$1" >"$output" 2>&1; echo $? >"$output.code") &
    beside+=("$! $1 $output")
}

finish() {
    local entry pid name output
    for entry in "${beside[@]}"; do
        read -r pid name output <<<"$entry"
        wait "$pid"
        echo "== $name"
        cat "$output"
        add "$name" "$(cat "$output.code")" "$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$output" | tail -n 1)"
        rm -f "$output" "$output.code"
    done
}

for name in "$@"; do
    case $name in
    unit)
        suite "unit" unit_programs
        for script in tests/*.sh; do suite "$script" "$script"; done
        ;;
    spin | ws) for script in tests/"$name"/run*; do begin "$script"; done ;;
    *) for script in tests/"$name"/run*; do suite "$script" "$script"; done ;;
    esac
done
finish

echo
echo "$passed passed, $failed failed"
((failed == 0))
