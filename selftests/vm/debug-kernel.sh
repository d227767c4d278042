#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The debug kernel of the test matrix: Debian's linux-source-6.12 with the options of
# debug.config, built once and kept in the cache under the hash of everything that went into it.
#
#   debug-kernel.sh               build it unless it is there
#   debug-kernel.sh --print-dir   where it is (or will be); builds nothing
#
# The directory holds vmlinuz, release and kdir (the build tree, for modules), like the stock
# kernels' directories do.

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

BASE=$MRIG_CACHE/debug-kernel
FRAGMENT=$MRIG_TOP/selftests/vm/debug.config
TARBALL=$MRIG_SOURCE/usr/src/linux-source-6.12.tar.xz
JOBS=${MRIG_JOBS:-$(nproc)}

fragment_words()
{
	sed 's/#.*//' "$FRAGMENT" | tr -s '[:space:]' '\n' | grep .
}

key()
{
	{
		fragment_words | sort
		sed -n '/^# recipe begin/,/^# recipe end/p' "$0"
		grep "^linux-source" "$MRIG_CACHE/stamps/source.versions"
		gcc --version | head -n1
	} | sha256sum | cut -c1-12
}

# recipe begin
extract()	# tree
{
	mkdir -p "$1"
	tar -xf "$TARBALL" -C "$1" --strip-components=1
	# A symbol without a prompt can only be had by selecting it.
	cat >>"$1/mm/Kconfig" <<-'END'

		config MEMRIG_DIRTY_HELPERS
			bool "Dirty bit helpers for out-of-tree users"
			select MAPPING_DIRTY_HELPERS
	END
}

configure()	# tree
{
	local word name

	make -s -C "$1" ARCH=x86_64 tinyconfig
	for word in $(fragment_words); do
		case $word in
		*=n) echo "# CONFIG_${word%=n} is not set" ;;
		*=*) echo "CONFIG_$word" ;;
		*) echo "CONFIG_$word=y" ;;
		esac
	done >>"$1/.config"
	make -s -C "$1" ARCH=x86_64 olddefconfig 2>&1 | grep -v 'override: reassigning' || true
	# A word that did not take is an error in debug.config, not a detail.
	for word in $(fragment_words); do
		name=CONFIG_${word%%=*}
		case $word in
		*=n) ! grep -q "^$name=" "$1/.config" ;;
		*=*) grep -qx "CONFIG_$word" "$1/.config" ;;
		*) grep -qx "$name=y" "$1/.config" ;;
		esac || mrig_die "debug.config: $word did not take effect"
	done
}

compile()	# tree
{
	nice make -s -C "$1" ARCH=x86_64 -j"$JOBS" LOCALVERSION=-memrig-debug bzImage modules
}
# recipe end

# What only compiled into the kernel is not needed to build modules for it: 0.3 GB instead of 1.9.
prune()	# tree
{
	(
		cd "$1"
		find . -type f \( -name '*.[coSa]' -o -name '*.dts*' -o -name '.tmp_vmlinux*' \) \
			! -path './scripts/*' ! -path './tools/*' ! -name '*asm-offsets*' -delete
		find drivers sound Documentation samples -type f ! -name '*.ko' -delete
		find drivers sound Documentation samples -type d -empty -delete
	)
}

build()	# dir
{
	local dir=$1 log=$1.log

	mrig_note "building the debug kernel (about ten minutes of CPU time, once); log: $log"
	rm -rf "$dir" "$dir.part"
	mkdir -p "$BASE"
	{
		extract "$dir.part/tree"
		configure "$dir.part/tree"
		# Paths inside the tree must not change after the build.
		mv "$dir.part" "$dir"
		compile "$dir/tree"
	} >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		mrig_die "the debug kernel did not build, see $log"
	}
	make -s --no-print-directory -C "$dir/tree" LOCALVERSION=-memrig-debug kernelrelease >"$dir/release"
	prune "$dir/tree"
	ln -sfn tree/arch/x86/boot/bzImage "$dir/vmlinuz"
	echo "$dir/tree" >"$dir/kdir"
	touch "$dir/complete"
	# One debug kernel is enough; what other hashes left behind is only disk space.
	find "$BASE" -mindepth 1 -maxdepth 1 ! -name "${dir##*/}*" ! -name lock -exec rm -rf {} +
}

[ -f "$TARBALL" ] || mrig_die "no kernel source in the cache, run: make deps"
dir=$BASE/$(key)
case ${1:-} in
--print-dir) echo "$dir" ;;
"")
	mkdir -p "$BASE"
	exec 9>"$BASE/lock"
	flock 9
	[ -f "$dir/complete" ] || build "$dir"
	;;
*) mrig_die "usage: debug-kernel.sh [--print-dir]" ;;
esac
