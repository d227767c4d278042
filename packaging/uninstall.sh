#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make uninstall: takes away what install.sh put there. The group stays, as files may belong to it.

# shellcheck source=packaging/paths.sh
. "$(dirname "$0")/paths.sh"

rm -f "$MODULES"/updates/memrig{,_mtd}.ko*
rm -f "$UDEV_RULE" "$SYSUSERS" "$EXAMPLE"
rmdir "${EXAMPLE%/*}" 2>/dev/null || true
make -s -C "$TOP/userlib" OUT="$TOP/build/user" DESTDIR="$DESTDIR" PREFIX="$PREFIX" uninstall

live || exit 0
depmod "$RELEASE"
ldconfig
