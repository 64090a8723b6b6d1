// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table walks, shared by all paging forms: the translation of one input
 * address, and the iterator over all mappings of a table.
 */
#include "iommu.h"
#include "env.h"

/* Bits of input address below an entry at @level. */
static u32 level_shift(const struct iommu_pt_format *f, u32 level)
{
	return f->page_shift + (level - 1) * f->entry_bits;
}

/* log2 of the entries of a table at @level. */
static u32 index_bits(const struct iommu_table *t, u32 level)
{
	return level == t->levels && t->root_bits ? t->root_bits
						  : t->format->entry_bits;
}

/* Input address bits that a table translates. */
static u32 table_bits(const struct iommu_table *t)
{
	return level_shift(t->format, t->levels) + index_bits(t, t->levels);
}

/* Can a table of this form have that depth and that root? */
static bool table_ok(const struct iommu_table *t)
{
	return t->format && t->levels && t->levels <= IOMMU_LEVELS_MAX &&
	       level_shift(t->format, t->levels) < 64 &&
	       index_bits(t, t->levels) <= IOMMU_ROOT_BITS_MAX;
}

bool iommu_table_same(const struct iommu_table *a, const struct iommu_table *b)
{
	if (!a->format || !b->format)
		return a->format == b->format;
	return a->format == b->format && a->root == b->root &&
	       a->levels == b->levels && a->root_bits == b->root_bits &&
	       a->base == b->base && a->ignored == b->ignored &&
	       a->attr == b->attr;
}

/* Is @iova one that this table can translate at all? */
static bool in_width(const struct iommu_table *t, u64 iova)
{
	u32 bits = table_bits(t);
	u64 upper;

	if (bits >= 64)
		return true;
	if (!t->format->canonical)
		return !((iova ^ t->base) >> bits << bits & ~t->ignored);
	upper = iova >> (bits - 1);
	return !upper || upper == ~0ULL >> (bits - 1);
}

static void evidence(struct iommu_evidence *ev, u32 err, u32 level, u64 where,
		     u64 iova, const u64 *raw)
{
	u32 requester = ev->requester;

	memset(ev, 0, sizeof(*ev));
	ev->err = err;
	ev->level = level;
	ev->where = where;
	ev->iova = iova;
	ev->requester = requester;
	if (raw) {
		ev->raw[0] = *raw;
		ev->raw_words = 1;
	}
}

/* --- one address --- */

struct walk {
	const struct iommu_config *config;
	struct mem *mem;
	const struct iommu_domain *domain;
	struct iommu_xlat *xlat;
	struct iommu_evidence *ev;
};

struct place {
	u64 pa;
	u64 size;
	u32 perm;
};

static void log_step(struct walk *w, u32 level, u32 stage, u64 where, u64 raw)
{
	struct iommu_xlat *x = w->xlat;

	if (x->steps >= ARRAY_SIZE(x->step))
		return;
	x->step[x->steps].level = level;
	x->step[x->steps].stage = stage;
	x->step[x->steps].where = where;
	x->step[x->steps].raw = raw;
	x->steps++;
}

/* A first stage may have a second table, for another part of the space. */
static const struct iommu_table *table_of(const struct iommu_domain *d,
					  u32 stage, u64 iova)
{
	const struct iommu_table *t = &d->stage[stage], *upper = &d->upper;

	if (stage || !table_ok(upper) || !in_width(upper, iova))
		return t;
	return table_ok(t) && in_width(t, iova) ? t : upper;
}

/*
 * The level of the table that @pte of a table at @level leads to; 0: it can't
 * lead anywhere.
 */
static u32 next_level(const struct iommu_pte *pte, u32 level)
{
	if (!pte->next)
		return level - 1;
	return pte->next < level ? pte->next : 0;
}

/*
 * Are the bits of @iova zero that a table at @next, entered from @level, has
 * no entries for? (AMD-Vi: levels may be skipped.)
 */
static bool skipped_bits_zero(const struct iommu_pt_format *f, u32 level,
			      u32 next, u64 iova)
{
	u32 high = level_shift(f, level), low = level_shift(f, next + 1);

	return low >= high || !(iova & MASK64(high - 1, low));
}

/* Does an entry lead beyond the physical addresses that the host has? */
static bool beyond_host(const struct iommu_config *c,
			const struct iommu_pte *pte)
{
	return c->host_bits && c->host_bits < 64 && pte->addr >> c->host_bits;
}

