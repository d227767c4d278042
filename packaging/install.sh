#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make install: module, library, command, headers, man pages, udev rule, group.

# shellcheck source=packaging/paths.sh
. "$(dirname "$0")/paths.sh"

[ -f "$TOP/memrig.ko" ] || { echo "there is no memrig.ko yet: make module" >&2; exit 1; }
make -s -C "$KDIR" M="$TOP" ${DESTDIR:+INSTALL_MOD_PATH="$DESTDIR"} INSTALL_MOD_DIR=updates \
	modules_install
make -s -C "$TOP/userlib" OUT="$TOP/build/user" DESTDIR="$DESTDIR" PREFIX="$PREFIX" install
install -D -m 644 "$TOP/packaging/60-memrig.rules" "$UDEV_RULE"
install -D -m 644 "$TOP/packaging/memrig.sysusers" "$SYSUSERS"
install -D -m 644 "$TOP/packaging/memrig-modprobe.conf" "$EXAMPLE"

live || exit 0
depmod "$RELEASE"
ldconfig
if ! getent group memrig >/dev/null; then
	systemd-sysusers "$SYSUSERS" 2>/dev/null || groupadd --system memrig
fi
if command -v udevadm >/dev/null; then
	udevadm control --reload 2>/dev/null || true
fi
echo "Installed. Load it with 'modprobe memrig'; members of the group memrig may use /dev/memrig."
