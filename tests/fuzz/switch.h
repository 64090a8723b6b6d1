/* SPDX-License-Identifier: GPL-2.0-only */
/* What the switches of all vendors are asked, and what must be so afterwards. */
#ifndef FUZZ_SWITCH_H
#define FUZZ_SWITCH_H

#include "fuzz.h"
#include "iommu.h"

enum { /* numbers in front of the input */
	N_CAP,
	N_ECAP,
	N_RTADDR,
	N_REQUESTER,
	N_PASID,
	N_CHANGE = N_PASID, /* of the switch, which asks for no PASID */
	N_IOVA,
	N_MODE,
	N_IRTA = N_MODE, /* of the walk, which needs no mode */
	N_GSTS,
	/* AMD-Vi, which MODE_AMDVI chooses */
	N_CMD_BUF = N_CAP,
	N_SWITCH_EFR = N_ECAP,
	N_SWITCH_DEV_TBL = N_RTADDR,
	N_SWITCH_CONTROL = N_GSTS,
};
#define MODE_AMDVI 4u
#define MODE_SMMUV3 8u
#define MODE_SMMUV2 16u

#define ARENA_START MIB(8)
#define ARENA_LEN MIB(2)

/* Memory of the input, with an arena; freed by switch_end(). */
void switch_begin(struct fuzz_mem *m, const u8 *data, size_t len);
/* Bytes of the arena that were used. */
u64 switch_unit(u32 vendor, struct fuzz_mem *m, struct mmio *mmio,
		const u8 *data, size_t len, struct iommu_result *res);
/*
 * Of some requesters and addresses, a bit each: the guarded memory is reached,
 * other than in the scratch page.
 */
u32 switch_reached(u32 vendor, const struct iommu_regs *regs, struct mem *m,
		   const u8 *data, size_t len);
/*
 * What was kept went by page tables as they were then: it is wrong where it leads
 * into the guard by old ones and by new. @table: of the unit, where it lies in the
 * dead kernel's memory.
 */
void switch_check(u32 vendor, struct mmio *mmio, struct fuzz_mem *m,
		  const struct span *table, const u8 *data, size_t len);
void switch_end(struct fuzz_mem *m, u64 used);

int fuzz_amdvi_switch(const u8 *data, size_t len);
int fuzz_smmuv3_switch(const u8 *data, size_t len);
int fuzz_smmuv2_switch(const u8 *data, size_t len);

#endif
