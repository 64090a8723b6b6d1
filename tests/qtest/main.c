// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the case files of tests/qtest/cases. README there has the language.
 * A file is one machine; every case in it starts with empty RAM.
 */
#include <inttypes.h>
#include <string.h>

#include "oracle.h"

struct run {
	struct cases c;
	struct oracle o;
	bool scalable;
};

/* --- words --- */

static bool keyed_number(struct run *r, const char *key, u64 *val)
{
	const char *word = cases_keyed(&r->c, key);

	return word ? cases_number(&r->c, word, val) : true;
}

static struct page_table *table(struct run *r, const char *word)
{
	struct page_table *p = word ? tables_find(&r->o.tables, word) : NULL;

	if (!p)
		cases_bad(&r->c, "no table", word);
	return p;
}

/* --- statements --- */

/* table NAME LEVELS [first] */
static bool do_table(struct run *r)
{
	u64 levels;

	if (!cases_number(&r->c, r->c.arg[2], &levels))
		return false;
	if (levels < 2 || levels > IOMMU_LEVELS_MAX)
		return cases_bad(&r->c, "no depth", r->c.arg[2]);
	if (!tables_add(&r->o.tables, r->c.arg[1], levels,
			r->c.arg[3] && !strcmp(r->c.arg[3], "first")))
		return cases_bad(&r->c, "too many tables", r->c.arg[1]);
	return true;
}

/* map NAME IOVA PA SIZE PERM [COUNT] */
static bool do_map(struct run *r)
{
	struct page_table *p = table(r, r->c.arg[1]);
	struct mapping m;
	u64 n = 1, i;

	if (!p || !cases_mapping(&r->c, 2, &m) ||
	    (r->c.arg[6] && !cases_number(&r->c, r->c.arg[6], &n)))
		return cases_bad(&r->c, "map", r->c.arg[1]);
	if (m.size != PAGE_4K && m.size != MIB(2) && m.size != GIB(1))
		return cases_bad(&r->c, "no page size", r->c.arg[4]);
	for (i = 0; i < n && i < 65536; i++)
		if (!tables_map(&r->o.tables, p, m.iova + i * m.size,
				m.pa + i * m.size, m.size, m.perm))
			return cases_bad(&r->c, "a larger page is in the way",
					 r->c.arg[2]);
	return true;
}

/* context PLACE table=NAME key=value... */
static bool do_context(struct run *r)
{
	struct context c = { .p = 1, .did = 1 };
	struct edu *e = cases_place(&r->c, r->c.arg[1]);
	const char *name = cases_keyed(&r->c, "table");

	if (!e)
		return false;
	if (name) {
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

/* pte NAME LEVEL IOVA OP VALUE */
static bool do_pte(struct run *r)
{
	struct page_table *p = table(r, r->c.arg[1]);
	u64 level, iova;

	if (!p || !cases_number(&r->c, r->c.arg[2], &level) ||
	    !cases_number(&r->c, r->c.arg[3], &iova))
		return false;
	return cases_spoil(&r->c, tables_entry(&r->o.tables, p, level, iova),
			   4);
}

/* entry PLACE root|context|dir|pasid WORD OP VALUE */
static bool do_entry(struct run *r)
{
	static const char *const names[] = { [WORD_ROOT] = "root",
					     [WORD_CONTEXT] = "context",
					     [WORD_DIR] = "dir",
					     [WORD_PASID] = "pasid" };
	struct edu *e = cases_place(&r->c, r->c.arg[1]);
	unsigned int i;
	u64 word, where;

	if (!e || !cases_number(&r->c, r->c.arg[3], &word) || word >= 8)
		return false;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], r->c.arg[2]))
			break;
	if (i == ARRAY_SIZE(names))
		return cases_bad(&r->c, "no entry", r->c.arg[2]);
	where = tables_word(&r->o.tables, e->requester, i);
	return cases_spoil(&r->c, where ? where + word * 8 : 0, 4);
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
	if (at + 1 >= r->c.args || strcmp(r->c.arg[at], "->"))
		return cases_bad(&r->c, "expectation", r->c.arg[at]);
	at++;
	if (!strcmp(r->c.arg[at], "silent")) {
		e->what = SILENT;
		return true;
	}
	if (strcmp(r->c.arg[at], "fault")) {
		e->what = LANDS;
		return cases_number(&r->c, r->c.arg[at], &e->pa);
	}
	e->what = FAULTS;
	while (++at < r->c.args && e->reasons < ARRAY_SIZE(e->reason)) {
		if (!cases_number(&r->c, r->c.arg[at], &val))
			return false;
		e->reason[e->reasons++] = val;
	}
	return e->reasons ? true : cases_bad(&r->c, "fault reason", NULL);
}

