// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs tests/cases/walk: registers and memory as text, and queries with their
 * answers. See tests/cases/walk/README for the form of a case.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakemem.h"
#include "iommu.h"

#define ANSWER_MAX 1024

static const char *const err_name[IOMMU_ERR_N] = {
	"OK",	    "EREAD",   "ENOTPRESENT",  "EACCESS",      "ERESERVED",
	"EADDRESS", "ELOOP",   "EWIDTH",       "EFORM",	       "ETIMEOUT",
	"ENOSPACE", "EBUDGET", "EHARDWARE",    "ERESERVATION", "ESTALE",
	"EABSENT",  "ETRAP",   "EUNSUPPORTED", "EREADBACK",
};

struct answer {
	char text[ANSWER_MAX];
	size_t len;
};

struct test {
	const char *file;
	int line;
	struct fakemem mem;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs;
	const struct iommu_vendor *vendor;
	int queries, failed;
};

static struct iommu_iter iter;

static void bad_case(const struct test *t, const char *why)
{
	fprintf(stderr, "%s:%d: %s\n", t->file, t->line, why);
	exit(1);
}

static void say(struct answer *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct answer *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	a->len += vsnprintf(a->text + a->len, ANSWER_MAX - a->len, fmt, ap);
	va_end(ap);
	if (a->len >= ANSWER_MAX)
		a->len = ANSWER_MAX - 1;
}

static void say_where(struct answer *a, const struct iommu_evidence *ev)
{
	static const char *const at[] = { "root", "context", "pasid-dir",
					  "pasid" };

	say(a, "%s ", err_name[ev->err]);
	if (ev->level >= IOMMU_AT_ROOT && ev->level <= IOMMU_AT_PASID)
		say(a, "%s", at[ev->level - IOMMU_AT_ROOT]);
	else if (ev->level == IOMMU_AT_REGISTER)
		say(a, "register");
	else
		say(a, "%u", ev->level);
	say(a, " %#" PRIx64, ev->where);
	if (ev->raw_words)
		say(a, " raw %#" PRIx64, ev->raw[0]);
}

static void say_size(struct answer *a, u64 size)
{
	static const char unit[] = "BKMGT";
	int i = 0;

	for (; size && !(size & 1023) && i < 4; i++)
		size >>= 10;
	say(a, "%" PRIu64 "%c", size, unit[i]);
}

static void say_perm(struct answer *a, u32 perm)
{
	say(a, "%s%s%s", perm & IOMMU_R ? "r" : "", perm & IOMMU_W ? "w" : "",
	    perm & (IOMMU_R | IOMMU_W) ? "" : "-");
}

/* "00:04.0", or a stream "0x20"; with a PASID, "00:04.0/17". */
static u32 parse_requester(const struct test *t, const char *s, u32 *pasid)
{
	unsigned int bus, dev, fn;
	u32 requester;
	char *end;
	int n = 0;

	*pasid = ~0u;
	requester = strtoul(s, &end, 0);
	if (*end == ':' || end == s) {
		if (sscanf(s, "%x:%x.%x%n", &bus, &dev, &fn, &n) < 3 ||
		    bus > 255 || dev > 31 || fn > 7)
			bad_case(t, "not a device");
		requester = bus << 8 | dev << 3 | fn;
		end = (char *)s + n;
	}
	if (*end == '/')
		*pasid = strtoul(end + 1, NULL, 0);
	return requester;
}

static struct iommu_config describe(struct test *t)
{
	struct iommu_config c;

	if (t->vendor->describe(&t->regs, &c))
		bad_case(t, "registers missing");
	return c;
}

static void query_walk(struct test *t, const char *dev, const char *iova,
		       const char *access, struct answer *a)
{
	struct iommu_config c = describe(t);
	struct iommu_evidence ev;
	struct iommu_domain d;
	struct iommu_xlat x;
	u32 pasid, requester = parse_requester(t, dev, &pasid), want;
	int err;

	want = (strchr(access, 'r') ? IOMMU_R : 0) |
	       (strchr(access, 'w') ? IOMMU_W : 0);
	err = t->vendor->lookup(&c, &t->mem.m, requester, pasid, &d, &ev);
	if (err || d.kind == IOMMU_KIND_BLOCKED) {
		say(a, "%s ", err ? "unreadable" : "blocked");
		say_where(a, &ev);
		if (d.fault_off)
			say(a, " silent");
		return;
	}
	err = iommu_translate(&c, &t->mem.m, &d, strtoull(iova, NULL, 0), want,
			      &x, &ev);
	if (err) {
		say(a, "error ");
		say_where(a, &ev);
		return;
	}
	say(a, "%#" PRIx64 " ", x.pa);
	say_size(a, x.page_size);
	say(a, " ");
	say_perm(a, x.perm);
	if (d.kind == IOMMU_KIND_PASS)
		say(a, " pass");
}

