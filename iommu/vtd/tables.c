// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d: the tables that quiesce switches to, built in the arena. Every
 * context of every bus in use is present and has FPD set: the stock crash
 * kernel copies present entries as they are and forgets FPD on absent ones
 * (copy_context_table(), Linux 4.2 to 7.2).
 */
#include "iommu.h"
#include "../env.h"
#include "vtd.h"
#include "tables.h"

/* Table pages that guarded pass-through may take: 16 MiB. */
#define GUARD_PAGES_MAX 4096u
#define GUARD_END_MIN GIB(4)

/* --- memory --- */

u64 vtd_alloc(struct vtd_builder *b)
{
	return iommu_arena_alloc(b->q->arena, b->q->mem, PAGE_4K);
}

void vtd_write(struct vtd_builder *b, u64 where, const void *data, u32 len)
{
	int err = b->q->mem->write(b->q->mem, where, data, len);

	if (err && !b->write_err)
		b->write_err = err;
}

void vtd_report(struct vtd_builder *b, const struct iommu_evidence *ev,
		u32 mode)
{
	if (b->q->report)
		b->q->report(b->q->report_arg, ev, mode);
}

/* Fills a page with @n words over and over. */
static void fill_page(struct vtd_builder *b, u64 page, const u64 *words, u32 n)
{
	u64 buf[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(buf); i++)
		buf[i] = words[i % n];
	for (i = 0; i < PAGE_4K; i += sizeof(buf))
		vtd_write(b, page + i, buf, sizeof(buf));
}

/* Permission bits of our own entries, leaf or not. */
static u64 all_access(const struct vtd_builder *b)
{
	return b->first_stage ? FS_P | FS_RW | FS_US | FS_A | FS_D
			      : SS_R | SS_W;
}

/* --- form --- */

static u32 deepest(const struct iommu_config *c)
{
	u32 level = VTD_LEVELS_MAX;

	while (level && !c->levels_ok[level])
		level--;
	return level;
}

/* Stage and depth of our own tables, given their form. */
static int choose_stage(struct vtd_builder *b)
{
	const struct iommu_config *c = b->c;

	b->first_stage = b->scalable && !(c->ecap & ECAP_SSTS);
	if (b->first_stage && !(c->ecap & ECAP_FSTS))
		return IOMMU_EUNSUPPORTED;
	b->levels = b->first_stage ? 4 : deepest(c);
	return b->levels ? IOMMU_OK : IOMMU_EUNSUPPORTED;
}

static bool scalable_ok(const struct iommu_config *c)
{
	return c->ecap & ECAP_SMTS && c->ecap & (ECAP_SSTS | ECAP_FSTS);
}

/*
 * The crash kernel turns translation off when the table form is not the one
 * it would use itself, so the form stays as found. A unit that was never set
 * up says nothing: then it is the form that Linux prefers.
 */
static int choose_form(struct vtd_builder *b)
{
	const struct iommu_config *c = b->c;
	bool keep = c->form == TTM_LEGACY ||
		    (c->form == TTM_SCALABLE && scalable_ok(c));

	b->scalable = c->form == TTM_SCALABLE;
	if (!c->on && !c->root)
		keep = false;
	else if (!keep && c->on && !(c->cap & CAP_ESRTPS))
		/* TTM may change under TE only with ESRTPS (11.4.5). */
		return IOMMU_EUNSUPPORTED;
	/* So may SSIRWE; and tables that are kept need it. No Linux sets it. */
	if (c->on && vtd_own(c)->io_rw)
		return IOMMU_EUNSUPPORTED;
	if (!keep)
		b->scalable = scalable_ok(c);
	return choose_stage(b);
}

/*
 * Ids of ours, from the top: kernels hand them out from the bottom. Never 0,
 * which caching mode reserves (6.1), and none that a kept entry uses.
 */
