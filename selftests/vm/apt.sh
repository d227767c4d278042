# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# A private apt configuration, sourced by deps.sh: the machine's own mirror and keys, suites the
# machine does not follow at a low priority, and nothing of it in /etc or /var.
#
# Needs VERSION_CODENAME of /etc/os-release. Sets HOST_APT and UNPACK_APT, options for apt-get and
# apt-cache.

APT=$MRIG_CACHE/apt
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# The machine's own Debian archives as "uri suite" lines, main archive first.
host_archives()
{
	# shellcheck disable=SC2016  # apt's format language, not the shell's
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
		awk -v c="$VERSION_CODENAME" '$2 ~ "^" c { sub(/\/$/, "", $1); print }' | sort -u -k2
}

source_line()	# arch-list uri suite
{
	local opt="arch=$1"

	[ -r "$KEYRING" ] && opt="$opt signed-by=$KEYRING"
	echo "deb [$opt] $2 $3 main"
}

# Two configurations: "host" shares dpkg's status with the machine and serves installations;
# "unpack" knows nothing is installed and serves downloads for any architecture.
write_apt_config()
{
	local uri suite main

	main=$(host_archives | awk -v c="$VERSION_CODENAME" '$2 == c { print $1; exit }')
	[ -n "$main" ] || mrig_die "this machine's apt has no archive for $VERSION_CODENAME"

	mkdir -p "$APT"/{host,unpack}/{state/lists/partial,cache/archives/partial}
	: >"$APT/host/sources.list"
	: >"$APT/unpack/sources.list"
	: >"$APT/unpack/status"
	host_archives | while read -r uri suite; do
		source_line amd64 "$uri" "$suite" >>"$APT/host/sources.list"
		source_line amd64,arm64 "$uri" "$suite" >>"$APT/unpack/sources.list"
	done
	source_line amd64 "$main" bookworm-backports >>"$APT/host/sources.list"
	for suite in bookworm-backports trixie trixie-backports; do
		source_line amd64,arm64 "$main" "$suite" >>"$APT/unpack/sources.list"
	done
	# Nothing from another suite unless it is asked for by name.
	cat >"$APT/preferences" <<-END
		Package: *
		Pin: release n=*-backports
		Pin-Priority: 50

		Package: *
		Pin: release n=trixie
		Pin-Priority: 40
	END
}

# apt_opts CONFIG STATUS-FILE
apt_opts()
{
	printf '%s\n' \
		-qq \
		-o "Dir::Etc::sourcelist=$APT/$1/sources.list" \
		-o "Dir::Etc::sourceparts=/dev/null" \
		-o "Dir::Etc::preferences=$APT/preferences" \
		-o "Dir::Etc::preferencesparts=/dev/null" \
		-o "Dir::State=$APT/$1/state" \
		-o "Dir::State::status=$2" \
		-o "Dir::Cache=$APT/$1/cache" \
		-o "APT::Sandbox::User=root" \
		-o "APT::Get::List-Cleanup=true" \
		-o "Acquire::Languages=none" \
		-o "Acquire::Retries=3"
}

setup_apt()
{
	write_apt_config
	mapfile -t HOST_APT < <(apt_opts host /var/lib/dpkg/status)
	mapfile -t UNPACK_APT < <(apt_opts unpack "$APT/unpack/status"
		printf '%s\n' -o APT::Architectures::=amd64 -o APT::Architectures::=arm64)
	mrig_note "reading package lists"
	apt-get "${HOST_APT[@]}" update
	apt-get "${UNPACK_APT[@]}" update
}
