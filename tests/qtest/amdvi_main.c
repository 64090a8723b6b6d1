// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the case files of tests/qtest/amdvi-cases against QEMU's AMD-Vi. README
 * there has the language. The library predicts from registers and memory
 * alone, the model does it, and the case says what the manual demands: all
 * three must agree.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "amdvi.h"

#define ARGS_MAX 16
#define SKIP 77
#define RUNS_MAX 4096

struct run {
	const char *file;
	unsigned int line;
	struct qtest q;
	struct amdvi a;
	struct iommu_iter iter;
	char name[64]; /* of the case; empty: none */
	char why[512]; /* first disagreement; empty: none */
	unsigned int wrong_line, n, failed, dmas;
	char *arg[ARGS_MAX];
	int args;
};

static void wrong(struct run *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void wrong(struct run *r, const char *format, ...)
{
	va_list ap;

	if (r->why[0])
		return;
	r->wrong_line = r->line;
	va_start(ap, format);
	vsnprintf(r->why, sizeof(r->why), format, ap);
	va_end(ap);
}

static bool bad(struct run *r, const char *what, const char *word)
{
	wrong(r, "%s: %s", what, word ? word : "missing");
	return false;
}

static bool number(struct run *r, const char *word, u64 *val)
{
	char *end;

	errno = 0;
	*val = word ? strtoull(word, &end, 0) : 0;
	if (!word || !*word || errno)
		return bad(r, "no number", word);
	if (*end == 'k' || *end == 'm' || *end == 'g') {
		*val <<= *end == 'k' ? 10 : *end == 'm' ? 20 : 30;
		end++;
	}
	return *end ? bad(r, "no number", word) : true;
}

/* --- one DMA --- */

struct prediction {
	int err; /* of lookup or translation; IOMMU_OK: it lands */
	struct iommu_domain d;
	struct iommu_config c;
	struct iommu_xlat x;
	struct iommu_evidence ev;
};

static bool predict(struct run *r, const struct edu *e, u64 iova, u32 access,
		    struct prediction *p)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_AMDVI);
	struct iommu_fault_raw none;
	struct iommu_regs regs;
	u32 n = 0;

	memset(p, 0, sizeof(*p));
	if (v->snapshot(&r->q.unit.mmio, &regs, &none, &n) ||
	    v->describe(&regs, &p->c) || !p->c.on)
		return bad(r, "the library sees no unit that is on", "");
	p->err = v->lookup(&p->c, &r->q.mem.mem, e->requester, ~0u, &p->d,
			   &p->ev);
	if (!p->err && p->d.kind == IOMMU_KIND_BLOCKED)
		p->err = p->ev.err;
	else if (!p->err)
		p->err = iommu_translate(&p->c, &r->q.mem.mem, &p->d, iova,
					 access, &p->x, &p->ev);
	return true;
}

/* The iterator must list the page just when a translation of it succeeds. */
static void check_listing(struct run *r, struct prediction *p, u64 iova,
			  u32 need)
{
	struct iommu_evidence ev;
	struct iommu_run run;
	unsigned int i;
	bool found = false;
	int err;

	iommu_iter_start(&r->iter, &r->q.mem.mem, &p->c, &p->d.stage[1],
			 100000);
	for (i = 0; i < RUNS_MAX && !found; i++) {
		err = iommu_iter_next(&r->iter, &run, &ev);
		if (err == IOMMU_ENOTPRESENT || err == IOMMU_EBUDGET)
			break;
		found = !err && iova >= run.iova && iova - run.iova < run.len &&
			run.perm & need;
	}
	if (found != !p->err ||
	    (found && run.pa + (iova - run.iova) != p->x.pa))
		wrong(r, "the iterator %s 0x%" PRIx64,
		      found ? "lists" : "does not list", iova);
}

static void do_write(struct run *r, const struct edu *e, u64 iova, bool lands,
		     u64 pa)
{
	u64 word = qtest_pattern(&r->q), at = 0;
	u32 found;

	edu_write(&r->q, e, iova, &word, sizeof(word));
	found = qtest_find(&r->q, word, &at);
	if (found != lands || (found && at != pa))
		wrong(r, "the unit: %u times, at 0x%" PRIx64, found, at);
}

