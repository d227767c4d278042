# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Where "make install" puts things that are not user programs, for install.sh and uninstall.sh.
# Arguments of both: KDIR PREFIX DESTDIR

set -euo pipefail
[ $# = 3 ] || { echo "usage: make install|uninstall [KDIR=] [PREFIX=] [DESTDIR=]" >&2; exit 1; }
KDIR=$1 PREFIX=$2 DESTDIR=$3
TOP=$(cd "$(dirname "$0")/.." && pwd)

# udev and systemd look below /usr, /usr/local and /etc only.
case $PREFIX in
/usr|/usr/local) SYSTEM=$PREFIX/lib ;;
*) SYSTEM=/etc ;;
esac
UDEV_RULE=$DESTDIR$SYSTEM/udev/rules.d/60-memrig.rules
SYSUSERS=$DESTDIR$SYSTEM/sysusers.d/memrig.conf
EXAMPLE=$DESTDIR$PREFIX/share/doc/memrig/memrig-modprobe.conf

[ -d "$KDIR" ] || {
	echo "$KDIR does not exist: install the kernel's headers, or name them with KDIR=" >&2
	exit 1
}
RELEASE=$(make -s --no-print-directory -C "$KDIR" kernelrelease)
MODULES=$DESTDIR/lib/modules/$RELEASE

# True when this is the running system and not a package being made.
live()
{
	[ -z "$DESTDIR" ]
}