static void query_entry(struct test *t, const char *dev, struct answer *a)
{
	struct iommu_config c = describe(t);
	struct iommu_evidence ev;
	struct iommu_domain d;
	u32 pasid, requester = parse_requester(t, dev, &pasid);
	int i;

	if (t->vendor->lookup(&c, &t->mem.m, requester, pasid, &d, &ev) ||
	    d.kind == IOMMU_KIND_BLOCKED) {
		say(a, "blocked ");
		say_where(a, &ev);
		return;
	}
	say(a, "did %u at %#" PRIx64, d.did, d.entry_addr);
	for (i = 0; i < 2; i++)
		if (d.stage[i].format)
			say(a, ", %s %u levels %#" PRIx64,
			    d.stage[i].format->name, d.stage[i].levels,
			    d.stage[i].root);
	if (d.upper.format)
		say(a, ", upper %s %u levels %#" PRIx64, d.upper.format->name,
		    d.upper.levels, d.upper.root);
	say(a, "%s%s%s", d.ats ? ", ats" : "", d.pasid ? ", pasid" : "",
	    d.fault_off ? ", silent" : "");
}

static void say_run(struct answer *a, const struct iommu_run *run)
{
	say(a, "%s%#" PRIx64 " %#" PRIx64 " %#" PRIx64 " ", a->len ? "; " : "",
	    run->iova, run->pa, run->len);
	say_perm(a, run->perm);
}

/* What the walk tells; @at_once: pages that iommu_iter_pages has, too. */
static void say_runs(struct answer *a, bool at_once)
{
	struct iommu_evidence ev;
	struct iommu_pages pages;
	struct iommu_run run;
	u32 i, k;
	int err;

	for (i = 0; i < 64; i++) {
		err = iommu_iter_next(&iter, &run, &ev);
		if (err == IOMMU_ENOTPRESENT)
			break;
		if (err) {
			say(a, a->len ? "; " : "");
			say_where(a, &ev);
		} else {
			say_run(a, &run);
		}
		if (err == IOMMU_EBUDGET)
			break;
		for (; at_once && iommu_iter_pages(&iter, &pages); i += k)
			for (k = 0; k < pages.n; k++) {
				run = pages_run(&pages, k);
				say_run(a, &run);
			}
	}
	if (!a->len)
		say(a, "nothing");
}

/* All runs of a device's table, and what is wrong on the way. */
static void query_runs(struct test *t, const char *query, const char *dev,
		       const char *budget, struct answer *a)
{
	struct iommu_config c = describe(t);
	struct answer one_by_one = { .len = 0 };
	const struct iommu_table *table;
	struct iommu_evidence ev;
	struct iommu_domain d;
	u32 pasid, requester = parse_requester(t, dev, &pasid);
	u32 tables = strtoul(budget, NULL, 0);

	if (t->vendor->lookup(&c, &t->mem.m, requester, pasid, &d, &ev) ||
	    d.kind != IOMMU_KIND_TABLE) {
		say(a, "no table");
		return;
	}
	table = !strcmp(query, "upper") ? &d.upper
					: &d.stage[!d.stage[0].format];
	iommu_iter_start(&iter, &t->mem.m, &c, table, tables);
	say_runs(&one_by_one, false);
	iommu_iter_start(&iter, &t->mem.m, &c, table, tables);
	say_runs(a, true);
	if (strcmp(a->text, one_by_one.text))
		say(a, " at once, but one by one %s", one_by_one.text);
}