/* What stops an access at a decoded entry. */
static u32 stopped_by(const struct iommu_pt_format *f,
		      const struct iommu_pte *pte, u32 level, u64 iova,
		      u32 denied)
{
	u32 next;

	if (!pte->present)
		return IOMMU_ENOTPRESENT;
	if (pte->err)
		return pte->err;
	if (denied)
		return IOMMU_EACCESS;
	if (pte->leaf)
		return IOMMU_OK;
	next = next_level(pte, level);
	if (!next)
		return IOMMU_EFORM;
	return skipped_bits_zero(f, level, next, iova) ? IOMMU_OK
						       : IOMMU_EWIDTH;
}

/*
 * Follows one stage from its root to a leaf. @host is the second stage that
 * the first stage's own tables lie behind, or NULL where they are physical;
 * a walk through @host has no host itself, so calls nest once at most.
 */
static int walk_stage(struct walk *w, u32 stage, const struct iommu_table *host,
		      u64 iova, u32 access, bool log, struct place *out)
{
	const struct iommu_table *t = table_of(w->domain, stage, iova);
	struct iommu_pte pte = { .addr = t->root };
	struct place table = { 0 };
	u32 level, shift = 0;
	u64 raw, where;
	int err;

	out->perm = IOMMU_R | IOMMU_W | IOMMU_X;
	if (!table_ok(t) || !in_width(t, iova)) {
		err = table_ok(t) ? IOMMU_EWIDTH : IOMMU_EFORM;
		evidence(w->ev, err, t->levels, 0, iova, NULL);
		return err;
	}
	for (level = t->levels; level; level = next_level(&pte, level)) {
		shift = level_shift(t->format, level);
		where = pte.addr +
			((iova >> shift) & (BIT64(index_bits(t, level)) - 1)) *
				8;
		if (host) {
			err = walk_stage(w, 1, NULL, where, IOMMU_R, false,
					 &table);
			if (err)
				return err;
			where = table.pa;
		}
		err = mem_read(w->mem, where, &raw, sizeof(raw));
		if (err) {
			evidence(w->ev, err, level, where, iova, NULL);
			return err;
		}
		if (log)
			log_step(w, level, stage, where, raw);
		t->format->decode(w->config, t, level, raw, &pte);
		if (!host && !pte.err && beyond_host(w->config, &pte))
			pte.err = IOMMU_ERESERVED;
		out->perm &= pte.perm;
		err = stopped_by(t->format, &pte, level, iova,
				 access & ~out->perm);
		if (err) {
			evidence(w->ev, err, level, where, iova, &raw);
			return err;
		}
		if (pte.leaf)
			break;
	}
	out->size = BIT64(pte.page_bits ? pte.page_bits : shift);
	out->pa = pte.addr | (iova & (out->size - 1));
	return IOMMU_OK;
}

static int walk_nested(struct walk *w, u64 iova, u32 access, struct place *out)
{
	struct place first;
	int err;

	err = walk_stage(w, 0, &w->domain->stage[1], iova, access, true,
			 &first);
	if (err)
		return err;
	err = walk_stage(w, 1, NULL, first.pa, access, true, out);
	if (err)
		return err;
	out->perm &= first.perm;
	if (first.size < out->size)
		out->size = first.size;
	return IOMMU_OK;
}

int iommu_translate(const struct iommu_config *c, struct mem *m,
		    const struct iommu_domain *d, u64 iova, u32 access,
		    struct iommu_xlat *x, struct iommu_evidence *ev)
{
	struct walk w = { c, m, d, x, ev };
	struct place out = { iova, PAGE_4K, (IOMMU_R | IOMMU_W) & ~d->deny };
	u32 stage = d->stage[0].format ? 0 : 1;
	int err = IOMMU_OK;

