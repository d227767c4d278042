#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Bring a fresh Debian 12 machine to the state in which everything in this repository builds
# and every test runs: installs the packages of selftests/packages.txt and unpacks the kernels
# under test into the cache.
#
#   deps.sh            do everything, refresh what newer versions exist for (make deps)
#   deps.sh --ensure   do only what is missing; returns at once when nothing is
#   deps.sh --check    say what is missing, change nothing; exit 1 if anything is
#
# The mirror is the one the machine's own apt uses. Suites the machine does not follow are
# reached through a private apt configuration below the cache directory.

set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck source=selftests/vm/apt.sh
. "$(dirname "$0")/apt.sh"

LIST=$MRIG_TOP/selftests/packages.txt
STAMPS=$MRIG_CACHE/stamps

# Prints "package arch suite place" for every line of the list, "-" for what is absent.
read_list()
{
	sed -e 's/#.*//' "$LIST" | awk -v host="$VERSION_CODENAME" '
		NF == 0 { next }
		NF != 1 && (NF != 3 || $2 != "->") {
			print "bad line in packages.txt: " $0 > "/dev/stderr"; exit 1
		}
		{
			suite = "-"; arch = "-"; pkg = $1
			if (split(pkg, a, "/") == 2) { pkg = a[1]; suite = a[2] }
			if (split(pkg, a, ":") == 2) { pkg = a[1]; arch = a[2] }
			if (suite == host) suite = "-"
			print pkg, arch, suite, NF == 3 ? $3 : "-"
		}'
}

# ------------------------------------------------------------- host packages

host_packages()		# suite
{
	read_list | awk -v s="$1" '$4 == "-" && $3 == s { print $1 }'
}

missing_host_packages()
{
	local p

	for p in $(read_list | awk '$4 == "-" { print $1 }'); do
		dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed ||
			echo "$p"
	done
}

install_host_packages()
{
	local suite list

	export DEBIAN_FRONTEND=noninteractive
	for suite in $(read_list | awk '$4 == "-" { print $3 }' | sort -u); do
		mapfile -t list < <(host_packages "$suite")
		mrig_note "installing ${#list[@]} packages (${suite/#-/$VERSION_CODENAME})"
		if [ "$suite" = - ]; then
			apt-get "${HOST_APT[@]}" install -y --no-install-recommends "${list[@]}"
		else
			apt-get "${HOST_APT[@]}" install -y --no-install-recommends -t "$suite" \
				"${list[@]}"
		fi
	done >&2
}

# ---------------------------------------------------------- unpacked packages

