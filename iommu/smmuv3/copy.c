// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv3, copy mode: which entries of the dead kernel's stream table may
 * stay. Each STE and CD is read once: what is checked is what is kept, and a kept
 * CD is one of ours. One bad entry costs one stream its translation, not its
 * neighbours theirs.
 */
#include "iommu.h"
#include "../env.h"
#include "smmuv3.h"
#include "tables.h"

/* Old STEs that are read at most, should the clock stand still: 256 MiB. */
#define OLD_CHUNKS_MAX 65536u

/*
 * Of a kept STE's second word: how memory is accessed, and for whom. Stalls wait
 * for an answer that nobody gives, substreams and ATS belong to processes.
 */
#define KEEP_1 (MASK64(63, 30) | STE_S1CIR | STE_S1COR | STE_S1CSH)
#define KEEP_2 (~(STE_S2R | STE_S2S))

bool smmuv3_copy_init(struct smmuv3_work *w)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_REGISTER,
				     .where = SMMUV3_STRTAB_BASE,
				     .raw_words = 1 };

	w->chunks_left = OLD_CHUNKS_MAX;
	w->l1_page = SMMUV3_NO_PAGE;
	if (!w->c.on || w->c.off_blocks ||
	    (w->s.q->mode != IOMMU_MODE_COPY && !w->s.q->overrides_n))
		return false;
	ev.raw[0] = w->c.root;
	if (!smmuv3_form_known(&w->c)) {
		ev.err = IOMMU_EFORM;
		ev.where = SMMUV3_STRTAB_BASE_CFG;
		ev.raw[0] = w->c.form;
	} else if (!old_is_ram(&w->s, w->c.root, w->c.root_len)) {
		ev.err = IOMMU_EADDRESS;
	}
	if (!ev.err)
		return true;
	w->s.res->bad++;
	quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
	return false;
}

/* --- where old entries are --- */

/* The level 1 descriptor of a stream, of which a page is read at a time. */
static int level1(struct smmuv3_work *w, u32 stream, u64 *where, u64 *desc)
{
	u64 page;
	int err;

	*where = w->c.root + (stream >> smmuv3_split(&w->c)) * 8ULL;
	page = align_down(*where, PAGE_4K);
	if (w->l1_page != page) {
		/* A table that is shorter may begin and end within a page. */
		u64 start = page > w->c.root ? page : w->c.root;
		u64 end = w->c.root + w->c.root_len;

		if (end > page + PAGE_4K)
			end = page + PAGE_4K;
		w->l1_page = SMMUV3_NO_PAGE;
		err = mem_read(&w->s.old.m, start, &w->l1[(start - page) / 8],
			       (u32)(end - start));
		if (err)
			return err;
		w->l1_page = page;
	}
	*desc = w->l1[(*where - page) / 8];
	return IOMMU_OK;
}

/* Where the STEs from @first on lie, and how many there are. */
static int find_chunk(struct smmuv3_work *w, u32 first, u64 *where, u32 *n,
		      struct iommu_evidence *ev)
{
	u64 streams = w->c.requesters;
	int err;

	memset(ev, 0, sizeof(*ev));
	ev->level = IOMMU_AT_ROOT;
	ev->requester = first;
	if (first >= streams)
		return IOMMU_ENOTPRESENT;
	*n = streams - first < SMMUV3_CHUNK ? (u32)(streams - first)
					    : SMMUV3_CHUNK;
	if (!smmuv3_own(&w->c)->two_level) {
		*where = w->c.root + (u64)first * STE_BYTES;
		return IOMMU_OK;
	}
	err = level1(w, first, &ev->where, &ev->raw[0]);
	ev->raw_words = !err;
	return err ? err : smmuv3_level1(&w->c, ev->raw[0], first, where, n);
}

/* Nothing before the next of these has an entry either. */
static u32 behind(const struct smmuv3_work *w, u32 first, int err)
{
	u32 split = smmuv3_split(&w->c);

	return err && smmuv3_own(&w->c)->two_level
		       ? (first | ((1u << split) - 1)) + 1
		       : first + SMMUV3_CHUNK;
}

bool smmuv3_copy_read(struct smmuv3_work *w, u32 first, u64 *where, bool tell)
{
	struct iommu_evidence ev;
	u32 n = 0;
	int err = find_chunk(w, first, where, &n, &ev);

	if (err == IOMMU_ENOTPRESENT)
		return false;
	if (!err && (!old_in_time(&w->s) || !w->chunks_left))
		err = IOMMU_EBUDGET;
	if (!err) {
		w->chunks_left--;
		n = n < SMMUV3_CHUNK ? n : SMMUV3_CHUNK;
		memset(w->words, 0, sizeof(w->words));
		err = mem_read(&w->s.old.m, *where, w->words, n * STE_BYTES);
	}
	if (!err)
		return true;
	/* Chunks of one descriptor are told of once. */
	if (tell && (!smmuv3_own(&w->c)->two_level ||
		     !(first & ((1u << smmuv3_split(&w->c)) - 1)))) {
		ev.err = err;
		w->s.res->bad++;
		quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
	}
	return false;
}

static void survey_chunk(struct smmuv3_work *w, u32 first, u64 where,
			 struct smmuv3_survey *v)
{
	struct iommu_evidence ev;
	struct iommu_domain d;
	u32 i, id;
	u64 *ste;

