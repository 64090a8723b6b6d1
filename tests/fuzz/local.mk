# SPDX-License-Identifier: GPL-2.0-only
# Every seed through its target, with the compiler of the build; libFuzzer
# itself only on demand: make fuzz, or tests/fuzz/run SECONDS [TARGET...].
tests_fuzz_sources = tests/fuzz/main.c tests/fuzz/support.c \
	tests/fuzz/kernel_memory.c tests/lib/madeup.c tests/lib/madeup.h \
	tests/lib/pages_world.c tests/lib/pages_world.h \
	tests/fuzz/fuzz_gather.c tests/fuzz/fuzz_dump.c \
	tests/fuzz/fuzz_report.c tests/fuzz/fuzz_sysfs.c tests/fuzz/fuzz_tables.c \
	tests/fuzz/list.c tests/fuzz/list.h \
	tests/fuzz/fuzz_smmu.c tests/fuzz/fuzz_viot.c tests/fuzz/fuzz_amdvi.c tests/fuzz/fuzz_amdvi_switch.c \
	tests/fuzz/fuzz_smmuv3_switch.c tests/fuzz/fuzz_smmuv2_switch.c \
	tests/fuzz/switch.c tests/fuzz/switch.h \
	tests/fuzz/fuzz_dmesg.c tests/fuzz/fuzz.h \
	tests/fuzz/fuzz_kexec.c tests/fuzz/fuzz_plan.c \
	$(iommudump_report_sources)
tests_fuzz_cppflags = $(report_cppflags) -I$(top_srcdir)/kexec
tests_fuzz_libs = $(answers_libs) $(report_libs) libkexec.a libpurgatory.a $(kexec_libs)

check_PROGRAMS += tests/fuzz/replay
TESTS += tests/fuzz/replay
tests_fuzz_replay_SOURCES = $(tests_fuzz_sources)
tests_fuzz_replay_CPPFLAGS = $(tests_fuzz_cppflags)
tests_fuzz_replay_LDADD = $(tests_fuzz_libs)
iommudump/tests_fuzz_replay-page.$(OBJEXT): $(page_parts)

# Only in a build that tests/fuzz/run has configured for it.
EXTRA_PROGRAMS += tests/fuzz/fuzz
tests_fuzz_fuzz_SOURCES = $(tests_fuzz_sources)
tests_fuzz_fuzz_CPPFLAGS = $(tests_fuzz_cppflags) -DFUZZING
tests_fuzz_fuzz_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_LDADD = $(tests_fuzz_libs)
iommudump/tests_fuzz_fuzz-page.$(OBJEXT): $(page_parts)

FUZZ_SECONDS = 60
.PHONY: fuzz
fuzz:
	$(SHELL) $(top_srcdir)/tests/fuzz/run $(FUZZ_SECONDS)
EXTRA_DIST += tests/fuzz/run tests/fuzz/seeds
