#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dracut: in the initramfs of a crash kernel, save what the IOMMUs were doing beside the dump.
# kdump-utils (Fedora, RHEL, CentOS) runs what lies in /etc/kdump/pre.d before the dump and in
# post.d behind it. Other initramfs get it by "add_dracutmodules+= kdump-iommu ".

check() {
	require_binaries iommudump kdump-iommu || return 1
	# mkdumprd of kdump-utils sets this
	[[ ${IN_KDUMP:-} == 1 ]] && return 0
	return 255
}

depends() { :; }

# tells of the hand-over behind the dump, where this machine has it
installkernel() { hostonly='' instmods iommu_handover; }

install() {
	inst_multiple iommudump kdump-iommu timeout od dd head tail cp mv rm cat mkdir sed sync
	inst_multiple -o ssh scp modprobe
	# shellcheck disable=SC2154 # of dracut
	inst_hook cmdline 01 "$moddir/iommu-notes.sh"
	inst_script "$moddir/pre.sh" /etc/kdump/pre.d/50-iommu
	inst_script "$moddir/post.sh" /etc/kdump/post.d/50-iommu
}
