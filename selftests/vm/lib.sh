# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Where things are: sourced by every script of selftests/vm and selftests/run.sh.
# Nothing here runs anything; it only names paths and small predicates.

# A make that calls these scripts must not talk into the makes that they call.
unset MAKEFLAGS MFLAGS MAKELEVEL

MRIG_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MRIG_BUILD=${MRIG_BUILD:-$MRIG_TOP/build}
MRIG_CACHE=${MEMRIG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/memrig}
MRIG_KERNELS=$MRIG_CACHE/kernels
MRIG_SOURCE=$MRIG_CACHE/source
MRIG_SYSROOT_ARM64=$MRIG_CACHE/sysroot-arm64
# The tree in which 7.2 modules are built is the root 7.2 is unpacked in.
MRIG_CHROOT=$MRIG_KERNELS/7.2/root

# Compilers are those of ccache, once deps.sh has installed it: names of theirs, and results kept.
# What differs in nothing but the directory it lies in counts as the same.
export CCACHE_DIR=$MRIG_CACHE/ccache CCACHE_BASEDIR=$MRIG_TOP CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=3G
MRIG_COMPILERS=/usr/lib/ccache
case $PATH in
"$MRIG_COMPILERS":*) ;;
*) PATH=$MRIG_COMPILERS:$PATH ;;
esac

# Every kernel of the test matrix, in the order in which they are reported.
MRIG_STOCK_KERNELS=(6.1 6.12 7.2 arm64)
MRIG_ALL_KERNELS=("${MRIG_STOCK_KERNELS[@]}" debug)

mrig_die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

mrig_note()
{
	echo "# $*" >&2
}

# The directory with vmlinuz, release and kdir of one kernel of the matrix.
mrig_kernel_dir()
{
	if [ "$1" = debug ]; then
		"$MRIG_TOP/selftests/vm/debug-kernel.sh" --print-dir
	else
		echo "$MRIG_KERNELS/$1"
	fi
}

mrig_check_kernel_name()
{
	local k

	for k in "${MRIG_ALL_KERNELS[@]}"; do
		[ "$k" = "$1" ] && return 0
	done
	mrig_die "unknown kernel '$1'; known: ${MRIG_ALL_KERNELS[*]}"
}
