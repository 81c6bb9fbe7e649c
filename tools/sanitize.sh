#!/bin/bash
# Every suite that runs our programs, with all of them instrumented: first for addresses and undefined behaviour, then
# for threads. Ends with `N passed, N failed`.
#
#     sanitize.sh [address,undefined | thread [SUITE...]]
#
# Every process writes what its sanitizer says into one folder, whoever starts it and whatever becomes of its output:
# each report counts as a failure. Servers of end-to-end tests end by SIGTERM, so that what they leak is reported.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
passed=0
failed=0

export END_IN_ORDER=1 PATIENCE=5
export ASAN_OPTIONS="log_path=$reports/address:detect_stack_use_after_return=1:strict_string_checks=1"
export UBSAN_OPTIONS="log_path=$reports/undefined:print_stacktrace=1"
export TSAN_OPTIONS="log_path=$reports/thread:second_deadlock_stack=1"

run() { # SANITIZER SUITE...
    local sanitizer=$1 variant output
    shift
    variant=build/variant-${sanitizer//,/-}
    echo "==== SANITIZER=$sanitizer: $*"
    make --no-print-directory SANITIZER="$sanitizer" test-programs || return 1
    output=$(mktemp -p "$reports" -t .output-XXXX)
    BIN=$variant FAULTS_BIN=$variant-faults tools/test.sh "$@" 2>&1 | tee "$output"
    [[ $(tail -n 1 "$output") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]] || return 1
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
}

if (($# == 1)); then set -- "$1" unit ws client tools match e2e; fi
if (($# > 0)); then
    run "$@" || failed=$((failed + 1))
else
    run address,undefined unit ws client tools sim match e2e metrics chaos failover || failed=$((failed + 1))
    run thread unit ws match e2e chaos || failed=$((failed + 1))
fi

for report in "$reports"/*; do
    [[ -f $report ]] || continue
    echo "---- ${report##*/}"
    head -n 80 "$report"
    failed=$((failed + 1))
done
echo
echo "$passed passed, $failed failed"
((failed == 0))
