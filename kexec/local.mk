# SPDX-License-Identifier: GPL-2.0-only
# kexec(8): all but main in a library, for the tests.
if ARCH_X86_64
include kexec/x86_64/local.mk
else
include kexec/arm64/local.mk
endif
noinst_LIBRARIES += libkexec.a
libkexec_a_SOURCES = $(kexec_arch_sources) \
	kexec/cmdline.c kexec/cmdline_words.c kexec/decompress.c \
	kexec/elfcorehdr.c kexec/handover_segment.c kexec/host.c \
	kexec/host_files.c kexec/identity.c kexec/image.c kexec/job.c kexec/kernel_file.c \
	kexec/load.c kexec/memmap.c kexec/module_file.c kexec/notes_cpio.c \
	kexec/option_table.c \
	kexec/options.c kexec/pe.c kexec/plan.c kexec/plan_contents.c \
	kexec/plan_file.c kexec/plan_print.c kexec/plan_rules.c \
	kexec/plan_segments.c kexec/segments.c kexec/service.c kexec/util.c \
	kexec/vmlinux.c \
	kexec/arch.h kexec/cmdline.h kexec/cmdline_words.h kexec/decompress.h \
	kexec/elfcorehdr.h kexec/handover_segment.h kexec/host.h \
	kexec/identity.h kexec/image.h kexec/job.h kexec/kernel_file.h \
	kexec/load.h kexec/memmap.h kexec/module_file.h kexec/notes_cpio.h kexec/options.h \
	kexec/pe.h kexec/plan.h kexec/plan_work.h kexec/segments.h \
	kexec/service.h kexec/util.h kexec/vmlinux.h
libkexec_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/kexec $(JSON_CFLAGS) \
	$(COMPRESS_CFLAGS)
# what libkexec.a needs beside the libraries of this tree
kexec_libs = $(gather_libs) $(JSON_LIBS) $(COMPRESS_LIBS) $(BZIP2_LIBS)

sbin_PROGRAMS += kexec/kexec
kexec_kexec_SOURCES = kexec/main.c kexec/purgatory_blob.S
kexec_kexec_CPPFLAGS = $(libkexec_a_CPPFLAGS)
kexec_kexec_CCASFLAGS = -DPURGATORY_BIN='"purgatory/purgatory.bin"'
kexec_kexec_LDADD = libkexec.a libpurgatory.a $(kexec_libs)
kexec/kexec-purgatory_blob.$(OBJEXT): purgatory/purgatory.bin
# What --json prints; readers may rely on it.
dist_pkgdata_DATA += kexec/kexec-schema.json
include tests/unit/kexec.mk
