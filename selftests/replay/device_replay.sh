#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Record and replay on real regions, and the demonstration. TAP; runs in a guest with busybox and
# memrig in PATH, as root. The program that is recorded is memrig itself: nothing else is there.

# shellcheck source=selftests/vm/guest/tap.sh
. /lib/tap.sh
dir=/tmp/replay.$$
mkdir -p $dir
cd $dir || exit 1
trap 'cd /; rm -rf $dir $out' EXIT

# How many rows of the last answer say that.
rows()		# words
{
	grep -c -e "$1" $out
}

in_use()
{
	memrig caps --json | sed -n 's/.*"used_bytes" *: *\([0-9]*\).*/\1/p'
}

all=cached,wc,uncached,coherent
before=$(in_use)

echo 1..17
check 'a program is recorded' 0 'calls of 1 thread' memrig record -o a.trace -- memrig config
check 'a recorded program that replays is recorded' 0 'calls of 1 thread' \
	memrig record -o b.trace -- memrig replay --attr process --repeat 1 a.trace
check 'every attribute, every placement, the kernel too' 0 '"good" *: *true' \
	memrig replay --json --attr $all --placement inband,oob,kernel b.trace
[ "$(rows '"headers"')" = 12 ] && [ "$(rows '"mismatches" *: *0')" = 12 ] &&
	[ "$(rows '"refused" *: *0')" = 12 ]
result $? 'that is 12 rows, nothing refused, no byte wrong'
case $(uname -m) in
x86_64)	want='WB WC UC- WB' ;;
*)	want='WB Normal-NC Normal-NC Normal-NC' ;;
esac
got=$(sed -n 's/.*"page_table" *: *"\([^"]*\)".*/\1/p' $out | uniq)
[ "$(echo "$got" | paste -sd' ')" = "$(echo "$want" | tr ' ' '\n' | uniq | paste -sd' ')" ]
result $? "the page tables say $want"
check 'as a table' 0 'every byte of every block' memrig replay --repeat 1 a.trace
check 'hardened to the extreme' 0 '"good" *: *true' \
	memrig replay --json --repeat 1 --hardening 4 --attr cached,uncached a.trace

check 'write-through is refused in words' 1 'cannot give such memory' \
	memrig replay --repeat 1 --attr wt,cached a.trace
[ "$(rows '^cached (WB)')" = 2 ]
result $? 'and what can be had is replayed'
check 'device memory is refused in words' 1 'cannot give such memory' \
	memrig replay --attr device a.trace
check 'a region that is too small is no success' 1 'too small; try: --size' \
	memrig replay --repeat 1 --attr uncached --size 4K b.trace
check 'a region that no machine has is refused in words' 1 'try: ' \
	memrig replay --attr cached --size 64T a.trace
check 'who may not open the device is told how' 1 'memrig' \
	su -s /bin/sh user -c "memrig replay $dir/a.trace"

memrig replay --repeat 1000 --attr uncached b.trace >/dev/null 2>&1 &
sleep 2
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
[ $? = 137 ]
result $? 'a replay is killed in the middle'
left=1
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(in_use)" = "$before" ] && { left=0; break; }
	sleep 1
done
result $left 'nothing of it is left'

check 'the demonstration' 0 'All regions are given back' memrig demo
grep -q 'uncached memory, headers outside the blocks' $out && grep -q 'every byte' $out
result $? 'it shows a replay and the blocks'
exit "$failed"
