/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One case: tables, what is done to the unit, and what every DMA must do.
 * The library predicts from registers and memory alone, QEMU's model does it,
 * and the case says what the manual demands: all three must agree.
 */
#ifndef QTEST_ORACLE_H
#define QTEST_ORACLE_H

#include "quiesce.h"
#include "vtd_tables.h"

/* The old kernel's invalidation queue: one page, 256 descriptors. */
#define QUEUE_PAGE MIB(15)

struct oracle {
	struct cases *cases;
	struct qtest *q;
	const struct iommu_vendor *v;
	struct tables tables;
	bool scalable; /* tables of this case */
	bool on;       /* registers set up */
	bool leave_faults;
	u64 last[QTEST_EDU_MAX]; /* first word that each device wrote last */
	struct quiesced z;
	struct iommu_iter iter;
};

void oracle_start(struct oracle *o, struct cases *c, bool scalable);
/* Turns translation on, as a driver does. */
void oracle_on(struct oracle *o);
/* Off again, as the kernel leaves it that goes for another. */
void oracle_shutdown(struct oracle *o);
/* Turns queued invalidation on, as every Linux driver has it. */
void oracle_queue(struct oracle *o);

struct expect {
	enum {
		LANDS,
		FAULTS,
		SILENT
	} what;
	u64 pa;	       /* LANDS */
	u32 reason[3]; /* FAULTS: one of these */
	u32 reasons;
};

struct dma {
	const struct edu *edu;
	bool write;
	u64 iova;
	u32 len;
	bool again; /* the last write once more, without any prediction */
};

void oracle_dma(struct oracle *o, const struct dma *d, const struct expect *e);
/* The unit must hold @n fault records, the first one of @reason (0: any). */
void oracle_pending(struct oracle *o, u32 n, u32 reason);
/* The statement of that name. */
bool oracle_quiesce(struct oracle *o);

#endif
