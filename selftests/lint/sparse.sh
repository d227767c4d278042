#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# sparse over the module, as the kernel's build runs it.

exec "$(dirname "$0")/../vm/build-module.sh" --sparse 6.12
