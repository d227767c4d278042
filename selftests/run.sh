#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# make test: every tier on everything this machine can emulate. Each tier writes TAP to
# build/logs/TIER.tap; what fails is shown as soon as its tier is over, a table follows, and the
# last line is the sum. Exit status 0 when every point passed, 1 otherwise.
#
#   run.sh [TIER...]     only those tiers; "run.sh --list" names them
#
# Environment: MRIG_LANES is the number of tiers that run at once (default: processors, at most 4).

set -uo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"

VM=$MRIG_TOP/selftests/vm
LOGS=$MRIG_BUILD/logs
LANES=${MRIG_LANES:-$(($(nproc) < 4 ? $(nproc) : 4))}
# Longest first, so that the last lane does not run alone.
TIERS=(debug arm64 7.2 6.12 6.1 bench lint cost paging install misses engine evict sync userlib replay runner)

# ---------------------------------------------------------------- the tiers

# One TAP point for a step that is not a test program: what it says is shown when it fails.
step()	# description command...
{
	local what=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "ok - $what"
	else
		echo "not ok - $what"
		echo "$out" | tail -n 40 | sed 's/^/#   /'
		return 1
	fi
}

# A program that speaks TAP, judged.
judged()	# name command...
{
	local name=$1 rc=0
	shift
	"$@" >"$LOGS/$name.out" 2>&1 || rc=$?
	python3 "$VM/tap.py" "$name" "$rc" <"$LOGS/$name.out"
}

guest_tier()	# kernel
{
	local kernel=$1 arch=amd64 dir=$MRIG_BUILD/selftests t
	local args=()

	if [ "$kernel" = arm64 ]; then
		arch=arm64
		dir=$MRIG_BUILD/selftests-arm64
	fi
	for t in $(find "$dir/abi" "$dir/userlib/device" -maxdepth 1 -type f -perm /111 | sort); do
		case ${t##*/} in
		# The failure sweep needs what only the debug kernel has.
		fail_nth) [ "$kernel" = debug ] || continue ;;
		# Figures of a clock; one emulated machine shows that they come.
		cost) [ "$kernel" = 6.12 ] || continue ;;
		# Hundreds of processes that ask the module for little: minutes there.
		cli|create|several|run|window_cli) [ "$kernel" != debug ] || continue ;;
		# Programs of this machine, in windows.
		window_run) [[ $kernel != debug && $arch = amd64 ]] || continue ;;
		esac
		args+=(--tests "$t")
	done
	# A block device for direct I/O; the debug kernel has it built in.
	[ "$kernel" = debug ] || args+=(--kmod "brd rd_nr=1 rd_size=8192")
	# Simulated flash, compressors and loop devices, where the kernel package has them as modules.
	args+=(--spare mtdram --spare nandsim --spare lz4 --spare zstd --spare loop)
	# What reads parameters, and the demonstration, are the same for all kernels: the others have
	# every third of the parameters that are wrong (params), no demonstration, and a shorter
	# trace for the allocators of the kernel (device_replay.sh).
	[ "$kernel" = 6.12 ] || args+=(--env MEMRIG_BRIEF=1)
	# One machine has memory in two places.
	[ "$kernel" = 6.12 ] && args+=(--nodes 2)
	# In another, devices use copies of pages.
	[ "$kernel" = 6.1 ] && args+=(--append swiotlb=force)
	if [ "$kernel" = debug ]; then
		step "the debug kernel builds" "$VM/debug-kernel.sh" || return
	fi
	step "memrig.ko builds for $kernel without a warning" "$VM/build-module.sh" "$kernel" ||
		return
	# For window_run.
	[[ $kernel = debug || $arch = arm64 ]] || args+=(--root "$MRIG_BUILD/stage/programs")
	"$VM/run.sh" --kernel "$kernel" --root "$MRIG_BUILD/stage/$arch" "${args[@]}" \
		--tests "$MRIG_TOP/selftests/replay/device_replay.sh" \
		--tests "$MRIG_TOP/selftests/consumer/consumer.sh"
	step "a report is drawn of what $kernel compared" \
		"$MRIG_TOP/selftests/replay/device_report.py" "$MRIG_BUILD/user/memrig" \
		"$LOGS/vm-$kernel.results"
	step "a report is drawn of a window that $kernel recorded" \
		"$MRIG_TOP/selftests/userlib/device_window_report.py" "$MRIG_BUILD/user/memrig" \
		"$LOGS/vm-$kernel.results"
}

