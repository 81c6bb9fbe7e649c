#!/bin/bash
# Runs test suites and counts: tools/test.sh unit lua ws match e2e
#
# Each suite prints what it likes and ends with `N passed, N failed`; a suite that does not, or exits otherwise
# than with 0 while it reports no failure, counts as one failure. The last line sums them up.
#
# Suites that measure a rate run first, alone. The others run in lanes beside each other, one after the other within a
# lane: most of them wait most of the time. Those that only compute have the lowest priority, so they take what the
# others leave and slow nobody down. The output is that of one suite after the other, in the order they were asked for.
set -uo pipefail
set -m # each lane is a process group of its own, so it can be ended whole

bin=${BIN:-build}
export BIN="$bin"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%R %U %S'
names=()
lanes=()
passed=0
failed=0

lane_of() { # NAME
    case ${bin##*/}:$1 in
    variant-*) echo playing ;; # instrumented programs keep the machine busy: one suite at a time
    *:client) echo alone ;;
    *:tests/*.sh | *:reference | *:fuzz | *:spin | *:sim | *:tools) echo computing ;;
    *:match | *:metrics | *:deploy) echo waiting ;;
    *:ws) echo idle ;; # above a minute, of which it computes a second
    *) echo playing ;;
    esac
}

# cmocka programs: one line each, the whole output only of those that fail.
unit_programs() {
    local program output=$work/unit code ok bad good=0 wrong=0
    for program in "$bin"/tests/*_test; do
        timeout --foreground $((120 * ${PATIENCE:-1})) "$program" >"$output" 2>&1
        code=$?
        ok=$(grep -c '^\[       OK \]' "$output")
        bad=$(grep -E '^\[  FAILED  \] [a-zA-Z0-9_]+$' "$output" | sort -u | wc -l)
        if ((code != 0 && bad == 0)); then bad=1; fi
        printf '  %-28s %s passed, %s failed\n' "$(basename "$program")" "$ok" "$bad"
        if ((bad > 0)); then tail -n 60 "$output"; fi
        good=$((good + ok))
        wrong=$((wrong + bad))
    done
    echo "$good passed, $wrong failed"
    ((wrong == 0))
}

command_of() { # NAME
    case $1 in
    unit) echo unit_programs ;;
    tests/*) echo "$1" ;;
    *) echo "tests/$1"/run.* ;;
    esac
}

# run_lane LANE: its suites; the output, seconds and exit code of number N in $work/N.*
run_lane() {
    local number
    trap 'exit 130' INT
    while [[ $1 != alone ]] && kill -0 "${lanes[0]}" 2>/dev/null; do sleep 0.1; done
    if [[ $1 == computing ]]; then renice -n 19 "$BASHPID" >"$work/renice" 2>&1; fi
    for number in "${!names[@]}"; do
        [[ $(lane_of "${names[number]}") == "$1" ]] || continue
        { time "$(command_of "${names[number]}")" >"$work/$number.output" 2>&1 </dev/null; } 2>"$work/$number.seconds"
        echo $? >"$work/$number.code"
    done
}

start_lane() { # LANE
    run_lane "$1" &
    lanes+=($!)
}

# Ctrl-C: what runs is interrupted and clears up behind itself. What does not, within twenty seconds, is killed.
stop() {
    local lane tenths
    trap '' INT TERM
    for lane in "${lanes[@]}"; do kill -INT -- "-$lane"; done 2>/dev/null
    for ((tenths = 0; tenths < 200; tenths++)); do
        [[ -n $(jobs -r) ]] || break
        sleep 0.1
    done
    for lane in "${lanes[@]}"; do kill -KILL -- "-$lane"; done 2>/dev/null
    wait
    exit 130
}

# follow NUMBER: prints what it says while it says it, until it has ended or all lanes are gone.
follow() {
    local output
    exec {output}<"$work/$1.output"
    while [[ ! -e $work/$1.code && -n $(jobs -r) ]]; do
        cat <&"$output"
        sleep 0.1
    done
    cat <&"$output"
    exec {output}<&-
}

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

report() { # NUMBER
    echo "== ${names[$1]}"
    follow "$1"
    add "${names[$1]}" "$(cat "$work/$1.code" || echo 1)" \
        "$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$work/$1.output" | tail -n 1)"
}

for name in "$@"; do
    names+=("$name")
    if [[ $name == unit ]]; then names+=(tests/*.sh); fi
    if [[ $name == ws ]]; then names+=(tests/ws/run_*); fi
done
for number in "${!names[@]}"; do : >"$work/$number.output"; done

trap stop INT TERM
started=$SECONDS
for lane in alone computing waiting playing idle; do start_lane "$lane"; done
for number in "${!names[@]}"; do report "$number"; done
wait

echo
for number in "${!names[@]}"; do
    read -r wall user system <"$work/$number.seconds"
    echo "${names[number]} $wall $user $system"
done | awk '{ printf "  %-32s %6.1f s, computing %6.1f s\n", $1, $2, $3 + $4 }'
echo "$((SECONDS - started)) seconds"
echo "$passed passed, $failed failed"
((failed == 0))
