#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The ABI header and each of its parts compile with nothing before them, as strict C and as C++, and
# every struct has the same size, offsets and alignment for 32-bit and 64-bit callers on x86 and arm64.

set -euo pipefail
cd "$(dirname "$0")/../.."

header=uapi/linux/memrig.h
work=build/lint
mkdir -p "$work"
strict=(-pedantic -Wall -Wextra -Werror -fsyntax-only -Iuapi)

parts=(uapi/linux/memrig/*.h)
for part in "$header" "${parts[@]}"; do
	gcc -std=c99 "${strict[@]}" -x c "$part"
	clang -std=c11 "${strict[@]}" -x c "$part"
	g++ -std=c++11 "${strict[@]}" -x c++ "$part"
	clang++ -std=c++17 "${strict[@]}" -Wno-pragma-once-outside-header -x c++ "$part"
	# What users include is all there is.
	[ "$part" = "$header" ] || grep -qx "#include <${part#uapi/}>" "$header"
done

layout()	# name compiler flags...
{
	local name=$1
	shift
	"$@" -g -fno-eliminate-unused-debug-types -Iuapi -x c -c "$header" -o "$work/$name.o"
	pahole "$work/$name.o" 2>/dev/null |
		awk '/^struct memrig_|^union memrig_/ { show = 1 } show { print } /^}/ { show = 0 }' \
			>"$work/$name.layout"
	grep -q '^struct memrig_' "$work/$name.layout"
	! grep -n 'XXX' "$work/$name.layout"
}

layout amd64 gcc
layout i386 gcc -m32 -idirafter /usr/include/x86_64-linux-gnu
layout arm64 aarch64-linux-gnu-gcc
for other in i386 arm64; do
	diff -u "$work/amd64.layout" "$work/$other.layout"
done
echo "$(grep -c '^struct memrig_' "$work/amd64.layout") structs in ${#parts[@]} parts"
