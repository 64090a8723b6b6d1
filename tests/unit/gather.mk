# SPDX-License-Identifier: GPL-2.0-only
check_PROGRAMS += tests/unit/gather_show
tests_unit_gather_show_SOURCES = tests/unit/gather_show.c \
	tests/lib/madeup.c tests/lib/madeup.h \
	tests/lib/tree.c tests/lib/tree.h
tests_unit_gather_show_CPPFLAGS = $(libgather_a_CPPFLAGS)
tests_unit_gather_show_LDADD = $(gather_libs)

TESTS += tests/unit/gather_cases
EXTRA_DIST += tests/unit/gather_cases
EXTRA_DIST += tests/cases/acpi tests/cases/gather tests/cases/kernel tests/capture

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/gather_test
TESTS += tests/unit/gather_test
# The other one first, as a search would find it.
tests_unit_gather_test_SOURCES = tests/unit/gather_other.c \
	tests/unit/gather_test.c
tests_unit_gather_test_CPPFLAGS = $(libgather_a_CPPFLAGS) $(CMOCKA_CFLAGS)
# dwarf_members reads the program's own types.
tests_unit_gather_test_CFLAGS = $(AM_CFLAGS) -g
tests_unit_gather_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--build-id=sha1
tests_unit_gather_test_LDADD = $(gather_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/kallsyms_test
TESTS += tests/unit/kallsyms_test
tests_unit_kallsyms_test_SOURCES = tests/unit/kallsyms_test.c
tests_unit_kallsyms_test_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_kallsyms_test_LDADD = $(gather_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/kernel_dump_test
TESTS += tests/unit/kernel_dump_test
tests_unit_kernel_dump_test_SOURCES = tests/unit/kernel_dump_test.c \
	tests/lib/madeup.c tests/lib/madeup.h $(iommudump_report_sources)
tests_unit_kernel_dump_test_CPPFLAGS = $(report_cppflags) $(libgather_a_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_kernel_dump_test_LDADD = $(answers_libs) $(report_libs) $(CMOCKA_LIBS)
endif