	memset(x, 0, sizeof(*x));
	memset(ev, 0, sizeof(*ev));
	if (span_holds(&d->exempt, iova, 1)) {
		x->pa = iova;
		x->page_size = PAGE_4K;
		x->perm = IOMMU_R | IOMMU_W;
		return IOMMU_OK;
	}
	if (d->kind == IOMMU_KIND_BLOCKED || access & d->deny) {
		evidence(ev, IOMMU_EACCESS, 0, d->entry_addr, iova,
			 d->entry_words ? &d->entry[0] : NULL);
		return IOMMU_EACCESS;
	}
	if (d->kind == IOMMU_KIND_NESTED && d->stage[0].format &&
	    d->stage[1].format) {
		err = walk_nested(&w, iova, access, &out);
	} else if (d->kind == IOMMU_KIND_TABLE && d->stage[stage].format) {
		err = walk_stage(&w, stage, NULL, iova, access, true, &out);
	} else if (d->kind == IOMMU_KIND_PASS && d->pass_bits &&
		   iova >> d->pass_bits) {
		err = IOMMU_EWIDTH;
		evidence(ev, err, 0, d->entry_addr, iova, NULL);
	} else if (d->kind != IOMMU_KIND_PASS) {
		err = IOMMU_EFORM;
		evidence(ev, err, 0, d->entry_addr, iova, NULL);
	}
	if (err)
		return err;
	x->pa = out.pa;
	x->page_size = out.size;
	x->perm = out.perm;
	return IOMMU_OK;
}

/* --- all addresses of one table --- */

void iommu_iter_start(struct iommu_iter *it, struct mem *m,
		      const struct iommu_config *c,
		      const struct iommu_table *table, u64 budget)
{
	it->mem = m;
	it->config = c;
	it->table = *table;
	it->budget = budget;
	it->tables = 0;
	it->level = 0;
	it->started = false;
	it->done = false;
	it->first = 0;
	it->last = ~0ULL;
	it->address = table->format && table->format->address
			      ? table->format->address(table)
			      : 0;
	/* Wider ones are not like the others. */
	if (c->host_bits && c->host_bits < 64)
		it->address &= BIT64(c->host_bits) - 1;
	it->like.level = 0;
	it->leaf.len = 0;
	memset(&it->pending, 0, sizeof(it->pending));
	it->descend = NULL;
	it->loops = false;
	it->arg = NULL;
}

void iommu_iter_window(struct iommu_iter *it, u64 first, u64 last)
{
	it->first = first;
	it->last = last;
}

/* How far behind the first address of the whole table, in the walk's order. */
static u64 table_offset(const struct iommu_iter *it, u64 iova)
{
	u32 bits = table_bits(&it->table);

	return bits < 64 ? iova & (BIT64(bits) - 1) : iova;
}

/* The entry at @offset of a table that begins at @start; its end at most. */
static u32 index_at(const struct iommu_iter *it, u32 level, u64 start,
		    u64 offset)
{
	u64 n = BIT64(index_bits(&it->table, level)), i;

	if (offset < start)
		return 0;
	i = (offset - start) >> level_shift(it->table.format, level);
	return (u32)(i < n ? i : n);
}

/* Entries of which one read holds a part. */
#define PIECE ((u32)(PAGE_4K / 8))

/* Reads the entries around @index of the table at @addr. */
static int read_piece(struct iommu_iter *it, u64 addr, u32 level, u32 index)
{
	u32 bits = index_bits(&it->table, level), n = PIECE;

	if (it->tables >= it->budget)
		return IOMMU_EBUDGET;
	it->tables++;
	if (BIT64(bits) < PIECE)
		n = 1u << bits;
	return mem_read(it->mem, addr + (u64)align_down(index, n) * 8,
			it->at[level - 1].entry, n * 8);
}

/* Begins with a table as the one at @level, below the one of it->level. */
static int enter(struct iommu_iter *it, u64 addr, u32 level, u64 iova, u32 perm)
{
	u32 n = 1u << index_bits(&it->table, level), end;
	int err = read_piece(it, addr, level, 0);
	u64 start;

	if (err)
		return err;
	start = table_offset(it, iova);
	end = index_at(it, level, start, it->last) + 1;
	it->at[level - 1].addr = addr;
	it->at[level - 1].iova = iova;
	it->at[level - 1].perm = perm;
	it->at[level - 1].index = index_at(it, level, start, it->first);
	it->at[level - 1].end = start > it->last ? 0 : end < n ? end : n;
	it->at[level - 1].piece = 0;
	it->at[level - 1].up = it->level;
	it->level = level;
	return IOMMU_OK;
}