static bool pick_dids(struct vtd_builder *b, u32 first, u64 used)
{
	u32 i, id = b->c->domains;

	for (i = 0; i < VTD_TARGETS; i++) {
		do {
			if (--id <= first)
				return false;
		} while (used & BIT64(id - first));
		b->target[i].did = id;
	}
	return true;
}

static void choose_dids(struct vtd_builder *b)
{
	u32 n = b->c->domains, first = n > 64 ? n - 64 : 0;
	u64 used = b->copying ? vtd_copy_used_dids(b, first) : 0;

	/* With all of them taken, old entries that collide are aborted. */
	if (!pick_dids(b, first, used))
		pick_dids(b, first, 0);
}

int vtd_builder_init(struct vtd_builder *b, struct iommu_quiesce *q,
		     struct iommu_result *res, const struct iommu_config *c)
{
	int err;

	memset(b, 0, sizeof(*b));
	b->q = q;
	b->res = res;
	b->c = c;
	err = choose_form(b);
	if (err)
		return err;
	vtd_old_init(b);
	if (q->mode == IOMMU_MODE_COPY || q->overrides_n)
		b->copying = vtd_copy_init(b);
	choose_dids(b);
	return IOMMU_OK;
}

/* --- targets --- */

u64 vtd_pasid_dir(struct vtd_builder *b, const u64 *words)
{
	u64 dir = vtd_alloc(b), table = dir ? vtd_alloc(b) : 0, entry;

	if (!table)
		return 0;
	vtd_write(b, table, words, VTD_PASID_BYTES);
	entry = table | PASIDDIR_FPD | PASIDDIR_P;
	vtd_write(b, dir, &entry, sizeof(entry));
	return dir;
}

/* PDTS 0, RID_PASID 0; no ATS, PASID or page requests. */
void vtd_scalable_context(u64 *context, u64 dir)
{
	context[0] = dir | SCTX_FPD | SCTX_P;
	context[1] = 0;
	context[2] = 0;
	context[3] = 0;
}

/* Makes @t's context entry lead to the page table at @root. */
static int set_context(struct vtd_builder *b, struct vtd_target *t, u64 root)
{
	u64 words[VTD_PASID_WORDS] = { 0 }, dir;

	if (!b->scalable) {
		t->context[0] = root | CTX_FPD | CTX_P;
		t->context[1] = field_put(CTX_AW, b->levels - 2) |
				field_put(CTX_DID, t->did);
		return IOMMU_OK;
	}
	/*
	 * AW is the second stage's (9.6), but Linux sets it with either, and
	 * QEMU (11.1) takes from it which first-stage addresses are canonical.
	 */
	words[0] = PASID_FPD | PASID_P | field_put(PASID_AW, b->levels - 2);
	words[1] = field_put(PASID_DID, t->did);
	/* PWSNP is reserved where the unit can't snoop (9.6). */
	if (b->c->ecap & ECAP_SMPWC)
		words[1] |= PASID_PWSNP;
	if (b->first_stage) {
		words[0] |= field_put(PASID_PGTT, PGTT_FIRST);
		words[2] = root | field_put(PASID_FSPM, b->levels - 4);
	} else {
		words[0] |= root | field_put(PASID_PGTT, PGTT_SECOND);
	}
	dir = vtd_pasid_dir(b, words);
	if (!dir)
		return IOMMU_ENOSPACE;
	vtd_scalable_context(t->context, dir);
	return IOMMU_OK;
}

/* Each level's 512 entries all lead to the next, the last to the scratch. */
static int sink_table(struct vtd_builder *b, u64 *root)
{
	u64 next = b->q->scratch, entry, page;
	u32 level;

	if (!next || next & (PAGE_4K - 1))
		return IOMMU_EADDRESS;
	for (level = 1; level <= b->levels; level++) {
		page = vtd_alloc(b);
		if (!page)
			return IOMMU_ENOSPACE;
		entry = next | all_access(b);
		fill_page(b, page, &entry, 1);
		next = page;
	}
	*root = next;
	return IOMMU_OK;
}

