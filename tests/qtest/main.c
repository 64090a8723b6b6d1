// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the case files of tests/qtest/cases. README there has the language.
 * A file is one machine; every case in it starts with empty RAM.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

#define ARGS_MAX 16
#define SKIP 77

struct run {
	const char *file;
	struct qtest q;
	struct oracle o;
	bool started; /* QEMU runs */
	bool scalable;
	char name[64]; /* of the case; empty: none */
	unsigned int n, failed, dmas;
	char *arg[ARGS_MAX];
	int args;
};

/* --- words --- */

static bool bad(struct run *r, const char *what, const char *word)
{
	oracle_wrong(&r->o, "%s: %s", what, word ? word : "missing");
	return false;
}

static bool number(struct run *r, const char *word, u64 *val)
{
	char *end;

	if (word && !strncmp(word, "scratch", 7)) {
		*val = SCRATCH;
		if (word[7] != '+')
			return word[7] ? bad(r, "no number", word) : true;
		*val += strtoull(word + 8, NULL, 0);
		return true;
	}
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

/* The value of "key=value" among the arguments; false when it is not there. */
static bool keyed(struct run *r, const char *key, const char **val)
{
	size_t len = strlen(key);
	int i;

	for (i = 1; i < r->args; i++)
		if (!strncmp(r->arg[i], key, len) && r->arg[i][len] == '=') {
			*val = r->arg[i] + len + 1;
			return true;
		}
	return false;
}

static bool keyed_number(struct run *r, const char *key, u64 *val)
{
	const char *word;

	return keyed(r, key, &word) ? number(r, word, val) : true;
}

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

static struct page_table *table(struct run *r, const char *word)
{
	struct page_table *p = word ? tables_find(&r->o.tables, word) : NULL;

	if (!p)
		bad(r, "no table", word);
	return p;
}

/* --- statements --- */

/* table NAME LEVELS [first] */
static bool do_table(struct run *r)
{
	u64 levels;

	if (!number(r, r->arg[2], &levels))
		return false;
	if (levels < 2 || levels > IOMMU_LEVELS_MAX)
		return bad(r, "no depth", r->arg[2]);
	if (!tables_add(&r->o.tables, r->arg[1], levels,
			r->arg[3] && !strcmp(r->arg[3], "first")))
		return bad(r, "too many tables", r->arg[1]);
	return true;
}

/* map NAME IOVA PA SIZE PERM [COUNT] */
static bool do_map(struct run *r)
{
	struct page_table *p = table(r, r->arg[1]);
	u64 iova, pa, size, n = 1, i;
	u32 perm;

	if (!p || r->args < 6 || !number(r, r->arg[2], &iova) ||
	    !number(r, r->arg[3], &pa) || !number(r, r->arg[4], &size) ||
	    (r->arg[6] && !number(r, r->arg[6], &n)))
		return bad(r, "map", r->arg[1]);
	if (size != PAGE_4K && size != MIB(2) && size != GIB(1))
		return bad(r, "no page size", r->arg[4]);
	perm = (strchr(r->arg[5], 'r') ? IOMMU_R : 0) |
	       (strchr(r->arg[5], 'w') ? IOMMU_W : 0);
	for (i = 0; i < n && i < 65536; i++)
		if (!tables_map(&r->o.tables, p, iova + i * size, pa + i * size,
				size, perm))
			return bad(r, "a larger page is in the way", r->arg[2]);
	return true;
}

/* context PLACE table=NAME key=value... */
static bool do_context(struct run *r)
{
	struct context c = { .p = 1, .did = 1 };
	struct edu *e = place(r, r->arg[1]);
	const char *name;

	if (!e)
		return false;
	if (keyed(r, "table", &name)) {
		c.table = table(r, name);
		if (!c.table)
			return false;
		c.aw = c.table->levels - 2;
		c.pgtt = c.table->first ? 1 : 2;
	}
	if (!keyed_number(r, "p", &c.p) || !keyed_number(r, "fpd", &c.fpd) ||
	    !keyed_number(r, "tt", &c.tt) || !keyed_number(r, "aw", &c.aw) ||
	    !keyed_number(r, "did", &c.did) ||
	    !keyed_number(r, "pgtt", &c.pgtt) ||
	    !keyed_number(r, "pasidfpd", &c.pasidfpd) ||
	    !keyed_number(r, "pdts", &c.pdts))
		return false;
	tables_context(&r->o.tables, e->requester, &c);
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
	struct page_table *p = table(r, r->arg[1]);
	u64 level, iova;

	if (!p || !number(r, r->arg[2], &level) || !number(r, r->arg[3], &iova))
		return false;
	return spoil(r, tables_entry(&r->o.tables, p, level, iova), 4);
}

/* entry PLACE root|context|dir|pasid WORD OP VALUE */
static bool do_entry(struct run *r)
{
	static const char *const names[] = { [WORD_ROOT] = "root",
					     [WORD_CONTEXT] = "context",
					     [WORD_DIR] = "dir",
					     [WORD_PASID] = "pasid" };
	struct edu *e = place(r, r->arg[1]);
	unsigned int i;
	u64 word, where;

	if (!e || !number(r, r->arg[3], &word) || word >= 8)
		return false;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], r->arg[2]))
			break;
	if (i == ARRAY_SIZE(names))
		return bad(r, "no entry", r->arg[2]);
	where = tables_word(&r->o.tables, e->requester, i);
	return spoil(r, where ? where + word * 8 : 0, 4);
}

