#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Boot one kernel of the test matrix with memrig.ko in it, run programs, judge what happened.
#
# The guest (guest/init) loads the module, runs the programs, unloads the module, and prints what
# they print between "# begin" and "# end" lines on its second serial line; the kernel log is on the
# first. The verdict is TAP on standard output: one line for each test point of each program, plus
# points of the runner's own: module loads and unloads, nothing holds it, no warning in the kernel
# log, no taint, no leak (debug kernel), the guest got to its end in time. A program that prints no
# test point, whose plan does not match or whose exit status contradicts its points, is a failure.
#
# Exit status: 0 when every point passed, 1 otherwise, 2 when the machine could not be set up.
# Logs: build/logs/NAME.console, build/logs/NAME.results

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

usage()
{
	cat <<'END'
usage: selftests/vm/run.sh [options]
  --kernel K         6.1, 6.12 (default), 7.2, arm64 or debug
  --tests PATH       a TAP program, or a directory of them; repeatable
  --script FILE      a shell script to run after the tests (TAP too, unless --raw); repeatable
  --payload PATH     a directory is --tests, a file is --script
  --root DIR         copy DIR over the guest's /; repeatable (an installation made with DESTDIR=)
  --kmod WORDS       a module of the kernel's own to load first, and its parameters; repeatable,
                     what others need first
  --spare NAME       a module of the kernel's own, and those it needs, for tests to load; repeatable
  --bin PATH         a program of this machine, copied to the same path with its libraries
  --module FILE      module to load (default build/K/memrig.ko)
  --no-module        load none
  --params WORDS     module parameters
  --env NAME=WORD    for the programs; repeatable
  --name NAME        of this run, in log names and test points (default vm-K)
  --raw              output of the scripts as it comes instead of TAP (for demonstrations)
  --shell            an interactive shell instead of tests
  --timeout SECONDS  for the whole run (default 3000, debug 4500)
  --test-timeout S   for one program (default 800, debug 1500)
  --mem MIB          guest memory (default 1024; arm64 is a Pi 4 model and has 960)
  --smp N            processors (default 2; arm64 1)
  --nodes N          NUMA nodes that share memory and processors, not on arm64 (default 1)
  --append WORDS     kernel command line
  --qemu-arg ARG     one more argument for QEMU; repeatable
Environment: ACCEL=kvm uses hardware virtualisation (default tcg, which runs anywhere).
END
}

kernel=6.12 module='' no_module='' params='' name='' raw='' shell='' mem=1024 smp='' append='' nodes=1
timeout='' test_timeout=''
expect=0 tests=() scripts=() roots=() bins=() kmods=() spares=() qemu_args=() envs=()

while [ $# -gt 0 ]; do
	case $1 in
	--help|-h) usage; exit 0 ;;
	--no-module) no_module=1; shift; continue ;;
	--raw) raw=1; shift; continue ;;
	--shell) shell=1; shift; continue ;;
	esac
	[ $# -ge 2 ] || mrig_die "$1 needs a value, or is not an option; see --help"
	case $1 in
	--kernel) kernel=$2 ;;
	--tests) tests+=("$2") ;;
	--script) scripts+=("$2") ;;
	--payload) if [ -d "$2" ]; then tests+=("$2"); else scripts+=("$2"); fi ;;
	--root) roots+=("$2") ;;
	--kmod) kmods+=("$2") ;;
	--spare) spares+=("$2") ;;
	--bin) bins+=("$2") ;;
	--module) module=$2 ;;
	--params) params=$2 ;;
	--env) envs+=("$2") ;;
	--name) name=$2 ;;
	--timeout) timeout=$2 ;;
	--test-timeout) test_timeout=$2 ;;
	--mem) mem=$2 ;;
	--smp) smp=$2 ;;
	--nodes) nodes=$2 ;;
	--append) append=$2 ;;
	--qemu-arg) qemu_args+=("$2") ;;
	*) mrig_die "unknown option $1; see --help" ;;
	esac
	shift 2
done

mrig_check_kernel_name "$kernel"
dir=$(mrig_kernel_dir "$kernel")
[ -f "$dir/release" ] || mrig_die "kernel $kernel is not in the cache, run: make deps"
name=${name:-vm-$kernel}
module=${module:-$MRIG_BUILD/$kernel/memrig.ko}
work=$MRIG_BUILD/vm/$name
logs=$MRIG_BUILD/logs
console=$logs/$name.console
results=$logs/$name.results
[ "$kernel" = arm64 ] && arch=arm64 || arch=amd64
if [ "$kernel" = debug ]; then
	: "${timeout:=4500}" "${test_timeout:=1500}"
