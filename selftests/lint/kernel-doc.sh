#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Every kernel-doc comment of the module and of the public headers is well formed and complete.

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
cd "$MRIG_TOP"

mapfile -t files < <(git ls-files 'kmod/*.[ch]' 'uapi/*.h' 'userlib/include/*.h' 'userlib/src/*.[ch]')
perl "$MRIG_SOURCE/scripts/kernel-doc" -none -Werror "${files[@]}"
