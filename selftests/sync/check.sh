#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# check.sh OUT SEED SECONDS TESTS STRESS: run the test programs and the programs of many threads;
# see host.sh. These fail if there was a race, too.

out=$1 seed=$2 seconds=$3 tests=$4 stress=$5
# shellcheck source=selftests/host.sh
. "$(dirname "$0")/../host.sh"

# shellcheck disable=SC2086  # words
tests 120 $tests

# The thread sanitizer dislikes some layouts of the address space; without randomisation it runs.
for t in $stress; do
	echo "# $t"
	echo "1..1"
	if TSAN_OPTIONS=halt_on_error=1 timeout 120 setarch -R "$out/$t" "$seed" "$seconds" \
		>"$out/$t.out" 2>"$out/$t.err"; then
		echo "ok 1 - $t: $(tail -n 1 "$out/$t.out")"
		ran=$((ran + 1))
	else
		echo "not ok 1 - $t (status $?)"
		head -n 60 "$out/$t.err" | sed 's/^/# /'
		bad=1
	fi
done

finish
