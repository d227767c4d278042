#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Build memrig.ko, and the sample modules that use it, for one kernel of the test matrix, in a copy
# of the sources so that builds for several kernels can run at once. A warning of compiler, modpost
# or sparse is an error.
#
#   build-module.sh [--sparse] KERNEL      -> build/KERNEL/memrig.ko, memrig_*.ko
#
# --sparse checks instead of building the product: nothing but the exit status and the log counts.
# The debug kernel gets the KUnit suites. The log is build/logs/module-KERNEL.log.

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

sparse=
[ "${1:-}" = --sparse ] && { sparse=-sparse; shift; }
[ $# = 1 ] || mrig_die "usage: build-module.sh [--sparse] KERNEL"
kernel=$1
mrig_check_kernel_name "$kernel"

out=$MRIG_BUILD/$kernel
src=$out/src$sparse
log=$MRIG_BUILD/logs/module-$kernel$sparse.log
kernel_dir=$(mrig_kernel_dir "$kernel")
[ -f "$kernel_dir/kdir" ] || mrig_die "kernel $kernel is not in the cache, run: make deps"
kdir=$(cat "$kernel_dir/kdir")

args=(W=1 KCFLAGS=-Werror)
[ "$kernel" = arm64 ] && args+=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-)
[ "$kernel" = debug ] && args+=(MRIG_KUNIT=1)
[ -n "$sparse" ] && args+=(C=2 "CHECK=sparse -Wsparse-error")

copy_sources()
{
	mkdir -p "$src" "$MRIG_BUILD/logs"
	# Products stay, so that a second build only compiles what changed.
	rsync -a --checksum --delete --exclude='*.o' --exclude='*.ko' --exclude='.*.cmd' \
		--exclude='*.mod' --exclude='*.mod.c' --exclude='Module.symvers' \
		--exclude=modules.order --exclude='.module-common*' --exclude='.tmp*' \
		--include=/Kbuild --include='/kmod/***' --include='/uapi/***' \
		--include=/selftests/ --include='/selftests/kunit/***' \
		--include='/selftests/consumer/***' --include='/selftests/samples/***' \
		--exclude='*' \
		"$MRIG_TOP/" "$src/"
}

# The sources are seen at one place whatever directory they are in, so that ccache knows them again:
# mounts of a namespace of its own.
namespace=(unshare --mount)
[ "$(id -u)" = 0 ] || namespace+=(--map-root-user)

make_here()	# directory make-arguments...
{
	local sub=$1

	shift
	# shellcheck disable=SC2016  # expanded inside
	"${namespace[@]}" sh -euc '
		mount --bind "$1" /mnt
		shift
		exec "$@"
	' sh "$src" make -C "$kdir" M="/mnt$sub" "$@"
}

# 7.2's kbuild tools need the C library of Debian 13.
make_in_chroot()	# directory make-arguments...
{
	local sub=$1

	shift
	mkdir -p "$MRIG_CHROOT/mnt" "$MRIG_CHROOT/ccache" "$CCACHE_DIR"
	# shellcheck disable=SC2016  # expanded inside
	"${namespace[@]}" sh -euc '
		root=$1 src=$2 cache=$3
		shift 3
		mount --rbind /proc "$root/proc"
		mount --bind "$src" "$root/mnt"
		mount --bind "$cache" "$root/ccache"
		exec chroot "$root" "$@"
	' sh "$MRIG_CHROOT" "$src" "$CCACHE_DIR" \
		env PATH="$MRIG_COMPILERS:/usr/sbin:/usr/bin:/sbin:/bin" CCACHE_DIR=/ccache \
		make -C "${kdir#"$MRIG_CHROOT"}" M="/mnt$sub" "$@"
}

build_one()	# directory in the sources, make-arguments...
{
	local sub=$1
	shift
	if [ "$kernel" = 7.2 ]; then
		make_in_chroot "$sub" "${args[@]}" "$@" modules
	else
		make_here "$sub" "${args[@]}" "$@" modules
	fi
}

build()
{
	local sample

	build_one '' || return
	for sample in consumer samples; do
		build_one "/selftests/$sample" MEMRIG=/mnt \
			KBUILD_EXTRA_SYMBOLS=/mnt/Module.symvers || return
	done
}

# What memrig.ko exports and no sample module uses. mrig_lock_ready() is behind an inline
# function, which has no call of it without lockdep.
unused()
{
	comm -23 \
		<(awk '$5 == "MEMRIG" && $2 != "mrig_lock_ready" { print $2 }' \
			"$src/Module.symvers" | sort) \
		<(readelf -Ws "$src"/selftests/{consumer,samples}/*.ko |
			awk '$7 == "UND" { print $8 }' | sort -u)
}

mkdir -p "$out"
exec 9>"$out/lock"
flock 9
copy_sources
[ -n "$sparse" ] || rm -f "$out"/memrig*.ko
if ! build >"$log" 2>&1; then
	tail -n 40 "$log" >&2
	mrig_die "memrig.ko does not build for $kernel, see $log"
fi
# Compilers that differ in a Debian revision only are Debian's business.
if grep -iE '\bwarning:' "$log" | grep -v 'the compiler differs from' >&2; then
	mrig_die "memrig.ko builds for $kernel with warnings, see $log"
fi
[ -n "$sparse" ] && exit 0
untested=$(unused)
[ -z "$untested" ] || mrig_die "no sample module uses ${untested//$'\n'/ }"
cp "$src"/{,selftests/consumer/,selftests/samples/}*.ko "$out/"
