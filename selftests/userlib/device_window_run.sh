#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# memrig run --window on the real device: unmodified programs do the same in a window whose frames
# hold a fraction of their heap as they do without. TAP; runs in a guest with busybox, memrig, sort,
# sqlite3 and python3 in PATH (selftests/vm/programs.sh), as root.

# shellcheck source=selftests/vm/guest/tap.sh
. /lib/tap.sh
dir=/tmp/window_run.$$
mkdir -p $dir
cd $dir || exit 1
trap 'cd /; rm -rf $dir $out' EXIT
export LC_ALL=C PYTHONMALLOC=malloc PYTHONHASHSEED=0 PYTHONHOME=/usr

# A figure of the run that was last; JSON has one member per line.
figure()	# name
{
	sed -n "s/^ *\"$1\" *: *\"\{0,1\}\([0-9a-z.]*\).*/\1/p" $dir/json
}

# Bytes of all regions; files of programs that have just ended may still be on their way.
in_use()
{
	memrig caps --json | sed -n 's/.*"used_bytes" *: *\([0-9]*\).*/\1/p'
}

# The program's output is that of "want", it ended well, and its pages came and went.
same()		# description options -- command...
{
	what=$1
	shift
	memrig run --json "$@" >said 2>$out
	status=$?
	sed -n '/^{$/,$p' said >json
	sed '/^{$/,$d' said >got
	cat json >>$out
	cmp want got >>$out 2>&1 && [ $status = 0 ]
	result $? "$what: the same output, status $status"
	[ "$(figure faults)" -gt 100 ] && [ "$(figure evict_dirty)" -gt 100 ] &&
		[ "$(figure page_ins)" -gt 100 ] && [ "$(figure sigbus)" = 0 ]
	result $? "$what: $(figure faults) faults, $(figure evict_clean) + $(figure evict_dirty)\
 evictions, $(figure page_ins) pages read"
}

cat >work.py <<'END'
import sys
table = {}
state = 1
for i in range(5000):
    state = state * 6364136223846793005 % (1 << 64)
    table["%016x" % state] = [i, str(i) * 3]
names = sorted(table)
total = 0
for i in range(5000):
    state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
    total += table[names[state % 1000 * (state >> 40) % len(names)]][0]
print(names[0], names[-1], len(names), total)
END

cat >work.sql <<'END'
create table t(id integer primary key, name text, rest blob);
insert into t select value, printf('%08x', value * 2654435761 % 4294967296), zeroblob(value % 900)
  from generate_series(1, 3000);
create index by_name on t(name);
select count(*), sum(length(name)), sum(length(rest)) from t group by substr(name, 1, 1);
delete from t where id % 3 = 0;
vacuum;
select max(t.id) from t join t as u using (name);
END

cat >forks.py <<'END'
import os
rows = [str(i) * 40 for i in range(6000)]
children = []
for n in range(3):
    pid = os.fork()
    if not pid:
        rows[n] = "mine"
        rows += [str(i) * 40 for i in range(3000)]
        os._exit(sum(map(len, rows)) % 250 + n)
    children.append(pid)
rows.sort()
print([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children])
print(sum(map(len, rows)), rows[7][:9])
END

awk 'BEGIN { for (i = 0; i < 10000; i++) { x = (x * 1103515245 + 12345) % 2147483648
	printf "%010d %010d line %d of many that are to be sorted by sort\n", x, i, i } }' >lines

echo 1..37
before=$(in_use)
for p in /usr/bin/sort sqlite3 python3; do
	[ "$(readlink -f "$(command -v $p)")" != /bin/busybox ]
	result $? "$p is here, and none of busybox's"
done

# busybox would take its own.
sort=/usr/bin/sort
$sort lines >want
same 'sort, lru, compressed' --window 64M --frames 512K --policy lru --store compressed -- \
	$sort -S 24M --parallel=1 lines
