# SPDX-License-Identifier: GPL-2.0-only
# Answers to questions: from facts, and from a dead or running kernel's memory.
noinst_LIBRARIES += libanswers.a
libanswers_a_CPPFLAGS = $(AM_CPPFLAGS)
libanswers_a_SOURCES = \
	answers/check.c \
	answers/crash_rules.c \
	answers/dead_kernel.c \
	answers/device_rules.c \
	answers/dma.c \
	answers/domain.c \
	answers/entries.c \
	answers/findings.c \
	answers/iommu_pages.c \
	answers/iova_rules.c \
	answers/irqs.c \
	answers/kept.c answers/kept.h \
	answers/live.c \
	answers/look_at_pages.c \
	answers/mapped.c \
	answers/memory_rules.c \
	answers/page_rules.c \
	answers/reach_ask.c \
	answers/reach_find.c \
	answers/reach_index.c answers/reach_index.h \
	answers/requesters.c \
	answers/rules.c answers/rules.h \
	answers/run_index.c answers/run_index.h \
	answers/runs.c \
	answers/scan.c answers/scan.h \
	answers/since_load.c \
	answers/view.c \
	answers/words.c
# What a program that asks links, from the top floor down.
answers_libs = libanswers.a libpages.a libdump.a $(KDUMPFILE_LIBS) $(gather_libs)
include tests/unit/dump.mk
