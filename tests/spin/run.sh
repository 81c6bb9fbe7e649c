#!/bin/bash
# Checks match.pml with Spin: the model holds; with a fault planted into it, it is refused; and it was last looked at
# with the scripts as they are now. Ends with `N passed, N failed`.
#
#   run.sh           all of it
#   run.sh --renew   writes lua.sha: only after the changed scripts were compared with the model, line by line
set -uo pipefail
cd "$(dirname "$0")" || exit 1

scripts=(commit dequeue enqueue expire loading_cancel loading_complete reap report result_ack resume)

if [[ ${1:-} == --renew ]]; then
    {
        echo "# The scripts that match.pml models, as they were when it was last compared with them. When one has"
        echo "# changed: change the model the same way, see that tests/spin/run.sh passes, then run it with --renew."
        for script in "${scripts[@]}"; do ../../tools/script.sh --files "../../lua/$script.lua"; done | sort -u |
            xargs sha256sum
    } >lua.sha
    exit
fi

model=$PWD/match.pml
work=$(mktemp -d)
export TMPDIR=$work # what an interrupted compiler leaves goes with it
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# verdict CODE NAME DETAIL: 0 is as it should be.
verdict() {
    if [[ $1 == 0 ]]; then
        passed=$((passed + 1))
        printf '  ok      %s (%s)\n' "$2" "$3"
    else
        failed=$((failed + 1))
        printf '  FAILED  %s (%s)\n' "$2" "$3"
        if [[ -f $work/output ]]; then tail -n 25 "$work/output"; fi
    fi
}

# check MODEL SIZES CLAIM OPTIMIZE: explores every state; CLAIM is "safety" or the name of a formula. Output in
# $work/output.
check() {
    local options=(-DSAFETY -DNOCLAIM) arguments=()
    if [[ $3 != safety ]]; then
        options=(-DNFAIR=5)
        arguments=(-a -f -N "$3")
    fi
    rm -rf "$work/pan"
    mkdir "$work/pan"
    (
        cd "$work/pan" || exit 1
        # shellcheck disable=SC2086 # words on purpose
        spin $2 -a "$1" && gcc "$4" -w -DHC4 -DMEMLIM=1000 "${options[@]}" -o pan pan.c &&
            timeout 300 ./pan -n -m20000 -w22 "${arguments[@]}"
    ) >"$work/output" 2>&1
}

# holds NAME SIZES CLAIM: and the search was complete.
holds() {
    local code=1
    check "$model" "$2" "$3" -O1
    if grep -q 'errors: 0$' "$work/output" &&
        ! grep -qiE 'max search depth too small|not completed|out of memory' "$work/output"; then code=0; fi
    verdict "$code" "$1" "$(awk '/states, stored/ { print $1 " states"; exit }' "$work/output")"
}

# refused NAME SIZES CLAIM SED: with this fault the model is wrong, and the checker says so.
refused() {
    sed -E "$4" "$model" >"$work/mutant.pml"
    if cmp -s "$model" "$work/mutant.pml"; then
        rm -f "$work/output"
        verdict 1 "refused: $1" "the fault is not planted: the model has changed"
        return
    fi
    check "$work/mutant.pml" "$2" "$3" -O0
    local why
    why=$(sed -nE 's/^pan:[0-9]+: (assertion violated|acceptance cycle).*/\1/p' "$work/output" | head -n 1)
    verdict "$([[ -n $why ]]; echo $?)" "refused: $1" "$why"
}

sha256sum --quiet -c lua.sha
verdict $? "the scripts are those that the model was made from" "if not, lua.sha says what to do"

