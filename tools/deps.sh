#!/bin/bash
# Installs those of the named Debian packages that are missing. Without root it says which, and fails.
set -euo pipefail

missing=()
for package in "$@"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [[ $status == "install ok installed" ]] || missing+=("$package")
done
((${#missing[@]} > 0)) || exit 0

if [[ $(id -u) != 0 ]]; then
    echo "These Debian packages are missing. Install them, or run make as root:"
    echo "  apt-get install --no-install-recommends ${missing[*]}"
    exit 1
fi

echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
ours=
trap 'rm -f "$log" $ours' EXIT
# A package that brings a service (redis, prometheus, alertmanager) must not start it: Duelpod runs its own. A policy
# that the machine already has is left as it is.
if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    ours=$policy
fi
if ! { apt-get update && RUNLEVEL=1 apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log"
    exit 1
fi