/* --- guarded pass-through: an identity table with holes --- */

/* Highest level whose entries may map a page; 1: no large pages. */
static u32 large_level(const struct iommu_config *c, bool first_stage,
		       u32 levels)
{
	bool page_2m = first_stage || c->page_2m;
	bool page_1g = first_stage ? c->cap & CAP_FS1GP : c->page_1g;
	u32 large = page_2m && page_1g ? 3 : page_2m ? 2 : 1;

	return large < levels ? large : levels;
}

/* Bytes that an entry at @level covers. */
static u64 entry_span(u32 level)
{
	return BIT64(12 + 9 * (level - 1));
}

static u64 guard_end(const struct iommu_config *c, bool first_stage, u32 levels,
		     u64 ram_end)
{
	/* The lower canonical half of a first-stage table. */
	u32 bits = first_stage ? 47 : 12 + 9 * levels;
	u64 end = ram_end > GUARD_END_MIN ? ram_end : GUARD_END_MIN;

	if (!first_stage && c->address_bits < bits)
		bits = c->address_bits;
	end = align_up(end, entry_span(large_level(c, first_stage, levels)));
	return end && end < BIT64(bits) ? end : BIT64(bits);
}

/* Table pages of an identity map up to @end with @guards holes. */
static u64 guard_pages(u64 end, u32 levels, u32 large, u32 guards)
{
	u64 n = 1 + 2ULL * guards * (large - 1);
	u32 level;

	for (level = large; level < levels; level++)
		n += (end - 1) / entry_span(level + 1) + 1;
	return n;
}

struct pager {
	struct vtd_builder *b;
	u64 addr[VTD_LEVELS_MAX + 1];	/* current table by level; 0 none */
	u64 prefix[VTD_LEVELS_MAX + 1]; /* address bits above it */
};

/* The iterator's pages are free between walks: the tables being filled. */
static u64 *pager_buf(struct pager *p, u32 level)
{
	return p->b->q->iter->at[level - 1].entry;
}

/* Writes out the tables at @level and below. */
static void pager_flush(struct pager *p, u32 level)
{
	for (; level; level--) {
		if (p->addr[level])
			vtd_write(p->b, p->addr[level], pager_buf(p, level),
				  PAGE_4K);
		p->addr[level] = 0;
	}
}

static int pager_open(struct pager *p, u32 level, u64 va)
{
	u64 addr = vtd_alloc(p->b), up;

	if (!addr)
		return IOMMU_ENOSPACE;
	pager_flush(p, level);
	memset(pager_buf(p, level), 0, PAGE_4K);
	p->addr[level] = addr;
	if (level < p->b->levels) {
		up = va / entry_span(level + 1) % 512;
		pager_buf(p, level + 1)[up] = addr | all_access(p->b);
	}
	return IOMMU_OK;
}

/* Maps the page at @va, of the size of @leaf's entries, onto itself. */
static int pager_map(struct pager *p, u64 va, u32 leaf)
{
	u32 level;
	u64 prefix;
	int err;

	for (level = p->b->levels; level >= leaf; level--) {
		prefix = va / entry_span(level) / 512;
		if (p->addr[level] && p->prefix[level] == prefix)
			continue;
		err = pager_open(p, level, va);
		if (err)
			return err;
		p->prefix[level] = prefix;
	}
	pager_buf(p, leaf)[va / entry_span(leaf) % 512] =
		va | all_access(p->b) | (leaf > 1 ? PTE_PS : 0);
	return IOMMU_OK;
}

enum cover {
	COVER_NONE,
	COVER_PART,
	COVER_ALL
};

static enum cover guard_cover(const struct iommu_quiesce *q, u64 va, u64 len)
{
	enum cover cover = COVER_NONE;
	u32 i;

	for (i = 0; i < q->guard_n; i++) {
		if (!span_overlaps(&q->guard[i], va, len))
			continue;
		if (len == PAGE_4K || span_holds(&q->guard[i], va, len))
			return COVER_ALL;
		cover = COVER_PART;
	}
	return cover;
}

