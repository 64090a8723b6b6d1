#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What iommudump(8) answers, within crash(8) and gdb(1): of the dump that they have open.
#
#     crash> alias iommu "eval 0 | /usr/share/kexec-iommu/iommus.sh"
#     crash> iommu reach 0xffff888012345678+4K
#     crash> iommu story
#     crash> sym jiffies | /usr/share/kexec-iommu/iommus.sh
#
# Arguments are those of iommudump. Without any it is "reach", for each address of the kernel's
# in what comes through the pipe. (An alias of crash is one of its own commands, behind which a
# pipe may stand, but no "!".)
# shellcheck disable=SC3043 # local: dash, bash and busybox have it
set -u

# dumps PID: "-f FILE" for each that the process has open, a line a word
dumps() {
	local fd file
	for fd in "/proc/$1/fd"/*; do
		file=$(readlink "$fd")
		[ -f "$file" ] || continue
		# the type of an ELF file is 4 for a dump
		case $(od -A n -t x1 -N 18 "$file" | tr -d ' \n') in
		4b44554d50202020* | 6d616b6564756d70* | 7f454c46????????????????????????0400)
			printf '%s\n' -f "$file" ;;
		esac
	done | awk 'NR % 2 { next } !seen[$0]++ { print "-f"; print }'
}

# the dump of the nearest process above this one that has any
open_dump() {
	local pid=$$ found
	while [ "$pid" -gt 1 ]; do
		pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")
		found=$(dumps "$pid")
		if [ -n "$found" ]; then
			echo "$found"
			return
		fi
	done
	echo "iommus.sh: nothing that started this has a dump open" >&2
	return 1
}

if [ $# = 0 ]; then
	# shellcheck disable=SC2046 # one word per address
	set -- $(grep -o -w '\(0x\)\?ffff[0-9a-f]\{12\}' | sed 's/^\(0x\)\?/0x/' | awk '!seen[$0]++')
	[ $# -gt 0 ] || { echo "iommus.sh: no address came through the pipe" >&2; exit 1; }
	set -- reach "$@"
fi
found=$(open_dump) || exit 1
IFS='
'
set -f
# shellcheck disable=SC2086 # a line a word
exec iommudump $found "$@"
