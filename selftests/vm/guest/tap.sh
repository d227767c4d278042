# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# What test scripts of the guest include (it is /lib/tap.sh there): numbered TAP points. The output
# of what was run last is in the file $out; it is shown when a point fails. The script removes it and
# ends with "exit $failed".

n=0 failed=0
out=/tmp/tap.$$

result()	# status description
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		sed 's/^/#   /' "$out"
	fi
}

# The last output has these words: a regular expression. One that is plain but for ^ and $ takes no
# other process, as to start one takes the debug kernel a second.
says()		# words
{
	_plain=$1 _before='*' _after='*'
	case $_plain in ^*) _plain=${_plain#^} _before= ;; esac
	case $_plain in *\$) _plain=${_plain%\$} _after= ;; esac
	case $_plain in
	*[].*\\[^$]*)
		grep -q -e "$1" "$out"
		return
		;;
	esac
	while IFS= read -r _line || [ -n "$_line" ]; do
		# shellcheck disable=SC2254  # patterns
		case $_line in $_before"$_plain"$_after) return 0 ;; esac
	done <"$out"
	return 1
}

# The command ends with that status and its output has these words.
check()		# description status words command...
{
	what=$1 want=$2 words=$3
	shift 3
	"$@" >"$out" 2>&1
	status=$?
	[ $status = "$want" ] || echo "status $status, wanted $want" >>"$out"
	[ $status = "$want" ] && { [ -z "$words" ] || says "$words"; }
	result $? "$what"
}

# A JSON value follows; busybox has no parser, so: balanced, and nothing behind it.
check_json()	# description command...
{
	what=$1
	shift
	"$@" >"$out" 2>&1 && awk '
		BEGIN { d = 0; seen = 0; bad = 0 }
		{
			if (seen && d == 0 && NF) bad = 1
			line = $0; gsub(/\\./, "", line); gsub(/"[^"]*"/, "", line)
			for (i = 1; i <= length(line); i++) {
				c = substr(line, i, 1)
				if (c == "{" || c == "[") { d++; seen = 1 }
				if (c == "}" || c == "]") { d--; if (d < 0) bad = 1 }
			}
		}
		END { exit bad || d || !seen }' "$out"
	result $? "$what"
}

# Starts memrig with these arguments, which hold something, and waits until they do. Its process is
# $holder, for the script's trap; what it said is in the file $out.held.
holder=
hold()
{
	# What the one before has said must be gone before this one can be asked.
	: >"$out.held"
	memrig "$@" >"$out.held" 2>&1 &
	holder=$!
	tries=0
	while ! grep -q held "$out.held" && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		usleep 100000
	done
}

let_go()
{
	kill "$holder"
	wait "$holder" 2>/dev/null
	holder=
}
