#!/bin/bash
# Starts a private Redis and PODS pods, plays one match, and serves until Ctrl-C or SIGTERM.
#
#   tools/run.sh            as above                     make run [PODS=2] [PORT=8081]
#   tools/run.sh --once     play the match, then stop    make demo
#
# Everything lives in one temporary folder and in the processes started here; all of it is gone at the end. A
# Redis that already runs on this machine is not touched: ours listens on a unix socket in that folder only.
set -euo pipefail

bin=${BIN:-build}
pods=${PODS:-1}
port=${PORT:-8081}
once=${1:-}
folder=$(mktemp -d "${TMPDIR:-/tmp}/duelpod.XXXXXX")
pids=()
letters=abcdefghijklmnopqrstuvwxyz

say() { printf '%s\n' "$*"; }

stop_all() {
    trap '' INT TERM
    local pid
    # Servers first, Redis (started first) last: they say goodbye to it.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        pid=${pids[i]}
        kill -TERM "$pid" 2>/dev/null || continue
        if ((i > 0)); then continue; fi
        wait_gone "${pids[@]:1}"
    done
    wait_gone "${pids[@]}"
    rm -rf "$folder"
}

# Waits up to five seconds for the processes to end, then ends them.
wait_gone() {
    local pid tries=0
    for pid in "$@"; do
        while kill -0 "$pid" 2>/dev/null && ((tries++ < 50)); do sleep 0.1; done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}

trap 'stop_all' EXIT
trap 'exit 0' INT
trap 'exit 0' TERM

# start NAME command...: in the background, its output in the folder.
start() {
    local name=$1
    shift
    "$@" >"$folder/$name.log" 2>&1 &
    pids+=($!)
}

fail() {
    say "cannot start: $1"
    tail -n 5 "$folder"/*.log 2>/dev/null || true
    exit 1
}

# True when the admin port answers /ready with 200.
is_ready() {
    local status=""
    { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
    printf 'GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n' >&3
    read -r _ status _ <&3 || true
    exec 3>&-
    [[ $status == 200 ]]
}

wait_ready() {
    local tries=0
    until is_ready "$1"; do
        kill -0 "$2" 2>/dev/null || fail "$3 ended"
        ((tries++ < 100)) || fail "$3 is not ready after 10 s"
        sleep 0.1
    done
}

start_redis() {
    start redis redis-server --port 0 --unixsocket "$folder/redis.sock" --dir "$folder" --save "" --appendonly no
    local tries=0
    until [[ -S $folder/redis.sock ]]; do
        kill -0 "${pids[0]}" 2>/dev/null || fail "redis-server ended"
        ((tries++ < 100)) || fail "redis-server does not answer"
        sleep 0.05
    done
}

# start_pod NUMBER: both servers; ports PORT+n for clients, PORT+1000+2n and +1 for operators.
start_pod() {
    local n=$1 id
    id=pod-${letters:n:1}
    local common=(--pod.id="$id" --redis.url="unix://$folder/redis.sock")
    start "match-$id" "$bin/match_server" "${common[@]}" --admin.port=$((port + 1001 + 2 * n))
    local match_pid=${pids[-1]}
    start "game-$id" "$bin/game_server" "${common[@]}" --client.port=$((port + n)) \
        --admin.port=$((port + 1000 + 2 * n)) --auth.dev_tokens=on
    wait_ready $((port + 1001 + 2 * n)) "$match_pid" "match_server of $id"
    wait_ready $((port + 1000 + 2 * n)) "${pids[-1]}" "game_server of $id"
    say "  $id   clients ws://127.0.0.1:$((port + n))/v1/ws   operators http://127.0.0.1:$((port + 1000 + 2 * n))/metrics"
}

play_match() {
    local last=$((pods - 1))
    "$bin/bot" --url "ws://127.0.0.1:$((port + last))/v1/ws" --player ben --quiet >"$folder/ben.log" 2>&1 &
    local ben=$!
    "$bin/bot" --url "ws://127.0.0.1:$port/v1/ws" --player ana || fail "the match was not played"
    wait "$ben" || fail "the second player did not finish: $(tail -n 2 "$folder/ben.log")"
}

((pods >= 1 && pods <= 26)) || fail "PODS must be 1 to 26"
DUELPOD_AUTH_HS256_SECRET=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
export DUELPOD_AUTH_HS256_SECRET

say "Duelpod: $pods pod(s), private Redis in $folder"
start_redis
for ((n = 0; n < pods; n++)); do start_pod "$n"; done
say ""
play_match
if [[ $once == --once ]]; then exit 0; fi

cat <<TEXT

Serving until Ctrl-C. Play along, from another shell:
  a token   curl -s -d '{"player_id":"you"}' http://127.0.0.1:$port/v1/dev/token
  a bot     $bin/bot --url ws://127.0.0.1:$port/v1/ws --player you       (it waits for a second one: --player me)
  logs      $folder/*.log
TEXT
while true; do
    wait -n "${pids[@]}" || true
    for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || fail "a server ended"; done
done