static void do_read(struct run *r, const struct edu *e, u64 iova, bool lands,
		    u64 pa)
{
	u64 word = qtest_pattern(&r->q), got = 0;

	if (lands)
		qtest_write64(&r->q, pa, word);
	edu_read(&r->q, e, iova, &got, sizeof(got));
	if ((got == word) != lands)
		wrong(r, "the unit %s the read",
		      got == word ? "allows" : "refuses");
}

static void dma(struct run *r, const struct edu *e, u64 iova, bool write,
		bool lands, u64 pa)
{
	u32 need = write ? IOMMU_W : IOMMU_R;
	struct prediction p;

	amdvi_on(&r->a);
	if (!predict(r, e, iova, need, &p))
		return;
	if (!p.err != lands || (lands && p.x.pa != pa))
		wrong(r, "walker: %s, 0x%" PRIx64 " (level %u, 0x%" PRIx64 ")",
		      iommu_err_text(p.err), p.x.pa, p.ev.level, p.ev.where);
	if (write)
		do_write(r, e, iova, lands, pa);
	else
		do_read(r, e, iova, lands, pa);
	if (p.d.kind == IOMMU_KIND_TABLE)
		check_listing(r, &p, iova, need);
	if (r->q.error[0])
		wrong(r, "%s", r->q.error);
}

/* --- statements --- */

static struct edu *place(struct run *r, const char *word)
{
	static const char *const names[] = {
		[EDU_ROOT] = "edu", [EDU_PORT] = "port", [EDU_BRIDGE] = "bridge"
	};
	unsigned int i;

	for (i = 0; word && i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], word))
			return qtest_edu(&r->q, i);
	bad(r, "no device", word);
	return NULL;
}

/* table NAME LEVELS [LEVEL]: the root's entries lead right to LEVEL */
static bool do_table(struct run *r)
{
	u64 levels, below = 0;

	if (!number(r, r->arg[2], &levels) ||
	    (r->arg[3] && !number(r, r->arg[3], &below)))
		return false;
	if (!levels || levels > AMDVI_LEVELS_MAX || below >= levels)
		return bad(r, "no depth", r->arg[2]);
	return amdvi_add(&r->a, r->arg[1], levels, below)
		       ? true
		       : bad(r, "too many tables", r->arg[1]);
}

/* map NAME IOVA PA SIZE PERM */
static bool do_map(struct run *r)
{
	struct amdvi_table *t = amdvi_find(&r->a, r->arg[1]);
	u64 iova, pa, size;
	u32 perm;

	if (!t || !number(r, r->arg[2], &iova) || !number(r, r->arg[3], &pa) ||
	    !number(r, r->arg[4], &size))
		return bad(r, "map", r->arg[1]);
	perm = (strchr(r->arg[5], 'r') ? IOMMU_R : 0) |
	       (strchr(r->arg[5], 'w') ? IOMMU_W : 0);
	return amdvi_map(&r->a, t, iova, pa, size, perm)
		       ? true
		       : bad(r, "can't be mapped", r->arg[2]);
}

/* dte PLACE TABLE|pass|none PERM */
static bool do_dte(struct run *r)
{
	struct edu *e = place(r, r->arg[1]);
	struct amdvi_table *t = amdvi_find(&r->a, r->arg[2]);
	u32 perm = (strchr(r->arg[3], 'r') ? IOMMU_R : 0) |
		   (strchr(r->arg[3], 'w') ? IOMMU_W : 0);

	if (!e)
		return false;
	if (!t && strcmp(r->arg[2], "pass") && strcmp(r->arg[2], "none"))
		return bad(r, "no table", r->arg[2]);
	amdvi_dte(&r->a, e->requester, t, strcmp(r->arg[2], "none"), perm);
	return true;
}

/* pte NAME LEVEL IOVA set|clear BITS */
static bool do_pte(struct run *r)
{
	struct amdvi_table *t = amdvi_find(&r->a, r->arg[1]);
	u64 level, iova, bits, where, raw;

	if (!t || !number(r, r->arg[2], &level) ||
	    !number(r, r->arg[3], &iova) || !number(r, r->arg[5], &bits))
		return false;
	where = amdvi_entry(&r->a, t, level, iova);
	if (!where)
		return bad(r, "no such entry", r->arg[3]);
	raw = qtest_read64(&r->q, where);
	qtest_write64(&r->q, where,
		      strcmp(r->arg[4], "set") ? raw & ~bits : raw | bits);
	return true;
}

