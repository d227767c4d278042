#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# User code is formatted by clang-format; "format.sh --fix" formats it. The kernel's kselftest
# headers are left as they are there, and KUnit suites and the sample module are kernel code.

set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t files < <(git ls-files 'userlib/*.[ch]' 'selftests/*.[ch]' |
	grep -v -e ^selftests/kunit/ -e ^selftests/consumer/ -e ^selftests/samples/ \
		-e /kselftest)
if [ "${1:-}" = --fix ]; then
	clang-format -i "${files[@]}"
else
	clang-format --dry-run -Werror --ferror-limit=3 "${files[@]}"
fi
