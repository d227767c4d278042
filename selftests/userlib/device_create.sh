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

echo 1..69
for kind in heap 'slab --block-size 64' 'blocks --block-size 64' ring first-fit best-fit \
	'msgpool --block-size 64' stream; do
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

# ---------------------------------------------------------------- messages, tracked blocks

hold create msgpool --block-size 64 --blocks 4 --track
check 'a message is sent' 0 '' memrig drive --on $holder 'alloc 64 as m site here; send m bytes 5'
check 'it is in the figures' 0 'messages waiting *1' memrig stat $holder
check 'and in top' 0 "slab .* 1  *$holder " memrig top --once
check 'and in the map' 0 '1 of them are messages' memrig map $holder --ascii
check 'and among the blocks' 0 ' 64 *yes *no *no *yes ' memrig heap blocks $holder
check 'it is not to be freed' 1 'EBUSY' memrig drive --on $holder 'free @0'
check 'leaks: who, and where' 0 ' memrig *here:1 *queued' memrig leaks $holder
check_json 'leaks --json' memrig leaks $holder --json
check 'listening' 0 '' memrig drive --on $holder 'listen 5s'
check 'it is received' 0 'a message of 5 from client 1' memrig drive --on $holder 'get 1s'
check 'listening in vain' 1 'no message came' memrig drive --on $holder 'listen 20ms'
memrig drive --on $holder 'receive 20s as r; done r' >$out.receiver 2>&1 &
receiver=$!
tries=0
while ! memrig stat $holder | grep -q 'waiting for one *1' && [ $tries -lt 100 ]; do
	tries=$((tries + 1))
	usleep 100000
done
check 'one waits for a message' 0 '' memrig drive --on $holder 'alloc 8 as n; send n'
wait $receiver
check 'and gets it' 0 'r: @64, 64 bytes, a message of 64' cat $out.receiver
check 'what is tracked, in a script' 0 'here:1 *live' memrig drive --on $holder track
let_go
check 'leaks of a heap without' 1 'try: memrig create' memrig create ring -- memrig leaks
check 'several in one can be watched' 0 '' memrig create smart --tier 64x4 --do 'watch 1s 64'

check 'nothing is left but the region' 0 '' sh -c '! memrig stat | grep -e heap -e multi'
check 'the region goes' 0 '' memrig region rm create-a
exit "$failed"