static bool do_queue(struct run *r)
{
	oracle_queue(&r->o);
	return true;
}

/* "-> PA", "-> fault R [R...]", "-> silent" from argument @at on. */
static bool expectation(struct run *r, int at, struct expect *e)
{
	u64 val;

	memset(e, 0, sizeof(*e));
	if (at + 1 >= r->args || strcmp(r->arg[at], "->"))
		return bad(r, "expectation", r->arg[at]);
	at++;
	if (!strcmp(r->arg[at], "silent")) {
		e->what = SILENT;
		return true;
	}
	if (strcmp(r->arg[at], "fault")) {
		e->what = LANDS;
		return number(r, r->arg[at], &e->pa);
	}
	e->what = FAULTS;
	while (++at < r->args && e->reasons < ARRAY_SIZE(e->reason)) {
		if (!number(r, r->arg[at], &val))
			return false;
		e->reason[e->reasons++] = val;
	}
	return e->reasons ? true : bad(r, "fault reason", NULL);
}

/*
 * write|read|again PLACE IOVA LEN -> ...; "again" is the device's last write
 * once more, with no register touched in between: the IOTLB may hold what the
 * tables do not, which the walker can't know.
 */
static bool do_dma(struct run *r)
{
	struct dma d = { .edu = place(r, r->arg[1]) };
	struct expect e;
	u64 len;

	if (!d.edu || !number(r, r->arg[2], &d.iova) ||
	    !number(r, r->arg[3], &len) || !expectation(r, 4, &e))
		return false;
	if (!len || len >= EDU_BUFFER || (d.iova | len) % 8)
		return bad(r, "no length or address edu can do", r->arg[3]);
	d.len = len;
	d.again = !strcmp(r->arg[0], "again");
	d.write = strcmp(r->arg[0], "read");
	oracle_on(&r->o);
	oracle_dma(&r->o, &d, &e);
	r->dmas++;
	return true;
}

/* leave-faults: fault records are not cleared by the case from here on. */
static bool do_leave_faults(struct run *r)
{
	r->o.leave_faults = true;
	return true;
}

/* pending N [REASON]: fault records that stand in the unit. */
static bool do_pending(struct run *r)
{
	u64 n, reason = 0;

	if (!number(r, r->arg[1], &n) ||
	    (r->arg[2] && !number(r, r->arg[2], &reason)))
		return false;
	oracle_pending(&r->o, n, reason);
	return true;
}

/* quiesce MODE [PLACE=MODE...] */
static bool do_quiesce(struct run *r)
{
	static const char *const names[] = { "edu", "port", "bridge" };
	u32 mode = iommu_mode_parse(r->arg[1]), i;
	struct iommu_override *v;
	const char *word;

	if (mode == IOMMU_MODE_N)
		return bad(r, "no mode", r->arg[1]);
	/* In order of requester, as the plan has them. */
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!keyed(r, names[i], &word))
			continue;
		v = &r->o.overrides[r->o.overrides_n++];
		v->requester = place(r, names[i])->requester;
		v->mode = iommu_mode_parse(word);
	}
	oracle_on(&r->o);
	oracle_quiesce(&r->o, mode);
	return true;
}

