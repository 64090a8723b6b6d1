# SPDX-License-Identifier: GPL-2.0-only
# kexec(8) without a machine: what the cases in tests/cases/kexec expect, and
# what must hold for every plan.
kexec_test_cppflags = $(AM_CPPFLAGS) $(COMPRESS_CFLAGS) -I$(top_srcdir)/kexec \
	-I$(top_srcdir)/tests/unit $(JSON_CFLAGS) $(CMOCKA_CFLAGS)
kexec_test_libs = libkexec.a libpurgatory.a $(kexec_libs)

if ARCH_X86_64
check_PROGRAMS += kexec_show
kexec_show_SOURCES = tests/unit/kexec_show.c tests/unit/kexec_fixture.c \
	tests/unit/kexec_fixture.h tests/unit/kexec_big.c \
	tests/unit/kexec_big.h tests/unit/kexec_job.c \
	tests/unit/kexec_job.h tests/unit/kexec_wrap.c \
	tests/unit/kexec_wrap.h tests/lib/tree.c tests/lib/tree.h
# system calls that load a kernel are answered by the test
kexec_show_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=syscall,--wrap=geteuid
kexec_show_CPPFLAGS = $(kexec_test_cppflags)
kexec_show_LDADD = $(kexec_test_libs)
TESTS += tests/unit/kexec_cases tests/unit/kexec_symbols tests/unit/kexec_cli

if HAVE_CMOCKA
check_PROGRAMS += kexec_unit
TESTS += kexec_unit
endif
kexec_unit_SOURCES = tests/unit/kexec_unit.c tests/unit/kexec_contract.c \
	tests/unit/kexec_handover.c tests/unit/kexec_handover.h \
	tests/unit/kexec_unwrap.c tests/unit/kexec_unwrap.h \
	tests/unit/kexec_fixture.c tests/unit/kexec_fixture.h \
	tests/unit/kexec_wrap.c tests/unit/kexec_wrap.h \
	tests/lib/tree.c tests/lib/tree.h
kexec_unit_CPPFLAGS = $(kexec_test_cppflags)
kexec_unit_LDADD = $(kexec_test_libs) $(CMOCKA_LIBS)
else
if HAVE_CMOCKA
check_PROGRAMS += kexec_arm64
TESTS += kexec_arm64
endif
kexec_arm64_SOURCES = tests/unit/kexec_arm64.c tests/unit/kexec_fixture.c \
	tests/unit/kexec_fixture.h tests/lib/tree.c tests/lib/tree.h
kexec_arm64_CPPFLAGS = $(kexec_test_cppflags)
kexec_arm64_LDADD = $(kexec_test_libs) $(CMOCKA_LIBS)
endif

EXTRA_DIST += tests/unit/kexec_cases tests/unit/kexec_symbols tests/unit/kexec_cli \
	tests/cases/kexec