[ "$(figure policy)" = lru ] && [ "$(figure store)" = compressed ]
result $? 'policy and store are those'
awk "BEGIN { exit !($(figure compression) > 1.5) }"
result $? "text compresses: $(figure compression) to 1"
same 'sort with threads, nru, ram' --window 64M --frames 640K --policy nru --tick 20 -- \
	$sort -S 24M --parallel=4 lines
# A worker does what has to sleep, and processors wake each other for every page: fewer lines.
head -n 2500 lines >few
$sort few >want
same 'sort, sieve, in a file' --window 64M --frames 128K --policy sieve --store file \
	--store-file $dir/store -- $sort -S 4M --parallel=1 few
[ ! -e $dir/store ]
result $? 'the file is gone'
same 'sort, fifo, on a block device' --window 8M --frames 128K --policy fifo --store file \
	--store-file /dev/ram0 -- $sort -S 4M --parallel=1 few

python3 work.py >want
same 'python3, adaptive, compressed' --window 256M --frames 1M --store compressed -- \
	python3 work.py
same 'python3, clock, uncached frames' --window 256M --frames 1M --policy clock --attr uncached -- \
	python3 work.py
python3 forks.py >want
same 'python3 with forked children' --window 256M --frames 1M --policy lru -- python3 forks.py

sqlite3 :memory: <work.sql >want
same 'sqlite3, s3fifo, lzo' --window 256M --frames 1M --policy s3fifo --store compressed \
	--compressor lzo -- sqlite3 :memory: '.read work.sql'
same 'sqlite3, headers between the blocks' --window 256M --frames 1M --policy lru \
	--placement inband -- sqlite3 :memory: '.read work.sql'

check 'it is told what the window did' 0 'evictions: [0-9]* clean, [1-9][0-9]* written' \
	memrig run --window 64M --frames 640K --store compressed --stats -- $sort -S 24M -o got lines
grep -q 'in the store at the end, in .* to 1' $out &&
	grep -q 'a window of 64 MiB on frames of 640 KiB, policy adaptive, store compressed' $out
result $? 'and how well it compressed'
check 'neighbours, pages ahead, and cleaning' 0 'neighbours entered, [1-9][0-9]* pages read ahead' \
	memrig run --window 64M --frames 512K --policy lru --fault-around 8 --read-ahead 16 --clean-ms 20 \
	--stats -- $sort -S 24M --parallel=1 -o got lines
$sort lines | cmp - got >$out 2>&1
result $? 'and the output is the same'
check 'a policy that is not there' 1 "'best' is none of .*lru" \
	memrig run --window 64M --frames 1M --policy best -- $sort lines
check_json 'run --json' memrig run --window 64M --frames 1M --json -- $sort -S 24M -o got lines
check 'the status is the program'"'"'s' 7 '' memrig run --window 64M --frames 1M -- \
	python3 -c 'import os; x = [bytes(5000) for i in range(1000)]; os._exit(7)'
check 'and 128 + n of a signal' 137 '' memrig run --window 64M --frames 1M -- \
	python3 -c 'import os; x = [bytes(5000) for i in range(1000)]; os.kill(os.getpid(), 9)'
check 'programs that it starts go on without' 0 '' \
	memrig run --window 64M --frames 1M -- sqlite3 :memory: ".shell $sort -o got lines"
check 'a window beyond what one can be' 2 'a window has at most' \
	memrig run --window 100T --frames 1M -- $sort lines
check 'frames beyond the machine' 1 'ENOMEM.*try' \
	memrig run --window 15G --frames 14G -- $sort lines
check 'a device that is shorter than the window' 1 'too small for the window' \
	memrig run --window 64M --frames 1M --store file --store-file /dev/ram0 -- $sort lines
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(in_use)" = "$before" ] && break
	sleep 0.5
done
[ "$(in_use)" = "$before" ]
result $? 'no region is left'
exit "$failed"
