# SPDX-License-Identifier: GPL-2.0-only
# What distributions need around kexec(8) and iommudump(8). "make install" installs what is
# the same everywhere; the packages below take the rest from here.
dist_sbin_SCRIPTS = kdump/kdump-iommu
dist_man_MANS += man/kdump-iommu.8
EXTRA_DIST += kdump/kdump-iommu.conf kdump/systemd kdump/kdump-tools \
	kdump/initramfs-tools kdump/dracut kdump/suse \
	kdump/mktar kdump/mkdeb kdump/debian kdump/mkrpm kdump/rpm

TESTS += tests/packaging/scripts
EXTRA_DIST += tests/packaging/scripts tests/packaging/run tests/packages.packaging
