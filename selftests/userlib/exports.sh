#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The shared library exports what its public headers declare: every memrig_*() of memrig.h, Zephyr's
# names, and nothing else; all with a version.
#
#   exports.sh libmemrig.so

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' >"$dir/all"
grep -v '@@MEMRIG_' "$dir/all" >"$dir/unversioned" || true
sed 's/@@.*//' "$dir/all" | sort -u >"$dir/exported"
cat "$top/userlib/include/memrig/memrig.h" "$top/userlib/include/memrig/system_heap.h" \
	"$top/userlib/include/memrig/cache.h" |
	grep -o 'memrig_[a-z0-9_]*(' | tr -d '(' |
	grep -v -e '_heap_$' | sort -u >"$dir/declared"
grep '^memrig_' "$dir/exported" | sort >"$dir/ours"
grep -v -e '^memrig_' -e '^sys_heap_' -e '^sys_multi_heap_' -e '^heap_listener_' \
	-e '^k_heap_' -e '^k_mem_slab_' -e '^sys_mem_blocks_' -e '^sys_multi_mem_' -e '^mrig_mem_' -e '^mrig_multi_mem_' -e '^k_thread_' -e '^k_current_get$' \
	-e '^k_[a-z]*alloc$' -e '^k_aligned_alloc$' -e '^k_free$' -e '^z_thread_' -e '^_system_heap$' \
	-e '^mrig_clock$' -e '^mrig_lock_dropped$' -e '^mrig_lock_wait$' "$dir/exported" >"$dir/foreign" || true

status=0
echo 1..1
comm -3 "$dir/declared" "$dir/ours" >"$dir/differ"
[ "$(grep -c '^sys_heap_' "$dir/exported")" -ge 16 ] || echo "sys_heap_*" >"$dir/absent"
for what in unversioned foreign differ absent; do
	if [ -s "$dir/$what" ]; then
		echo "#   $what:" "$(tr '\n\t' '  ' <"$dir/$what")"
		status=1
	fi
done
[ "$status" = 0 ] || printf 'not '
echo "ok 1 - exports: $(wc -l <"$dir/exported") symbols, those that are declared"
exit "$status"
