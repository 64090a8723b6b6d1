# SPDX-License-Identifier: GPL-2.0-only
# The library's unit tests.
check_PROGRAMS += tests/unit/walk_cases
TESTS += tests/unit/walk_cases
tests_unit_walk_cases_SOURCES = tests/unit/walk_cases.c \
	tests/unit/fakemem.c tests/unit/fakemem.h
tests_unit_walk_cases_LDADD = libiommu.a
EXTRA_DIST += tests/cases/walk

if HAVE_CMOCKA
# What the tests of the vendors' switches have in common.
switch_rig = tests/unit/switch_rig.c tests/unit/switch_rig.h \
	tests/unit/flicker.c tests/unit/flicker.h \
	tests/unit/fakemem.c tests/unit/fakemem.h
iommu_unit_tests = tests/unit/library_test tests/unit/own_tables_test \
	tests/unit/vtd_quiesce_test tests/unit/amdvi_quiesce_test \
	tests/unit/smmuv3_quiesce_test tests/unit/smmuv2_quiesce_test
check_PROGRAMS += $(iommu_unit_tests)
TESTS += $(iommu_unit_tests)
tests_unit_library_test_SOURCES = tests/unit/library_test.c \
	tests/unit/fakemem.c tests/unit/fakemem.h
tests_unit_library_test_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_library_test_LDADD = libiommu.a $(CMOCKA_LIBS)
tests_unit_own_tables_test_SOURCES = tests/unit/own_tables_test.c \
	tests/unit/fakemem.c tests/unit/fakemem.h
tests_unit_own_tables_test_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_own_tables_test_LDADD = libiommu.a $(CMOCKA_LIBS)
tests_unit_vtd_quiesce_test_SOURCES = tests/unit/vtd_quiesce_test.c \
	tests/unit/vtd_model.c tests/unit/vtd_model.h $(switch_rig)
tests_unit_vtd_quiesce_test_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_vtd_quiesce_test_LDADD = libiommu.a $(CMOCKA_LIBS)
tests_unit_amdvi_quiesce_test_SOURCES = tests/unit/amdvi_quiesce_test.c \
	tests/unit/amdvi_model.c tests/unit/amdvi_model.h $(switch_rig)
tests_unit_amdvi_quiesce_test_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_amdvi_quiesce_test_LDADD = libiommu.a $(CMOCKA_LIBS)
tests_unit_smmuv3_quiesce_test_SOURCES = tests/unit/smmuv3_quiesce_test.c \
	tests/unit/smmuv3_model.c tests/unit/smmuv3_model.h \
	tests/unit/lpae_model.c tests/unit/lpae_model.h $(switch_rig)
tests_unit_smmuv3_quiesce_test_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_smmuv3_quiesce_test_LDADD = libiommu.a $(CMOCKA_LIBS)
tests_unit_smmuv2_quiesce_test_SOURCES = tests/unit/smmuv2_quiesce_test.c \
	tests/unit/smmuv2_model.c tests/unit/smmuv2_model.h \
	tests/unit/lpae_model.c tests/unit/lpae_model.h $(switch_rig)
tests_unit_smmuv2_quiesce_test_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_smmuv2_quiesce_test_LDADD = libiommu.a $(CMOCKA_LIBS)
endif

# Of the kernel module, what needs no kernel.
check_PROGRAMS += tests/unit/tally_test
TESTS += tests/unit/tally_test
tests_unit_tally_test_SOURCES = tests/unit/tally_test.c kernel/tally.h
tests_unit_tally_test_LDADD = $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/ranges_test
TESTS += tests/unit/ranges_test
tests_unit_ranges_test_SOURCES = tests/unit/ranges_test.c kernel/ranges.h
tests_unit_ranges_test_LDADD = $(CMOCKA_LIBS)
