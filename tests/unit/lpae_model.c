// SPDX-License-Identifier: GPL-2.0-only
#include "lpae_model.h"

u32 lpae_model_granule(u32 tg0)
{
	return tg0 == 1 ? 16 : tg0 == 2 ? 14 : 12;
}

u32 lpae_model_levels(u32 page_shift, u32 in_bits)
{
	u32 levels = 1;

	while (page_shift + (page_shift - 3) * levels < in_bits)
		levels++;
	return levels;
}

u32 lpae_model_walk(const struct lpae_walk *w, u64 iova, u64 *pa, u32 *fault,
		    bool *global)
{
	u32 stride = w->page_shift - 3, level = w->levels, shift;
	u64 table = w->table, desc, mask;

	*fault = LPAE_TRANSLATION;
	if (w->in_bits < 64 && iova >> w->in_bits)
		return 0;
	for (;; level--) {
		shift = w->page_shift + stride * (level - 1);
		mask = level == w->levels ? ~0ULL : (1ULL << stride) - 1;
		desc = w->fetch(w->unit, table + (iova >> shift & mask) * 8);
		if (!(desc & 1) || (level == 1 && !(desc & 2)))
			return 0;
		if (level == 1 || !(desc & 2))
			break;
		table = desc & 0xfffffffff000ULL &
			~((1ULL << w->page_shift) - 1);
	}
	*fault = LPAE_ACCESS;
	if (!(desc >> 10 & 1))
		return 0;
	*fault = 0;
	*global = !w->second && !(desc >> 11 & 1);
	*pa = (desc & 0xfffffffff000ULL & ~((1ULL << shift) - 1)) |
	      (iova & ((1ULL << shift) - 1));
	if (w->second)
		return desc >> 6 & 3;
	return desc >> 7 & 1 ? 1 : 3;
}

void lpae_map(struct switch_rig *s, u64 root, u64 iova, u64 pa, int shift,
	      bool ro, bool second)
{
	u64 at = root, e, leaf = pa | 1 << 10 | (shift == 12 ? 3 : 1);
	int bit;

	leaf |= second ? (ro ? 1 : 3) << 6 : (ro ? 1 << 7 : 0) | 1 << 11;
	for (bit = 39; bit > shift; bit -= 9) {
		e = at + (iova >> bit & 511) * 8;
		if (!fakemem_get(&s->fake, e))
			fakemem_put(&s->fake, e, rig_page(s) | 3);
		at = fakemem_get(&s->fake, e) & 0xfffffffff000ULL;
	}
	fakemem_put(&s->fake, at + (iova >> bit & 511) * 8, leaf);
}

u64 lpae_mapped_table(struct switch_rig *s, bool second)
{
	u64 root = rig_page(s);

	lpae_map(s, root, IOVA_4K, PA_4K, 12, false, second);
	lpae_map(s, root, IOVA_RO, PA_RO, 12, true, second);
	lpae_map(s, root, IOVA_2M, PA_2M, 21, false, second);
	return root;
}
