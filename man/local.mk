# SPDX-License-Identifier: GPL-2.0-only
if HAVE_KEXEC
dist_man_MANS += man/kexec.8
endif
dist_man_MANS += man/iommudump.8 man/vmcore-dmesg.8 \
	man/iommu-notes.5

include tests/unit/pages.mk