/*
 * write|read|again PLACE IOVA LEN -> ...; "again" is the device's last write
 * once more, with no register touched in between: the IOTLB may hold what the
 * tables do not, which the walker can't know.
 */
static bool do_dma(struct run *r)
{
	struct dma d = { .edu = cases_place(&r->c, r->c.arg[1]) };
	struct expect e;
	u64 len;

	if (!d.edu || !cases_number(&r->c, r->c.arg[2], &d.iova) ||
	    !cases_number(&r->c, r->c.arg[3], &len) || !expectation(r, 4, &e))
		return false;
	if (!len || len >= EDU_BUFFER || (d.iova | len) % 8)
		return cases_bad(&r->c, "no length or address edu can do",
				 r->c.arg[3]);
	d.len = len;
	d.again = !strcmp(r->c.arg[0], "again");
	d.write = strcmp(r->c.arg[0], "read");
	oracle_on(&r->o);
	oracle_dma(&r->o, &d, &e);
	r->c.dmas++;
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

	if (!cases_number(&r->c, r->c.arg[1], &n) ||
	    (r->c.arg[2] && !cases_number(&r->c, r->c.arg[2], &reason)))
		return false;
	oracle_pending(&r->o, n, reason);
	return true;
}

static bool do_shutdown(struct run *r)
{
	oracle_on(&r->o);
	oracle_shutdown(&r->o);
	return true;
}

static bool do_quiesce(struct run *r)
{
	oracle_on(&r->o);
	return oracle_quiesce(&r->o);
}

static bool do_result(struct run *r)
{
	return quiesced_result(&r->o.z);
}

static bool do_watch(struct run *r)
{
	return quiesced_watch(&r->o.z);
}

/* machine OPTIONS legacy|scalable */
static bool do_machine(struct run *r)
{
	r->scalable = !strcmp(r->c.arg[2], "scalable");
	return cases_machine(&r->c, r->c.arg[1]);
}

static const struct statement statements[] = {
	{ "machine", 3, do_machine },
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
	{ "watch", 6, do_watch },
	{ "shutdown", 1, do_shutdown },
	{ "pending", 2, do_pending },
	{ "leave-faults", 1, do_leave_faults },
	{ .word = NULL },
};

static void begin(struct run *r)
{
	oracle_start(&r->o, &r->c, r->scalable);
}

static void end(struct run *r)
{
	if (r->o.tables.full)
		cases_wrong(&r->c, "out of pages for tables");
}

static const char *const files[] = {
	"legacy39.txt",		"legacy48.txt",
	"scalable.txt",		"quiesce-legacy.txt",
	"quiesce-scalable.txt", "first-stage.txt",
	"quiesce-first.txt",	NULL
};

int main(int argc, char **argv)
{
	static const struct suite suite = {
		.machine = &qtest_q35,
		.scratch = SCRATCH,
		.dir = "cases",
		.files = files,
		.statements = statements,
		.begin = begin,
		.end = end,
	};
	static struct run r;

	return cases_main(&r.c, &suite, &r, argc, argv);
}
