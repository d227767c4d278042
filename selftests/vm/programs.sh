#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Programs of this machine that know nothing of memrig, for the x86 guests to be run in windows:
# sort, sqlite3, and Python with as much of its library as it starts with. Their shared libraries
# come with the rest of the guest's (initramfs.sh).
#
#   programs.sh        -> build/stage/programs, to be given to run.sh --root

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

stage=$MRIG_BUILD/stage/programs
rm -rf "$stage"
mkdir -p "$stage/usr/bin"
cp -L /usr/bin/sort /usr/bin/sqlite3 "$stage/usr/bin/"

# Debian's own, by its version: others may come first in PATH.
python=$(readlink -f /usr/bin/python3)
library=/usr/lib/${python##*/}
cp "$python" "$stage/usr/bin/python3"
mkdir -p "$stage$library/encodings"
# The rest of what it starts with is in the program itself; os.py shows it where its library is.
cp "$library/os.py" "$stage$library/"
for module in __init__ aliases utf_8 latin_1 ascii; do
	cp "$library/encodings/$module.py" "$stage$library/encodings/"
done
