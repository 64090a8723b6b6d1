# SPDX-License-Identifier: GPL-2.0-only
# Unit tests of the purgatory: all of it but what only a machine can run.
if HAVE_CMOCKA
purgatory_unit_tests = tests/unit/purgatory_plan tests/unit/purgatory_run \
	tests/unit/purgatory_parts tests/unit/purgatory_arch
check_PROGRAMS += $(purgatory_unit_tests)
TESTS += $(purgatory_unit_tests)
purgatory_fixture = tests/unit/purgatory_fixture.c \
	tests/unit/purgatory_fixture.h
purgatory_test_libs = libpurgatory.a libiommu.a $(CMOCKA_LIBS)
tests_unit_purgatory_plan_SOURCES = tests/unit/purgatory_plan.c \
	$(purgatory_fixture)
tests_unit_purgatory_plan_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_purgatory_plan_LDADD = $(purgatory_test_libs)
tests_unit_purgatory_run_SOURCES = tests/unit/purgatory_run.c \
	$(purgatory_fixture)
tests_unit_purgatory_run_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_purgatory_run_LDADD = $(purgatory_test_libs)
tests_unit_purgatory_parts_SOURCES = tests/unit/purgatory_parts.c \
	$(purgatory_fixture)
tests_unit_purgatory_parts_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_purgatory_parts_LDADD = $(purgatory_test_libs)
if ARCH_X86_64
tests_unit_purgatory_arch_SOURCES = tests/unit/purgatory_x86_64.c
else
tests_unit_purgatory_arch_SOURCES = tests/unit/purgatory_arm64.c
endif
tests_unit_purgatory_arch_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_purgatory_arch_LDADD = $(purgatory_test_libs)
if HAVE_CRYPTO
check_PROGRAMS += tests/unit/purgatory_digest
TESTS += tests/unit/purgatory_digest
tests_unit_purgatory_digest_SOURCES = tests/unit/purgatory_digest.c
tests_unit_purgatory_digest_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) \
	$(CRYPTO_CFLAGS)
tests_unit_purgatory_digest_LDADD = $(digest_objs) $(CRYPTO_LIBS) \
	$(CMOCKA_LIBS)
endif
endif
