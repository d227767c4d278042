#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The sample of demand paging on the real device: its counts are as it tells beforehand. TAP; runs in
# a guest with busybox, memrig and demand_paging in PATH, as root.

# shellcheck source=selftests/vm/guest/tap.sh
. /lib/tap.sh
trap 'rm -f $out' EXIT

echo 1..6
check 'the sample ends well' 0 '^all as expected$' demand_paging
grep -q '^fifo: 32 page faults writing, 32 reading; 24 clean and 32 dirty evictions$' $out
result $? 'fifo'
grep -q '^lru: 32 page faults writing, 32 reading; 24 clean and 32 dirty evictions$' $out
result $? 'lru'
grep -q '^nru: 32 page faults writing, 25 reading; 24 clean and 25 dirty evictions$' $out
result $? 'nru'
check 'it does so again' 0 '^all as expected$' demand_paging
check 'who may not open the device is told how' 1 'no windows here: .*memrig' \
	su -s /bin/sh user -c demand_paging
exit "$failed"
