#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Ahead of "make module": what is wrong with KDIR= and ARCH=, in words. Left to itself make names
# no remedy, and Debian's headers ignore an ARCH that is not theirs.
#
#   check-kdir.sh KDIR ARCH

set -eu
kdir=$1 arch=$2

die()
{
	echo "make module: $1" >&2
	exit 1
}

[ -d "$kdir" ] || die "$kdir does not exist; try: apt-get install linux-headers-$(uname -r), \
or name the headers of a kernel with KDIR="
config=$kdir/include/config/auto.conf
if ! [ -f "$kdir/Makefile" ] || ! [ -f "$config" ]; then
	die "$kdir holds no configured kernel; try: KDIR=/lib/modules/RELEASE/build"
fi
if grep -qx CONFIG_X86_64=y "$config"; then
	have=x86_64
elif grep -qx CONFIG_ARM64=y "$config"; then
	have=arm64
else
	die "$kdir is of a kernel for neither x86_64 nor arm64, which is all that memrig knows"
fi

case $arch in
'') want=$(uname -m | sed s/aarch64/arm64/) ;;
x86) want=x86_64 ;;
*) want=$arch ;;
esac
[ "$want" = "$have" ] || die "$kdir is of a kernel for $have, not for $want; try: \
KDIR= of another kernel, or ARCH=$have (with CROSS_COMPILE= when this machine is none)"