/* One page, or hole, as large as can be, at @va; returns its length. */
static u64 guard_step(struct pager *p, u64 va, u64 end, u32 large, int *err)
{
	enum cover cover;
	u32 level;
	u64 len;

	for (level = 3; level; level--) {
		len = entry_span(level);
		if (va & (len - 1) || len > end - va)
			continue;
		cover = guard_cover(p->b->q, va, len);
		if (cover == COVER_ALL)
			return len;
		if (cover == COVER_NONE && level <= large) {
			*err = pager_map(p, va, level);
			return len;
		}
	}
	return PAGE_4K;
}

static int guard_table(struct vtd_builder *b, u64 *root)
{
	const struct iommu_quiesce *q = b->q;
	struct pager p = { .b = b };
	u64 end, va, ram_end = 0;
	u32 large = large_level(b->c, b->first_stage, b->levels);
	int err;

	if (q->ram_n)
		ram_end = q->ram[q->ram_n - 1].start + q->ram[q->ram_n - 1].len;
	end = guard_end(b->c, b->first_stage, b->levels, ram_end);
	if (guard_pages(end, b->levels, large, q->guard_n) > GUARD_PAGES_MAX)
		return IOMMU_ENOSPACE;
	err = pager_open(&p, b->levels, 0);
	*root = p.addr[b->levels];
	for (va = 0; va < end && !err;)
		va += guard_step(&p, va, end, large, &err);
	pager_flush(&p, b->levels);
	return err;
}

/* Builds what @id's contexts lead to, once. */
static int target(struct vtd_builder *b, enum vtd_target_id id)
{
	struct vtd_target *t = &b->target[id];
	u64 root = 0;

	if (t->tried)
		return t->err;
	t->tried = true;
	if (id == VTD_SINK) {
		t->err = sink_table(b, &root);
	} else if (id == VTD_GUARD) {
		t->err = guard_table(b, &root);
	} else {
		root = vtd_alloc(b);
		t->err = root ? IOMMU_OK : IOMMU_ENOSPACE;
	}
	if (!t->err)
		t->err = set_context(b, t, root);
	return t->err;
}

/* The context table all of whose entries are @id's; 0: no room. */
static u64 shared_table(struct vtd_builder *b, enum vtd_target_id id)
{
	struct vtd_target *t = &b->target[id];

	if (target(b, id))
		return 0;
	if (t->shared)
		return t->shared;
	t->shared = vtd_alloc(b);
	if (t->shared)
		fill_page(b, t->shared, t->context, b->scalable ? 4 : 2);
	return t->shared;
}

/* --- contexts --- */

/* The first override at or behind @requester. */
static const struct iommu_override *override_from(const struct iommu_quiesce *q,
						  u32 requester)
{
	u32 lo = 0, hi = q->overrides_n, mid;
	const struct iommu_override *o;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		o = &q->overrides[mid];
		if (o->unit > q->unit ||
		    (o->unit == q->unit && o->requester >= requester))
			hi = mid;
		else
			lo = mid + 1;
	}
	o = &q->overrides[lo];
	return lo < q->overrides_n && o->unit == q->unit ? o : NULL;
}

static void count(struct vtd_builder *b, enum vtd_target_id id, u32 n)
{
	struct iommu_result *res = b->res;

	if (id == VTD_SINK)
		res->sunk += n;
	else if (id == VTD_GUARD)
		res->guarded += n;
	else
		res->aborted += n;
}

static const u8 target_mode[VTD_TARGETS] = {
	[VTD_ABORT] = IOMMU_MODE_ABORT,
	[VTD_SINK] = IOMMU_MODE_SINK,
	[VTD_GUARD] = IOMMU_MODE_COPY,
};

/* Copy mode: the target of a present old entry, or kept as @words. */
static bool kept_or_target(struct vtd_builder *b, u32 requester, u64 *words,
			   enum vtd_target_id *id)
{
	struct iommu_evidence ev;
	enum vtd_fate fate = vtd_copy_entry(b, requester, words, &ev);