/* write|read PLACE IOVA -> PA|blocked */
static bool do_dma(struct run *r)
{
	struct edu *e = place(r, r->arg[1]);
	bool lands = r->arg[4] && strcmp(r->arg[4], "blocked");
	u64 iova, pa = 0;

	if (!e || !number(r, r->arg[2], &iova) ||
	    (lands && !number(r, r->arg[4], &pa)))
		return false;
	if (strcmp(r->arg[3], "->") || iova % 8)
		return bad(r, "expectation", r->arg[3]);
	dma(r, e, iova, !strcmp(r->arg[0], "write"), lands, pa);
	r->dmas++;
	return true;
}

/* --- files --- */

static void end_case(struct run *r)
{
	if (!r->name[0])
		return;
	if (r->a.full)
		wrong(r, "out of pages for tables");
	if (!r->dmas)
		wrong(r, "no DMA in this case");
	r->n++;
	r->failed += !!r->why[0];
	printf("%sok %u - %s\n", r->why[0] ? "not " : "", r->n, r->name);
	if (r->why[0])
		printf("# %s:%u: %s\n", r->file, r->wrong_line, r->why);
	r->name[0] = 0;
}

static bool do_case(struct run *r)
{
	end_case(r);
	r->why[0] = 0;
	r->dmas = 0;
	amdvi_start(&r->a, &r->q);
	snprintf(r->name, sizeof(r->name), "%s", r->arg[1]);
	return true;
}

static const struct {
	const char *word;
	int args; /* at least, the word included */
	bool (*run)(struct run *r);
} statements[] = {
	{ "case", 2, do_case }, { "table", 3, do_table },
	{ "map", 6, do_map },	{ "dte", 4, do_dte },
	{ "pte", 6, do_pte },	{ "write", 5, do_dma },
	{ "read", 5, do_dma },
};

static bool statement(struct run *r, char *line)
{
	unsigned int i;
	char *save, *word;

	line[strcspn(line, "#\n")] = 0;
	memset(r->arg, 0, sizeof(r->arg));
	r->args = 0;
	for (word = strtok_r(line, " \t", &save);
	     word && r->args < ARGS_MAX - 1;
	     word = strtok_r(NULL, " \t", &save))
		r->arg[r->args++] = word;
	if (!r->args)
		return true;
	for (i = 0; i < ARRAY_SIZE(statements); i++) {
		if (strcmp(statements[i].word, r->arg[0]))
			continue;
		if (r->args < statements[i].args)
			return bad(r, "too few words", r->arg[0]);
		return statements[i].run(r);
	}
	return bad(r, "no statement", r->arg[0]);
}

/* A file that can't be run to its end is a failed test of its own. */
static void run_file(struct run *r, const char *path)
{
	FILE *f = fopen(path, "r");
	bool fine = f;
	char line[256];

	r->file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	r->line = 0;
	if (!f)
		bad(r, "can't be read", strerror(errno));
	while (fine && fgets(line, sizeof(line), f)) {
		r->line++;
		fine = statement(r, line);
	}
	if (!fine && !r->name[0])
		snprintf(r->name, sizeof(r->name), "%s", r->file);
	end_case(r);
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	static struct run r;
	struct qtest_machine m;
	const char *why, *srcdir = getenv("srcdir");
	char path[4096];
	int i;

	amdvi_machine(&m);
	if (!qtest_available(&m, &why)) {
		printf("1..0 # SKIP %s\n", why);
		return SKIP;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!qtest_start(&r.q, &m, "")) {
		printf("not ok 1 - %s\n1..1\n", r.q.error);
		return 1;
	}
	amdvi_requesters(&r.q);
	for (i = 1; i < argc; i++)
		run_file(&r, argv[i]);
	if (argc < 2) {
		snprintf(path, sizeof(path),
			 "%s/tests/qtest/amdvi-cases/host.txt",
			 srcdir ? srcdir : ".");
		run_file(&r, path);
	}
	qtest_stop(&r.q);
	printf("1..%u\n# %u tests, %u failed\n", r.n, r.n, r.failed);
	return r.failed || !r.n;
}
