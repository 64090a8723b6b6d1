/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The handover contract: what kexec(8) tells the purgatory.
 *
 * The purgatory is a position-independent flat image. Its first bytes are
 * struct purgatory_header; kexec finds struct handover through it (the one
 * symbol the two share) and fills it in. Arrays that vary in length, the
 * "plan", lie in the handover segment, right after one another:
 * units, overrides, ranges, ram, guard, digest regions.
 *
 * Trust: the purgatory checks magic, version, size and crc before it acts
 * (step 1). With a bad plan it touches no IOMMU, but still verifies and boots
 * the crash kernel if entry and digest survive its checks.
 *
 * The handover segment, in order of address:
 *
 *   ELF core header | load notes | plan | crash note | pool (arena, scratch)
 *   '------------ in the digest -----'   '--- written by the purgatory ---'
 *
 * bufsz ends with the crash note; the pool is padding up to memsz, zeroed by
 * the kernel at load time.
 *
 * The digest is the root of a tree of two levels, so that a CPU can work on
 * several parts of the image side by side. Each region is cut into chunks of
 * HANDOVER_CHUNK bytes, of which the last one may be shorter. The root is the
 * SHA-256 of the SHA-256 digests of all chunks, 32 bytes each, in the order of
 * the regions and from the start of each region to its end.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "base.h"

#define PURGATORY_MAGIC 0x56525550584b4d4fULL
#define HANDOVER_MAGIC 0x5245564f444e4148ULL /* "HANDOVER", little endian */
#define HANDOVER_VERSION 5

/* At offset 0 of the purgatory image. All offsets from there, in bytes. */
struct purgatory_header {
	u8 code[8]; /* a jump over this header: offset 0 is the entry */
	u64 magic;
	u32 handover; /* offset of struct handover */
	u32 handover_size;
	u32 image_size;	 /* bytes to load (code and data) */
	u32 memory_size; /* image, bss and stacks: memsz of its segment */
	u32 align;
	u32 pad;
};
ASSERT_OFFSET(struct purgatory_header, magic, 8);
ASSERT_OFFSET(struct purgatory_header, handover, 16);
ASSERT_OFFSET(struct purgatory_header, image_size, 24);
ASSERT_SIZE(struct purgatory_header, 40);

/* Bytes. A chunk's padding and its own digest in the root add 0.6 % of it. */
#define HANDOVER_CHUNK (16u << 10)

#define HANDOVER_UNITS_MAX 256
#define HANDOVER_OVERRIDES_MAX 4096
#define HANDOVER_RANGES_MAX 16384
#define HANDOVER_RAM_MAX 16384
#define HANDOVER_GUARD_MAX 16
#define HANDOVER_REGIONS_MAX 32
#define HANDOVER_PLAN_MAX (512u << 10)

enum {
	HANDOVER_CONSOLE_SERIAL = 1 << 0,
	HANDOVER_CONSOLE_VGA = 1 << 1,
	/* --no-checks */
	HANDOVER_SKIP_DIGEST = 1 << 2,
	/* --digest-failure=halt, else reset */
	HANDOVER_HALT_ON_DIGEST = 1 << 3,
	/* serial_base is memory, not a port */
	HANDOVER_SERIAL_MMIO = 1 << 4,
	/* crash image; without it, kexec -e */
	HANDOVER_PANIC = 1 << 5,
	/* serial_base is a PL011 (always memory), else an 8250 */
	HANDOVER_SERIAL_PL011 = 1 << 6,
	/* an 8250 in memory with its registers 4 bytes apart, else 1 */
	HANDOVER_SERIAL_REG32 = 1 << 7,
	/* How firmware takes PSCI calls; neither: not known. Both: never. */
	HANDOVER_PSCI_SMC = 1 << 8,
	HANDOVER_PSCI_HVC = 1 << 9,
	/*
	 * For the module of the kernel that dies: steps 1 to 3 alone. There is
	 * neither a digested region nor an entry.
	 */
	HANDOVER_MODULE = 1 << 10,
};

