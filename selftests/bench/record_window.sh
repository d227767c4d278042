#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Make recorded_pages/window.words.xz again: in a guest, Python runs in a window that has a frame for
# each of its pages, under a policy that looks at all of them at every tick of the kernel's clock. So
# the trace has every page once for each tick in which it was used; see Documentation/paging.rst.
#
#   record_window.sh FILE.words.xz

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

VM=$MRIG_TOP/selftests/vm
work=$MRIG_BUILD/vm/recording
[ $# = 1 ] || mrig_die "usage: record_window.sh FILE.words.xz"
output=$(realpath "$1")

"$VM/build-module.sh" 6.12
"$VM/build-user.sh" amd64
"$VM/programs.sh"
mkdir -p "$work"
cat >"$work/record.sh" <<'END'
#!/bin/sh
cd /tmp || exit 1
export LC_ALL=C PYTHONMALLOC=malloc PYTHONHASHSEED=0 PYTHONHOME=/usr
cat >work.py <<'PROGRAM'
state = 1
table = {}
for i in range(12000):
    state = state * 6364136223846793005 % (1 << 64)
    table["%016x" % state] = [i, str(i) * 3]
names = sorted(table)
total = 0
for i in range(20000):
    state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
    total += table[names[(state >> 33) % ((state >> 48) % len(names) + 1)]][0]
print(len(names), total)
PROGRAM
memrig run --window 256M --frames 16M --policy nru --tick 1 --record r.window -- python3 work.py >&2
memrig evict-sim --export r.words r.window >&2
tail -n 1 r.window | grep -q ' 0 lost 0$' || exit 1
echo words-begin
gzip -c r.words | base64
echo words-end
END
"$VM/run.sh" --kernel 6.12 --name record-window --raw --smp 1 --root "$MRIG_BUILD/stage/amd64" \
	--root "$MRIG_BUILD/stage/programs" --script "$work/record.sh" >"$work/said"
grep '^memrig: ' "$work/said"
sed -n '/^words-begin/,/^words-end/{/^words-/!p}' "$work/said" | base64 -d | gzip -dc |
	xz -9e >"$output"
