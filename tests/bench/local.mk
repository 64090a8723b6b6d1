# SPDX-License-Identifier: GPL-2.0-only
# Ratios, on demand: make bench. The digest is the purgatory's own objects.
if HAVE_CRYPTO
EXTRA_PROGRAMS += tests/bench/hosted
tests_bench_hosted_SOURCES = tests/bench/hosted.c
tests_bench_hosted_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_bench_hosted_LDADD = $(digest_objs) $(answers_libs) $(CRYPTO_LIBS)
bench_programs = tests/bench/hosted
endif
.PHONY: bench
bench: $(bench_programs)
	$(top_srcdir)/tests/bench/run --hosted tests/bench/hosted
EXTRA_DIST += tests/bench/run tests/bench/guest.py tests/bench/init \
	tests/bench/open.py
