// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the case files of tests/qtest/smmu-cases against QEMU's SMMUv3. README
 * there has the language. The library predicts from registers and memory
 * alone, the model does it, and the case says what the manual demands.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "smmu.h"

#define ARGS_MAX 16
#define SKIP 77
#define RUNS_MAX 4096

struct run {
	const char *file;
	unsigned int line;
	struct qtest q;
	struct smmu s;
	struct iommu_regs regs;
	struct iommu_iter iter;
	char name[64]; /* of the case; empty: none */
	char why[512]; /* first disagreement; empty: none */
	unsigned int wrong_line, n, failed, dmas;
	char *arg[ARGS_MAX];
	int args;
};

struct expect {
	bool lands;
	u64 pa;
	u32 event[3]; /* one of these */
	u32 events;   /* 0: no record at all */
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
	bool silent;
	struct iommu_domain d;
	struct iommu_config c;
	struct iommu_xlat x;
	struct iommu_evidence ev;
};

static bool predict(struct run *r, const struct edu *e, u64 iova, u32 access,
		    struct prediction *p)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_SMMUV3);
	struct iommu_fault_raw none;
	u32 n = 0;

	memset(p, 0, sizeof(*p));
	if (v->snapshot(&r->q.unit.mmio, &r->regs, &none, &n) ||
	    v->describe(&r->regs, &p->c) || !p->c.on)
		return bad(r, "the library sees no unit that is on", "");
	p->err = v->lookup(&p->c, &r->q.mem.mem, e->requester, ~0u, &p->d,
			   &p->ev);
	p->silent = p->d.fault_off;
	if (!p->err && p->d.kind == IOMMU_KIND_BLOCKED)
		p->err = p->ev.err;
	else if (!p->err)
		p->err = iommu_translate(&p->c, &r->q.mem.mem, &p->d, iova,
					 access, &p->x, &p->ev);
	return true;
}

/* The iterator must list what was translated, at the same place. */
static void check_listing(struct run *r, struct prediction *p, u64 iova)
{
	const struct iommu_table *t = &p->d.stage[!p->d.stage[0].format];
	struct iommu_evidence ev;
	struct iommu_run run;
	unsigned int i, half;
	int err;

	for (half = 0; half < 2; half++, t = &p->d.upper) {
		if (!t->format)
			continue;
		iommu_iter_start(&r->iter, &r->q.mem.mem, &p->c, t, 100000);
		for (i = 0; i < RUNS_MAX; i++) {
			err = iommu_iter_next(&r->iter, &run, &ev);
			if (err == IOMMU_ENOTPRESENT || err == IOMMU_EBUDGET)
				break;
			iova &= ~t->ignored;
			if (!err && iova >= run.iova &&
			    iova - run.iova < run.len &&
			    run.pa + (iova - run.iova) == p->x.pa)
				return;
		}
	}
	wrong(r, "the iterator does not list 0x%" PRIx64, iova);
}

/* Event types below this one are about stream table and CD (7.3). */
#define EVENT_FIRST_WALK F_WALK_EABT

static void check_event(struct run *r, const struct prediction *p,
			const struct edu *e, u64 iova, bool write,
			const struct expect *x)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_SMMUV3);
	struct iommu_fault_raw raw[4];
	struct iommu_regs regs;
	struct iommu_fault f;
	u32 n = 0, i;

	v->snapshot(&r->q.unit.mmio, &regs, raw, &n);
	n = ARRAY_SIZE(raw);
	if (v->events(&regs, &r->q.mem.mem, raw, &n))
		wrong(r, "the event queue can't be read");
	smmu_take_events(&r->s);
	if (!x->events || !n) {
		if (n || x->events)
			wrong(r, "%u events (the first is 0x%x)", n,
			      n ? (u32)field(EVENT_TYPE, raw[0].w[0]) : 0);
		return;
	}
	v->fault(&raw[0], &f);
	for (i = 0; i < x->events && x->event[i] != f.reason; i++)
		;
	if (i == x->events || f.requester != e->requester)
		wrong(r, "event 0x%x of stream 0x%x", f.reason, f.requester);
	if (f.reason >= F_TRANSLATION &&
	    (f.iova != iova ||
	     (f.write != write && field(EVENT_CLASS, raw[0].w[1]) == CLASS_IN)))
		wrong(r, "event of %s 0x%" PRIx64,
		      f.write ? "write to" : "read of", f.iova);
	if ((f.reason < EVENT_FIRST_WALK) != (p->ev.level >= IOMMU_AT_ROOT))
		wrong(r, "event 0x%x, but the library blames level %u",
		      f.reason, p->ev.level);
	if (p->silent)
		wrong(r, "an event, but the library takes it for silent");
}

static void do_write(struct run *r, const struct edu *e, u64 iova,
		     const struct expect *x)
{
	u64 word = qtest_pattern(&r->q), at = 0;
	u32 found;

	edu_write(&r->q, e, iova, &word, sizeof(word));
	found = qtest_find(&r->q, word, &at);
	if (found > 1 || found != x->lands || (found && at != x->pa))
		wrong(r, "the unit: %u times, at 0x%" PRIx64, found, at);
}