	if (fate == VTD_FATE_KEEP) {
		b->res->kept++;
		return true;
	}
	*id = VTD_ABORT;
	if (fate == VTD_FATE_GUARD) {
		ev.err = target(b, VTD_GUARD);
		*id = ev.err ? VTD_ABORT : VTD_GUARD;
	}
	if (ev.err && ev.err != IOMMU_ESTALE)
		b->res->bad++;
	vtd_report(b, &ev, target_mode[*id]);
	return false;
}

/* Fills one context entry; @words hold the old one if it is @present. */
static void set_entry(struct vtd_builder *b, u32 requester, u32 mode,
		      bool present, bool chosen, u64 *words)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_CONTEXT,
				     .requester = requester };
	enum vtd_target_id id = mode == IOMMU_MODE_SINK ? VTD_SINK : VTD_ABORT;

	if (mode == IOMMU_MODE_COPY && present) {
		if (kept_or_target(b, requester, words, &id))
			return;
	} else if (mode == IOMMU_MODE_COPY && !b->c->on) {
		id = VTD_GUARD;
	}
	ev.err = target(b, id);
	if (ev.err) {
		id = VTD_ABORT;
		vtd_report(b, &ev, IOMMU_MODE_ABORT);
	}
	memcpy(words, b->target[id].context, b->scalable ? 32 : 16);
	if (present || chosen || b->q->mode != IOMMU_MODE_COPY || !b->c->on)
		count(b, id, 1);
}

/* A context table for this bus (or half of one) alone. 0: no room. */
static u64 own_table(struct vtd_builder *b, u32 bus, u32 half, bool overrides)
{
	u32 n = b->scalable ? 4 : 2, entries = 512 / n, i, mode;
	u32 first = bus << 8 | half * entries;
	const struct iommu_override *o;
	u64 words[512], page;
	bool present, have;

	have = b->copying && vtd_copy_read(b, bus, half, words);
	if (!have && !overrides)
		return shared_table(b, VTD_ABORT);
	page = vtd_alloc(b);
	if (!page)
		return 0;
	for (i = 0; i < entries; i++) {
		o = overrides ? override_from(b->q, first + i) : NULL;
		if (o && o->requester != first + i)
			o = NULL;
		mode = o ? o->mode : b->q->mode;
		present = have && words[i * n] & CTX_P;
		set_entry(b, first + i, mode, present, o, &words[i * n]);
	}
	vtd_write(b, page, words, sizeof(words));
	return page;
}

/* The context table that all requesters of a bus without own table share. */
static u64 base_table(struct vtd_builder *b, enum vtd_target_id *id)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_CONTEXT };
	u64 page;

	*id = b->q->mode == IOMMU_MODE_SINK		   ? VTD_SINK
	      : b->q->mode == IOMMU_MODE_COPY && !b->c->on ? VTD_GUARD
							   : VTD_ABORT;
	page = shared_table(b, *id);
	if (page || *id == VTD_ABORT)
		return page;
	ev.err = b->target[*id].err ? b->target[*id].err : IOMMU_ENOSPACE;
	vtd_report(b, &ev, IOMMU_MODE_ABORT);
	*id = VTD_ABORT;
	return b->target[VTD_ABORT].shared;
}

/* The root entry's word for a bus, or half of one. */
static u64 root_word(struct vtd_builder *b, u32 bus, u32 half, u64 base,
		     enum vtd_target_id id)
{
	u32 entries = b->scalable ? VTD_DEVFNS / 2 : VTD_DEVFNS;
	u32 first = bus << 8 | half * entries;
	struct iommu_evidence ev = { .err = IOMMU_ENOSPACE,
				     .level = IOMMU_AT_ROOT,
				     .requester = first };
	const struct iommu_override *o = override_from(b->q, first);
	bool overrides = o && o->requester < first + entries, copy;
	u64 page;