static int enter_root(struct iommu_iter *it, struct iommu_evidence *ev)
{
	const struct iommu_table *t = &it->table;
	int err = IOMMU_EFORM;

	it->started = true;
	if (table_ok(t))
		err = enter(it, t->root, t->levels, t->base,
			    IOMMU_R | IOMMU_W | IOMMU_X);
	if (!err)
		return IOMMU_OK;
	it->done = true;
	/* The first window tells. */
	if (it->first && err != IOMMU_EBUDGET)
		return IOMMU_OK;
	evidence(ev, err, t->levels, t->root, 0, NULL);
	return err;
}

/* Is @addr one of the tables on the way to the current one? */
static bool is_ancestor(const struct iommu_iter *it, u64 addr)
{
	u32 level;

	for (level = it->level; level; level = it->at[level - 1].up)
		if (addr >= it->at[level - 1].addr &&
		    addr - it->at[level - 1].addr <
			    BIT64(index_bits(&it->table, level)) * 8)
			return true;
	return false;
}

/* A leaf joins the pending run, or starts a new one and hands that out. */
static bool add_leaf(struct iommu_iter *it, const struct iommu_run *leaf,
		     struct iommu_run *out)
{
	struct iommu_run *p = &it->pending;
	bool had = p->len;

	if (had && p->iova + p->len == leaf->iova &&
	    p->pa + p->len == leaf->pa && p->perm == leaf->perm) {
		p->len += leaf->len;
		p->sizes |= leaf->sizes;
		return false;
	}
	/*
	 * Member by member: what was stored in parts is slow to load whole,
	 * and this is done for each page of a scattered table.
	 */
	out->iova = p->iova;
	out->pa = p->pa;
	out->len = p->len;
	out->perm = p->perm;
	out->sizes = p->sizes;
	p->iova = leaf->iova;
	p->pa = leaf->pa;
	p->len = leaf->len;
	p->perm = leaf->perm;
	p->sizes = leaf->sizes;
	return had;
}

static u64 entry_iova(const struct iommu_iter *it, u32 level, u32 index)
{
	const struct iommu_pt_format *f = it->table.format;
	u64 iova =
		it->at[level - 1].iova + ((u64)index << level_shift(f, level));
	u32 bits = table_bits(&it->table);

	if (f->canonical && level == it->table.levels && bits < 64 &&
	    iova >> (bits - 1))
		iova |= ~0ULL << bits;
	return iova;
}

/*
 * An entry without default page size repeats for each part of its page, and
 * every repetition stands for its own part.
 */
static void set_leaf(const struct iommu_iter *it, const struct iommu_pte *pte,
		     struct iommu_run *leaf)
{
	u32 bits = level_shift(it->table.format, it->level);

	leaf->len = BIT64(bits);
	leaf->pa = pte->addr;
	if (pte->page_bits)
		bits = pte->page_bits;
	leaf->sizes = bits - 12 < 31 ? 1u << (bits - 12) : 1u << 31;
	if (pte->page_bits)
		leaf->pa |= leaf->iova & (BIT64(pte->page_bits) - 1);
	leaf->perm = it->at[it->level - 1].perm & pte->perm;
}

/* Goes down through a table's entry, unless nothing new is there. */
static int follow(struct iommu_iter *it, const struct iommu_pte *pte, u64 iova)
{
	u32 level = it->level, next = next_level(pte, level);

	if (!next)
		return IOMMU_EFORM;
	it->way.loop = is_ancestor(it, pte->addr);
	if (it->way.loop && !it->loops)
		return IOMMU_ELOOP;
	it->way.iova = iova;
	it->way.offset = table_offset(it, iova);
	it->way.perm = it->at[level - 1].perm & pte->perm;
	if (it->descend && !it->descend(it->arg, pte->addr, next))
		return IOMMU_OK;
	return enter(it, pte->addr, next, iova, it->way.perm);
}

/*
 * Decodes an entry, unless it differs from the leaf that was decoded last in
 * nothing but the page's address: then it says the same of another page.
 */
static void decode_entry(struct iommu_iter *it, u32 level, u64 raw,
			 struct iommu_pte *pte)
{
	const struct iommu_table *t = &it->table;
	u64 differs = raw ^ it->like.raw;

