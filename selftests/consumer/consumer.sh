#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The sample module: loads it, shows what came of it, takes it away. TAP; runs in a guest.

results=/sys/kernel/debug/memrig_consumer/results
if ! insmod /lib/memrig_consumer.ko; then
	echo 'not ok - insmod memrig_consumer.ko'
	exit 1
fi
cat $results
failed=$(grep -c '^not ok' $results)
rmmod memrig_consumer
[ ! -e /sys/module/memrig_consumer ] && [ "$failed" = 0 ]
