#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# "memrig config" and Documentation/configuration.rst name the same things.
#
#   config.sh memrig

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$1" config --device /nonexistent | grep -o '^CONFIG_[A-Z0-9_]*[*]\{0,1\}' | sort -u >"$dir/printed"
# Names in literals; the page abbreviates, so that some are the end of a name only.
# shellcheck disable=SC2016  # quotes of reStructuredText, not of the shell
grep -o '``[A-Z0-9_]*[*]\{0,1\}``' "$top/Documentation/configuration.rst" | tr -d '`' |
	grep -e ^CONFIG_ -e ^_ | grep -vx 'CONFIG_SYS_HEAP_[*]' | sort -u >"$dir/documented"
awk 'NR == FNR { doc[$0]; next }
	{ found = $0 in doc
	  for (d in doc)
		if (d ~ /^_/ && substr($0, length($0) - length(d) + 1) == d) found = 1
	  if (!found) print }' "$dir/documented" "$dir/printed" >"$dir/differ"
grep ^CONFIG_ "$dir/documented" | comm -23 - "$dir/printed" >>"$dir/differ"
# Parameters that stand for a name of Zephyr's are named where that name is.
# shellcheck disable=SC2016  # quotes of reStructuredText, not of the shell
for parameter in $(grep -o '^``heap_mem_pool_[a-z_]*=``' "$top/Documentation/configuration.rst" |
	tr -d '`='); do
	zephyr=CONFIG_$(echo "$parameter" | tr '[:lower:]' '[:upper:]')
	"$1" config --device /nonexistent | grep "^$zephyr " | grep -q "parameter $parameter\>" ||
		echo "$parameter=" >>"$dir/differ"
done
echo 1..1
if [ -s "$dir/differ" ] || [ "$(wc -l <"$dir/printed")" -lt 15 ]; then
	echo "#   printed or documented only:" "$(tr '\n' ' ' <"$dir/differ")"
	echo 'not ok 1 - memrig config agrees with the manual'
	exit 1
fi
echo 'ok 1 - memrig config agrees with the manual'
