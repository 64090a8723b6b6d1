# SPDX-License-Identifier: GPL-2.0-only
# The library against QEMU's AMD-Vi; skipped where there is no QEMU.
check_PROGRAMS += tests/qtest/amdvi
TESTS += tests/qtest/amdvi
tests_qtest_amdvi_SOURCES = tests/qtest/amdvi_main.c tests/qtest/amdvi_tables.c \
	tests/qtest/amdvi_tables.h $(tests_qtest_probe) $(tests_qtest_common)
tests_qtest_amdvi_LDADD = libiommu.a
EXTRA_DIST += tests/qtest/amdvi-cases