static void do_read(struct run *r, const struct edu *e, u64 iova,
		    const struct expect *x)
{
	u64 word = qtest_pattern(&r->q), got = 0;

	if (x->lands)
		qtest_write64(&r->q, x->pa, word);
	edu_read(&r->q, e, iova, &got, sizeof(got));
	if ((got == word) != x->lands)
		wrong(r, "the unit %s the read",
		      got == word ? "allows" : "refuses");
}

static void dma(struct run *r, const struct edu *e, u64 iova, bool write,
		const struct expect *x)
{
	struct prediction p;

	smmu_on(&r->s);
	if (!predict(r, e, iova, write ? IOMMU_W : IOMMU_R, &p))
		return;
	if (!p.err != x->lands || (x->lands && p.x.pa != x->pa))
		wrong(r, "walker: %s, 0x%" PRIx64 " (level %u, 0x%" PRIx64 ")",
		      iommu_err_text(p.err), p.x.pa, p.ev.level, p.ev.where);
	if (write)
		do_write(r, e, iova, x);
	else
		do_read(r, e, iova, x);
	check_event(r, &p, e, iova, write, x);
	if (!p.err && p.d.kind == IOMMU_KIND_TABLE)
		check_listing(r, &p, iova);
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

static const char *keyed(struct run *r, const char *key)
{
	size_t len = strlen(key);
	int i;

	for (i = 1; i < r->args; i++)
		if (!strncmp(r->arg[i], key, len) && r->arg[i][len] == '=')
			return r->arg[i] + len + 1;
	return NULL;
}

static bool keyed_table(struct run *r, const char *key,
			const struct smmu_table **t)
{
	const char *name = keyed(r, key);

	*t = name ? smmu_find(&r->s, name) : NULL;
	return *t || !name ? true : bad(r, "no table", name);
}

/* table NAME 4k|16k|64k TSZ [second|upper] */
static bool do_table(struct run *r)
{
	static const char *const names[] = { "4k", "16k", "64k" };
	const char *kind = r->arg[4] ? r->arg[4] : "";
	u32 granule = 0;
	u64 tsz;

	while (granule < LPAE_GRANULES && strcmp(names[granule], r->arg[2]))
		granule++;
	if (granule == LPAE_GRANULES || !number(r, r->arg[3], &tsz))
		return bad(r, "no granule", r->arg[2]);
	if (!smmu_add(&r->s, r->arg[1], granule, tsz, !strcmp(kind, "second"),
		      !strcmp(kind, "upper")))
		return bad(r, "no such table", r->arg[1]);
	return true;
}

/* map NAME IOVA PA SIZE PERM */
static bool do_map(struct run *r)
{
	struct smmu_table *t = smmu_find(&r->s, r->arg[1]);
	u64 iova, pa, size;
	u32 perm;

	if (!t || !number(r, r->arg[2], &iova) || !number(r, r->arg[3], &pa) ||
	    !number(r, r->arg[4], &size))
		return bad(r, "map", r->arg[1]);
	perm = (strchr(r->arg[5], 'r') ? IOMMU_R : 0) |
	       (strchr(r->arg[5], 'w') ? IOMMU_W : 0);
	return smmu_map(&r->s, t, iova, pa, size, perm)
		       ? true
		       : bad(r, "can't be mapped", r->arg[2]);
}

static bool do_two_level(struct run *r)
{
	r->s.two_level = true;
	return true;
}

/* stream PLACE CONFIG [lower=T] [upper=T] [second=T] */
static bool do_stream(struct run *r)
{
	struct smmu_stream st = { 0 };
	struct edu *e = place(r, r->arg[1]);

	if (!e || !number(r, r->arg[2], &st.config) ||
	    !keyed_table(r, "lower", &st.lower) ||
	    !keyed_table(r, "upper", &st.upper) ||
	    !keyed_table(r, "second", &st.second))
		return false;
	smmu_stream(&r->s, e->requester, &st);
	return true;
}

/* OP VALUE: "= V", "set BITS", "clear BITS", at argument @at. */
static bool spoil(struct run *r, u64 where, int at)
{
	u64 val, raw;

	if (!where)
		return bad(r, "no such entry", r->arg[1]);
	if (r->args < at + 2 || !number(r, r->arg[at + 1], &val))
		return bad(r, "no value", r->arg[at]);
	raw = qtest_read64(&r->q, where);
	if (!strcmp(r->arg[at], "="))
		raw = val;
	else if (!strcmp(r->arg[at], "set"))
		raw |= val;
	else if (!strcmp(r->arg[at], "clear"))
		raw &= ~val;
	else
		return bad(r, "no operation", r->arg[at]);
	qtest_write64(&r->q, where, raw);
	return true;
}

/* pte NAME LEVEL IOVA OP VALUE */
static bool do_pte(struct run *r)
{
	struct smmu_table *t = smmu_find(&r->s, r->arg[1]);
	u64 level, iova;

	if (!t || !number(r, r->arg[2], &level) || !number(r, r->arg[3], &iova))
		return bad(r, "no table", r->arg[1]);
	return spoil(r, smmu_entry(&r->s, t, level, iova), 4);
}

/* word ste|cd|l1 PLACE WORD OP VALUE */
static bool do_word(struct run *r)
{
	struct edu *e = place(r, r->arg[2]);
	u64 word, where;

	if (!e || !number(r, r->arg[3], &word) || word >= 8)
		return false;
	where = !strcmp(r->arg[1], "ste") ? smmu_ste(&r->s, e->requester, true)
		: !strcmp(r->arg[1], "cd")
			? smmu_cd(&r->s, e->requester)
			: r->s.stream_table + (e->requester >> SMMU_SPLIT) * 8;
	return spoil(r, where ? where + word * 8 : 0, 4);
}

/* write|read PLACE IOVA -> PA | fault E [E...] | silent */
static bool do_dma(struct run *r)
{
	struct edu *e = place(r, r->arg[1]);
	struct expect x = { 0 };
	u64 iova, val;
	int at = 4;

	if (!e || !number(r, r->arg[2], &iova) || strcmp(r->arg[3], "->"))
		return bad(r, "DMA", r->arg[1]);
	if (!strcmp(r->arg[4], "fault")) {
		while (++at < r->args && x.events < ARRAY_SIZE(x.event)) {
			if (!number(r, r->arg[at], &val))
				return false;
			x.event[x.events++] = val;
		}
		if (!x.events)
			return bad(r, "event", NULL);
	} else if (strcmp(r->arg[4], "silent")) {
		x.lands = true;
		if (!number(r, r->arg[4], &x.pa))
			return false;
	}
	dma(r, e, iova, !strcmp(r->arg[0], "write"), &x);
	r->dmas++;
	return true;
}

static void end_case(struct run *r)
{
	if (!r->name[0])
		return;
	if (r->s.full)
		wrong(r, "out of pages, or a command that was never taken");
	if (!r->dmas)
		wrong(r, "no DMA in this case");
	r->n++;
	r->failed += !!r->why[0];
	printf("%sok %u - %s\n", r->why[0] ? "not " : "", r->n, r->name);
	if (r->why[0])
		printf("# %s:%u: %s\n", r->file, r->wrong_line, r->why);
	r->name[0] = 0;
}

/* machine OPTION: of arm-smmuv3; without, the model's default */
static bool do_machine(struct run *r)
{
	if (r->q.pid)
		return bad(r, "too late", r->arg[1]);
	return qtest_start(&r->q, &qtest_virt, r->arg[1])
		       ? true
		       : bad(r, "machine", r->q.error);
}

/* case NAME */
static bool do_case(struct run *r)
{
	end_case(r);
	if (!r->q.pid && !qtest_start(&r->q, &qtest_virt, ""))
		return bad(r, "machine", r->q.error);
	qtest_clear_ram(&r->q);
	smmu_start(&r->s, &r->q);
	r->why[0] = 0;
	r->dmas = 0;
	snprintf(r->name, sizeof(r->name), "%s", r->arg[1]);
	return true;
}

static const struct {
	const char *word;
	int args; /* at least, the word included */
	bool (*run)(struct run *r);
} statements[] = {
	{ "machine", 2, do_machine },
	{ "case", 2, do_case },
	{ "two-level", 1, do_two_level },
	{ "table", 4, do_table },
	{ "map", 6, do_map },
	{ "stream", 3, do_stream },
	{ "pte", 6, do_pte },
	{ "word", 6, do_word },
	{ "write", 5, do_dma },
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
	char line[256];
	bool fine = f;

	r->file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	r->line = 0;
	r->why[0] = 0;
	if (!f)
		bad(r, "can't be read", strerror(errno));
	while (fine && fgets(line, sizeof(line), f)) {
		r->line++;
		fine = statement(r, line);
	}
	if (!fine && !r->name[0])
		snprintf(r->name, sizeof(r->name), "%s", r->file);
	end_case(r);
	qtest_stop(&r->q);
	if (f)
		fclose(f);
}

/* What every QEMU can do; see the README for the others. */
static const char *const files[] = { "stage1.txt", "two-level.txt" };

int main(int argc, char **argv)
{
	static struct run r;
	const char *why, *srcdir = getenv("srcdir");
	char path[4096];
	int i;

	if (!qtest_available(&qtest_virt, &why)) {
		printf("1..0 # SKIP %s\n", why);
		return SKIP;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 1; i < argc; i++)
		run_file(&r, argv[i]);
	for (i = 0; argc < 2 && i < (int)ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/tests/qtest/smmu-cases/%s",
			 srcdir ? srcdir : ".", files[i]);
		run_file(&r, path);
	}
	printf("1..%u\n# %u tests, %u failed\n", r.n, r.n, r.failed);
	return r.failed || !r.n;
}
