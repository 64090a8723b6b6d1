// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "quiesce.h"

#define BUDGET_US 500000 /* a register access costs 0.1 ms here */
#define BUDGET_WATCHED_US 2000

void quiesced_start(struct quiesced *z, struct cases *c, u32 vendor)
{
	memset(z, 0, sizeof(*z));
	z->c = c;
	z->v = iommu_vendor(vendor);
	z->ram = c->suite->machine->ram[0].at.start;
}

/* --- devices that go on meanwhile --- */

static bool landed_as(const struct landing *l, u32 found, u64 at)
{
	return found == l->lands && (!found || at == l->pa);
}

static bool same(const struct watch *w)
{
	return w->old.lands == w->new.lands && w->old.pa == w->new.pa;
}

/* False: it is not where an access between the two tables may land. */
static bool look_between(struct quiesced *z, struct watch *w, u32 found, u64 at)
{
	if (!w->may_between || w->first_new ||
	    !landed_as(&w->between, found, at))
		return false;
	if (!w->first_between)
		w->first_between = z->accesses;
	w->last_between = z->accesses;
	return true;
}

/*
 * What the device has in its buffer, once more: no register of the unit is
 * touched for it. By the old tables or by the new ones, never otherwise but
 * between these where that is said, and never back.
 */
static void look(struct quiesced *z, struct watch *w)
{
	struct qtest *q = &z->c->q;
	u64 at = 0, copy;
	u32 found;

	edu_again(q, w->edu, w->iova, sizeof(w->word));
	found = qtest_find(q, w->word, &at);
	while (qtest_find(q, w->word, &copy) && !q->error[0])
		qtest_write64(q, copy, 0);
	if (landed_as(&w->new, found, at)) {
		if (!w->first_new && (!same(w) || w->first_between))
			w->first_new = z->accesses;
		if (!landed_as(&w->old, found, at))
			return;
	} else if (look_between(z, w, found, at)) {
		return;
	}
	if (!landed_as(&w->old, found, at) || (w->first_between && !same(w)))
		cases_wrong(z->c,
			    "access %u: the write of 0x%" PRIx64
			    " lands %u times, at 0x%" PRIx64
			    ": by the old tables 0x%" PRIx64
			    ", by the new ones 0x%" PRIx64,
			    z->accesses, w->iova, found, at, w->old.pa,
			    w->new.pa);
	w->last_old = z->accesses;
}

static void look_at_all(struct quiesced *z)
{
	u32 i;

	for (i = 0; i < z->watches; i++)
		look(z, &z->watch[i]);
	z->accesses++;
}

static bool landing(struct cases *c, const char *word, struct landing *l)
{
	l->lands = word && strcmp(word, "blocked");
	return !l->lands || cases_number(c, word, &l->pa);
}

/* watch PLACE IOVA OLD -> NEW [between=WHERE] */
bool quiesced_watch(struct quiesced *z)
{
	struct cases *c = z->c;
	struct watch *w = &z->watch[z->watches];

	if (z->watches == WATCHES_MAX)
		return cases_bad(c, "too many", c->arg[0]);
	*w = (struct watch){ .edu = cases_place(c, c->arg[1]) };
	if (!w->edu || !cases_number(c, c->arg[2], &w->iova) ||
	    !landing(c, c->arg[3], &w->old) ||
	    !landing(c, c->arg[5], &w->new) ||
	    !landing(c, cases_keyed(c, "between"), &w->between))
		return false;
	w->may_between = cases_keyed(c, "between");
	z->watches++;
	return true;
}

/* Each device gets a word of its own, and shows that it goes by the old tables. */
static void begin_watches(struct quiesced *z)
{
	struct qtest *q = &z->c->q;
	u32 i;

	for (i = 0; i < z->watches; i++) {
		struct watch *w = &z->watch[i];

		w->word = qtest_pattern(q);
		edu_write(q, w->edu, w->iova, &w->word, sizeof(w->word));
	}
	look_at_all(z);
	for (i = 0; i < z->watches; i++)
		if (z->watch[i].last_old != z->accesses - 1)
			cases_wrong(z->c,
				    "0x%" PRIx64 ": not by the old tables",
				    z->watch[i].iova);
}

