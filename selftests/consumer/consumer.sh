#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The sample module: loads it, shows what came of it, tries to take from it what is its own, takes
# it away. TAP; runs in a guest that has the memrig command.

results=/sys/kernel/debug/memrig_consumer/results
failed=0
if ! insmod /lib/memrig_consumer.ko; then
	echo 'not ok - insmod memrig_consumer.ko'
	exit 1
fi
n=$(grep -cE '^(not )?ok' $results)
sed "s/^1\.\.$n\$/1..$((n + 1))/" $results
failed=$(grep -c '^not ok' $results)

# It has a heap in this region, and headers there that zeroing would destroy.
what="no heap of user space where the kernel has one"
if said=$(memrig create heap --scrub consumer-kernel -- true 2>&1); then
	said='it was made'
fi
case $said in
*EBUSY*) echo "ok $((n + 1)) - $what" ;;
*)
	echo "not ok $((n + 1)) - $what"
	echo "#   $said"
	failed=$((failed + 1))
	;;
esac
rmmod memrig_consumer
[ ! -e /sys/module/memrig_consumer ] && [ "$failed" = 0 ]