/* result OUTCOME key=value...: what quiesce says of itself. */
static bool do_result(struct run *r)
{
	static const char *const names[] = { [IOMMU_DONE] = "done",
					     [IOMMU_LEFT] = "left",
					     [IOMMU_PARTLY] = "partly",
					     [IOMMU_READ_ONLY] = "read-only" };
	const struct iommu_result *res = &r->o.result;
	const struct {
		const char *key;
		u32 is;
	} count[] = { { "kept", res->kept },
		      { "aborted", res->aborted },
		      { "guarded", res->guarded },
		      { "sunk", res->sunk },
		      { "bad", res->bad },
		      { "err", res->err },
		      { "reports", r->o.reports },
		      { "invalidation", res->invalidation } };
	unsigned int i;
	u64 want;

	if (res->outcome >= ARRAY_SIZE(names) ||
	    strcmp(names[res->outcome], r->arg[1]))
		oracle_wrong(&r->o, "outcome %u (%s) is not %s", res->outcome,
			     iommu_err_text(res->err), r->arg[1]);
	for (i = 0; i < ARRAY_SIZE(count); i++) {
		want = count[i].is;
		if (!keyed_number(r, count[i].key, &want))
			return false;
		if (want != count[i].is)
			oracle_wrong(&r->o, "%s is %u, not %" PRIu64,
				     count[i].key, count[i].is, want);
	}
	return true;
}

/* --- files --- */

static void end_case(struct run *r)
{
	if (!r->name[0])
		return;
	if (r->o.tables.full)
		oracle_wrong(&r->o, "out of pages for tables");
	if (!r->dmas)
		oracle_wrong(&r->o, "no DMA in this case");
	r->n++;
	r->failed += !!r->o.why[0];
	printf("%sok %u - %s\n", r->o.why[0] ? "not " : "", r->n, r->name);
	if (r->o.why[0])
		printf("# %s:%u: %s\n", r->file, r->o.wrong_line, r->o.why);
	r->name[0] = 0;
}

/* case NAME */
static bool do_case(struct run *r)
{
	end_case(r);
	if (!r->started)
		return bad(r, "no machine before the first case", r->arg[1]);
	oracle_start(&r->o, &r->q, r->scalable, r->o.line);
	snprintf(r->name, sizeof(r->name), "%s", r->arg[1]);
	r->dmas = 0;
	return true;
}

/* machine OPTIONS legacy|scalable */
static bool do_machine(struct run *r)
{
	if (r->started)
		return bad(r, "a second machine", r->arg[1]);
	r->scalable = r->arg[2] && !strcmp(r->arg[2], "scalable");
	r->started = qtest_start(&r->q, &qtest_q35, r->arg[1]);
	return r->started ? true : bad(r, "machine", r->q.error);
}

static const struct {
	const char *word;
	int args; /* at least, the word included */
	bool (*run)(struct run *r);
} statements[] = {
	{ "machine", 3, do_machine },
	{ "case", 2, do_case },
	{ "table", 3, do_table },
	{ "map", 6, do_map },
	{ "context", 2, do_context },
	{ "pte", 6, do_pte },
	{ "entry", 6, do_entry },
	{ "queue", 1, do_queue },
	{ "write", 6, do_dma },
	{ "read", 6, do_dma },
	{ "again", 6, do_dma },
	{ "quiesce", 2, do_quiesce },
	{ "result", 2, do_result },
	{ "pending", 2, do_pending },
	{ "leave-faults", 1, do_leave_faults },
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
	r->started = false;
	memset(&r->o, 0, sizeof(r->o));
	if (!f)
		bad(r, "can't be read", strerror(errno));
	while (fine && fgets(line, sizeof(line), f)) {
		r->o.line++;
		fine = statement(r, line);
	}
	if (!fine && !r->name[0])
		snprintf(r->name, sizeof(r->name), "%s", r->file);
	end_case(r);
	qtest_stop(&r->q);
	if (f)
		fclose(f);
}

static const char *const files[] = { "legacy39.txt", "legacy48.txt",
				     "scalable.txt", "quiesce-legacy.txt",
				     "quiesce-scalable.txt" };

int main(int argc, char **argv)
{
	static struct run r;
	const char *why, *srcdir = getenv("srcdir");
	char path[4096];
	unsigned int i;

	if (!qtest_available(&qtest_q35, &why)) {
		printf("1..0 # SKIP %s\n", why);
		return SKIP;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 1; i < (unsigned int)argc; i++)
		run_file(&r, argv[i]);
	for (i = 0; argc < 2 && i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/tests/qtest/cases/%s",
			 srcdir ? srcdir : ".", files[i]);
		run_file(&r, path);
	}
	printf("1..%u\n# %u tests, %u failed\n", r.n, r.n, r.failed);
	return r.failed || !r.n;
}