/* The switch says that it is done: all go by the new tables. */
static void end_watches(struct quiesced *z)
{
	u32 i, end = z->accesses;

	look_at_all(z);
	for (i = 0; i < z->watches; i++) {
		struct watch *w = &z->watch[i];

		if (!same(w) && w->last_old >= end)
			cases_wrong(z->c,
				    "0x%" PRIx64 ": by the old tables still",
				    w->iova);
		printf("# %s %s: 0x%" PRIx64 " by the old tables before access "
		       "%u of %u, by the new ones from %u on",
		       z->c->name, iommu_mode_name(z->mode), w->iova,
		       w->last_old, end, w->first_new);
		if (w->first_between)
			printf(", %s from %u to %u",
			       w->between.lands ? "untranslated" : "refused",
			       w->first_between, w->last_between);
		putchar('\n');
	}
	z->watches = 0;
}

/* --- what the switch sees, with a look before each access --- */

struct watched_mem {
	struct mem mem;
	struct quiesced *z;
};

struct watched_mmio {
	struct mmio mmio;
	struct quiesced *z;
};

static struct quiesced *of_mem(struct mem *m)
{
	return ((struct watched_mem *)m)->z;
}

static struct quiesced *of_mmio(struct mmio *r)
{
	return ((struct watched_mmio *)r)->z;
}

static struct mmio *unit(struct mmio *r)
{
	return &of_mmio(r)->c->q.unit.mmio;
}

static int watched_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct mem *real = &of_mem(m)->c->q.mem.mem;

	return real->read(real, phys, buf, len);
}

/* Tables that nobody uses yet are written without a look. */
static int watched_write(struct mem *m, u64 phys, const void *buf, u32 len)
{
	struct mem *real = &of_mem(m)->c->q.mem.mem;

	return real->write(real, phys, buf, len);
}

/* What was the dead kernel's; nothing in there is the crash kernel's. */
static int watched_store64(struct mem *m, u64 phys, u64 val)
{
	struct quiesced *z = of_mem(m);
	struct span guard = { z->arena.start, GUARD_LEN };
	u32 i;

	for (i = 0; i < z->watches; i++)
		if (span_holds(&z->watch[i].entry, phys, 8))
			look_at_all(z);
	if (phys % 8 || span_holds(&guard, phys, 8) ||
	    !qtest_at(&z->c->q, phys, 8))
		return IOMMU_EADDRESS;
	qtest_write64(&z->c->q, phys, val);
	return IOMMU_OK;
}

static u32 watched_read32(struct mmio *r, u32 off)
{
	look_at_all(of_mmio(r));
	return unit(r)->read32(unit(r), off);
}

static u64 watched_read64(struct mmio *r, u32 off)
{
	look_at_all(of_mmio(r));
	return unit(r)->read64(unit(r), off);
}

static void watched_write32(struct mmio *r, u32 off, u32 val)
{
	look_at_all(of_mmio(r));
	unit(r)->write32(unit(r), off, val);
}

static void watched_write64(struct mmio *r, u32 off, u64 val)
{
	look_at_all(of_mmio(r));
	unit(r)->write64(unit(r), off, val);
}

/* The looks take time that the switch would not: an access is 1 us. */
static u64 watched_now(struct mmio *r)
{
	return of_mmio(r)->watches ? of_mmio(r)->accesses
				   : unit(r)->now_us(unit(r));
}

/* --- the switch --- */

static void report(void *arg, const struct iommu_evidence *e, u32 mode)
{
	struct quiesced *z = arg;

	(void)mode;
	if (z->reports < REPORTS_MAX)
		z->report[z->reports] = *e;
	z->reports++;
}