else
	: "${timeout:=3000}" "${test_timeout:=800}"
fi

copy_tests()
{
	local t f

	for t in "${tests[@]}"; do
		[ -e "$t" ] || mrig_die "no such test: $t"
		for f in $([ -d "$t" ] && find "$t" -maxdepth 1 -type f -perm /111 | sort || echo "$t"); do
			cp "$f" "$work/root/tests/"
		done
	done
	for f in "${scripts[@]}"; do
		install -m 755 "$f" "$work/root/scripts/"
	done
	expect=$(find "$work/root/tests" "$work/root/scripts" -type f | wc -l)
	if [ "$expect" = 0 ] && [ ${#tests[@]} -gt 0 ]; then
		mrig_die "there is no program in ${tests[*]}"
	fi
}

# Modules are packed in different ways by different ages of the kernel package.
copy_kmod()	# name copy
{
	local file where=$dir/root/

	[ "$kernel" != debug ] || where=$dir/tree/drivers/
	file=$(find "$where" -name "$1.ko*" 2>/dev/null | head -n1)
	case $file in
	*.ko) cp "$file" "$2" ;;
	*.ko.xz) xz -dc "$file" >"$2" ;;
	*) return 1 ;;
	esac
}

# What a test loads itself: NAME.order has the modules, in the order in which they are loaded.
copy_spare()	# name order
{
	local need

	if grep -qsx "$1" "$2"; then
		return
	fi
	copy_kmod "$1" "${2%/*}/$1.ko" || return
	for need in $(modinfo -F depends "${2%/*}/$1.ko" | tr , ' '); do
		copy_spare "$need" "$2" || return
	done
	echo "$1" >>"$2"
}

copy_spares()
{
	local m

	mkdir -p "$work/root/lib/spare"
	for m in "${spares[@]}"; do
		copy_spare "$m" "$work/root/lib/spare/$m.order" || mrig_note "kernel $kernel has no $m"
	done
}

# The guest loads them in the order of their names.
copy_kmods()
{
	local m name number=10

	mkdir -p "$work/root/lib/kmods"
	for m in "${kmods[@]}"; do
		name=$work/root/lib/kmods/$((number++))-${m%% *}
		[[ $m = *' '* ]] && echo "${m#* }" >"$name.params"
		m=${m%% *}
		copy_kmod "$m" "$name.ko" || mrig_die "kernel $kernel has no module $m"
	done
}

