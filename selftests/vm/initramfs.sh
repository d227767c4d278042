#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Make the guest's initial ram disk out of a directory that already holds what the caller wants in
# it: adds busybox, /init, a few files of /etc, and the shared libraries that the programs need.
#
#   initramfs.sh ARCH ROOT OUTPUT     (ARCH: amd64, arm64)

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# = 3 ] || mrig_die "usage: initramfs.sh ARCH ROOT OUTPUT"
arch=$1 root=$2 output=$3

case $arch in
amd64)
	busybox=/bin/busybox
	prefix=
	libdirs=(/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu /lib64)
	;;
arm64)
	busybox=$MRIG_KERNELS/arm64/root/bin/busybox
	prefix=aarch64-linux-gnu-
	libdirs=(/usr/aarch64-linux-gnu/lib "$MRIG_SYSROOT_ARM64/lib/aarch64-linux-gnu"
		 "$MRIG_SYSROOT_ARM64/usr/lib/aarch64-linux-gnu")
	;;
*) mrig_die "unknown architecture '$arch'" ;;
esac

base_files()
{
	mkdir -p "$root"/{bin,sbin,dev,proc,sys,etc,tmp,root,lib,usr/bin,usr/lib,usr/sbin,tests,scripts}
	cp "$busybox" "$root/bin/busybox"
	# Names come from this machine's busybox: the other architecture's is the same version.
	/bin/busybox --list-full | while read -r path; do
		[ -e "$root/$path" ] || ln -s /bin/busybox "$root/$path" 2>/dev/null || true
	done
	cp "$MRIG_TOP/selftests/vm/guest/init" "$root/init"
	chmod 755 "$root/init"
	cp "$MRIG_TOP/selftests/vm/guest/tap.sh" "$root/lib/tap.sh"
	cat >"$root/etc/passwd" <<-END
		root:x:0:0:root:/root:/bin/sh
		nobody:x:65534:65534:nobody:/tmp:/bin/sh
		user:x:1000:1000:user:/tmp:/bin/sh
	END
	cat >"$root/etc/group" <<-END
		root:x:0:
		memrig:x:900:
		nogroup:x:65534:
		user:x:1000:
	END
}

elf_files()
{
	find "$root" -type f -exec sh -c '
		for f; do [ "$(head -c4 "$f" | tr -d "\0")" = "$(printf "\177ELF")" ] && echo "$f"; done
		exit 0' sh {} +
}

needed_by()	# file
{
	"${prefix}readelf" -dW "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
	"${prefix}readelf" -lW "$1" 2>/dev/null | sed -n 's/.*interpreter: \(.*\)\]/\1/p'
}

find_library()	# name
{
	local d

	for d in "$root/usr/lib" "$root/lib" "${libdirs[@]}"; do
		[ -e "$d/${1##*/}" ] && { echo "$d/${1##*/}"; return; }
	done
	mrig_die "a program of the guest needs $1, which is not on this machine ($arch)"
}

# Every library goes where the loader looks without a configuration; the loader itself goes where
# the programs name it.
copy_libraries()
{
	local -A seen=()
	local -a todo
	local file name lib dest

	mapfile -t todo < <(elf_files | grep -v '\.ko$')
	while [ ${#todo[@]} -gt 0 ]; do
		file=${todo[0]}
		todo=("${todo[@]:1}")
		for name in $(needed_by "$file"); do
			[ -n "${seen[$name]:-}" ] && continue
			seen[$name]=1
			lib=$(find_library "$name")
			case $name in
			/*) dest=$root$name ;;
			*) dest=$root/usr/lib/$name ;;
			esac
			if [ ! -e "$dest" ]; then
				mkdir -p "${dest%/*}"
				cp -L "$lib" "$dest"
			fi
			todo+=("$dest")
		done
	done
}

base_files
copy_libraries
# What debuggers want is most of it, and a slow guest unpacks it all. Nor is it compressed: the
# kernel that checks everything takes longest to undo that.
elf_files | grep '\.ko$' | xargs -r -d '\n' "${prefix}strip" --strip-debug
elf_files | grep -v '\.ko$' | xargs -r -d '\n' "${prefix}strip" --strip-all
mkdir -p "${output%/*}"
(cd "$root" && find . -print0 | cpio --null --quiet -o -H newc --owner=0:0) >"$output"
