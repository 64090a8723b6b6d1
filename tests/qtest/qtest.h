/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU as the oracle: a machine whose processor only halts, driven over
 * QEMU's qtest protocol (docs/devel/testing/qtest.rst there). The IOMMU and
 * the `edu` devices of that machine are what the library is held against.
 *
 * Errors are sticky: after one, q->error says what happened and every access
 * returns all ones. A test asks once, when it is done with a case.
 */
#ifndef QTEST_H
#define QTEST_H

#include <stdio.h>
#include <sys/types.h>

#include "iommu.h"
#include "mem.h"

/* Of the q35 machine: Q35_HOST_BRIDGE_IOMMU_ADDR, no firmware moves it. */
#define QTEST_VTD_BASE 0xfed90000ULL
#define QTEST_VTD_LEN 0x1000u
/* Free of everything else in q35 once the RAM below 4 GiB ends at 2 GiB. */
#define QTEST_PCI_WINDOW 0xc0000000ULL
#define QTEST_PCI_WINDOW_END 0xd0000000ULL

/* RAM: [0, 2G) and [4G, 5G); with the holes a PC has below 1 MiB. */
#define QTEST_RAM_LOW GIB(2)
#define QTEST_RAM_HIGH GIB(1)
#define QTEST_HIGH_START GIB(4)

/* Of the virt machine with highmem=off (hw/arm/virt.c: base_memmap). */
#define QTEST_SMMU_BASE 0x09050000ULL
#define QTEST_SMMU_LEN 0x20000u
#define QTEST_VIRT_ECAM 0x3f000000ULL
#define QTEST_VIRT_WINDOW 0x10000000ULL
#define QTEST_VIRT_WINDOW_END 0x20000000ULL
#define QTEST_VIRT_RAM 0x40000000ULL
#define QTEST_VIRT_RAM_LEN GIB(2)

#define QTEST_EDU_MAX 4

enum qtest_place { /* where an edu device sits */
	EDU_ROOT,  /* on the root bus */
	EDU_PORT,  /* behind a PCIe root port */
	EDU_BRIDGE /* behind a PCIe-to-PCI bridge: its alias is the bridge's */
};

struct edu {
	u16 bdf;       /* its own bus << 8 | devfn */
	u16 requester; /* what its DMA carries */
	enum qtest_place place;
	u64 bar;
};

struct qtest;

/* A machine that the tests know. */
struct qtest_machine {
	const char *qemu;
	const char *model; /* what QEMU calls the IOMMU */
	u64 unit_base;	   /* the IOMMU's registers */
	u32 unit_len;
	u64 ecam; /* PCI configuration space; 0: ports CF8h and CFCh */
	u64 window, window_end; /* for BARs */
	u64 bounce;		/* a page of RAM that no case uses */
	u64 ram_len;
	struct {
		struct span at;
		u64 file; /* where it begins in the RAM file */
	} ram[3];
	/* The firmware, and the arguments besides those all machines have. */
	const void *rom;
	size_t rom_len;
	const char *const *args;
	const char *unit_option, *unit; /* the IOMMU's options follow */
	/* Makes the unit let everything through, or undoes it. */
	u32 (*pass)(struct qtest *q, bool on, u32 before);
};
extern const struct qtest_machine qtest_q35;  /* Intel VT-d */
extern const struct qtest_machine qtest_virt; /* Arm SMMUv3 */

struct qtest_mem {
	struct mem mem;
	struct qtest *q;
};

struct qtest_mmio {
	struct mmio mmio;
	struct qtest *q;
	u64 base;
};

struct qtest {
	const struct qtest_machine *machine;
	pid_t pid;
	int fd; /* both directions */
	int ram_fd;
	u8 *ram;
	struct qtest_mem mem;
	struct qtest_mmio unit;
	struct edu edu[QTEST_EDU_MAX];
	unsigned int edus;
	u32 buses;   /* buses in use */
	u64 pattern; /* last one handed to an edu device */
	char error[160];
	char line[256];
	size_t have;
};

/* The spans of RAM, sorted. */
extern const struct span qtest_ram[3];

/* Is there a QEMU to ask? Otherwise *why says what is missing. */
bool qtest_available(const struct qtest_machine *m, const char **why);
/*
 * Starts a machine with an edu device in each enum qtest_place; @iommu are
 * options of the IOMMU ("aw-bits=48"), where it is a device. False with
 * q->error.
 */
bool qtest_start(struct qtest *q, const struct qtest_machine *m,
		 const char *iommu);
void qtest_stop(struct qtest *q);
/* All RAM to zeros, and its pages given back. */
void qtest_clear_ram(struct qtest *q);

u64 qtest_get(struct qtest *q, u64 addr, u32 width);
void qtest_set(struct qtest *q, u64 addr, u32 width, u64 val);

/* RAM as the processor sees it; NULL when not wholly inside one span. */
void *qtest_at(struct qtest *q, u64 phys, u64 len);
u64 qtest_read64(struct qtest *q, u64 phys);
void qtest_write64(struct qtest *q, u64 phys, u64 val);

struct edu *qtest_edu(struct qtest *q, enum qtest_place place);
/*
 * One DMA of edu. Writing puts @buf to @iova; reading gets it from there.
 * @len < EDU_BUFFER. Faults are the IOMMU's business: nothing is returned.
 */
#define EDU_BUFFER 4096u
void edu_write(struct qtest *q, const struct edu *e, u64 iova, const void *buf,
	       u32 len);
/* What its buffer holds once more, with nothing but its own registers used. */
void edu_again(struct qtest *q, const struct edu *e, u64 iova, u32 len);
void edu_read(struct qtest *q, const struct edu *e, u64 iova, void *buf,
	      u32 len);

/* 8-byte words in all of RAM that equal @word; the first one's address. */
u32 qtest_find(struct qtest *q, u64 word, u64 *where);
/* A word that was not in RAM yet. */
u64 qtest_pattern(struct qtest *q);

#endif
