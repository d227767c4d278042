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
every=LINUX_VERSION_CODE,FILE_PATH_CHANGES
# The ABI headers:
#   BIT_MACRO             is the kernel's own; checkpatch knows that only of include/uapi
abi=$every,BIT_MACRO
# Portable code, which is also built without a kernel (engine, evict, sync, port), and Zephyr's names for
# modules:
#   PREFER_KERNEL_TYPES, ARRAY_SIZE, BIT_MACRO, PREFER_DEFINED_ATTRIBUTE_MACRO     has standard C only
#   NEW_TYPEDEFS          mrig_id is a unit number or a record number
#   MACRO_ARG_REUSE       compile-time sizes are macros, of constants
#   MULTISTATEMENT_MACRO_USE_DO_WHILE   Zephyr's macros define objects: several declarations
portable=$every,PREFER_KERNEL_TYPES,ARRAY_SIZE,BIT_MACRO,PREFER_DEFINED_ATTRIBUTE_MACRO
portable=$portable,NEW_TYPEDEFS,MACRO_ARG_REUSE,MULTISTATEMENT_MACRO_USE_DO_WHILE
# The sample module, which is in parts what Zephyr code looks like, besides:
#   PREFER_PR_LEVEL       Zephyr's printk() has no levels
zephyr=$portable,PREFER_PR_LEVEL
# User space, besides:
#   PREFER_FALLTHROUGH, CONST_STRUCT, CONSIDER_KSTRTO, SSCANF_TO_KSTRTO, STRCPY, STRNCPY,
#   STRLCPY               has no kernel headers and no kernel library
#   CAMELCASE             C11, libc, libFuzzer and cmocka have such names
#   AVOID_EXTERNS         declares environ and its like
#   VOLATILE              tests look at memory that devices and other processes change
#   SPLIT_STRING          help texts are paragraphs; nobody greps a log for them
#   SPACING, POINTER_LOCATION, LINE_SPACING, OPEN_ENDED_LINE   clang-format decides, see format.sh
#   COMPLEX_MACRO         tables and fixtures of the tests are macros
#   PRINTK_WITHOUT_KERN_LEVEL   Zephyr's printk() has no levels
#   IS_ENABLED_CONFIG, MACRO_ARG_UNUSED   Zephyr's macros of these kinds are defined
user=$portable,PREFER_FALLTHROUGH,CONST_STRUCT,CONSIDER_KSTRTO,SSCANF_TO_KSTRTO,STRCPY,STRNCPY
user=$user,STRLCPY,CAMELCASE,AVOID_EXTERNS,VOLATILE,SPLIT_STRING
user=$user,PRINTK_WITHOUT_KERN_LEVEL,SPACING,POINTER_LOCATION,LINE_SPACING,OPEN_ENDED_LINE,COMPLEX_MACRO
user=$user,IS_ENABLED_CONFIG,MACRO_ARG_UNUSED

# What was found clean is not read again: by its content, the script's and what is ignored.
CLEAN=$MRIG_CACHE/checkpatch

key()	# ignored-types file
{
	cat "$MRIG_SOURCE"/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch} "$2" \
		<(echo "$1 ${2##*.} $2") | sha256sum | cut -c 1-40
}

checkpatch()	# ignored-types files...
{
	local types=$1 file out rc=0 left=()
	local -A keys=()
	shift
	for file; do
		keys[$file]=$(key "$types" "$file")
		[ -e "$CLEAN/${keys[$file]}" ] || left+=("$file")
	done
	[ ${#left[@]} != 0 ] || return 0
	out=$(perl "$MRIG_SOURCE/scripts/checkpatch.pl" --no-tree --strict --terse --show-types \
		--no-summary --max-line-length=100 --ignore "$types" -f "${left[@]}") || rc=1
	[ -z "$out" ] || echo "$out"
	# A failure without a word says nothing of any file.
	[ $rc = 0 ] || [ -n "$out" ] || return 1
	for file in "${left[@]}"; do
		[[ $'\n'$out == *$'\n'"$file:"* ]] || : >"$CLEAN/${keys[$file]}"
	done
	return $rc
}

mkdir -p "$CLEAN"
mapfile -t kernel < <(git ls-files 'kmod/*.[ch]' 'selftests/kunit/*.[ch]' |
	grep -v -e ^kmod/engine/ -e ^kmod/evict/ -e ^kmod/sync/ -e ^kmod/port/ -e ^kmod/include/)
mapfile -t both < <(git ls-files 'kmod/engine/*.[ch]' 'kmod/evict/*.[ch]' 'kmod/sync/*.[ch]' 'kmod/port/*.[ch]' \
	'kmod/include/*.h')
mapfile -t uapi < <(git ls-files 'uapi/*.h')
# The two kselftest headers are the kernel's own, as they are there.
mapfile -t others < <(git ls-files 'userlib/*.[ch]' 'selftests/*.[ch]' |
	grep -v -e ^selftests/kunit/ -e ^selftests/consumer/ -e ^selftests/samples/ \
		-e /kselftest)
mapfile -t sample < <(git ls-files 'selftests/consumer/*.[ch]' 'selftests/samples/*.[ch]')
# It remembers names in a file of the directory it runs in.
trap 'rm -f .checkpatch-camelcase.*' EXIT
rc=0
checkpatch "$every" "${kernel[@]}" || rc=1
checkpatch "$abi" "${uapi[@]}" || rc=1
checkpatch "$portable" "${both[@]}" || rc=1
checkpatch "$zephyr" "${sample[@]}" || rc=1
checkpatch "$user" "${others[@]}" || rc=1
exit $rc
