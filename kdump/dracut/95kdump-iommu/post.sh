#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Behind the dump: beside it. kdump-utils does not tell where it is; it is the newest directory
# of the name ADDRESS-DATE below "path" of kdump.conf, on whatever is mounted or by ssh.
# shellcheck disable=SC3043,SC3013 # local, -nt: dash, bash and busybox have them
conf=${KDUMP_IOMMU_ROOT:-}/etc/kdump.conf
mounts=${KDUMP_IOMMU_ROOT:-}/proc/mounts
collected=${KDUMP_IOMMU_ROOT:-}/run/kdump-iommu
seconds=60

# value KEY DEFAULT: of kdump.conf, without a comment behind it
value() {
	local v
	v=$(sed -n "s/^[[:space:]]*$1[[:space:]]\\{1,\\}\\([^#[:space:]]*\\).*/\\1/p" "$conf" | tail -n 1)
	echo "${v:-$2}"
}

newest() {
	local d best='' mount
	while read -r _ mount _; do
		for d in "${mount%/}/$path"/*-[0-9]*-[0-9]*/; do
			[ -d "$d" ] || continue
			if [ -z "$best" ] || [ "$d" -nt "$best" ]; then best=$d; fi
		done
	done < "$mounts"
	echo "${best%/}"
}

by_ssh() {
	local dir to
	# brackets only in scp's address, for IPv6
	case ${ssh#*@} in
	*:*:*) to="${ssh%@*}@[${ssh#*@}]" ;;
	*) to=$ssh ;;
	esac
	set -- -q -i "$(value sshkey /root/.ssh/kdump_id_rsa)" -o BatchMode=yes -o StrictHostKeyChecking=yes
	dir=$(timeout "$seconds" ssh "$@" "$ssh" "ls -td '/$path'/*-[0-9]*-[0-9]*/ | head -n 1")
	[ -n "$dir" ] && timeout "$seconds" scp "$@" "$collected"/* "$to:$dir"
}

[ -d "$collected" ] || exit 0
kdump-iommu state "$collected"
path=$(value path /var/crash)
path=${path#/}
ssh=$(value ssh '')
if [ -n "$ssh" ]; then
	by_ssh || echo "kdump-iommu: nothing saved by ssh"
else
	dir=$(newest)
	if [ -n "$dir" ]; then
		timeout "$seconds" kdump-iommu place "$collected" "$dir"
	else
		echo "kdump-iommu: no dump found to put the reports beside"
	fi
fi
exit 0
