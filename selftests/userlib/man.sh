#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The man pages: correct, one for every function that the shared library exports, and memrig(4) with
# every ioctl.
#
#   man.sh libmemrig.so

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0

echo 1..1
for page in "$top"/Documentation/man/*.[1347]; do
	mandoc -T lint -W warning "$page" >>"$dir/lint" || true
	"$top/userlib/man-names.sh" "$page" >>"$dir/names"
	basename "${page%.*}" >>"$dir/pages" # a page may go by what it is about
done
sort -o "$dir/pages" "$dir/pages"
sort -u "$dir/names" >"$dir/described"
# Notifications are for those who write allocators: the header describes them. What inline functions
# call is nobody's business.
nm -D --defined-only "$1" | awk '$2 == "T" { sub(/@@.*/, "", $3); print $3 }' |
	grep -v -e '^heap_listener_notify_' -e '^mrig_' | sort -u >"$dir/exported"
grep -ho '^static inline [^(]*memrig_[a-z0-9_]*(' "$top"/userlib/include/memrig/*.h |
	grep -o 'memrig_[a-z0-9_]*($' | tr -d '(' | sort -u >"$dir/inline"
comm -13 "$dir/described" "$dir/exported" >"$dir/missing"
grep -E '^(memrig|sys_heap|sys_multi_heap|heap_listener|k_heap|k_mem_slab|sys_bitarray|sys_mem_blocks|sys_multi_mem_blocks|k_thread|z_thread)_' "$dir/described" |
	comm -23 - "$dir/exported" | comm -23 - "$dir/pages" | comm -23 - "$dir/inline" >"$dir/stale"
# Whoever works with the calls of the kernel finds all of them in one page.
sed -n 's/^#define \(MEMRIG_IOC_[A-Z_]*\)[[:space:]]*_IOW\{0,1\}R\{0,1\}(.*/\1/p' \
	"$top/uapi/linux/memrig.h" | sort -u >"$dir/ioctls"
grep -o 'MEMRIG_IOC_[A-Z_]*' "$top/Documentation/man/memrig.4" | sort -u |
	comm -3 - "$dir/ioctls" >"$dir/ioctl"
[ "$(wc -l <"$dir/ioctls")" -ge 60 ] || echo "few ioctls in the header" >>"$dir/ioctl"
for what in lint missing stale ioctl; do
	if [ -s "$dir/$what" ]; then
		echo "#   $what:" "$(tr '\n' ' ' <"$dir/$what")"
		status=1
	fi
done
[ "$status" = 0 ] || printf 'not '
echo "ok 1 - man pages: $(wc -l <"$dir/exported") functions described"
exit "$status"
