// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables for the purgatory. Arm ARM (DDI 0487J.a), D8.3 "Translation
 * table descriptor formats": granule of 4 KiB, 48 bits, four levels.
 *
 * One tree serves all modes that a kernel may be left from: EL1, EL2, and EL2
 * with two ranges (VHE). AP[1] is therefore 0, which EL1 needs to execute what
 * it can write to, and which the other regimes do not look at.
 */
#include "arm64.h"

#define DESC_KIND 3ULL
#define DESC_BLOCK 1ULL
#define DESC_TABLE 3ULL /* and on the lowest level, a page */
/* indices into MAIR: include/handover.h, PGTABLE_TTBR0 */
#define DESC_NORMAL BIT64(2)
#define DESC_INNER_SHAREABLE (3ULL << 8)
#define DESC_AF BIT64(10)
#define DESC_NEVER_EXECUTE (BIT64(53) | BIT64(54)) /* PXN; UXN, XN of EL2 */

/* The access flag is set beforehand: nobody writes to the tables. */
static const struct identity_form form = {
	.levels = 4,
	.bits = 48,
	.table = DESC_TABLE,
	.kind = DESC_KIND,
	.large = DESC_BLOCK,
	.small = DESC_TABLE,
	.ram = DESC_NORMAL | DESC_INNER_SHAREABLE | DESC_AF,
	.device = DESC_AF | DESC_NEVER_EXECUTE,
};

int arm64_identity_build(struct identity *id, const struct identity_request *r,
			 u64 mem, struct error *e)
{
	if (identity_tables(id, &form, r, mem, e))
		return -1;
	id->root[PGTABLE_TTBR0] = mem;
	return 0;
}
