#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The manual builds, with warnings as errors, and its man pages have no formatting errors.

set -euo pipefail
cd "$(dirname "$0")/../.."

make -s docs
mandoc -T lint -W warning Documentation/man/*.[1-9]
