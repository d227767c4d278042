#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The manual builds, with warnings as errors, and its man pages have no formatting errors.

set -euo pipefail
cd "$(dirname "$0")/../.."

make -s docs
for page in Documentation/man/*.[1-9]; do
	[ -f "$page" ] || continue
	man --warnings=w -l "$page" 2>&1 >/dev/null | grep . && exit 1
done
exit 0
