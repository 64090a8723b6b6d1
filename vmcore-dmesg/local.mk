# SPDX-License-Identifier: GPL-2.0-only
# All but main, for the tests too.
vmcore_dmesg_sources = vmcore-dmesg/dmesg.c vmcore-dmesg/dmesg.h \
	vmcore-dmesg/log_buf.c vmcore-dmesg/reader.c vmcore-dmesg/ring.c
sbin_PROGRAMS += vmcore-dmesg/vmcore-dmesg
vmcore_dmesg_vmcore_dmesg_SOURCES = vmcore-dmesg/main.c \
	$(vmcore_dmesg_sources)
vmcore_dmesg_vmcore_dmesg_LDADD = $(dump_libs)

include tests/unit/dmesg.mk
