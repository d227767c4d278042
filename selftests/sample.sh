#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The sample userlib/examples/demand_paging.c in a virtual machine (make sample): build, boot an
# unmodified Debian kernel, load the module, run it. Its exit status is that of this script.
#
#   sample.sh [KERNEL]       6.12 when none is given; 6.1, 7.2 and arm64 work, too

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"

VM=$MRIG_TOP/selftests/vm
kernel=${1:-6.12}
mrig_check_kernel_name "$kernel"
arch=amd64
[ "$kernel" = arm64 ] && arch=arm64

"$VM/build-module.sh" "$kernel"
"$VM/build-user.sh" "$arch"
script=$MRIG_BUILD/vm/sample.sh
mkdir -p "${script%/*}"
printf '#!/bin/sh\nexec demand_paging\n' >"$script"
exec "$VM/run.sh" --kernel "$kernel" --name "sample-$kernel" --raw \
	--root "$MRIG_BUILD/stage/$arch" --script "$script" --timeout 300
