# shellcheck shell=sh disable=SC2154  # set by who reads this
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# For the check.sh of host tests, which sets $out, the directory of the programs, $seed, and where
# there are fuzzers $seconds. TAP on stdout. A check fails if anything failed, crashed, hung, or if
# nothing ran.

bad=0
ran=0

# tests SECONDS TEST...: programs of cmocka
tests()
{
	limit=$1
	shift
	for t in "$@"; do
		echo "# $t"
		CMOCKA_MESSAGE_OUTPUT=TAP timeout "$limit" "$out/$t" "$seed" >"$out/$t.tap" \
			2>"$out/$t.err"
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
}

# fuzz TARGET RUNS MAX_LEN CORPUS...: new inputs go to the first
fuzz()
{
	name=$1 limit=$2 length=$3
	shift 3
	mkdir -p "$1"
	echo "# $name"
	echo "1..1"
	if timeout 300 "$out/$name" -runs="$limit" -max_total_time="$seconds" -max_len="$length" \
		-len_control=0 -seed="$seed" -artifact_prefix="$out/" "$@" 2>"$out/$name.log" &&
		grep -q '^Done [1-9]' "$out/$name.log"; then
		echo "ok - $name: $(grep '^Done' "$out/$name.log")"
	else
		tail -40 "$out/$name.log" | sed 's/^/# /'
		echo "not ok - $name"
		bad=1
	fi
}

finish()
{
	[ "$ran" -gt 0 ] || bad=1
	echo "# $ran tests passed, $([ $bad -eq 0 ] && echo no failure || echo FAILURES)"
	exit $bad
}