	copy = b->copying && b->q->mode == IOMMU_MODE_COPY;
	if (overrides || copy) {
		page = own_table(b, bus, half, overrides);
		if (page)
			return page | ROOT_P;
		vtd_report(b, &ev, IOMMU_MODE_ABORT);
		id = VTD_ABORT;
		base = b->target[VTD_ABORT].shared;
	}
	if (!copy)
		count(b, id, entries);
	return base | ROOT_P;
}

/* May a request come from this bus? The plan, or the dead kernel, knows one. */
static bool bus_in_use(struct vtd_builder *b, u32 bus)
{
	const u8 *buses = b->q->buses;
	const struct iommu_override *o;
	u64 words[2];

	if (!buses || buses[bus / 8] >> bus % 8 & 1)
		return true;
	o = override_from(b->q, bus << 8);
	if (o && o->requester >> 8 == bus)
		return true;
	return b->c->on &&
	       !mem_read(&b->old.m, b->c->root + bus * VTD_ROOT_BYTES, words,
			 sizeof(words)) &&
	       (words[0] | words[1]) & ROOT_P;
}

int vtd_build(struct vtd_builder *b, u64 *root)
{
	u32 bus, half, halves = b->scalable ? 2 : 1;
	enum vtd_target_id id;
	u64 base, word;

	*root = vtd_alloc(b);
	/* What everything falls back on comes first. */
	if (!*root || !shared_table(b, VTD_ABORT))
		return IOMMU_ENOSPACE;
	base = base_table(b, &id);
	for (bus = 0; bus < VTD_BUSES; bus++) {
		if (!bus_in_use(b, bus))
			continue; /* the root table is zero so far */
		for (half = 0; half < halves; half++) {
			word = root_word(b, bus, half, base, id);
			vtd_write(b, *root + bus * VTD_ROOT_BYTES + half * 8,
				  &word, sizeof(word));
		}
	}
	*root |= field_put(RTADDR_TTM, b->scalable ? TTM_SCALABLE : TTM_LEGACY);
	return b->write_err;
}

/* --- how much memory that may take --- */

#define QUEUE_PAGES 2 /* vtd_quiesce.c: descriptors, status word */

static u64 guard_need(const struct iommu_config *c, bool first_stage,
		      u32 guards, u64 ram_end)
{
	u32 levels = first_stage ? 4 : deepest(c);
	u64 end, n;

	if (!levels)
		return 0;
	end = guard_end(c, first_stage, levels, ram_end);
	n = guard_pages(end, levels, large_level(c, first_stage, levels),
			guards);
	return n < GUARD_PAGES_MAX ? n : GUARD_PAGES_MAX;
}

u64 vtd_arena_need(const struct iommu_config *c, u32 mode, u32 buses,
		   u32 requesters, u32 overrides, u32 guards, u64 ram_end)
{
	u64 pages = QUEUE_PAGES + 1, halves = scalable_ok(c) ? 2 : 1;
	u64 legacy, first = 0;

	if (mode != IOMMU_MODE_COPY && mode != IOMMU_MODE_ABORT &&
	    mode != IOMMU_MODE_SINK)
		return 0;
	/* Empty table, sink chain; each a PASID structure, a shared context. */
	pages += 1 + 3 + VTD_LEVELS_MAX + 3;
	if (mode == IOMMU_MODE_COPY || overrides) {
		legacy = guard_need(c, false, guards, ram_end);
		if (halves > 1 && !(c->ecap & ECAP_SSTS))
			first = guard_need(c, true, guards, ram_end);
		pages += 3 + (first > legacy ? first : legacy);
		if (halves > 1)
			pages += 2ULL * requesters;
	}
	if (mode == IOMMU_MODE_COPY)
		pages += buses * halves;
	pages += overrides < VTD_BUSES * halves ? overrides
						: VTD_BUSES * halves;
	return pages * PAGE_4K;
}
