#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The sample module: loads it, shows what came of it, tries to take from it what is its own, takes
# it away; and again where memrig has a system heap by its parameters. TAP; runs in a guest that has
# the memrig command. In the end memrig is loaded as it was without parameters.

results=/sys/kernel/debug/memrig_consumer/results
failed=0
n=0

point()	# ok|not ok, words
{
	n=$((n + 1))
	echo "$1 $n - $2"
	[ "$1" = ok ] || failed=$((failed + 1))
}

# Its points, numbered on.
show()	# words before each
{
	sed -n "s/^\(not \)\{0,1\}ok [0-9]* - /&$1/p; /^#/p" $results | awk -v n="$n" '
		/^ok / { sub(/^ok [0-9]+/, "ok " ++n) }
		/^not ok / { sub(/^not ok [0-9]+/, "not ok " ++n) }
		{ print }'
	n=$((n + $(grep -cE '^(not )?ok' $results)))
	failed=$((failed + $(grep -c '^not ok' $results)))
}

reload()	# parameters of memrig
{
	rmmod memrig && insmod "${MEMRIG_KO:-/lib/memrig.ko}" "$@"
}

if ! insmod /lib/memrig_consumer.ko; then
	echo 'not ok - insmod memrig_consumer.ko'
	exit 1
fi
show ''

# It has a heap in this region, and headers there that zeroing would destroy.
what="no heap of user space where the kernel has one"
if said=$(memrig create heap --scrub consumer-kernel -- true 2>&1); then
	said='it was made'
fi
case $said in
*EBUSY*) point ok "$what" ;;
*)
	point 'not ok' "$what"
	echo "#   $said"
	;;
esac
rmmod memrig_consumer

for ignore in N Y; do
	words="ignore_min=$ignore: "
	if reload heap_mem_pool_size=40000 heap_mem_pool_ignore_min=$ignore &&
		insmod /lib/memrig_consumer.ko pool_size=40000 ignore_min=$ignore; then
		show "$words"
		rmmod memrig_consumer
	else
		point 'not ok' "${words}the modules load"
	fi
done
reload || point 'not ok' "memrig loads again"
echo "1..$n"
[ ! -e /sys/module/memrig_consumer ] && [ "$failed" = 0 ]
