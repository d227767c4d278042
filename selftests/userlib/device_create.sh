#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# memrig create, drive, stat, top and map on the real device, for allocators of every kind. TAP; runs in
# a guest with busybox and memrig in PATH, as root.

# shellcheck source=selftests/vm/guest/tap.sh
. /lib/tap.sh
trap 'kill $holder 2>/dev/null; memrig region rm create-a 2>/dev/null; rm -f $out $out.*' EXIT

STEPS='alloc 40 as a; wait 1s 64; free a; expect ENOMEM alloc 1G; expect EINVAL wait 1s 1G
	expect EINVAL alloc 0; walk; map; stat; validate; free 1'

echo 1..47
for kind in heap 'slab --block-size 64' 'blocks --block-size 64' ring first-fit best-fit; do
	# shellcheck disable=SC2086  # words
	check "create $kind" 0 '^sound' memrig create $kind --do "$STEPS"
	# shellcheck disable=SC2086
	check_json "create $kind --json" memrig create $kind --json --do "$STEPS"
	# shellcheck disable=SC2086
	check "create $kind -- memrig map" 0 'live blocks' \
		memrig create $kind --do 'alloc 64' -- memrig map --ascii
done

check 'over a region that is there' 0 '' memrig region create create-a --attr uncached -s 64K
check 'create blocks REGION' 0 '@8192, 8192 bytes' \
	memrig create blocks create-a --block-size 4K --do 'get @8K 2 as x; walk; put @8K 2'
check 'two parts of one region' 0 'sound' memrig create slab create-a --block-size 64 \
	--length 32K -- memrig create ring create-a --offset 32K --do validate
check 'two in one place' 1 'EBUSY' memrig create slab create-a --block-size 64 \
	-- memrig create ring create-a
check 'a slab that does not fit' 1 'EINVAL.*block size' \
	memrig create slab create-a --block-size 64 --blocks 2000 -- true

# ---------------------------------------------------------------- one that is held

hold create slab --block-size 64 --blocks 4 --stats
check 'do on another process' 0 'all: 4 blocks' memrig drive --on $holder 'batch 4 64 as all'
check 'what is used up' 1 'ENOMEM' memrig drive --on $holder 'alloc 64'
check 'stat of it' 0 'live blocks *4' memrig stat $holder
check_json 'stat --json' memrig stat $holder --json
check 'stat of all' 0 "heap .* slab .* 4 .* $holder " memrig stat
check_json 'stat of all --json' memrig stat --json
check 'map of it' 0 '4 live blocks' memrig map $holder --ascii
check 'top --once' 0 "slab .* $holder " memrig top --once
check_json 'top --json' memrig top --json
check 'top, twice' 0 'ALLOC/S' memrig top -n 2 -d 0.1
check 'caps names the engines' 0 'allocators *sys_heap slab blocks ring' memrig caps
check 'a deadline' 1 'ETIMEDOUT' memrig drive --on $holder 'wait 50ms 64'
memrig drive --on $holder 'wait 20s 64 as w; free w' >$out.waiter 2>&1 &
waiter=$!
tries=0
while ! memrig stat $holder | grep -q 'waiting now *1' && [ $tries -lt 100 ]; do
	tries=$((tries + 1))
	usleep 100000
done
check 'one waits' 0 'waiting now *1' memrig stat $holder
check 'another frees' 0 '' memrig drive --on $holder 'free @0'
wait $waiter
check 'and the first is served' 0 'w: @0, 64 bytes' cat $out.waiter
check 'watch sees what is free' 0 '' memrig drive --on $holder 'watch 5s 64'
check 'watch sees what can never be' 1 'EINVAL.*never' memrig drive --on $holder 'watch 5s 65'
check 'stat of a region' 0 'attribute asked *uncached' memrig stat create-a
check 'stat of no region' 1 'ENOENT.*region list' memrig stat nosuch
check 'heap list has its engine' 0 "^$holder .* slab " memrig heap list
check 'fill knows equal blocks' 0 "live blocks *[1-9]" \
	memrig create slab create-a --block-size 64 --fill 50 -- memrig heap stat
check 'stat of what is no allocator' 1 'ENOTTY\|no memrig' memrig stat $holder:1
let_go

check 'nothing is left but the region' 0 '' sh -c '! memrig stat | grep -e heap -e multi'
check 'the region goes' 0 '' memrig region rm create-a
exit "$failed"
