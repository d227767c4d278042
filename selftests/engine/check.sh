#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# check.sh OUT SEED RUNS SECONDS MODELS TEST...: run the test programs and the fuzzers; see host.sh.

out=$1 seed=$2 runs=$3 seconds=$4 models=$5
shift 5
# shellcheck source=selftests/host.sh
. "$(dirname "$0")/../host.sh"

tests 300 "$@"
fuzz fuzz_stream "$runs" 2048 "$out/corpus" corpus
fuzz fuzz_rules "$((runs * 20))" 256 "$out/corpus-rules"
for m in $models; do
	fuzz "fuzz_$m" "$((runs / 20))" 1024 "$out/corpus-$m" corpus
done
finish
