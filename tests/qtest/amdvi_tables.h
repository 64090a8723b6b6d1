/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device table and host tables as a driver writes them, in the RAM of a q35
 * machine with an amd-iommu; entry by entry, from the masks in iommu/amdvi/amdvi.h.
 */
#ifndef QTEST_AMDVI_H
#define QTEST_AMDVI_H

#include "../../iommu/amdvi/amdvi.h"
#include "model.h"

/* hw/i386/amd_iommu.h: AMDVI_BASE_ADDR, which no firmware moves. */
#define QTEST_AMDVI_BASE 0xfed80000ULL
#define AMDVI_TABLES_N 8

struct amdvi_table {
	char name[16];
	u64 root;
	u32 levels;
	u32 below; /* level that the root's entries lead to; 0: the next one */
};

struct amdvi {
	struct qtest *q;
	u64 next; /* page to be taken */
	u64 dev_tbl, commands, events;
	bool on;
	bool log; /* this model's event log works */
	struct amdvi_table table[AMDVI_TABLES_N];
	unsigned int tables;
	bool full;
};

/* The q35 machine with this unit in place of VT-d. */
void amdvi_machine(struct qtest_machine *m);
/*
 * A model without dma-remap keeps the bus number that a device's bus had at
 * power on, which is 0 for all: devices behind bridges are known by their devfn
 * alone.
 */
void amdvi_requesters(struct qtest *q, const struct model *m);
/* The unit off, no entry cached, RAM zero, every DTE refusing. */
void amdvi_start(struct amdvi *a, struct qtest *q, const struct model *m);
/* Turns it on, as a driver does. */
void amdvi_on(struct amdvi *a);
/* Off again, as the kernel leaves it that goes for another (disable_iommus()). */
void amdvi_shutdown(struct amdvi *a);
/* Takes the events that wait. */
void amdvi_take_events(struct amdvi *a);

struct amdvi_table *amdvi_add(struct amdvi *a, const char *name, u32 levels,
			      u32 below);
struct amdvi_table *amdvi_find(struct amdvi *a, const char *name);
/* @size is any power of two from 4 KiB; false when something is in the way. */
bool amdvi_map(struct amdvi *a, const struct amdvi_table *t, u64 iova, u64 pa,
	       u64 size, u32 perm);
/* Address of the entry for @iova at @level; 0: the way ends above, or skips. */
u64 amdvi_entry(struct amdvi *a, const struct amdvi_table *t, u32 level,
		u64 iova);
/* @t NULL: no table; @valid: else the entry is all zeros. */
void amdvi_dte(struct amdvi *a, u16 requester, const struct amdvi_table *t,
	       bool valid, u32 perm);

#endif
