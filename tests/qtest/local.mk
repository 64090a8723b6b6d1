# SPDX-License-Identifier: GPL-2.0-only
# The library against QEMU's VT-d model; skipped where there is no QEMU.
check_PROGRAMS += tests/qtest/run
TESTS += tests/qtest/run
tests_qtest_run_SOURCES = tests/qtest/main.c tests/qtest/oracle.c \
	tests/qtest/oracle.h tests/qtest/tables.c tests/qtest/tables.h \
	tests/qtest/qtest.c tests/qtest/qtest.h tests/qtest/pci.c \
	tests/qtest/pci.h
tests_qtest_run_LDADD = libiommu.a
EXTRA_DIST += tests/qtest/cases tests/qtest/smmu-cases

# And against its SMMUv3.
check_PROGRAMS += tests/qtest/smmu
TESTS += tests/qtest/smmu
tests_qtest_smmu_SOURCES = tests/qtest/smmu_main.c tests/qtest/smmu.c \
	tests/qtest/smmu.h tests/qtest/qtest.c tests/qtest/qtest.h \
	tests/qtest/pci.c tests/qtest/pci.h
tests_qtest_smmu_LDADD = libiommu.a