/* Fault records that wait in memory. */
static void query_events(struct test *t, struct answer *a)
{
	struct iommu_fault_raw raw[4];
	struct iommu_fault f;
	u32 n = ARRAY_SIZE(raw), i;
	int err = t->vendor->events(&t->regs, &t->mem.m, raw, &n);

	say(a, "%u", n);
	if (err)
		say(a, " %s", err_name[err]);
	for (i = 0; i < n && i < ARRAY_SIZE(raw) && err != IOMMU_EREAD; i++) {
		t->vendor->fault(&raw[i], &f);
		say(a, "; %#x", f.requester);
		if (f.has_pasid)
			say(a, "/%u", f.pasid);
		say(a, " %s %#" PRIx64 " %s", f.write ? "w" : "r", f.iova,
		    t->vendor->fault_text(f.reason));
	}
}

/* Whose interrupts an entry takes. */
static void say_source(struct answer *a, const struct iommu_irq *irq)
{
	if (irq->source == IOMMU_IRQ_ANY)
		say(a, " of any");
	else if (irq->source == IOMMU_IRQ_BUSES)
		say(a, " of buses %x-%x", irq->first, irq->last);
	else
		say(a, " of %#x but for %#x", irq->first, irq->any_function);
}

static void say_irq(struct answer *a, const struct iommu_irq *irq)
{
	const char *delivery = iommu_irq_delivery_text(irq->delivery);

	if (irq->kind == IOMMU_IRQ_BAD)
		say(a, "bad %s ", err_name[irq->err]);
	if (irq->kind == IOMMU_IRQ_ABSENT)
		say(a, "absent");
	else if (irq->kind == IOMMU_IRQ_POSTED)
		say(a, "vector %#x posted %#" PRIx64 "%s", irq->vector,
		    irq->descriptor, irq->urgent ? " urgent" : "");
	else
		say(a, "vector %#x to %#x %s%s%s", irq->vector,
		    irq->destination, delivery ? delivery : "?",
		    irq->logical ? " logical" : "", irq->level ? " level" : "");
	if (irq->kind != IOMMU_IRQ_ABSENT)
		say_source(a, irq);
	say(a, "%s", irq->fault_off ? " silent" : "");
}

/* The table of a device's interrupts, or one entry of it. */
static void query_irq(struct test *t, const char *dev, const char *index,
		      struct answer *a)
{
	static const char *const state[] = { "pass", "blocked", "remapped" };
	struct iommu_irq_table table;
	struct iommu_evidence ev;
	struct iommu_irq irq;
	u32 pasid, requester = parse_requester(t, dev, &pasid);
	int err;

	if (t->vendor->irq_table(&t->regs, &t->mem.m, requester, &table, &ev)) {
		say_where(a, &ev);
		return;
	}
	if (!index) {
		say(a, "%s", state[table.state]);
		if (table.state == IOMMU_IRQS_REMAP)
			say(a, " %#" PRIx64 " %u of %u%s%s", table.base,
			    table.entries, table.entry_bytes,
			    table.x2apic ? " x2apic" : "",
			    table.bypass ? " bypass" : "");
		return;
	}
	err = iommu_irq_entry(t->vendor, &table, &t->mem.m,
			      strtoul(index, NULL, 0), &irq);
	if (err)
		say(a, "%s", err_name[err]);
	else
		say_irq(a, &irq);
}

/* --- the text --- */

/* The highest offset that a register with a name has, and some. */
#define REGS_END 0x400000

/* Before any register; without, it is vt-d. */
static void set_vendor(struct test *t, const char *name)
{
	const struct iommu_vendor *v;
	unsigned int i;

	for (i = 0; (v = iommu_vendor_at(i)); i++)
		if (!strcmp(v->name, name))
			break;
	if (!v || t->regs.n)
		bad_case(t, "no such vendor, or too late");
	t->vendor = v;
}

static void set_reg(struct test *t, const char *name, const char *val)
{
	const char *known;
	u32 off;

	/* Context banks of SMMUv2 lie where other registers say: no names. */
	if (name[0] >= '0' && name[0] <= '9') {
		iommu_reg_put(&t->regs, strtoul(name, NULL, 0), 8,
			      strtoull(val, NULL, 0));
		return;
	}
	for (off = 0; off < REGS_END; off += 4) {
		known = t->vendor->reg_name(off);
		if (known && !strcmp(known, name)) {
			iommu_reg_put(&t->regs, off, 8, strtoull(val, NULL, 0));
			return;
		}
	}
	bad_case(t, "no such register");
}