# The packages of the kernel's own making that a package drags in, itself included.
kernel_closure()	# suite package[:arch]
{
	local -A seen=()
	local -a todo=("$2")
	local suite=$1 p dep arch

	arch=${2#*:}
	[ "$arch" = "$2" ] && arch=amd64
	while [ ${#todo[@]} -gt 0 ]; do
		p=${todo[0]}
		todo=("${todo[@]:1}")
		[ -n "${seen[$p]:-}" ] && continue
		seen[$p]=1
		echo "$p"
		for dep in $(apt-cache "${UNPACK_APT[@]}" -o "APT::Default-Release=$suite" \
				show --no-all-versions "$p" | sed -n 's/^Depends: //p' |
				tr ',' '\n' | sed 's/|.*//; s/(.*//' |
				grep -E '^ *linux-(image|headers|kbuild|modules|binary|base)-' || true); do
			case $dep in
			# Runs on this machine, whatever the kernel is for.
			linux-kbuild-*|*-common) todo+=("${dep%:*}") ;;
			*) todo+=("${dep%:*}${arch:+:$arch}") ;;
			esac
		done
	done
}

unpack_into()	# place root
{
	local place=$1 root=$2 pkg arch suite where dir=$APT/unpack/debs
	local -a want

	mkdir -p "$dir" "$root"
	while read -r pkg arch suite where; do
		[ "$where" = "$place" ] || continue
		[ "$suite" = - ] && suite=$VERSION_CODENAME
		[ "$arch" = - ] && arch=amd64
		mapfile -t want < <(kernel_closure "$suite" "$pkg:$arch")
		mrig_note "$place: ${want[*]}"
		(cd "$dir" && rm -f ./*.deb &&
			apt-get "${UNPACK_APT[@]}" -o "APT::Default-Release=$suite" \
				download "${want[@]}")
		for deb in "$dir"/*.deb; do
			dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink
		done
		rm -f "$dir"/*.deb
	done < <(read_list)
}

# Debian's headers name each other by absolute path; let them find each other where they are.
relocate_headers()	# root
{
	local f

	for f in "$1"/usr/src/linux-headers-*/Makefile "$1"/usr/src/linux-headers-*/.kernelvariables; do
		[ -f "$f" ] && sed -i "s,\([ =(]\|^\)/usr/\(src\|lib\)/linux-,\1$1/usr/\2/linux-,g" "$f"
	done
	return 0
}

flavour_of()	# place
{
	[ "$1" = arm64 ] && echo arm64 || echo amd64
}

# Describe an unpacked kernel by three files: vmlinuz, release, kdir.
describe_kernel()	# place
{
	local dir=$MRIG_KERNELS/$1 root=$MRIG_KERNELS/$1/root kdir release image

	kdir=$(find "$root/usr/src" -maxdepth 1 -name "linux-headers-*-$(flavour_of "$1")" |
		sort -V | tail -n1)
	[ -n "$kdir" ] || mrig_die "$1: no headers among the unpacked packages"
	release=${kdir##*/linux-headers-}
	# Where the image is depends on the age of the packaging.
	for image in "boot/vmlinuz-$release" "usr/lib/modules/$release/vmlinuz"; do
		[ -f "$root/$image" ] && break
	done
	[ -f "$root/$image" ] || mrig_die "$1: no kernel image for $release"
	ln -sfn "root/$image" "$dir/vmlinuz"
	echo "$release" >"$dir/release"
	echo "$kdir" >"$dir/kdir"
}

make_pi_dtb()
{
	local dir=$MRIG_KERNELS/arm64 node

	cp "$(find "$dir/root/usr/lib" -path '*/broadcom/bcm2711-rpi-4-b.dtb' | sort -V | tail -n1)" \
		"$dir/pi.dtb"
	# QEMU's raspi4b has no model of these; touching one is a synchronous external abort.
	for node in clock@7ef00000 interrupt-controller@7ef00100 hdmi@7ef00700 \
		    i2c@7ef04500 hdmi@7ef05700 i2c@7ef09500; do
		fdtput -t s "$dir/pi.dtb" "/soc/$node" status disabled
	done
}

# The newest version a place would be unpacked from, so that it is redone when that changes.
wanted_version()	# place
{
	local pkg arch suite where

	read_list | while read -r pkg arch suite where; do
		[ "$where" = "$1" ] || continue
		[ "$suite" = - ] && suite=$VERSION_CODENAME
		[ "$where" = chroot ] && suite=trixie
		echo "$pkg:$arch=$(apt-cache "${UNPACK_APT[@]}" -o "APT::Default-Release=$suite" \
			policy "$pkg:${arch/#-/amd64}" | sed -n 's/^ *Candidate: //p')"
	done
}

bootstrap_chroot()
{
	local main list

	main=$(host_archives | awk -v c="$VERSION_CODENAME" '$2 == c { print $1; exit }')
	mapfile -t list < <(read_list | awk '$4 == "chroot" { print $1 }')
	mrig_note "Debian 13 tree with ${list[*]}"
	debootstrap --variant=minbase --include="$(IFS=,; echo "${list[*]}")" \
		${KEYRING:+--keyring="$KEYRING"} trixie "$1" "$main" >"$MRIG_CACHE/debootstrap.log" ||
		mrig_die "debootstrap failed, see $MRIG_CACHE/debootstrap.log"
	rm -rf "$1"/var/cache/apt/archives/*.deb
}

# What lint needs of the source without unpacking all of it.
unpack_scripts()	# root
{
	tar -xf "$1"/usr/src/linux-source-6.12.tar.xz -C "$1" --strip-components=1 \
		--wildcards '*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
		'*/scripts/const_structs.checkpatch' '*/scripts/kernel-doc' '*/scripts/spdx*' \
		'*/LICENSES/*' '*/.clang-format'
}

is_kernel()	# place
{
	[[ " ${MRIG_STOCK_KERNELS[*]} " = *" $1 "* ]]
}

# What the list and this script ask of a place, without asking the archive.
request()	# place
{
	read_list | awk -v p="$1" '$4 == p || (p == "7.2" && $4 == "chroot")'
	sed -n '/^# version of this recipe/p' "$0"
}
# version of this recipe: 2

place_ready()	# place
{
	[ -f "$STAMPS/$1" ] && [ "$(request "$1")" = "$(cat "$STAMPS/$1")" ]
}

# A place is built beside the one in use and takes its name when it is complete.
make_place()	# place
{
	local place=$1 stamp=$STAMPS/$1 want root new

	want=$(wanted_version "$place"
		if [ "$place" = 7.2 ]; then wanted_version chroot; fi)
	if place_ready "$place" && [ "$(cat "$stamp.versions")" = "$want" ]; then
		return 0
	fi
	if is_kernel "$place"; then
		root=$MRIG_KERNELS/$place/root
		mkdir -p "$MRIG_KERNELS/$place"
	else
		root=$MRIG_CACHE/$place
	fi
	new=$root.new
	rm -rf "$new" "$stamp"
	mkdir -p "$new"
	[ "$place" = 7.2 ] && bootstrap_chroot "$new"
	unpack_into "$place" "$new" >&2
	rm -rf "$root"
	mv "$new" "$root"
	# 7.2's headers are used from inside their own root, where their paths are right.
	is_kernel "$place" && [ "$place" != 7.2 ] && relocate_headers "$root"
	is_kernel "$place" && describe_kernel "$place"
	[ "$place" = arm64 ] && make_pi_dtb
	[ "$place" = source ] && unpack_scripts "$root"
	echo "$want" >"$stamp.versions"
	request "$place" >"$stamp"
}

places()
{
	read_list | awk '$4 != "-" && $4 != "chroot" { print $4 }' | sort -uV
}

missing_places()
{
	local p

	for p in $(places); do
		place_ready "$p" || echo "$p"
	done
}

# ----------------------------------------------------------------------- main

check_machine()
{
	[ -r /etc/os-release ] || mrig_die "cannot tell which system this is (no /etc/os-release)"
	# shellcheck disable=SC1091
	. /etc/os-release
	if [ "${VERSION_CODENAME:-}" != bookworm ] || [ "$(dpkg --print-architecture)" != amd64 ]; then
		mrig_die "needs Debian 12 (bookworm) on amd64, this is ${PRETTY_NAME:-unknown}." \
			"The module, library and command themselves build anywhere: make module lib cli"
	fi
}

need_root()	# what is missing
{
	[ "$(id -u)" = 0 ] && return 0
	[ -n "$1" ] || mrig_die "nothing is missing; only root can look for newer versions"
	mrig_die "packages are missing ($1) and only root can install them; run" \
		"'sudo --preserve-env=HOME make deps', then repeat this as yourself"
}

main()
{
	local mode=${1:-} missing todo

	check_machine
	missing=$(missing_host_packages; missing_places)
	case $mode in
	--ensure|--check)
		[ -z "$missing" ] && return 0
		[ "$mode" = --check ] && mrig_die "missing: $(echo "$missing" | paste -sd' ')"
		;;
	"") ;;
	*) mrig_die "usage: deps.sh [--ensure|--check]" ;;
	esac
	need_root "$(echo "$missing" | paste -sd' ')"

	mkdir -p "$STAMPS"
	exec 9>"$MRIG_CACHE/lock"
	flock 9
	# Somebody else may have done it meanwhile.
	[ "$mode" = --ensure ] && [ -z "$(missing_host_packages; missing_places)" ] && return 0
	setup_apt
	install_host_packages
	todo=$(places)
	[ "$mode" = --ensure ] && todo=$(missing_places)
	for place in $todo; do
		make_place "$place"
	done
	mrig_note "everything is in place"
}

main "$@"
