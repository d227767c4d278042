#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# make lint: every static check, one TAP point each. A check is a program of this directory that
# prints what is wrong and exits with 1, or exits with 0.
#
#   run.sh [CHECK...]    only those

set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

CHECKS=(
	"checkpatch.sh: checkpatch --strict has nothing to say"
	"sparse.sh: sparse has nothing to say"
	"kernel-doc.sh: kernel-doc comments are complete"
	"includes.py: files include only what their layer may"
	"uapi.sh: the ABI headers stand alone, with one layout for 32 and 64 bits"
	"format.sh: user code is formatted by clang-format"
	"shellcheck.sh: scripts pass shellcheck"
	"licences.py: every file names its licence"
	"forbidden.py: nothing that is not allowed in this tree"
	"size.py: files and functions have a reasonable size"
	"docs.sh: the manual builds without a warning"
)

count=0
failed=0
echo "TAP version 13"
for entry in "${CHECKS[@]}"; do
	check=${entry%%: *}
	if [ $# -gt 0 ] && [[ " $* " != *" ${check%.*} "* ]] && [[ " $* " != *" $check "* ]]; then
		continue
	fi
	count=$((count + 1))
	if out=$("selftests/lint/$check" 2>&1); then
		echo "ok $count - lint: ${entry#*: }"
		[ -n "$out" ] && echo "# ${out//$'\n'/$'\n'# }"
	else
		failed=$((failed + 1))
		echo "not ok $count - lint: ${entry#*: } ($check)"
		echo "$out" | tail -n 60 | sed 's/^/#   /'
	fi
done
echo "1..$count"
[ "$count" -gt 0 ] || { echo "no such check: $*" >&2; exit 1; }
[ "$failed" = 0 ]