/* "addr: word word" or "addr*count: word". */
static void set_memory(struct test *t, char *line)
{
	char *s, *end;
	u64 addr = strtoull(line, &s, 0), n = 1, i, word;

	if (s != line && *s == '*')
		n = strtoull(s + 1, &s, 0);
	if (s == line || *s != ':' || addr & 7)
		bad_case(t, "not understood");
	s++;
	for (word = strtoull(s, &end, 0); end != s;
	     s = end, word = strtoull(s, &end, 0))
		for (i = 0; i < n; i++, addr += 8)
			fakemem_put(&t->mem, addr, word);
	if (s[strspn(s, " \t")])
		bad_case(t, "not a word");
}

static void query(struct test *t, char *line, const char *want)
{
	char *word[4] = { 0 }, *save = NULL, *w;
	struct answer a = { .len = 0 };
	int n = 0;

	for (w = strtok_r(line, " \t", &save); w && n < 4;
	     w = strtok_r(NULL, " \t", &save))
		word[n++] = w;
	if (n == 4 && !strcmp(word[0], "walk"))
		query_walk(t, word[1], word[2], word[3], &a);
	else if (n == 2 && !strcmp(word[0], "entry"))
		query_entry(t, word[1], &a);
	else if (n >= 2 &&
		 (!strcmp(word[0], "runs") || !strcmp(word[0], "upper")))
		query_runs(t, word[0], word[1], n > 2 ? word[2] : "1000", &a);
	else if (n >= 2 && !strcmp(word[0], "irq"))
		query_irq(t, word[1], word[2], &a);
	else if (n == 1 && !strcmp(word[0], "events"))
		query_events(t, &a);
	else
		bad_case(t, "no such query");
	t->queries++;
	if (!strcmp(a.text, want))
		return;
	t->failed++;
	printf("# %s:%d: want: %s\n# %s:%d: got:  %s\n", t->file, t->line, want,
	       t->file, t->line, a.text);
}

static void one_line(struct test *t, char *line)
{
	char *arrow, *end, name[16], val[32];

	line[strcspn(line, "#\n")] = 0;
	for (end = line + strlen(line);
	     end > line && (end[-1] == ' ' || end[-1] == '\t');)
		*--end = 0;
	if (!*line)
		return;
	arrow = strstr(line, " -> ");
	if (arrow) {
		*arrow = 0;
		query(t, line, arrow + 4);
	} else if (sscanf(line, "vendor %15s", name) == 1) {
		set_vendor(t, name);
	} else if (sscanf(line, "reg %15s %31s", name, val) == 2) {
		set_reg(t, name, val);
	} else {
		set_memory(t, line);
	}
}

static int run_file(const char *path)
{
	struct test t = { .file = path,
			  .regs = IOMMU_REGS(t.reg),
			  .vendor = iommu_vendor(IOMMU_VENDOR_VTD) };
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!f) {
		perror(path);
		exit(1);
	}
	fakemem_init(&t.mem);
	while (getline(&line, &room, f) >= 0) {
		t.line++;
		one_line(&t, line);
	}
	if (!t.queries)
		bad_case(&t, "asks nothing");
	free(line);
	fclose(f);
	fakemem_free(&t.mem);
	return t.failed;
}

static int is_case(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 4 && !strcmp(e->d_name + n - 4, ".txt");
}

int main(int argc, char **argv)
{
	const char *src = getenv("srcdir"), *kind[] = { "good", "bad" };
	char dir[4096], path[8192];
	struct dirent **e;
	int i, k, n, total = 0, failed = 0, err;

	for (k = 0; k < 2; k++) {
		snprintf(dir, sizeof(dir), "%s/tests/cases/walk/%s",
			 argc > 1 ? argv[1]
			 : src	  ? src
				  : ".",
			 kind[k]);
		n = scandir(dir, &e, is_case, alphasort);
		if (n <= 0) {
			fprintf(stderr, "%s: no cases: %s\n", dir,
				n ? strerror(errno) : "empty");
			return 1;
		}
		for (i = 0; i < n; i++) {
			snprintf(path, sizeof(path), "%s/%s", dir,
				 e[i]->d_name);
			err = run_file(path);
			printf("%s %d - %s/%s\n", err ? "not ok" : "ok",
			       ++total, kind[k], e[i]->d_name);
			failed += !!err;
			free(e[i]);
		}
		free(e);
	}
	printf("1..%d\n# %d passed, %d failed\n", total, total - failed,
	       failed);
	return !!failed;
}
