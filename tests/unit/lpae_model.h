/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the models of both SMMUs have in common: a walk of VMSAv8-64 tables, from
 * the specification; and, for their tests, tables as a dead kernel has them, of
 * 4 KiB pages and four levels.
 */
#ifndef LPAE_MODEL_H
#define LPAE_MODEL_H

#include "switch_rig.h"

struct lpae_walk {
	u64 table;
	u32 page_shift, levels, in_bits;
	bool second;
	u64 (*fetch)(void *unit, u64 addr);
	void *unit;
};

enum lpae_fault {
	LPAE_TRANSLATION = 16,
	LPAE_ACCESS = 18,
};

/*
 * Permissions (1 read, 2 write); 0 with a fault. @global: of all address spaces
 * (nG clear).
 */
u32 lpae_model_walk(const struct lpae_walk *w, u64 iova, u64 *pa, u32 *fault,
		    bool *global);
/* log2 of the pages that TG0 says. */
u32 lpae_model_granule(u32 tg0);
/* Levels of a first stage. */
u32 lpae_model_levels(u32 page_shift, u32 in_bits);

/* Maps one page of 1 << @shift into the table at @root. */
void lpae_map(struct switch_rig *s, u64 root, u64 iova, u64 pa, int shift,
	      bool ro, bool second);
/* A table with what all tests map. */
u64 lpae_mapped_table(struct switch_rig *s, bool second);

#endif
