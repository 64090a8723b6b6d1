# SPDX-License-Identifier: GPL-2.0-only
check_PROGRAMS += tests/unit/dump_test
TESTS += tests/unit/dump_test
tests_unit_dump_test_SOURCES = tests/unit/dump_case.c tests/unit/dump_case.h \
	tests/unit/dump_test.c $(iommudump_report_sources)
tests_unit_dump_test_CPPFLAGS = $(report_cppflags)
tests_unit_dump_test_LDADD = $(answers_libs) $(report_libs)
EXTRA_DIST += tests/cases/dump

check_PROGRAMS += tests/unit/reach_test
TESTS += tests/unit/reach_test
tests_unit_reach_test_SOURCES = tests/unit/reach_test.c
tests_unit_reach_test_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_reach_test_LDADD = $(answers_libs)

check_PROGRAMS += tests/unit/runs_test
TESTS += tests/unit/runs_test
tests_unit_runs_test_SOURCES = tests/unit/runs_test.c
tests_unit_runs_test_LDADD = $(answers_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/paging_test
TESTS += tests/unit/paging_test
tests_unit_paging_test_SOURCES = tests/unit/paging_test.c \
	tests/unit/fakemem.c tests/unit/fakemem.h
tests_unit_paging_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests/unit
tests_unit_paging_test_LDADD = $(dump_libs)
EXTRA_DIST += tests/cases/paging
TESTS += tests/unit/memcheck
EXTRA_DIST += tests/unit/memcheck
TESTS += tests/unit/dump_limits
EXTRA_DIST += tests/unit/dump_limits