	for (i = 0; i < SMMUV3_CHUNK; i++) {
		ste = &w->words[i * STE_WORDS];
		if (!smmuv3_present(ste) || !old_in_time(&w->s))
			continue;
		smmuv3_read_ste(&w->c, &w->s.old.m, first + i,
				where + i * STE_BYTES, ste, &d, &ev);
		id = w->form.lpae.second ? field(STE_S2VMID, ste[2]) : d.did;
		if (id >= v->first && id - v->first < 64)
			v->used |= BIT64(id - v->first);
		v->pass |= d.kind == IOMMU_KIND_PASS;
	}
}

void smmuv3_copy_survey(struct smmuv3_work *w, struct smmuv3_survey *v)
{
	u64 first = 0, where = 0, end = BIT64(w->form.bits);
	struct iommu_evidence ev;
	u32 n = 0;
	int err;

	while (first < end) {
		err = find_chunk(w, (u32)first, &where, &n, &ev);
		if (!err && smmuv3_copy_read(w, (u32)first, &where, false))
			survey_chunk(w, (u32)first, where, v);
		first = behind(w, (u32)first, err);
	}
	w->chunks_left = OLD_CHUNKS_MAX;
}

/* --- one entry --- */

static bool is_own_id(const struct smmuv3_work *w, u32 id)
{
	u32 i;

	for (i = 0; i < SMMUV3_TARGETS; i++)
		if (w->target[i].id == id)
			return true;
	return false;
}

/* A CD of ours that translates alike; equal ones share one. 0: no room. */
static u64 kept_cd(struct smmuv3_work *w, const u64 *old)
{
	u64 words[CD_WORDS];
	struct smmuv3_kept *k;
	u32 i;

	memcpy(words, old, sizeof(words));
	words[0] &= ~CD_R;
	if (field(IDR0_STALL_MODEL, w->c.cap) != STALL_MODEL_FORCED)
		words[0] &= ~CD_S;
	for (i = 0; i < w->kept_n && i < SMMUV3_KEPT_MAX; i++)
		if (!memcmp(w->kept[i].words, words, sizeof(words)))
			return w->kept[i].at;
	k = &w->kept[w->kept_n % SMMUV3_KEPT_MAX];
	k->at = smmuv3_cd(w, words);
	if (!k->at)
		return 0;
	memcpy(k->words, words, sizeof(words));
	w->kept_n++;
	return k->at;
}

static int check_table(struct smmuv3_work *w, const struct iommu_table *t,
		       struct iommu_evidence *ev)
{
	struct iommu_evidence table_ev = { 0 };
	int err = t->format ? old_table_check(&w->s, t, &table_ev) : IOMMU_OK;

	if (err) {
		table_ev.requester = ev->requester;
		*ev = table_ev;
	}
	return err;
}

static int check(struct smmuv3_work *w, const u64 *ste,
		 const struct iommu_domain *d, struct iommu_evidence *ev)
{
	u32 id = w->form.lpae.second ? (u32)field(STE_S2VMID, ste[2]) : d->did;
	int err;

	if (d->ats || d->kind == IOMMU_KIND_NESTED)
		return IOMMU_ESTALE;
	/* Only when old entries use up all ids we could have. */
	if (is_own_id(w, id))
		return IOMMU_ENOSPACE;
	err = check_table(w, &d->stage[0], ev);
	if (!err)
		err = check_table(w, &d->stage[1], ev);
	return err ? err : check_table(w, &d->upper, ev);
}

/* Makes @ste the new one: no substreams, no ATS, no events, no stalls. */
static int keep(struct smmuv3_work *w, u64 *ste, const struct iommu_domain *d,
		struct iommu_evidence *ev)
{
	bool first = d->stage[0].format;
	u64 cd = first ? kept_cd(w, d->entry) : 0;

	if (first && !cd)
		return IOMMU_ENOSPACE;
	if (d->pasid) {
		ev->err = IOMMU_ESTALE;
		quiesce_report(&w->s, ev, IOMMU_MODE_COPY);
	}
	ste[0] = STE_V | cd |
		 field_put(STE_CONFIG, first ? CONFIG_S1 : CONFIG_S2);
	ste[1] &= KEEP_1;
	if (first && field(IDR0_STALL_MODEL, w->c.cap) == STALL_MODEL_BOTH)
		ste[1] |= STE_S1STALLD;
	ste[2] &= KEEP_2;
	memset(&ste[4], 0, STE_BYTES / 2);
	return IOMMU_OK;
}

enum fate smmuv3_copy_entry(struct smmuv3_work *w, u32 stream, u64 where,
			    u64 *ste, struct iommu_evidence *ev)
{
	struct iommu_domain d;

	if (smmuv3_read_ste(&w->c, &w->s.old.m, stream, where, ste, &d, ev))
		return FATE_ABORT;
	ev->requester = stream;
	ev->level = IOMMU_AT_CONTEXT;
	ev->where = where;
	ev->raw_words = STE_WORDS;
	memcpy(ev->raw, ste, STE_BYTES);
	if (d.kind == IOMMU_KIND_PASS && !d.ats)
		return FATE_GUARD;
	ev->err = check(w, ste, &d, ev);
	if (!ev->err)
		ev->err = keep(w, ste, &d, ev);
	return ev->err ? FATE_ABORT : FATE_KEEP;
}
