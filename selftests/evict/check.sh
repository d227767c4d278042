#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# check.sh OUT SEED RUNS SECONDS TEST...: run the test programs and the fuzzer. TAP on stdout; fails
# if anything failed, crashed, hung, or if nothing ran.

out=$1 seed=$2 runs=$3 seconds=$4
shift 4
bad=0
ran=0

for t in "$@"; do
	echo "# $t"
	CMOCKA_MESSAGE_OUTPUT=TAP timeout 300 "$out/$t" "$seed" >"$out/$t.tap" 2>"$out/$t.err"
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

echo "# fuzz_model"
echo "1..1"
mkdir -p "$out/corpus"
if timeout 300 "$out/fuzz_model" -runs="$runs" -max_total_time="$seconds" -max_len=2048 \
	-len_control=0 -seed="$seed" -artifact_prefix="$out/" "$out/corpus" 2>"$out/fuzz.log" &&
	grep -q '^Done [1-9]' "$out/fuzz.log"; then
	echo "ok - fuzz_model: $(grep '^Done' "$out/fuzz.log")"
else
	tail -40 "$out/fuzz.log" | sed 's/^/# /'
	echo "not ok - fuzz_model"
	bad=1
fi

[ "$ran" -gt 0 ] || bad=1
echo "# $ran tests passed, $([ $bad -eq 0 ] && echo no failure || echo FAILURES)"
exit $bad