pair="-DPLAYERS=2 -DMATCHES=2 -DFIRST=3"
deep="-DPLAYERS=2 -DMATCHES=2 -DFIRST=4 -DFORGET=1"
login="-DPLAYERS=2 -DMATCHES=1 -DFIRST=2 -DSECOND=2"
short="-DPLAYERS=2 -DMATCHES=2 -DFIRST=2 -DFORGET=1"
three="-DPLAYERS=3 -DMATCHES=2 -DFIRST=2"
party="-DPLAYERS=3 -DMATCHES=2 -DFIRST=2 -DPARTY=1"
again="-DPLAYERS=3 -DMATCHES=1 -DFIRST=3 -DPARTY=1 -DFORGET=1"
holds "two players, two matches: every order, every repetition" "$pair" safety
holds "two players, two matches, more requests" "$deep" safety
holds "two players who log in anew" "$login" safety
holds "three players, two matches" "$three" safety
holds "a party and a third player" "$party" safety
holds "a mode without loading" "$pair -DLOADS=0" safety
holds "every loading ends" "$short" every_loading_ends
holds "every match ends" "$short" every_match_ends

refused "enqueue takes who is not in the lobby" "$login" safety 's/status = BUSY/status = OK/'
refused "a repeated request takes effect again" "$pair" safety 's/n <= rq\[p\] -> status = DUP/n <= rq[p] -> status = OK/'
refused "a former login acts" "$login" safety 's/l < ce\[p\] -> status = FENCED/l < ce[p] -> status = OK/'
refused "commit does not look at its members" "$pair" safety 's/status = CONFLICT/status = OK/'
refused "commit sets no deadline" "$pair" safety '/lease\[k\] = 0$/,/deadline\[m\] = running/ s/deadline\[m\] = running/skip/'
refused "loading is completed after its deadline, and again" "$pair" safety \
    's/\|\| deadline\[m\] != running\) -> status = NO/) -> status = OK/'
refused "cancelling comes too late and is not refused" "$pair" safety \
    's/(match\[m\] != loading \|\| mid\[p\] != m \|\| st\[p\] != loading\)) -> status = NO/\1 -> status = OK/'
refused "who goes back into the queue goes to its end" "$pair" safety 's/score\[p\] = q\[p\];/score[p] = NOW;/'
refused "who had loaded is sent to the lobby with who had not" "$pair" safety \
    's/(m \&\& HAS_LOADED\(m, k\)) -> requeue\(k\)/\1 -> to_lobby(k)/'
refused "a result is accepted for a match that has ended" "$pair" safety 's/-> status = (DUP|STALE)$/-> status = OK/'
refused "a match that ends keeps its deadline" "$pair" safety '/match\[m\] = end;/,/^}/ s/deadline\[m\] = 0/skip/'
refused "a refused step changes something" "$pair" safety 's/-> status = LATE/-> status = LATE; change(p); q[p] = NOW/'
refused "a mate who still plays is queued too" "$again" safety 's/-> status = BUSY \/\* MATE_BUSY \*\//-> skip/'
refused "who leaves the queue leaves the mate behind" "$party" safety \
    '/^inline leave_with_mate/,/^}/ s/leave_queue\(MATE\(p\)\)/skip/'
refused "a match takes half of a party" "$party" safety \
    's/^( *:: .*!\(pair\[w\] & BIT\(MATE\(k\)\)\)) -> status = CONFLICT/\1 -> skip/'
refused "who cancels leaves the mate waiting" "$party" safety \
    's/(k != p \&\& OF_ONE_PARTY\(k, p\) \&\& mid\[k\] == m) -> to_lobby/\1 -> requeue/'
refused "who has loaded waits again without the mate" "$party" safety \
    '/^inline do_reap/,/^}/ s/mid\[k\] == m \&\& (!?)HAS_LOADED\(m, k\)/mid[k] == m \&\& \1(marks[m] \& BIT(k))/'
refused "time-outs of loading are nobody's task" "$short" every_loading_ends \
    's/:: d_step \{ deadline\[x\] == due ->/:: d_step { deadline[x] == due \&\& match[x] != loading ->/'
refused "hosts are asked for ever" "$short" every_match_ends 's/attempts\[m\] = attempts\[m\] \+ 1;/skip;/'

echo "$passed passed, $failed failed"
((failed == 0))
