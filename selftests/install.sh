#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The ways in which a user meets the build: "make module" in place, "make install" into a
# directory, a program compiled against what was installed, "make uninstall", "make clean".
# Works on a copy of the sources. Speaks TAP.

# shellcheck disable=SC2317  # functions are called by point

set -uo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"

work=$MRIG_BUILD/install
dest=$work/dest
log=$MRIG_BUILD/logs/install.log
count=0
failed=0

point()	# description command...
{
	local what=$1
	shift
	count=$((count + 1))
	echo "== $what" >>"$log"
	if "$@" >>"$log" 2>&1; then
		echo "ok $count - $what"
	else
		echo "not ok $count - $what"
		failed=1
		tail -n 15 "$log" | sed 's/^/# /'
	fi
}

mk()
{
	make -C "$work/src" KDIR="$(cat "$MRIG_KERNELS/6.12/kdir")" DESTDIR="$dest" PREFIX=/usr "$@"
}

# Headers of Debian's ignore ARCH=: without a check of ours this would build for x86_64.
other_arch_refused()
{
	! mk module ARCH=arm64 >"$work/refusal" 2>&1 && grep 'not for arm64; try' "$work/refusal"
}

all_there()
{
	local f

	for f in "lib/modules/$(cat "$MRIG_KERNELS/6.12/release")/updates/memrig.ko*" \
		 "lib/modules/$(cat "$MRIG_KERNELS/6.12/release")/updates/memrig_mtd.ko*" \
		 usr/bin/memrig usr/lib/libmemrig.so usr/lib/libmemrig.a usr/lib/pkgconfig/memrig.pc \
		 usr/include/linux/memrig.h usr/include/linux/memrig/window.h \
		 usr/include/memrig/memrig.h \
		 usr/lib/udev/rules.d/60-memrig.rules usr/lib/sysusers.d/memrig.conf \
		 usr/share/doc/memrig/memrig-modprobe.conf; do
		compgen -G "$dest/$f" || { echo "missing: $f"; return 1; }
	done
}

# The examples that need no device, as somebody else would compile them.
program_builds()
{
	export PKG_CONFIG_PATH=$dest/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dest
	local flags name

	flags=$(pkg-config --cflags --libs memrig) || return 1
	for name in local zephyr; do
		# shellcheck disable=SC2086  # flags are words
		gcc -Wall -Werror "$MRIG_TOP/userlib/examples/$name.c" $flags -pthread \
			-o "$work/$name" && LD_LIBRARY_PATH=$dest/usr/lib "$work/$name" || return 1
	done
}

one_version()
{
	local version

	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$MRIG_TOP/dkms.conf")
	"$dest/usr/bin/memrig" --version | grep -F "$version" &&
		modinfo -F version "$work/src/memrig.ko" | grep -xF "$version"
}

nothing_left()
{
	# depmod's index files are the kernel's, not ours.
	! find "$dest" -type f ! -name 'modules.*' -o -type l | grep .
}

nothing_built()
{
	! find "$work/src" -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '.*.cmd' | grep .
}

rm -rf "$work"
mkdir -p "$work" "${log%/*}"
: >"$log"
git -C "$MRIG_TOP" ls-files -z |
	rsync -a --from0 --ignore-missing-args --files-from=- "$MRIG_TOP/" "$work/src/"
echo "1..10"
point "headers of another architecture are refused in words" other_arch_refused
point "make module builds in place" mk module
point "make lib cli" mk lib cli
point "make install" mk install
point "everything is where it belongs" all_there
point "one version everywhere" one_version
point "a program builds and runs against the installation" program_builds
point "make uninstall" mk uninstall
point "make uninstall leaves nothing" nothing_left
mk clean >>"$log" 2>&1
point "make clean leaves nothing" nothing_built
exit $failed
