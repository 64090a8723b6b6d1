/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Linux kernel asked about itself: its memory by its own addresses, its
 * symbols, the layout of its structures. The running one is asked through
 * kcore (gather/), a dead one through a dump (answers/dead_kernel.c); what the
 * structures of its IOMMU drivers say is read by structures/ from either.
 * Hosted only.
 */
#ifndef STRUCTURES_H
#define STRUCTURES_H

#include "facts.h"

struct vmcoreinfo;

struct symbol {
	const char *name;
	u64 addr;
	bool found; /* listed; addr is 0 when the kernel hides addresses */
};

/*
 * Where a member of a structure is: by BTF, or DWARF. Where structures share a
 * name, it is the one that has the member asked for first. Without a name (""): the
 * whole structure. One who asks for a bit field sets @bits to what he expects;
 * then it lies in @size bytes at @off, its lowest bit at @shift.
 */
struct member {
	const char *type, *name;
	u32 off, size;
	u8 bits, shift;
	bool found;
};

/* The value of @name, one of the constants that an enum @type has. */
struct constant {
	const char *type, *name;
	u64 value;
	bool found;
};

struct kernel {
	/* IOMMU_OK, or IOMMU_EREAD. */
	int (*read)(struct kernel *k, u64 virt, void *buf, u32 len);
	/* Where in physical memory a byte is; false: nowhere known. */
	bool (*phys)(struct kernel *k, u64 virt, u64 *phys);
	/* 0, or -errno with one line in @why; what is not found stays so. */
	int (*symbols)(struct kernel *k, struct symbol *s, size_t n, char *why,
		       size_t why_len);
	int (*members)(struct kernel *k, struct member *m, size_t n, char *why,
		       size_t why_len);
	/*
	 * What @virt is in, as "name+0x10"; false: not known. NULL: nobody asks
	 * this kernel for it.
	 */
	bool (*symbol_at)(struct kernel *k, u64 virt, char *buf, size_t len);
	/* As members; NULL: nobody asks this kernel for any. */
	int (*constants)(struct kernel *k, struct constant *c, size_t n,
			 char *why, size_t why_len);
	/* For facts.missing: "proc/kcore", "memory"; "proc/kallsyms"; ... */
	const char *memory_source, *symbols_source, *members_source;
	const char *error; /* why the last read failed, if that is known */
	u16 machine;	   /* ELF's number */
};

/*
 * Registers and roots of the units that @f lists already and that have none
 * yet. 0 or -ENOMEM; what could not be read stands in f->missing.
 */
int kernel_state(struct kernel *k, struct facts *f);
/* Are there such units? Then it is worth opening a kernel. */
bool kernel_state_wanted(const struct facts *f);
/*
 * Everything, for a dump without notes: release, iomem and reservations,
 * units, PCI and other devices with driver, group, domain type and aliases,
 * reserved regions, then as kernel_state. Same returns.
 */
int kernel_facts(struct kernel *k, struct facts *f);

/* --- for those who follow a kernel's structures --- */

/* What the memory just asked for is: "not in the dump", "not readable", "damaged". */
const char *kernel_unread(const struct kernel *k);
/* A text of the kernel's; what is not printable becomes "?". */
bool kernel_text(struct kernel *k, u64 virt, char *buf, size_t len);
/*
 * The value of a member of up to 8 bytes, zero extended; of one that was not
 * found, 0. False: the memory can't be read.
 */
bool kernel_get(struct kernel *k, u64 object, const struct member *m, u64 *val);
/*
 * Follows a struct list_head: next first, the head's own address ends it. Where
 * an entry is not to be had, the others are looked for from behind.
 * @entry returns false when it can't be read.
 */
void kernel_list(struct kernel *k, struct facts *f, const struct symbol *list,
		 u32 max, bool (*entry)(void *arg, u64 node), void *arg);

/* --- for those who supply a kernel --- */

/*
 * Symbols out of the kernel's own memory: @v says where they are. 0, or
 * -errno with one line in @why: -ENOENT when it does not (before 6.0). To be
 * closed in any case; reads through @k until then.
 */
struct kallsyms;
int kallsyms_open(struct kallsyms **out, struct kernel *k,
		  const struct vmcoreinfo *v, char *why, size_t why_len);
void kallsyms_close(struct kallsyms *t);
/* As kernel.symbols. All or nothing. */
int kallsyms_symbols(struct kallsyms *t, struct symbol *s, size_t n, char *why,
		     size_t why_len);
/* As kernel.symbol_at. */
bool kallsyms_at(struct kallsyms *t, u64 virt, char *buf, size_t len);
/* The three for one question. */
int kallsyms_memory(struct kernel *k, const struct vmcoreinfo *v,
		    struct symbol *s, size_t n, char *why, size_t why_len);
/* As kernel.members, from the bytes of BTF. */
int members_btf(const void *raw, size_t len, struct member *m, size_t n,
		char *why, size_t why_len);
/*
 * For more than one question; @raw is not needed afterwards. 0, or -errno with
 * one line in @why, and NULL.
 */
struct btf_names;
int btf_open(struct btf_names **out, const void *raw, size_t len, char *why,
	     size_t why_len);
void btf_close(struct btf_names *b);
void btf_find_members(const struct btf_names *b, struct member *m, size_t n);
void btf_find_constants(const struct btf_names *b, struct constant *c,
			size_t n);

/*
 * A vmlinux. 0, or -errno with one line in @why; to be closed in any case.
 * Symbols are where it was linked to, not where a kernel ran.
 */
struct vmlinux;
int vmlinux_open(struct vmlinux **v, const char *path, char *why,
		 size_t why_len);
void vmlinux_close(struct vmlinux *v);
/* Is that its build id? */
bool vmlinux_is(struct vmlinux *v, const u8 *id, size_t len);
int vmlinux_symbols(struct vmlinux *v, struct symbol *s, size_t n, char *why,
		    size_t why_len);
/* As kernel.symbol_at, of an address that it was linked to. */
bool vmlinux_at(struct vmlinux *v, u64 virt, char *buf, size_t len);
int vmlinux_constants(struct vmlinux *v, struct constant *c, size_t n,
		      char *why, size_t why_len);
int vmlinux_members(struct vmlinux *v, struct member *m, size_t n, char *why,
		    size_t why_len);

#endif
