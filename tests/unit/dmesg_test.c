// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the log of each case from a dump of every format, and compares text,
 * messages and status with the golden file beside the case. Then breaks bytes
 * of the log and cuts the dump: it must end soon, and without a crash.
 *
 * usage: dmesg_test [--update | --write=FORMAT | --rounds=N] [CASE...]
 * Without a case, all of $srcdir/tests/cases/dmesg.
 */
#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "../../vmcore-dmesg/dmesg.h"
#include "dmesg_case.h"

static unsigned int tests, failed, rounds = 20;

static void result(bool ok, const char *case_name, const char *what)
{
	printf("%sok %u - %s: %s\n", ok ? "" : "not ", ++tests, case_name,
	       what);
	failed += !ok;
}

/* Text, messages and status as one text. */
static char *print_bytes(const struct bytes *b)
{
	int fd = memfd_create("dump", 0), status;
	char path[64], why[512] = "", *all, *errs;
	size_t len, errs_len;
	FILE *out, *err;
	struct dump d;

	if (fd < 0 || write(fd, b->p, b->len) != (ssize_t)b->len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	out = open_memstream(&all, &len);
	err = open_memstream(&errs, &errs_len);
	if (dump_open(&d, path, why, sizeof(why))) {
		fprintf(err, "%s\n", strchr(why, ':') + 2);
		status = 1;
	} else {
		status = dmesg_print(&d, "dump", out, err);
		dump_close(&d);
	}
	close(fd);
	fclose(err);
	fprintf(out, "-- messages\n%s-- status %d\n", errs, status);
	fclose(out);
	free(errs);
	return all;
}

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		return strdup("");
	if (getdelim(&text, &size, 0, f) < 0)
		text[0] = 0;
	fclose(f);
	return text;
}

static void golden(const char *name, const char *path, const char *got,
		   bool update)
{
	char *want = slurp(path);
	FILE *f;

	if (update) {
		f = fopen(path, "w");
		fputs(got, f);
		fclose(f);
	} else {
		result(!strcmp(got, want), name, "golden output");
		if (strcmp(got, want))
			printf("# got:\n%s", got);
	}
	free(want);
}

/* Every format must give the same, where page tables lead the way. */
static void same(struct dmesg_case *c, const char *name, const char *want)
{
	enum case_format f;

	for (f = CASE_ELF + 1; f < CASE_NOTES && !c->headers; f++) {
		struct bytes b = dmesg_case_write(c, f);
		char *got = print_bytes(&b);

		result(!strcmp(got, want), name, case_format_name[f]);
		free(got);
		free(b.p);
	}
}

/* xorshift: the same on every run */
static u64 chance(u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

/* Most bytes are zeros that nobody reads: one that is not, mostly. */
static size_t victim(const struct bytes *b, u64 *seed)
{
	size_t at = chance(seed) % b->len, n;

	if (chance(seed) % 8)
		for (n = 0; n < b->len && !b->p[at]; n++)
			at = (at + 1) % b->len;
	return at;
}

#define ROUND_MS_MAX 2000u

/* Any byte, some of them, and any length of the file. */
static void broken(const struct bytes *b, const char *name)
{
	u64 seed = 88172645463325252ULL, slowest = 0, start, took;
	unsigned int i, k;

	for (i = 0; i < rounds; i++) {
		struct bytes bad = { malloc(b->len), b->len };
		char *got;

		memcpy(bad.p, b->p, b->len);
		if (i % 4 == 3)
			bad.len = chance(&seed) % b->len;
		for (k = chance(&seed) % 8 + 1; k && bad.len; k--)
			bad.p[victim(&bad, &seed)] = (u8)chance(&seed);
		start = now_ms();
		got = print_bytes(&bad);
		took = now_ms() - start;
		slowest = took > slowest ? took : slowest;
		free(got);
		free(bad.p);
	}
	result(slowest < ROUND_MS_MAX, name, "broken bytes, cut files");
}

static int test_case(const char *path, bool update, int write_format)
{
	char *copy = strdup(path), *name = basename(copy), *got, out[512];
	struct dmesg_case c;
	struct bytes b;

	if (dmesg_case_read(&c, path))
		return 99;
	b = dmesg_case_write(&c, write_format < 0
					 ? CASE_ELF
					 : (enum case_format)write_format);
	if (write_format >= 0) {
		fwrite(b.p, 1, b.len, stdout);
	} else {
		snprintf(out, sizeof(out), "%.*s.out", (int)strlen(path) - 5,
			 path);
		got = print_bytes(&b);
		golden(name, out, got, update);
		if (!update) {
			same(&c, name, got);
			broken(&b, name);
		}
		free(got);
	}
	free(b.p);
	dmesg_case_free(&c);
	free(copy);
	return 0;
}

static int test_all(bool update)
{
	const char *top = getenv("srcdir");
	char pattern[512];
	size_t i;
	glob_t g;
	int err = 0;

	snprintf(pattern, sizeof(pattern), "%s/tests/cases/dmesg/*.case",
		 top ? top : ".");
	if (glob(pattern, 0, NULL, &g)) {
		fprintf(stderr, "%s: no cases\n", pattern);
		return 99;
	}
	for (i = 0; i < g.gl_pathc && !err; i++)
		err = test_case(g.gl_pathv[i], update, -1);
	globfree(&g);
	return err;
}

static int format_of(const char *name)
{
	int i;

	for (i = 0; i < CASE_FORMATS; i++)
		if (!strcmp(name, case_format_name[i]))
			return i;
	fprintf(stderr, "%s: no such format\n", name);
	exit(99);
}

int main(int argc, char **argv)
{
	int i, err = 0, format = -1;
	bool update = false;

	for (i = 1; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--update"))
			update = true;
		else if (!strncmp(argv[i], "--write=", 8))
			format = format_of(argv[i] + 8);
		else if (!strncmp(argv[i], "--rounds=", 9))
			rounds = (unsigned int)atoi(argv[i] + 9);
	}
	if (i == argc)
		err = test_all(update);
	for (; i < argc && !err; i++)
		err = test_case(argv[i], update, format);
	if (!update && format < 0)
		printf("1..%u\n", tests);
	return err ? err : failed != 0;
}
