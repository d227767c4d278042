#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# check.sh OUT SEED SECONDS TESTS STRESS: run the test programs and the programs of many threads.
# TAP on stdout; fails if anything failed, crashed, hung, raced, or if nothing ran.

out=$1 seed=$2 seconds=$3 tests=$4 stress=$5
bad=0
ran=0

for t in $tests; do
	echo "# $t"
	CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 "$out/$t" "$seed" >"$out/$t.tap" 2>"$out/$t.err"
	rc=$?
	cat "$out/$t.tap"
	n=$(grep -c '^ok ' "$out/$t.tap")
	ran=$((ran + n))
	if [ $rc -ne 0 ] || [ "$n" -eq 0 ]; then
		sed 's/^/# /' "$out/$t.err"
		echo "not ok - $t (status $rc, $n passed)"
		bad=1
	fi
done

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

[ "$ran" -gt 0 ] || bad=1
echo "# $ran tests passed, $([ $bad -eq 0 ] && echo no failure || echo FAILURES)"
exit $bad