tier()	# name
{
	case $1 in
	lint) "$MRIG_TOP/selftests/lint/run.sh" ;;
	engine|evict|sync|userlib|replay) judged "$1" make -s -C "$MRIG_TOP/selftests/$1" \
		OUT="$MRIG_BUILD/selftests/$1" check ;;
	cost) judged cost make -s -C "$MRIG_TOP/selftests/bench" \
		OUT="$MRIG_BUILD/bench" guest-gate ;;
	paging) judged paging make -s -C "$MRIG_TOP/selftests/bench" \
		OUT="$MRIG_BUILD/paging" paging-gate ;;
	misses) judged misses make -s -C "$MRIG_TOP/selftests/bench" \
		OUT="$MRIG_BUILD/misses" MEMRIG="$MRIG_BUILD/user/memrig" evict-gate ;;
	bench) judged bench make -s -C "$MRIG_TOP/selftests/bench" \
		OUT="$MRIG_BUILD/bench" gate ;;
	runner) judged runner "$VM/test_judge.py" ;;
	install) judged install "$MRIG_TOP/selftests/install.sh" ;;
	*) guest_tier "$1" ;;
	esac
}

# ------------------------------------------------------------- running them

# The verdict of a tier counts only when the tier got to its end.
run_tier()	# name
{
	local name=$1 tap=$LOGS/$1.tap start=$SECONDS rc=0

	tier "$name" >"$tap" 2>"$LOGS/$name.stderr" || rc=$?
	if ! grep -qE '^(not )?ok\b' "$tap"; then
		echo "not ok - $name ran nothing (status $rc)" >>"$tap"
		sed 's/^/#   /' "$LOGS/$name.stderr" | tail -n 30 >>"$tap"
	elif [ "$rc" != 0 ] && ! grep -qE '^not ok\b' "$tap"; then
		echo "not ok - $name: status $rc with no failed point" >>"$tap"
		sed 's/^/#   /' "$LOGS/$name.stderr" | tail -n 30 >>"$tap"
	fi
	echo "# seconds $((SECONDS - start))" >>"$tap"
	# One write, so that tiers that end together do not mix.
	{
		echo "== $name: $(count "$tap") ($((SECONDS - start)) s)"
		awk '/^not ok/ { show = 1; print; next } show && /^#   / { print; next } { show = 0 }' \
			"$tap" | head -n 200
	} >"$LOGS/$name.shown"
	cat "$LOGS/$name.shown"
}

count()	# tap files
{
	awk '/^ok / { if (tolower($0) ~ /# skip/) s++; else p++ }
	     /^not ok / { f++ }
	     END { printf "%d passed, %d failed", p, f; if (s) printf ", %d skipped", s; print "" }' \
		"$@"
}

# Everything the guests have in common is built before them, once.
prepare()
{
	local arch

	for arch in amd64 arm64; do
		step "user space builds for $arch without a warning" "$VM/build-user.sh" "$arch"
	done
	step "programs of this machine are there for the guests" "$VM/programs.sh"
}

summary()
{
	local t

	echo
	for t in prepare "${wanted[@]}"; do
		printf '%-8s %5ss  %s\n' "$t" \
			"$(sed -n 's/^# seconds //p' "$LOGS/$t.tap")" "$(count "$LOGS/$t.tap")"
	done
	if grep -hiE '^ok\b.*# *skip' "${taps[@]}" >"$LOGS/skipped"; then
		echo
		echo "skipped:"
		sed -E 's/^ok [0-9]* *- *//; s/: [^:#]*#/: #/' "$LOGS/skipped" | sort | uniq -c |
			sed -E 's/# *[Ss][Kk][Ii][Pp]//'
	fi
	echo
	count "${taps[@]}"
}

[ "${1:-}" = --list ] && { printf '%s\n' "${TIERS[@]}"; exit 0; }
wanted=("${@:-${TIERS[@]}}")
[ $# = 0 ] && wanted=("${TIERS[@]}")
for t in "${wanted[@]}"; do
	[[ " ${TIERS[*]} " = *" $t "* ]] || mrig_die "no tier '$t'; tiers: ${TIERS[*]}"
done

"$VM/deps.sh" --ensure || exit 1
mkdir -p "$LOGS"
taps=("$LOGS/prepare.tap")
for t in "${wanted[@]}"; do
	rm -f "$LOGS/$t.tap"
	taps+=("$LOGS/$t.tap")
done

start=$SECONDS
prepare >"$LOGS/prepare.tap"
echo "# seconds $((SECONDS - start))" >>"$LOGS/prepare.tap"
echo "== prepare: $(count "$LOGS/prepare.tap") ($((SECONDS - start)) s)"
grep -A40 '^not ok' "$LOGS/prepare.tap"
for t in "${wanted[@]}"; do
	while [ "$(jobs -rp | wc -l)" -ge "$LANES" ]; do
		wait -n
	done
	run_tier "$t" &
done
wait
summary
! grep -qE '^not ok\b' "${taps[@]}"
