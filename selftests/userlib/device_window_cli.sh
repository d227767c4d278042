#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# memrig window create, list, stat, top, map, hist, policy and kinds on the real device. TAP; runs in a
# guest with busybox and memrig in PATH, as root.

# shellcheck source=selftests/vm/guest/tap.sh
. /lib/tap.sh
file=/tmp/window_cli.$$
trap 'kill $holder 2>/dev/null; memrig region rm window-cli 2>/dev/null; rm -f $file $out $out.*' EXIT

# The number of the window that is held.
held_id()
{
	sed -n 's/^window *\([0-9]*\)$/\1/p' $out.held
}

echo 1..60
check 'no windows yet' 0 'no windows' memrig window list
check_json 'list --json of none' memrig window list --json
check 'kinds' 0 'policy *adaptive *8 *memrig' memrig window kinds
check 'stores among them' 0 'store *file *3 *memrig *yes' memrig window kinds
check_json 'kinds --json' memrig window kinds --json
check 'caps names policies' 0 'policies of windows *default nru lru fifo random clock sieve s3fifo adaptive' \
	memrig caps
check 'caps names stores' 0 'stores of windows *ram compressed file null image' memrig caps

# ---------------------------------------------------------------- one that is held

hold window create --size 1M --frames 64K --policy lru --store compressed --thread-stats
id=$(held_id)
check 'create holds' 0 "memrig window stat $id" cat $out.held
check 'list' 0 "^ *$id .* 1 MiB .* 64 KiB .* lru .* compressed .* $holder\$" memrig window list
check_json 'list --json' memrig window list --json
check 'stat' 0 'counts threads *yes' memrig window stat "$id"
check 'stat, whose' 0 "made by pid *$holder" memrig window stat "$id"
check_json 'stat --json' memrig window stat "$id" --json
check 'stat --reset' 0 '^faults *0' memrig window stat "$id" --reset
check 'stat of all' 0 '^in interrupts *0' memrig window stat
check_json 'stat of all --json' memrig window stat --json
check 'stat of a thread that did nothing' 1 'not asked for a page.*ENOENT' \
	memrig window stat "$id" --thread 1
check 'policy' 0 '' memrig window policy "$id" sieve
check 'is in force' 0 '^policy *sieve' memrig window stat "$id"
check 'policy default' 0 '' memrig window policy "$id" default
check 'is what the kernel thinks' 0 '^policy *adaptive' memrig window stat "$id"
check 'no such policy' 2 "'lifo' is none of nru, lru, .*adaptive, default" \
	memrig window policy "$id" lifo
check 'map' 0 '^\.\.\.\.' memrig window map "$id"
check 'map, figures' 0 '1 page to a character: .* never 256$' memrig window map "$id"
check 'map, a character for more' 0 '^\.\.\.\.$' memrig window map "$id" --pages-per-cell 64
check 'map, twice' 0 'never 256' memrig window map "$id" -n 2 -d 0.1
check_json 'map --json' memrig window map "$id" --json
check 'hist' 0 '^  <= 125 us' memrig window hist "$id"
check 'hist, all three' 0 '^page-out: 0' memrig window hist "$id" --reset
check_json 'hist --json' memrig window hist "$id" --json
check 'hist --set' 0 '' memrig window hist "$id" -w page-in --set 3us,5ms,max
check 'other bounds' 0 '^  <= 3 us' memrig window hist "$id" -w page-in
check 'top --once' 0 "^ *$id .* compressed " memrig window top --once
check 'top, twice' 0 'EVICT/S' memrig window top -n 2 -d 0.1
check_json 'top --json' memrig window top --json
let_go
check 'it is gone' 1 "ENOENT.*memrig window list" memrig window stat "$id"
check 'map of none' 1 'no window of that number' memrig window map "$id"
check 'hist of none' 1 'no window of that number' memrig window hist "$id"
check 'policy of none' 1 'no window of that number' memrig window policy "$id" lru

# ---------------------------------------------------------------- with a command

# shellcheck disable=SC2016  # for the shell that is run
check 'a command inherits it' 0 'window' \
	memrig window create --size 64K --frames 16K -- sh -c 'readlink /proc/self/fd/$MEMRIG_WINDOW_FD'
check 'its status is ours' 3 '' memrig window create --size 64K --frames 16K -- sh -c 'exit 3'
check 'a heap in a window' 0 '^ *[0-9].* ram ' \
	memrig run --window 16M --frames 256K -- memrig window top --once
memrig run --window 16M --frames 256K -- memrig window stat --json >$out.json
check 'and its faults are counted' 0 '"faults" *: *[1-9]' cat $out.json

# ---------------------------------------------------------------- one in use: the example

window 60 >$out.held 2>&1 &
holder=$!
tries=0
while ! grep -q '^window' $out.held && [ $tries -lt 100 ]; do
	tries=$((tries + 1))
	usleep 100000
done
id=$(sed -n 's/^window *\([0-9]*\):.*/\1/p' $out.held)
check 'the example keeps its pages' 0 '1024 pages on 64 frames, 0 wrong; [12][0-9]* faults' cat $out.held
check 'map of what it left' 0 ' pinned 0 .* never 0$' memrig window map "$id"
check 'most are in the store' 0 '^----' memrig window map "$id" --pages-per-cell 1
check 'hist has its writes' 0 '^page-out: [1-9]' memrig window hist "$id"
check 'stat has them' 0 '^evicted after writing *[1-9]' memrig window stat "$id"
check 'list has it' 0 " $holder\$" memrig window list
let_go

# ---------------------------------------------------------------- stores that are files, regions

check 'a new file' 0 '^file' memrig window create --size 64K --frames 16K --store file \
	--store-file $file -- sh -c 'memrig window list --json | grep -q file && echo file'
check 'is as long as the window' 0 '^65536' stat -c %s $file
check 'one that is there' 0 '' memrig window create --size 64K --frames 16K --store file \
	--store-file $file -- true
check 'one that is too short' 1 'too small.*ENOSPC' memrig window create --size 128K --frames 16K \
	--store file --store-file $file -- true
check 'store without file' 2 'needs a file; try: --store-file' \
	memrig window create --size 64K --frames 16K --store file -- true
check 'file without store' 2 'try: --store file' \
	memrig window create --size 64K --frames 16K --store-file $file -- true
check 'no such store' 2 "'tape' is none of ram, compressed, file" \
	memrig window create --size 64K --frames 16K --store tape -- true
check 'no such policy' 2 "'lifo' is none of nru" \
	memrig window create --size 64K --frames 16K --policy lifo -- true
check 'no such file' 1 'No such file' memrig window create --size 64K --frames 16K --read-only \
	--store file --store-file $file.none -- true
memrig region create window-cli -s 64K
check 'frames of a region' 0 '^64 KiB' memrig window create --size 1M --region window-cli -- \
	sh -c 'memrig window list | grep -o "64 KiB"'
check 'no such region' 1 'ENOENT.*memrig region list' \
	memrig window create --size 1M --region window-none -- true
exit $failed
