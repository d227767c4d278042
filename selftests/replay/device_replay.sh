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

# How many engines the kernel has.
memrig_engines()
{
	memrig caps --json | tr -d '\n' | sed 's/.*"engines" *: *\[\([^]]*\)\].*/\1/' | tr , '\n' | grep -c .
}

# Rows of the library's heaps and of the kernel's.
ours='inband oob slab blocks ring first_fit best_fit'
kinds='process cached wc uncached coherent'
count()
{
	echo $#
}
before=$(in_use)

# It is shown on one kernel: it only does what is done here. The others play the shorter trace to
# all the allocators of the kernel.
if [ -z "${MEMRIG_BRIEF:-}" ]; then
	echo 1..23
	for_kernel=b.trace
else
	echo 1..21
	for_kernel=a.trace
fi
check 'a program is recorded' 0 'calls of 1 thread' memrig record -o a.trace -- memrig config
check 'a recorded program that replays is recorded' 0 'calls of 1 thread' \
	memrig record -o b.trace -- memrig replay --engine oob --repeat 1 a.trace
check 'every attribute, every allocator of the library' 0 '"good" *: *true' \
	memrig replay --json --repeat 1 --samples 20 --attr all --engine all --save kept.json b.trace
# shellcheck disable=SC2086  # they are lists
want=$(($(count $ours) * $(count $kinds)))
[ "$(rows '"allocator"')" = $want ] && [ "$(rows '"mismatches" *: *0')" = $want ]
result $? "that is $want rows, no byte wrong"
got=$(sed -n 's/^ *"attr" *: *"\([a-z]*\)".*/\1/p' $out | uniq | paste -sd' ')
[ "$got" = "$kinds" ]
result $? "of $kinds"
case $(uname -m) in
x86_64)	want='WB WC UC- WB' ;;
*)	want='WB Normal-NC Normal-NC Normal-NC' ;;
esac
got=$(sed -n 's/.*"page_table" *: *"\([^"]*\)".*/\1/p' $out | uniq)
[ "$(echo "$got" | paste -sd' ')" = "$(echo "$want" | tr ' ' '\n' | uniq | paste -sd' ')" ]
result $? "the page tables say $want"
memrig replay --from kept.json >again
# shellcheck disable=SC2086
[ "$(grep -c '^[a-z]* ([A-Z]' again)" = "$(($(count $ours) * 4))" ]
result $? 'what is kept is shown again'
check 'every allocator of the kernel' 0 'every byte of every block' \
	memrig replay --repeat 1 --attr cached,uncached --engine kernel:all $for_kernel
[ "$(rows '^[a-z]* *([A-Za-z-]*) *kernel')" = "$((2 * $(memrig_engines)))" ]
result $? "that is $(memrig_engines) rows for each attribute"
check 'without gnuplot a report is refused in words' 1 'apt-get install gnuplot-nox' \
	memrig replay --engine oob --report x.html a.trace
# The host draws it: device_report.py.
gzip -c kept.json | base64 | sed 's/^/# kept /'
check 'series are written' 0 'every byte' \
	memrig replay --engine oob,kernel --attr uncached --series s.csv a.trace
[ "$(grep -c '^uncached,kernel,' s.csv)" -ge 90 ]
result $? 'of the kernel, too'
check 'hardened to the extreme' 0 '"good" *: *true' \
	memrig replay --json --repeat 1 --hardening 4 --engine inband,oob --attr cached,uncached a.trace

check 'write-through is refused in words' 1 'cannot give such memory' \
	memrig replay --repeat 1 --engine inband,oob --attr wt,cached a.trace
[ "$(rows '^cached (WB)')" = 2 ]
result $? 'and what can be had is replayed'
check 'device memory is refused in words' 1 'cannot give such memory' \
	memrig replay --attr device a.trace
check 'a region that is too small is no success' 1 'too small; try: --size' \
	memrig replay --repeat 1 --engine oob --attr uncached --size 4K b.trace
check 'a region that no machine has is refused in words' 1 'try: ' \
	memrig replay --engine oob --attr cached --size 64T a.trace
check 'who may not open the device is told how' 1 'memrig' \
	su -s /bin/sh user -c "memrig replay --attr all $dir/a.trace"

memrig replay --repeat 1000 --engine all --attr uncached b.trace >/dev/null 2>&1 &
tries=0
while [ "$(in_use)" = "$before" ] && [ $tries -lt 100 ]; do
	tries=$((tries + 1))
	usleep 50000
done
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
[ $? = 137 ]
result $? 'a replay is killed in the middle'
left=1
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(in_use)" = "$before" ] && { left=0; break; }
	usleep 500000
done
result $left 'nothing of it is left'

if [ -z "${MEMRIG_BRIEF:-}" ]; then
	check 'the demonstration' 0 'All regions are given back' memrig demo
	grep -q 'uncached memory, headers outside the blocks' $out && grep -q 'every byte' $out
	result $? 'it shows a replay and the blocks'
fi
exit "$failed"
