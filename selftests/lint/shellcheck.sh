#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Every script passes shellcheck; a script is known by its first line.

set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t scripts < <(git ls-files | while read -r f; do
	[ -f "$f" ] && head -n1 "$f" | grep -qE '^#!.*[/ ](ba|da)?sh\b|^# shellcheck shell=' && echo "$f"
done)
# SC2016: programs in quotes for other interpreters. SC2034: variables that lib.sh sets for others.
shellcheck -x -e SC2016,SC2034 "${scripts[@]}"
