#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# check.sh OUT SEED RUNS SECONDS TEST...: run the test programs and the fuzzer; see host.sh.

out=$1 seed=$2 runs=$3 seconds=$4
shift 4
# shellcheck source=selftests/host.sh
. "$(dirname "$0")/../host.sh"

tests 300 "$@"
fuzz fuzz_model "$runs" 2048 "$out/corpus"
finish
