#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# make torture: windows on the kernel that checks everything, for five minutes: processes that come
# and go, or are killed, do to them whatever can be done. What it prints is TAP, the first line of
# which names the seed.
#
#   torture.sh [SEED [SECONDS]]     default: one of the clock's, and 300
#
# Environment: KERNEL is the kernel (default: debug).

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"

VM=$MRIG_TOP/selftests/vm
seed=${1:-$(date +%s)}
seconds=${2:-300}
kernel=${KERNEL:-debug}
root=$MRIG_BUILD/torture/root

echo "# seed $seed, $seconds seconds"
[ "$kernel" != debug ] || "$VM/debug-kernel.sh" >"$MRIG_BUILD/logs/torture.log" 2>&1
"$VM/build-user.sh" amd64
"$VM/build-module.sh" "$kernel"
rm -rf "$root"
mkdir -p "$root/torture"
cp "$MRIG_BUILD/selftests/abi/window_torture" "$root/torture/"
echo "exec /torture/window_torture $seed $seconds" >"$MRIG_BUILD/torture/torture.sh"
exec "$VM/run.sh" --name torture --kernel "$kernel" --root "$root" \
	--script "$MRIG_BUILD/torture/torture.sh" \
	--test-timeout $((2 * seconds + 600)) --timeout $((3 * seconds + 1200))
