#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# checkpatch --strict over every C file, by the kernel source's own script.

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
cd "$MRIG_TOP"

# Everywhere:
#   LINUX_VERSION_CODE    one compat.h is how an out-of-tree module lives with many kernels
#   FILE_PATH_CHANGES     there is no MAINTAINERS file
ignore=LINUX_VERSION_CODE,FILE_PATH_CHANGES
# User space:
#   PREFER_KERNEL_TYPES   has no u32
#   AVOID_EXTERNS         declares environ and its like
#   VOLATILE              tests look at memory that devices and other processes change
#   CONSIDER_KSTRTO, STRCPY, STRNCPY, STRLCPY, SSCANF_TO_KSTRTO   has no kernel library
#   PREFER_FALLTHROUGH, CONST_STRUCT                               nor the kernel's headers
#   PREFER_DEFINED_ATTRIBUTE_MACRO, BIT_MACRO                      nor these
#   NEW_TYPEDEFS          the library's opaque handles
#   CAMELCASE             PRIu64, Elf64_Ehdr
#   SPLIT_STRING          paragraphs of help text; what is printed is searched for by its words
user=$ignore,PREFER_KERNEL_TYPES,AVOID_EXTERNS,VOLATILE,CONSIDER_KSTRTO,STRCPY,STRNCPY,STRLCPY
user=$user,SSCANF_TO_KSTRTO,PREFER_FALLTHROUGH,CONST_STRUCT,PREFER_DEFINED_ATTRIBUTE_MACRO
user=$user,BIT_MACRO,NEW_TYPEDEFS,CAMELCASE,SPLIT_STRING

checkpatch()	# ignored-types files...
{
	local types=$1
	shift
	perl "$MRIG_SOURCE/scripts/checkpatch.pl" --no-tree --strict --terse --show-types \
		--no-summary --max-line-length=100 --ignore "$types" -f "$@"
}

mapfile -t kernel < <(git ls-files 'kmod/*.[ch]' 'uapi/*.h' 'selftests/kunit/*.[ch]')
# The two kselftest headers are the kernel's own, as they are there.
mapfile -t others < <(git ls-files 'userlib/*.[ch]' 'selftests/*.[ch]' |
	grep -v -e ^selftests/kunit/ -e /kselftest)
rc=0
checkpatch "$ignore" "${kernel[@]}" || rc=1
checkpatch "$user" "${others[@]}" || rc=1
exit $rc