	if (level == it->like.level && !(differs & ~it->like.address)) {
		*pte = it->like.pte;
		pte->addr ^= differs;
		return;
	}
	t->format->decode(it->config, t, level, raw, pte);
	if (!pte->err && beyond_host(it->config, pte))
		pte->err = IOMMU_ERESERVED;
	if (!pte->present || !pte->leaf || pte->err || pte->page_bits)
		return;
	it->like.level = level;
	it->like.raw = raw;
	it->like.pte = *pte;
	it->like.address = it->address &
			   ~(BIT64(level_shift(t->format, level)) - 1);
}

/* Entries looked at before it is asked whether all were as they should be. */
#define STRIDE 16

/* How many of @n entries there are until one is not the one before + @step. */
static u32 steps_on(const u64 *entry, u32 n, u64 step)
{
	u64 wrong = 0, next = entry[0];
	u32 i, k;

	if (n < 2 || entry[1] - entry[0] != step)
		return 1;
	for (i = 0; n - i >= STRIDE; i += STRIDE) {
		for (k = 0; k < STRIDE; k++, next += step)
			wrong |= entry[i + k] ^ next;
		if (wrong)
			break;
	}
	i = i ? i : 1;
	while (i < n && entry[i] - entry[i - 1] == step)
		i++;
	return i;
}

/*
 * The number of entries, with that at @index, that the one decoded stands for:
 * - not present: as many as are equal to it;
 * - a page with its size in its address: as many as are equal, up to its end;
 * - another leaf: as many as each map the page behind the one before.
 * The last is told without a decode: entries rise by @step, a page, from the
 * first to the last of them, so that all bits above the highest in which these
 * two differ, and all below a page, are the same in all. When those two differ
 * in bits of the address alone, which stand side by side, so do all between,
 * and the form says that such an entry is the same leaf of another page.
 */
static u32 same_entries(const struct iommu_iter *it, u32 index,
			const struct iommu_pte *pte, u64 iova)
{
	const struct iommu_table *t = &it->table;
	const u64 *entry = &it->at[it->level - 1].entry[index % PIECE];
	u32 end = it->at[it->level - 1].end, n = PIECE - index % PIECE;
	u64 step = BIT64(level_shift(t->format, it->level)), left;

	n = end - index < n ? end - index : n;
	if (!it->address)
		return 1;
	if (!pte->present)
		return steps_on(entry, n, 0);
	/* Addresses of a root do not rise where the sign changes. */
	if (t->format->canonical && it->level == t->levels)
		return 1;
	if (pte->page_bits) {
		left = BIT64(pte->page_bits) -
		       (iova & (BIT64(pte->page_bits) - 1));
		n = left / step < n ? (u32)(left / step) : n;
		return steps_on(entry, n, 0);
	}
	n = steps_on(entry, n, step);
	return (entry[0] ^ entry[n - 1]) & ~it->like.address ? 1 : n;
}

/* An entry behind it that is like it need not be looked at as any other. */
static void set_like(struct iommu_iter *it, const struct iommu_pte *pte,
		     const struct iommu_run *leaf)
{
	if (it->like.level != it->level || pte->page_bits ||
	    (it->table.format->canonical && it->level == it->table.levels))
		return;
	it->leaf.len = leaf->len;
	it->leaf.perm = leaf->perm;
	it->leaf.sizes = leaf->sizes;
}

/*
 * How many of @n entries from @entry on, the first of which is like the leaf
 * that was decoded last, are like it too, and map each a page that is not the
 * one behind the page before.
 */
static u32 scattered(const struct iommu_iter *it, const u64 *entry, u32 n)
{
	u64 like = entry[0], fixed = ~it->like.address, step = it->leaf.len;
	u32 i;

	for (i = 1; i < n; i++)
		if ((entry[i] ^ like) & fixed ||
		    entry[i] - entry[i - 1] == step)
			break;
	return i;
}

bool iommu_iter_pages(struct iommu_iter *it, struct iommu_pages *pages)
{
	struct iommu_run *p = &it->pending;
	struct iommu_iter_table *t;
	u32 first, n;

	/* The pending run is what the entry before this one maps, or longer. */
	if (!it->leaf.len || p->len != it->leaf.len)
		return false;
	t = &it->at[it->level - 1];
	first = t->index - 1 - t->piece;
	n = t->end - t->piece < PIECE ? t->end - t->piece : PIECE;
	n = scattered(it, &t->entry[first], n - first);
	if (n < 2)
		return false;
	/* The last of them may go on in what comes behind it. */
	n--;
	pages->entry = &t->entry[first];
	pages->flip = it->like.raw ^ it->like.pte.addr;
	pages->n = n;
	pages->iova = p->iova;
	pages->len = p->len;
	pages->perm = p->perm;
	pages->sizes = p->sizes;
	p->iova += n * p->len;
	p->pa = t->entry[first + n] ^ pages->flip;
	t->index += n;
	return true;
}