static void run(struct quiesced *z)
{
	const struct span guard = { z->arena.start, GUARD_LEN };
	struct watched_mem mem = { { .read = watched_read,
				     .write = watched_write,
				     .store64 = watched_store64 },
				   z };
	struct watched_mmio mmio = { { .read32 = watched_read32,
				       .read64 = watched_read64,
				       .write32 = watched_write32,
				       .write64 = watched_write64,
				       .now_us = watched_now,
				       .len = z->c->q.unit.mmio.len },
				     z };
	struct iommu_arena arena = { z->arena, 0 };
	const struct qtest_machine *m = z->c->suite->machine;
	u32 budget = z->watches ? BUDGET_WATCHED_US : BUDGET_US, n;
	struct span ram[ARRAY_SIZE(m->ram)];
	struct iommu_quiesce q = {
		.mem = &mem.mem,
		.mmio = &mmio.mmio,
		.arena = &arena,
		.mode = z->mode,
		.overrides = z->overrides,
		.overrides_n = z->overrides_n,
		.ram = ram,
		.guard = &guard,
		.guard_n = 1,
		.scratch = z->ram + SCRATCH,
		.budget_us = budget,
		.check_budget_us = budget,
		.report = report,
		.report_arg = z,
		.work = z->work,
	};

	for (n = 0; n < ARRAY_SIZE(m->ram) && m->ram[n].at.len; n++)
		ram[n] = m->ram[n].at;
	q.ram_n = n;
	z->v->quiesce(&q, &z->result);
	if (z->mode == IOMMU_MODE_RECORD && arena.used)
		cases_wrong(z->c, "record: %" PRIu64 " bytes of tables made",
			    arena.used);
}

/* quiesce MODE [above=1] [PLACE=MODE...] */
bool quiesced_do(struct quiesced *z)
{
	static const char *const names[] = { "edu", "port", "bridge" };
	struct cases *c = z->c;
	u32 mode = iommu_mode_parse(c->arg[1]), i;
	struct iommu_override *v;
	const char *word;

	if (mode == IOMMU_MODE_N)
		return cases_bad(c, "no mode", c->arg[1]);
	/* In order of requester, as the plan has them. */
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		word = cases_keyed(c, names[i]);
		if (!word)
			continue;
		v = &z->overrides[z->overrides_n++];
		v->requester = cases_place(c, names[i])->requester;
		v->mode = iommu_mode_parse(word);
	}
	z->mode = mode;
	z->arena = (struct span){
		z->ram + (cases_keyed(c, "above") ? GUARD_ABOVE : GUARD_START),
		ARENA_LEN
	};
	begin_watches(z);
	run(z);
	end_watches(z);
	return true;
}

/* result OUTCOME key=value...: what the switch says of itself */
bool quiesced_result(struct quiesced *z)
{
	static const char *const names[] = { [IOMMU_DONE] = "done",
					     [IOMMU_LEFT] = "left",
					     [IOMMU_PARTLY] = "partly",
					     [IOMMU_READ_ONLY] = "read-only" };
	const struct iommu_result *res = &z->result;
	const struct {
		const char *key;
		u32 is;
	} count[] = { { "kept", res->kept },
		      { "aborted", res->aborted },
		      { "guarded", res->guarded },
		      { "sunk", res->sunk },
		      { "bad", res->bad },
		      { "err", res->err },
		      { "reports", z->reports },
		      { "invalidation", res->invalidation } };
	const char *word;
	unsigned int i;
	u64 want;

	if (res->outcome >= ARRAY_SIZE(names) ||
	    strcmp(names[res->outcome], z->c->arg[1]))
		cases_wrong(z->c,
			    "outcome %u (%s, 0x%" PRIx64 ": 0x%" PRIx64
			    " 0x%" PRIx64 ") is not %s",
			    res->outcome, iommu_err_text(res->err),
			    res->evidence.where, res->evidence.raw[0],
			    res->evidence.raw[1], z->c->arg[1]);
	for (i = 0; i < ARRAY_SIZE(count); i++) {
		word = cases_keyed(z->c, count[i].key);
		if (!word)
			continue;
		if (!cases_number(z->c, word, &want))
			return false;
		if (want != count[i].is)
			cases_wrong(z->c, "%s is %u, not %" PRIu64,
				    count[i].key, count[i].is, want);
	}
	return true;
}
