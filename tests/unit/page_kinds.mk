# SPDX-License-Identifier: GPL-2.0-only
check_PROGRAMS += tests/unit/page_kinds_test
TESTS += tests/unit/page_kinds_test
tests_unit_page_kinds_test_SOURCES = tests/unit/page_kinds_test.c \
	tests/lib/pages_world.c tests/lib/pages_world.h
tests_unit_page_kinds_test_LDADD = libpages.a $(gather_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/stale_test
TESTS += tests/unit/stale_test
tests_unit_stale_test_SOURCES = tests/unit/stale_test.c
tests_unit_stale_test_LDADD = $(answers_libs) $(CMOCKA_LIBS)