/*
 * Root tables of the crash path's identity map, physical; 0: none. There is
 * one for each mode that the CPU may be in when the dead kernel jumps. arm64
 * is entered with the MMU off, so that one, for TTBR0, will do.
 */
enum handover_pgtable {
	/* x86_64: CR3 with CR4.LA57 clear, and with it set */
	PGTABLE_4LEVEL = 0,
	PGTABLE_LA57 = 1,
	/*
	 * arm64: TTBR0 of EL1 or EL2. 4 KiB granule, 48 bits, level 0 first;
	 * MAIR index 0 is Device-nGnRnE (0x00), 1 Normal write-back (0xff).
	 */
	PGTABLE_TTBR0 = 0,
	HANDOVER_PGTABLES = 2,
};

/* An array of the plan: offset from plan.start, number of elements. */
struct handover_array {
	u32 offset;
	u32 n;
};

struct handover {
	u64 magic;
	u32 version;
	u32 size; /* sizeof(struct handover) */
	u32 crc;  /* CRC-32 of this struct, crc 0, then of the plan */
	u32 flags;
	/* The next kernel. */
	u64 entry;     /* physical address jumped to */
	u64 entry_arg; /* x86_64: rsi, boot_params; arm64: x0, dtb */
	u64 pgtable[HANDOVER_PGTABLES];	 /* enum handover_pgtable */
	struct span plan;		 /* where the arrays lie */
	struct handover_array units;	 /* struct handover_unit */
	struct handover_array overrides; /* struct iommu_override */
	struct handover_array ranges;	 /* struct iommu_range */
	struct handover_array ram;	 /* struct span, sorted, no overlap */
	struct handover_array guard;	 /* struct span */
	struct handover_array regions;	 /* struct span: digested, in order */
	struct span note; /* the crash note's segment of a PT_NOTE */
	struct span arena;
	u64 scratch;	     /* one page, target of sink; 0: none */
	u64 ticks_per_ms;    /* of the CPU's counter: TSC, CNTVCT */
	u32 budget_us;	     /* register polls, a unit */
	u32 check_budget_us; /* reading old tables, a unit */
	u64 serial_base;     /* port or address */
	u32 serial_baud;     /* 0: leave as it is set up */
	u32 mode;	     /* enum iommu_mode as asked for, for the console */
	u8 digest[32];	     /* root of the tree over regions */
};
ASSERT_OFFSET(struct handover, crc, 16);
ASSERT_OFFSET(struct handover, entry, 24);
ASSERT_OFFSET(struct handover, pgtable, 40);
ASSERT_OFFSET(struct handover, plan, 56);
ASSERT_OFFSET(struct handover, units, 72);
ASSERT_OFFSET(struct handover, regions, 112);
ASSERT_OFFSET(struct handover, note, 120);
ASSERT_OFFSET(struct handover, arena, 136);
ASSERT_OFFSET(struct handover, scratch, 152);
ASSERT_OFFSET(struct handover, budget_us, 168);
ASSERT_OFFSET(struct handover, serial_base, 176);
ASSERT_OFFSET(struct handover, digest, 192);
ASSERT_SIZE(struct handover, 224);

struct handover_unit {
	u64 reg_phys;
	u32 reg_len; /* bytes mapped uncached in the identity map */
	u16 segment; /* PCI segment */
	u8 vendor;   /* enum iommu_vendor_id */
	u8 mode;     /* enum iommu_mode; OFF: do not touch, not even to read */
	u32 id;	     /* of the unit in the notes */
	/* Of ranges: who is behind it, sorted; none: anyone may be. */
	u32 range, range_n;
	u32 pad;
	u64 root; /* its base register, at load; 0: not known */
};
ASSERT_OFFSET(struct handover_unit, vendor, 14);
ASSERT_OFFSET(struct handover_unit, range, 20);
ASSERT_OFFSET(struct handover_unit, root, 32);
ASSERT_SIZE(struct handover_unit, 40);

#endif
