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

mkdir -p "$out/corpus"
echo "# fuzz_stream"
echo "1..1"
if timeout 300 "$out/fuzz_stream" -runs="$runs" -max_total_time="$seconds" -max_len=2048 \
	-seed="$seed" -artifact_prefix="$out/" "$out/corpus" corpus 2>"$out/fuzz.err" &&
	grep -q '^Done [1-9]' "$out/fuzz.err"; then
	echo "ok - fuzz_stream: $(grep '^Done' "$out/fuzz.err")"
else
	tail -40 "$out/fuzz.err" | sed 's/^/# /'
	echo "not ok - fuzz_stream"
	bad=1
fi

[ "$ran" -gt 0 ] || bad=1
echo "# $ran tests passed, $([ $bad -eq 0 ] && echo no failure || echo FAILURES)"
exit $bad
