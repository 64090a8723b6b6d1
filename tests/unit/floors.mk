# SPDX-License-Identifier: GPL-2.0-only
# What each library and program is linked from, for the check of the floors.
tests/unit/floors.list: Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { \
	echo 'libiommu $(libiommu_a_OBJECTS)'; \
	echo 'libfacts $(libfacts_a_OBJECTS)'; \
	echo 'libstructures $(libstructures_a_OBJECTS)'; \
	echo 'libpages $(libpages_a_OBJECTS)'; \
	echo 'libdump $(libdump_a_OBJECTS)'; \
	echo 'libgather $(libgather_a_OBJECTS)'; \
	echo 'libanswers $(libanswers_a_OBJECTS)'; \
	echo 'libpurgatory $(libpurgatory_a_OBJECTS)'; \
	echo 'libkexec $(libkexec_a_OBJECTS)'; \
	echo 'kexec $(kexec_kexec_OBJECTS)'; \
	echo 'iommudump $(iommudump_iommudump_OBJECTS)'; \
	echo 'vmcore-dmesg $(vmcore_dmesg_vmcore_dmesg_OBJECTS)'; } > $@
check_DATA += tests/unit/floors.list
CLEANFILES += tests/unit/floors.list
TESTS += tests/unit/floors
EXTRA_DIST += tests/unit/floors
