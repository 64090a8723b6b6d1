# SPDX-License-Identifier: GPL-2.0-only
# All but main, for the tests too.
iommudump_report_sources = iommudump/args.c iommudump/args.h \
	iommudump/check.c iommudump/check.h iommudump/rules.c \
	iommudump/diff.c iommudump/dot.c \
	iommudump/html.c iommudump/page.S iommudump/report.c \
	iommudump/devices.c iommudump/emit.c iommudump/interrupts.c \
	iommudump/maps.c iommudump/notes.c \
	iommudump/progress.c iommudump/reach.c iommudump/report.h iommudump/show.c \
	iommudump/tables.c iommudump/text.c
sbin_PROGRAMS += iommudump/iommudump
iommudump_iommudump_SOURCES = iommudump/main.c $(iommudump_report_sources)
iommudump_iommudump_CPPFLAGS = $(AM_CPPFLAGS) $(JSON_CFLAGS)
iommudump_iommudump_LDADD = $(answers_libs) $(JSON_LIBS)
# What page.S holds.
AM_CCASFLAGS = -Wa,-I$(top_srcdir)
page_parts = $(top_srcdir)/iommudump/page.css $(top_srcdir)/iommudump/page.js
iommudump/iommudump-page.$(OBJEXT): $(page_parts)
EXTRA_DIST += iommudump/page.css iommudump/page.js

# What --json prints; readers may rely on it.
dist_pkgdata_DATA = iommudump/schema.json
include tests/unit/report.mk