make_initramfs()
{
	local p m

	rm -rf "$work"
	mkdir -p "$work/root"/{lib,tests,scripts} "$logs"
	for p in "${roots[@]}"; do
		cp -a "$p/." "$work/root/"
	done
	for p in "${bins[@]}"; do
		p=$(command -v "$p") || mrig_die "no such program: $p"
		mkdir -p "$work/root${p%/*}"
		cp -L "$p" "$work/root$p"
	done
	copy_tests
	copy_kmods
	copy_spares
	{
		echo "TEST_TIMEOUT=$test_timeout"
		echo "PARAMS='$params'"
		echo "SHELL_WANTED=$shell"
		echo "MODULE=$([ -n "$no_module" ] && echo 0 || echo 1)"
		[ ${#envs[@]} = 0 ] || printf "export '%s'\n" "${envs[@]}"
		[ "$arch" = arm64 ] && echo "RESULTS=/dev/ttyS0"
	} >"$work/root/settings" || true
	if [ -z "$no_module" ]; then
		cp "$module" "$work/root/lib/memrig.ko"
		# What uses it was built with it.
		for m in "${module%/*}"/memrig_*.ko; do
			[ ! -f "$m" ] || cp "$m" "$work/root/lib/"
		done
	fi
	"$MRIG_TOP/selftests/vm/initramfs.sh" "$arch" "$work/root" "$work/initramfs.cpio"
	rm -rf "$work/root"
}

# Each node has as many of the processors and as much of the memory as the next.
node_arguments()
{
	local n cpus=$((${smp:-2} / nodes))

	[ "$cpus" -ge 1 ] || mrig_die "each of $nodes nodes needs a processor, see --smp"
	qemu+=(-smp "$((cpus * nodes)),sockets=$nodes")
	for ((n = 0; n < nodes; n++)); do
		qemu+=(-object "memory-backend-ram,id=node$n,size=$((mem / nodes))M"
		       -numa "node,nodeid=$n,memdev=node$n,cpus=$((n * cpus))-$((n * cpus + cpus - 1))")
	done
}

# The parts that differ between machines; raspi4b has its memory and devices built in.
machine_arguments()
{
	local cmdline="panic=-1 oops=panic $append"

	if [ "$arch" = arm64 ]; then
		qemu=(qemu-system-aarch64 -M raspi4b -dtb "$dir/pi.dtb")
		cmdline="console=ttyAMA0,115200 8250.nr_uarts=1 cma=64M maxcpus=${smp:-1} $cmdline"
	else
		qemu=(qemu-system-x86_64 -M q35 -accel "${ACCEL:-tcg}" -nodefaults -vga none
		      -m "$mem" -smp "${smp:-2}")
		[ "$nodes" -le 1 ] || node_arguments
		case ${ACCEL:-tcg} in
		tcg) qemu+=(-cpu "max,la57=off") ;;
		*) qemu+=(-cpu host) ;;
		esac
		# The kernel counts ticks for a moment and panics if there were none: on a busy
		# machine the emulated timer may be late.
		cmdline="console=ttyS0,115200 no_timer_check $cmdline"
		# The only stock kernel with CMA on this architecture; its default size is zero.
		[ "$kernel" = 7.2 ] && cmdline="cma=64M $cmdline"
		[ "$kernel" = debug ] && cmdline="kmemleak=on $cmdline"
	fi
	[ -n "$shell" ] && cmdline="$cmdline quiet"
	qemu+=(-no-reboot -display none -kernel "$dir/vmlinuz" -initrd "$work/initramfs.cpio"
	       -append "$cmdline" "${qemu_args[@]}")
}

# The Pi model has no way to end itself, so a guest that says it is complete is given a moment and
# then ended from here.
wait_for_end()	# pid
{
	local deadline=$((SECONDS + timeout)) grace=''

	while kill -0 "$1" 2>/dev/null; do
		if [ "$SECONDS" -ge "$deadline" ]; then
			echo "not ok - $name: the guest ends within $timeout seconds"
			kill -KILL "$1"
			return
		fi
		if [ -n "$grace" ] && [ "$SECONDS" -ge "$grace" ]; then
			kill "$1" 2>/dev/null
			[ "$arch" = arm64 ] || echo "not ok - $name: the guest switches itself off"
			return
		fi
		[ -z "$grace" ] && grep -qsF '# memrig-vm: complete' "$results" &&
			grace=$((SECONDS + ${end_grace[$arch]}))
		sleep 0.3
	done
}
declare -A end_grace=([amd64]=20 [arm64]=2)

run_machine()
{
	local pid rc=0

	: >"$console"
	: >"$results"
	"${qemu[@]}" -monitor none -serial "file:$console" -serial "file:$results" \
		</dev/null >"$logs/$name.qemu" 2>&1 &
	pid=$!
	# shellcheck disable=SC2064  # this very process
	trap "kill $pid 2>/dev/null" INT TERM
	wait_for_end "$pid"
	wait "$pid" || rc=$?
	case $rc in
	0|137|143) ;;
	*) echo "not ok - $name: QEMU runs (status $rc, see $logs/$name.qemu)" ;;
	esac
}

make_initramfs
machine_arguments
if [ -n "$shell" ]; then
	exec "${qemu[@]}" -serial mon:stdio
fi
if [ -n "$raw" ]; then
	: >"$results"
	tail -f -s 0.2 "$results" 2>/dev/null |
		sed -un '/^# begin script/,/^# end script/{/^# \(begin\|end\) script/!p}' &
	tail_pid=$!
	# shellcheck disable=SC2064
	trap "kill $(jobs -p | paste -sd' ') 2>/dev/null || true" EXIT
fi
run_machine >"$logs/$name.machine"
if [ -n "$raw" ]; then
	sleep 0.5
	kill "$tail_pid" 2>/dev/null || true
	exec python3 "$MRIG_TOP/selftests/vm/judge.py" --name "$name" --expect "$expect" --quiet \
		"$logs/$name.machine" "$results" "$console" >&2
fi
exec python3 "$MRIG_TOP/selftests/vm/judge.py" --name "$name" --expect "$expect" \
	"$logs/$name.machine" "$results" "$console"
