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
# What the public headers say, without what comments mention; compat/ and malloc.h are another's.
for header in "$top"/userlib/include/memrig/*.h "$top"/kmod/sync/*.h "$top"/kmod/engine/*.h \
	"$top"/userlib/port/*.h; do
	gcc -fpreprocessed -dD -E -P "$header"
done 2>/dev/null >"$dir/text"
grep -o '[A-Za-z_][A-Za-z0-9_]*' "$dir/text" | sort -u >"$dir/words"
grep -o '^static [^(]*memrig_[a-z0-9_]*(' "$dir/text" | grep -o 'memrig_[a-z0-9_]*' |
	sort -u >"$dir/inline"
grep -v '^#' "$dir/text" | grep -o 'memrig_[a-z0-9_]*(' | tr -d '(' | sort -u |
	comm -23 - "$dir/inline" >"$dir/functions"
sed -n 's/^extern [^(]*[ *]\(memrig_[a-z0-9_]*\);.*/\1/p' "$dir/text" | sort -u "$dir/functions" - \
	>"$dir/declared"
grep '^memrig_' "$dir/exported" | sort >"$dir/ours"
grep -v '^memrig_' "$dir/exported" | comm -23 - "$dir/words" >"$dir/foreign"

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
