#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# make vm-shell: an interactive shell in a guest with the module loaded, the library and the
# command installed, and the device tests in /tests.
#
#   shell.sh [KERNEL]    6.12 when none is given

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

VM=$MRIG_TOP/selftests/vm
kernel=${1:-6.12}
mrig_check_kernel_name "$kernel"
arch=amd64 suffix='' bins=()
[ "$kernel" = arm64 ] && arch=arm64 suffix=-arm64
# The guest's own programs are statically linked; something must be there to record.
[ "$arch" = amd64 ] && command -v sqlite3 >/dev/null && bins=(--bin sqlite3)

[ "$kernel" = debug ] && "$VM/debug-kernel.sh"
"$VM/build-module.sh" "$kernel"
"$VM/build-user.sh" "$arch"
echo "Booting. 'exit' or Ctrl-a x ends the machine."
exec "$VM/run.sh" --kernel "$kernel" --shell --name "shell-$kernel" \
	--root "$MRIG_BUILD/stage/$arch" "${bins[@]}" \
	--tests "$MRIG_BUILD/selftests$suffix/abi"
