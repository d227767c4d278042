#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The whole of memrig in a virtual machine (make demo): build, boot an unmodified Debian kernel,
# load the module, run "memrig demo" there with this machine's sqlite3, unload, look at the log.
#
#   demo.sh [KERNEL]       6.12 when none is given; 6.1, 7.2 and arm64 work, too

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"

VM=$MRIG_TOP/selftests/vm
kernel=${1:-6.12}
mrig_check_kernel_name "$kernel"
arch=amd64
[ "$kernel" = arm64 ] && arch=arm64
kernel_dir=$(mrig_kernel_dir "$kernel")
[ -f "$kernel_dir/release" ] || mrig_die "kernel $kernel is not in the cache, run: make deps"

width=${COLUMNS:-$(tput cols 2>/dev/null || echo 100)}
[ "$width" -gt 100 ] && width=100

# The guest draws for this terminal; a terminal that says nothing is taken for a modern one.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-C.UTF-8}}} in
*[Uu][Tt][Ff]8*|*[Uu][Tt][Ff]-8*) locale=C.UTF-8 ;;
*) locale=C ;;
esac

# The guest's words are the demonstration; ours go around them.
say()
{
	printf '%s\n' "$*"
}

build()
{
	say "Building memrig.ko for Linux $(cat "$kernel_dir/release"), library and command"
	"$VM/build-module.sh" "$kernel"
	"$VM/build-user.sh" "$arch"
}

write_script()	# file
{
	cat >"$1" <<-END
		#!/bin/sh
		export COLUMNS=$width LANG=$locale
		echo "\$(uname -srm), \$(nproc) processors, \$(sed -n 's/MemTotal: *//p' /proc/meminfo)"
		lsmod | grep '^memrig'
		memrig demo
		status=\$?
		if command -v sqlite3 >/dev/null; then
			echo
			echo "A program that is not changed, its heap in a window on half a MiB of memory:"
			memrig run --window 64M --frames 512K --store compressed --stats -- \\
				sqlite3 :memory: 'with recursive n(i) as (select 1 union all select
				i + 1 from n where i < 100000) select count(*), sum(i) from (select i
				from n order by -i)' || status=1
		fi
		echo
		exit \$status
	END
}

main()
{
	local script status=0 bins=() start=$SECONDS

	build
	say "Booting it in a virtual machine, without changes, with the module"
	say ""
	script=$MRIG_BUILD/vm/demo.sh
	mkdir -p "${script%/*}"
	write_script "$script"
	if [ "$arch" = amd64 ] && command -v sqlite3 >/dev/null; then
		bins=(--bin sqlite3)
	fi
	"$VM/run.sh" --kernel "$kernel" --name "demo-$kernel" --raw --root "$MRIG_BUILD/stage/$arch" \
		"${bins[@]}" --script "$script" --timeout 600 --test-timeout 500 || status=$?
	if [ "$status" != 0 ]; then
		mrig_die "the demonstration failed; logs: $MRIG_BUILD/logs/demo-$kernel.*"
	fi
	say "The module was unloaded, nothing held it, and the kernel log has no warning."
	say "That took $((SECONDS - start)) seconds. On your own machine: make module cli; see README.md"
}

main
