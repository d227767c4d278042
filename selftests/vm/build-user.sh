#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Build user space for the guests: library, command, recorder and the device tests, and an
# installation of the first three as "make install" makes it, and the sample of demand paging, to be
# copied over the guest's root.
#
#   build-user.sh amd64    -> build/user, build/stage/amd64, build/selftests/{abi,userlib/device}
#   build-user.sh arm64    -> the same in build/user-arm64, build/stage/arm64, build/selftests-arm64

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in
amd64) suffix='' cross='' ;;
arm64) suffix=-arm64 cross=aarch64-linux-gnu- ;;
*) mrig_die "usage: build-user.sh amd64|arm64" ;;
esac
arch=$1
jobs=-j$(nproc)
stage=$MRIG_BUILD/stage/$arch
log=$MRIG_BUILD/logs/user-$arch.log

# The caller looks at the status, so "set -e" does not end this.
build()
{
	make "$jobs" -C "$MRIG_TOP/userlib" OUT="$MRIG_BUILD/user$suffix" CROSS_COMPILE="$cross" \
		CFLAGS='-O2 -g -Werror' DESTDIR="$stage" PREFIX=/usr install || return
	make "$jobs" -C "$MRIG_TOP/selftests/abi" O="$MRIG_BUILD/selftests$suffix/abi" \
		CC="${cross}gcc" CXX="${cross}g++" CFLAGS='-O2 -g -Werror' || return
	make "$jobs" -C "$MRIG_TOP/selftests/userlib" OUT="$MRIG_BUILD/selftests$suffix/userlib" \
		CROSS_COMPILE="$cross" device || return
	install -m 755 "$MRIG_BUILD/user$suffix/examples/demand_paging" \
		"$MRIG_BUILD/user$suffix/examples/window" "$stage/usr/bin/" || return
	# A guest compiles nothing.
	rm -rf "$stage/usr/include" "$stage"/usr/lib/*.a "$stage/usr/lib/pkgconfig"
}

mkdir -p "$MRIG_BUILD/logs" "$MRIG_BUILD/stage"
exec 9>"$stage.lock"
flock 9
rm -rf "$stage"
if ! build >"$log" 2>&1; then
	grep -E -B2 -A6 'error|warning' "$log" | head -n 60 >&2
	mrig_die "user space does not build for $arch, see $log"
fi
