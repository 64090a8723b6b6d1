# SPDX-License-Identifier: GPL-2.0-only
# vmcore-dmesg(8) on logs made from tests/cases/dmesg.
check_PROGRAMS += tests/unit/dmesg_test
TESTS += tests/unit/dmesg_test
tests_unit_dmesg_test_SOURCES = tests/unit/dmesg_case.c \
	tests/unit/dmesg_case.h tests/unit/dmesg_test.c \
	tests/unit/dump_case.c tests/unit/dump_case.h $(vmcore_dmesg_sources)
tests_unit_dmesg_test_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_dmesg_test_LDADD = $(dump_libs)
EXTRA_DIST += tests/cases/dmesg
