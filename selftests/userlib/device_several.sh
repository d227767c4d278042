#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# memrig create multi, smart, priority and shared on the real device, and what looks at them and
# drives them. TAP; runs in a guest with busybox and memrig in PATH, as root.

# shellcheck source=selftests/vm/guest/tap.sh
. /lib/tap.sh
trap 'kill $holder 2>/dev/null; memrig region rm several-a several-n 2>/dev/null; rm -f $out $out.*' EXIT

STEPS='alloc 40 as a; wait 1s 64; free a; expect ENOMEM alloc 1G; expect EINVAL wait 1s 1G
	expect EINVAL alloc 0; walk; map; stat; validate; free 1'

echo 1..39
for kind in smart priority shared 'multi --member engine=ring --member engine=slab,block=64,attr=wc'; do
	# shellcheck disable=SC2086  # words
	check "create $kind" 0 '^sound' memrig create $kind --do "$STEPS"
	# shellcheck disable=SC2086
	check_json "create $kind --json" memrig create $kind --json --do "$STEPS"
	# shellcheck disable=SC2086
	check "create $kind -- memrig map" 0 'live blocks' \
		memrig create $kind --do 'alloc 64' -- memrig map --ascii
done

check 'a region to be a member' 0 '' memrig region create several-a -s 64K
check 'a kind of memory that this machine has not' 1 'EOPNOTSUPP' \
	memrig create smart --attr device -- true
check 'a member that cannot be' 1 'EINVAL' memrig create multi --member engine=slab -- true
check 'a member over no region' 1 'ENOENT' memrig create multi --member region=nosuch -- true
check 'a rule of nobody' 1 'EINVAL' \
	memrig create multi --member size=4K --rule min=8,max=4 -- true
check 'a mark that is a region'"'"'s' 1 'EINVAL' \
	memrig create multi --member region=several-a,mark=external -- true
check 'a device that cannot be' 2 '1 to 64 address bits' \
	memrig create multi --member size=4K --rule dma=65 -- true
check 'a node that is not there' 1 'EINVAL' \
	memrig create multi --member size=4K --rule node=1000 -- true
memrig region create several-n --size 8K --node 0 >$out.node 2>&1
check 'rules by place' 0 '1: @1:' memrig create multi --member size=4K --member region=several-n \
	--rule dma=1 --rule dma=64,node=0,member=1 --do 'alloc 64'
check 'rules by attribute' 0 '1: @1:' memrig create multi --member size=4K \
	--member size=4K,mark=external+40 --do 'alloc 8 with external+40; alloc 8 without 40'

# ---------------------------------------------------------------- several in one

hold create priority --level 64K --level 64K --level 64K
check 'do on several in one' 0 'as expected' memrig drive --on $holder \
	'alloc 60K prio 2; alloc 60K prio 2; alloc 60K prio 2; expect ENOMEM alloc 60K prio 2'
check 'stat of several in one' 0 'SERVED' memrig stat $holder
check_json 'stat --json of several in one' memrig stat $holder --json
check 'map of several in one' 0 'member 2' memrig map $holder --ascii
check_json 'map --json of several in one' memrig map $holder --json
check 'top has it' 0 "multi .* $holder " memrig top --once
let_go

# ---------------------------------------------------------------- tracked members, batches

for kind in smart priority shared 'multi --member engine=slab,block=64 --member engine=heap'; do
	# shellcheck disable=SC2086  # words
	check "create $kind --track" 0 ' memrig *here:1 *live' memrig create $kind --track --do \
		'alloc 24 prio 2 as a site here; track member 0; free a'
done
hold create multi --track --member engine=slab,block=64,count=4 --member size=8K
check 'a batch is of one member' 0 'as expected' memrig drive --on $holder \
	'alloc 64 as a site here; batch 3 64; expect ENOMEM batch 2 5000; batch 5 64 as b; free b'
check 'leaks of several in one' 0 'member 1' memrig leaks $holder
check 'and where' 0 ' memrig *here:1 *live' memrig leaks $holder
check_json 'leaks --json of several in one' memrig leaks $holder --json
let_go
check 'leaks of several without' 1 'try: memrig create' memrig create smart -- memrig leaks
check 'nothing is left but the region' 0 '' sh -c '! memrig stat | grep -e heap -e multi'
check 'the region goes' 0 '' memrig region rm several-a
exit "$failed"
