#!/bin/bash
# The golden battles on other machines: 32 bit (i386), another instruction set (aarch64), the other byte order (s390x),
# by qemu's user emulation. The core needs of the C library only memory and strings, so Debian's headers and
# libraries of those machines, their linkers, and clang, which compiles for all of them, are enough.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

golden=tests/golden/battle.txt
work=$(mktemp -d)
export TMPDIR=$work # what an interrupted compiler leaves goes with it
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# build CLANG_TRIPLE LINKER_FLAGS FLAG...: the golden program of that machine. Debian's cross packages have no start
# files of the compiler, and none are needed; i386 divides 64 bits with clang's own library.
build() {
    local triple=$1 root=/usr/$1 linker=$2
    shift 2
    clang --target="$triple" -std=c11 -O2 -Wall -Wextra -Werror -I. -isystem "$root/include" -nostdlib -no-pie \
        --ld-path="/usr/bin/$linker" "$root/lib/crt1.o" "$root/lib/crti.o" tests/support/battle_golden.c \
        game_server/battle/*.c "$@" -L"$root/lib" -lc "$root/lib/crtn.o" -Wl,-rpath-link,"$root/lib" -o "$work/$triple"
}

# agrees NAME EMULATOR TRIPLE LINKER FLAG...
agrees() {
    local name=$1 emulator=$2 triple=$3 linker=$4
    shift 4
    if build "$triple" "$linker" "$@" >"$work/output" 2>&1 &&
        "$emulator" -L "/usr/$triple" "$work/$triple" >"$work/golden.txt" 2>"$work/output" &&
        diff "$golden" "$work/golden.txt" >"$work/output"; then
        passed=$((passed + 1))
        printf '  ok      %s\n' "$name"
    else
        failed=$((failed + 1))
        printf '  FAILED  %s\n' "$name"
        head -n 20 "$work/output"
    fi
}

division=$(clang -print-resource-dir)/lib/linux/libclang_rt.builtins-i386.a
agrees "i386, 32 bit" qemu-i386 i686-linux-gnu ld "$division"
agrees "aarch64" qemu-aarch64 aarch64-linux-gnu aarch64-linux-gnu-ld
agrees "s390x, big-endian" qemu-s390x s390x-linux-gnu s390x-linux-gnu-ld
echo "battle_architectures: $passed machines agree on $(wc -l <"$golden") battles"
echo "$passed passed, $failed failed"
((failed == 0))
