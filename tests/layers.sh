#!/bin/bash
# Includes point down only, and every library has one door. Each rule is one row; its offenders are printed.
#
#   contract (proto, base.h) <- pure cores <- edge (one library per file) <- engine <- game logic <- main
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

passed=0
failed=0

# result RULE OFFENDERS: the rule holds when there are none.
result() {
    if [[ -z $2 ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'broken: %s\n' "$1"
        printf '%s\n' "$2" | sed 's/^/    /'
    fi
}

# includes FILE...: one line "file:number:header" per include.
includes() {
    grep -HnE '^[[:space:]]*#[[:space:]]*include' "$@" 2>/dev/null |
        sed -E 's/^([^:]*:[0-9]+):[^<"]*[<"]([^>"]*)[>"].*/\1:\2/'
}

# only RULE HEADERS FILES: of all files, only FILES (a regular expression) include HEADERS (another).
only() {
    result "$1" "$(includes "${all[@]}" | grep -E ":($2)\$" | grep -vE "^($3):")"
}

# within RULE FILES HEADERS: FILES include only HEADERS.
within() {
    result "$1" "$(includes "${all[@]}" | grep -E "^($2):" | grep -vE ":($3)\$")"
}

# without RULE FILES HEADERS: FILES include none of HEADERS.
without() {
    result "$1" "$(includes "${all[@]}" | grep -E "^($2):" | grep -E ":($3)\$")"
}

mapfile -t all < <(find . -path ./build -prune -o -path ./.git -prune -o -type f \
    \( -name '*.c' -o -name '*.h' -o -name '*.def' \) -printf '%P\n' | sort)
result "there are sources to look at" "$([[ ${#all[@]} -ge 50 ]] || echo "${#all[@]} files")"

system='(sys|netinet|arpa)/[a-z_]+\.h|[a-z0-9_]+\.h'
third_party='cjson/.*|ini\.h|jwt\.h|openssl/.*|uuid/.*|hiredis/.*|libwebsockets\.h|uv\.h|libdeflate\.h|xxhash\.h|uthash\.h'
language='(assert|errno|inttypes|limits|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|strings)\.h'
pure='base64url|buffer|codec|codec_memory|codec_scan|codec_write|http_request|json_reader|keyed_hash|limiter|log_limit|redis_address|redis_backoff|redis_endpoints|redis_held|redis_pipeline|redis_reply|sha1|tally|timers|trace|utf8'
engine='actor|admin|http[a-z_]*|mailbox|operator_page|redis_handshake|redis_link[a-z_]*|redis_options|redis_sentinel|redis_stream|redis_world|service|shard|shard_links|shard_metrics|shard_private|world'
ws='game_server/ws_[a-z_]+\.[ch]'

# ---- one door per library -------------------------------------------------------------------------
only "cJSON is behind codec" 'cjson/.*' 'common/codec\.c'
only "inih is behind options" 'ini\.h' 'common/options_file\.c'
only "libjwt is behind token_mint" 'jwt\.h' 'common/token_mint\.c'
only "OpenSSL is behind token and digest" 'openssl/.*' 'common/(token[a-z_]*|digest)\.[ch]|tests/unit/token_[a-z]+\.[ch]'
only "libuuid is behind ids" 'uuid/.*' 'common/ids\.c'
only "hiredis is behind redis_reader" 'hiredis/.*' 'common/redis_reader\.c'
only "libwebsockets is behind the front" 'libwebsockets\.h' "$ws"
only "libdeflate is behind gzip" 'libdeflate\.h' 'common/gzip\.c'
only "xxhash and uthash are behind registry" 'xxhash\.h|uthash\.h' 'common/registry\.c'
only "libuv is in the engine" 'uv\.h' \
    "common/(redis_link|redis_sentinel|redis_stream|http|service|shard|mailbox)\.[ch]|$ws|game_server/(server|main)\.[ch]|match_server/(server|main)\.[ch]|(clients|tests|tools|bench)/.*"

# ---- game logic ------------------------------------------------------------------------------------
logic='(match_server|game_server)/[a-z_]+\.[ch]'
result "game logic includes no third-party header" \
    "$(includes "${all[@]}" | grep -E "^$logic:" | grep -vE "^($ws|[a-z]+_server/(server|main)\.[ch]):" | grep -E ":($third_party)\$")"
result "match_server's logic knows its world only" \
    "$(includes match_server/*.[ch] | grep -v '^match_server/main\.c:' |
        grep -E ':(common/(shard|redis_link|clock|rng|http|service)\.h|(unistd|time|pthread)\.h|sys/.*)$')"
without "match_server does not know game_server" 'match_server/.*' 'game_server/.*'
without "game_server does not know match_server" 'game_server/.*' 'match_server/.*'
without "clients know neither server" 'clients/.*' '(game|match)_server/.*'
without "nobody includes a main" '.*' '.*/main\.h'

# ---- the contract, the common part, the battle -----------------------------------------------------
within "the contract includes itself only" 'proto/[a-z_]+\.(c|h|def)' "proto/.*|common/base\.h|$language"
within "common knows neither server" 'common/.*' "(common|proto|lua)/.*|$system|$third_party"
within "the battle includes nothing outside itself" 'game_server/battle/.*' \
    "[a-z_0-9]+\.h|game_server/battle/[a-z_]+\.h"
result "the battle's local includes are its own files" \
    "$(grep -HnoE '#include "[^"]+"' game_server/battle/*.[ch] | while IFS=: read -r file line include; do
        header=${include#*\"}
        [[ -f game_server/battle/$(basename "${header%\"}") ]] || echo "$file:$line $include"
    done)"
without "the battle asks no system" 'game_server/battle/.*' "$third_party|(time|unistd|pthread|stdio|errno|fcntl|signal)\.h|sys/.*"

# ---- layers inside common -----------------------------------------------------------------------------
within "pure files include pure files" "common/($pure)\.[ch]" "common/($pure|base)\.h|proto/.*|cjson/cJSON\.h|$language"
result "the edge does not include the engine" \
    "$(includes common/*.[ch] | grep -vE "^common/($engine)\.[ch]:" | grep -E ":common/($engine)\.h\$")"

# ---- pure cores of the servers --------------------------------------------------------------------------
within "the matcher decides without time, chance or order of its own" 'match_server/(matcher[a-z_]*|device_crowd|ranked_rules|ticket|waiting_order)\.[ch]' \
    "match_server/(matcher[a-z_]*|device_crowd|ranked_rules|ticket|waiting_order)\.h|common/(base|digest)\.h|proto/.*|$language"
within "queue policies and their mirror are pure" 'match_server/(queue_[a-z_]+|mirror)\.[ch]' \
    "match_server/(device_crowd|matcher[a-z_]*|mirror|queue_[a-z_]+|ticket|waiting_order)\.h|common/(base|registry)\.h|$language"
within "whether anybody listens is decided without a clock" 'match_server/listener_watch\.[ch]' \
    "match_server/listener_watch\.h|common/base\.h|$language"
within "what a waiting player is told of the window is computed purely" 'game_server/queue_window\.[ch]' \
    "game_server/queue_window\.h|proto/.*|$language"
within "loadout rules are pure" 'game_server/loadout\.[ch]' "game_server/(loadout|battle/battle)\.h|common/codec\.h|$language"

echo "$passed passed, $failed failed"
((failed == 0))
