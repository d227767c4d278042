#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Traces of windows on the real device: what is recorded is what the window counted. TAP; runs in a
# guest with busybox and memrig in PATH, as root. The program that is run is memrig itself, playing
# a trace to policies in a window: nothing else is there.

# shellcheck disable=SC2154  # figures() makes variables
# shellcheck source=selftests/vm/guest/tap.sh
. /lib/tap.sh
dir=/tmp/window_record.$$
mkdir -p $dir
cd $dir || exit 1
trap 'cd /; rm -rf $dir $out' EXIT

# All figures of an answer in JSON, which has one member per line, as variables: PREFIX_NAME. So
# many processes of sed would take minutes.
figures()	# prefix file
{
	eval "$(sed -n "s/^ *\"\([a-z_]*\)\" *: *\"\{0,1\}\([0-9a-z.]*\).*/$1_\1='\2'/p" "$2")"
}

# The report on a trace has the figures of the window.
agree()		# description trace run
{
	memrig window report --json "$2" >figures 2>$out
	cat figures "$3" >>$out
	figures is figures
	figures was "$3"
	[ "$is_major" = "$was_faults" ] && [ "$is_soft" = "$was_soft_faults" ] &&
		[ "$is_evict_clean" = "$was_evict_clean" ] &&
		[ "$is_evict_dirty" = "$was_evict_dirty" ] &&
		[ "$is_page_ins" = "$was_page_ins" ] && [ "$is_page_outs" = "$was_page_outs" ] &&
		[ "$is_lost" = 0 ]
	result $? "$1: $is_major faults, $is_soft soft, $is_evict_dirty written"
}

# Behind what the program said, the figures of its run.
figures_of()	# said
{
	sed -n '/^{$/,$p' "$1"
}

awk 'BEGIN { for (i = 0; i < 4000; i++) { x = (x * 1103515245 + 12345) % 2147483648
	print int(x / 65536) % 30000 } }' >uses
play='memrig evict-sim --frames 100,200 --policy lru,fifo uses'
$play >want
instances=$(ls /sys/kernel/tracing/instances)

echo 1..27
# shellcheck disable=SC2086  # it is a list of words
memrig run --json --window 16M --frames 64K --policy lru --record a.window -- $play >said 2>$out
result $? 'a run is recorded'
figures_of said >run
grep -q 'a.window: [1-9][0-9]* events of 1 window$' $out
result $? 'it is told how much'
sed '/^{$/,$d' said | cmp - want >>$out 2>&1
result $? 'the program did the same'
agree 'what was recorded is what was counted' a.window run
[ "$is_resident_most" = 16 ] && [ "$is_resident_start" = 0 ]
result $? 'the frames were all in use'
id=$was_id

# shellcheck disable=SC2086
memrig run --json --window 16M --frames 512K --policy nru --tick 1 --record b.window -- $play \
	>said 2>$out
result $? 'a run of which more is seen is recorded'
figures_of said >run
agree 'so is what it looked at' b.window run
[ "$is_soft" -gt "$is_major" ]
result $? 'most touches are of pages that had a frame'

# A worker reads and writes: who touches has to wait, and comes again.
head -n 500 uses >few
play='memrig evict-sim --frames 100 --policy fifo few'
# shellcheck disable=SC2086
memrig window record -o c.window -- memrig run --json --window 16M --frames 32K --policy fifo \
	--store file --store-file $dir/store -- $play >said 2>$out
result $? 'a command is recorded'
figures_of said >run
memrig window report --json c.window >figures 2>>$out
cat figures run >>$out
figures is figures
figures was run
[ "$is_major" -ge 10 ] && [ "$is_waited" -ge "$was_faults" ] &&
	[ "$is_page_ins" = "$was_page_ins" ] && [ "$is_page_outs" -ge "$was_page_outs" ]
result $? 'touches that waited are told from others'
[ "$(tail -n 1 c.window | cut -d' ' -f2-)" = '0 lost 0' ] && grep -q ' end$' c.window
result $? 'the window ended, and nothing is missing'

check 'evict-sim plays it' 0 '^ *20  optimum' memrig evict-sim --frames 20 --policy lru a.window
check 'evict-sim writes it for others' 0 '' memrig evict-sim --export a.oracleGeneral a.window
[ "$(($(wc -c <a.oracleGeneral) % 24))" = 0 ] && [ -s a.oracleGeneral ]
result $? 'in records of 24 bytes'
check 'pictures need what draws them' 1 'apt-get install gnuplot-nox.*another machine' \
	memrig window report -o x.html a.window
# The host draws it: device_window_report.py.
gzip -c c.window | base64 | sed 's/^/# window /'

# A window that is there: the next number.
next=$((id + 3))
memrig run --window 16M --frames 128K --policy lru -- memrig heap create -s 64K >hold 2>&1 &
holder=$!
tries=0
while ! grep -q held hold && [ $tries -lt 100 ]; do
	tries=$((tries + 1))
	usleep 100000
done
check 'a window that is there' 0 'of 1 window' memrig window record -t 1 -o d.window $next
check 'its pages are known' 0 'resident at the beginning *[1-9]' memrig window report d.window
for p in $(pidof memrig); do
	[ "$p" = $holder ] || kill "$p"
done
wait $holder 2>/dev/null

check 'no such window' 1 'no window 4000000.*window list' memrig window record -t 1 4000000
check 'number or command' 2 'either the number' memrig window record
check 'not both' 2 'one window' memrig window record 3 4
check 'no number' 2 'number of a window' memrig window record nonsense
check 'a file that cannot be made' 1 'no/such/place' memrig window record -o no/such/place -- true
check 'a command that makes none' 1 'made no window' memrig window record -o e.window -- true
check 'the status is the command'"'"'s' 7 '' memrig window record -o e.window -- sh -c 'exit 7'
chmod 777 $dir
check 'it is for root' 1 'for root' su -s /bin/sh user -c 'memrig window record -o f.window -- true'
check '--record is for windows' 2 'try: --window' memrig run --record x -- true
[ "$(ls /sys/kernel/tracing/instances)" = "$instances" ]
result $? 'no tracing is left'
exit "$failed"
