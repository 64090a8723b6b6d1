# SPDX-License-Identifier: GPL-2.0-only
# The library's unit tests.
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/vtd_quiesce_test
TESTS += tests/unit/vtd_quiesce_test
tests_unit_vtd_quiesce_test_SOURCES = tests/unit/vtd_quiesce_test.c \
	tests/unit/vtd_model.c tests/unit/vtd_model.h \
	tests/unit/fakemem.c tests/unit/fakemem.h
tests_unit_vtd_quiesce_test_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_vtd_quiesce_test_LDADD = libiommu.a $(CMOCKA_LIBS)
endif