/*
 * One entry of the current table, and those like it. *@found: a run is in
 * @run. What begins before the window was told by the one before.
 */
static int one_entry(struct iommu_iter *it, struct iommu_run *run, bool *found,
		     struct iommu_evidence *ev)
{
	u32 level = it->level, index = it->at[level - 1].index, n = 1;
	u64 raw = it->at[level - 1].entry[index % PIECE];
	u64 where = it->at[level - 1].addr + (u64)index * 8;
	u64 iova = entry_iova(it, level, index);
	bool told = it->first && table_offset(it, iova) < it->first;
	struct iommu_run leaf = { .iova = iova };
	struct iommu_pte pte;
	int err;

	it->leaf.len = 0;
	decode_entry(it, level, raw, &pte);
	err = pte.present ? (int)pte.err : IOMMU_OK;
	it->at[level - 1].index++;
	if (!err && pte.present && !pte.leaf) {
		err = follow(it, &pte, iova);
	} else if (!err && !told) {
		n = same_entries(it, index, &pte, iova);
		it->at[level - 1].index = index + n;
		if (!pte.present)
			return IOMMU_OK;
		set_leaf(it, &pte, &leaf);
		if (leaf.perm & (IOMMU_R | IOMMU_W)) {
			set_like(it, &pte, &leaf);
			leaf.len *= n;
			*found = add_leaf(it, &leaf, run);
		}
	}
	if (err == IOMMU_EBUDGET)
		/* Asked again, the same entry is tried, and refused, again. */
		it->at[level - 1].index = index;
	else if (told)
		return IOMMU_OK;
	if (err)
		evidence(ev, err, level, where, iova, &raw);
	return err;
}

/* Does entry[] hold the entry that is next? */
static bool has_piece(const struct iommu_iter *it)
{
	return it->at[it->level - 1].piece ==
	       (u32)align_down(it->at[it->level - 1].index, PIECE);
}

/*
 * A table of more than 4 KiB is read on as the walk comes there. A piece that
 * can't be read is told once and left out.
 */
static int next_piece(struct iommu_iter *it, struct iommu_evidence *ev)
{
	u32 level = it->level;
	u32 index = (u32)align_down(it->at[level - 1].index, PIECE);
	u64 addr = it->at[level - 1].addr, iova;
	int err;

	if (has_piece(it))
		return IOMMU_OK;
	it->leaf.len = 0;
	err = read_piece(it, addr, level, index);
	if (!err) {
		it->at[level - 1].piece = index;
		return IOMMU_OK;
	}
	iova = entry_iova(it, level, index);
	if (err != IOMMU_EBUDGET) {
		it->at[level - 1].index = index + PIECE;
		if (it->first && table_offset(it, iova) < it->first)
			return IOMMU_OK;
	}
	evidence(ev, err, level, addr + (u64)index * 8, iova, NULL);
	return err;
}

int iommu_iter_next(struct iommu_iter *it, struct iommu_run *run,
		    struct iommu_evidence *ev)
{
	u32 top = it->table.levels;
	bool found = false;
	int err;

	ev->err = IOMMU_OK;
	ev->requester = 0;
	if (!it->started && !it->done) {
		err = enter_root(it, ev);
		if (err)
			return err;
	}
	while (!it->done) {
		if (it->at[it->level - 1].index >= it->at[it->level - 1].end) {
			it->leaf.len = 0;
			it->done = it->level == top;
			if (!it->done)
				it->level = it->at[it->level - 1].up;
			continue;
		}
		err = next_piece(it, ev);
		if (!err && !has_piece(it))
			continue;
		if (!err)
			err = one_entry(it, run, &found, ev);
		if (err)
			return err;
		if (found)
			return IOMMU_OK;
	}
	if (!it->pending.len)
		return IOMMU_ENOTPRESENT;
	*run = it->pending;
	it->pending.len = 0;
	return IOMMU_OK;
}
