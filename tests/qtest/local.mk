# SPDX-License-Identifier: GPL-2.0-only
# What each of the programs is made of, and what those with 8-byte DMA share.
tests_qtest_common = tests/qtest/cases.c tests/qtest/cases.h \
	tests/qtest/model.c tests/qtest/model.h tests/qtest/quiesce.c \
	tests/qtest/quiesce.h tests/qtest/qtest.c \
	tests/qtest/qtest.h tests/qtest/qtest_pci.c tests/qtest/qtest_pci.h
tests_qtest_probe = tests/qtest/probe.c tests/qtest/probe.h

# The library against QEMU's VT-d model; skipped where there is no QEMU.
check_PROGRAMS += tests/qtest/run
TESTS += tests/qtest/run
tests_qtest_run_SOURCES = tests/qtest/main.c tests/qtest/oracle.c \
	tests/qtest/oracle.h tests/qtest/vtd_tables.c tests/qtest/vtd_tables.h \
	$(tests_qtest_common)
tests_qtest_run_LDADD = libiommu.a
EXTRA_DIST += tests/qtest/cases tests/qtest/smmu-cases tests/qtest/newer

# And against its SMMUv3.
check_PROGRAMS += tests/qtest/smmu
TESTS += tests/qtest/smmu
tests_qtest_smmu_SOURCES = tests/qtest/smmu_main.c tests/qtest/smmu_tables.c \
	tests/qtest/smmu_tables.h $(tests_qtest_probe) $(tests_qtest_common)
tests_qtest_smmu_LDADD = libiommu.a
