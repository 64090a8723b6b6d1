# SPDX-License-Identifier: GPL-2.0-only
# All but main, for the tests too.
iommudump_report_sources = iommudump/args.c iommudump/args.h \
	iommudump/cmd_check.c \
	iommudump/cmd_devices.c \
	iommudump/cmd_diff.c \
	iommudump/cmd_faults.c \
	iommudump/cmd_frames.c \
	iommudump/cmd_maps.c \
	iommudump/cmd_notes.c \
	iommudump/cmd_page.c \
	iommudump/cmd_pages.c \
	iommudump/cmd_reach.c \
	iommudump/cmd_report.c \
	iommudump/cmd_show.c \
	iommudump/cmd_story.c iommudump/story.h \
	iommudump/cmd_tables.c \
	iommudump/cmd_tree.c \
	iommudump/cmd_walk.c \
	iommudump/columns.c iommudump/columns.h \
	iommudump/commands.c iommudump/commands.h \
	iommudump/document.c \
	iommudump/dot.c \
	iommudump/emit.c \
	iommudump/filter.c iommudump/filter.h \
	iommudump/html.c iommudump/html.h iommudump/page.S \
	iommudump/html_memory.c \
	iommudump/html_table.c \
	iommudump/interrupts.c \
	iommudump/names.c iommudump/names.h \
	iommudump/oops.c iommudump/oops.h \
	iommudump/progress.c \
	iommudump/report.h \
	iommudump/target.c iommudump/target.h $(vmcore_dmesg_sources)
sbin_PROGRAMS += iommudump/iommudump
iommudump_iommudump_SOURCES = iommudump/dump_dir.c iommudump/dump_dir.h \
	iommudump/main.c \
	iommudump/page_file.c iommudump/page_file.h \
	iommudump/request.c iommudump/request.h \
	iommudump/source.c iommudump/source.h $(iommudump_report_sources)
# Of programs that print reports.
report_cppflags = $(AM_CPPFLAGS) $(JSON_CFLAGS) $(SMARTCOLS_CFLAGS) $(PCI_CFLAGS)
report_libs = $(JSON_LIBS) $(SMARTCOLS_LIBS) $(PCI_LIBS)
iommudump_iommudump_CPPFLAGS = $(report_cppflags)
iommudump_iommudump_LDADD = $(answers_libs) $(report_libs)
# What page.S holds.
AM_CCASFLAGS = -Wa,-I$(top_srcdir)
page_parts = $(top_srcdir)/iommudump/page.css $(top_srcdir)/iommudump/page.js
iommudump/iommudump-page.$(OBJEXT): $(page_parts)
EXTRA_DIST += iommudump/page.css iommudump/page.js

# What --json prints; readers may rely on it.
dist_pkgdata_DATA += iommudump/schema.json iommudump/iommus.py
dist_pkgdata_SCRIPTS = iommudump/iommus.sh
include tests/unit/report.mk
