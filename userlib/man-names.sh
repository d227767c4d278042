#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The names a man page describes, one per line, from its NAME section.
#
#   man-names.sh PAGE

set -eu
sed -n '/^\.SH NAME/,/^\.SH SYNOPSIS/p' "$1" | grep -v '^\.SH' | tr '\n' ' ' | sed 's/ \\-.*//' |
	tr -d ' ' | tr ',' '\n'
echo
