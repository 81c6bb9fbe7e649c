#!/bin/bash
# Prints a script as Redis runs it: _prelude.lua, the pieces that it names, the script itself.
#
#   script.sh lua/enqueue.lua            the text, "#!lua" first
#   script.sh --files lua/enqueue.lua    the files, one a line
#
# A script names its pieces in the last line of its opening comment: "-- Needs player queue" stands for
# _player.lua and _queue.lua beside it, in that order.
set -euo pipefail

script=${*: -1}
folder=$(dirname "$script")
read -ra pieces <<<"$(sed -n '/^--/!q; s/^-- Needs  *//p' "$script")"
files=("$folder/_prelude.lua")
for piece in ${pieces[@]+"${pieces[@]}"}; do files+=("$folder/_$piece.lua"); done
files+=("$script")

if [[ $1 == --files ]]; then
    printf '%s\n' "${files[@]}"
else
    echo '#!lua'
    cat "${files[@]}"
fi
