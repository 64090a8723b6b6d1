# SPDX-License-Identifier: GPL-2.0-only
# What a page of physical memory was to a Linux kernel.
noinst_LIBRARIES += libpages.a
libpages_a_SOURCES = \
	pages/areas.c pages/ask.c pages/free_lists.c pages/image.c pages/iovas.c \
	pages/layout.c pages/marks.c pages/names.c pages/percpu.c \
	pages/reader.h pages/struct_page.c pages/tables.c pages/tasks.c \
	pages/words.c \
	pages/zones.c
