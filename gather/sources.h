/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this folder share. Everything here returns 0 or -ENOMEM
 * unless it says otherwise: a source that can't be read is a line in
 * facts.missing, never an error.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include <sys/types.h>

#include "acpi_dmar.h"
#include "acpi_ivrs.h"
#include "acpi_viot.h"
#include "arm.h"
#include "facts.h"
#include "gather.h"
#include "structures.h"
#include "pci.h"

/*
 * sysfs_pci.c: all PCI functions and what is below what; to be freed with
 * pci_free(). Problems are noted.
 */
int pci_read(struct pci_topology *t, const struct sysroot *root,
	     struct facts *f);

/* An open file below the root, or -1 with errno set. */
int sysroot_fd(const struct sysroot *s, const char *path);
bool sysroot_exists(const struct sysroot *s, const char *path);
/* As sysroot_read, with the path printf-like. */
char *sysroot_readf(const struct sysroot *s, size_t max, size_t *len,
		    const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The first number (of @base) in a one-line attribute; false: none there. */
bool sysroot_number(const struct sysroot *s, int base, u64 *val,
		    const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* pread() until @len bytes are there; false: they are not to be had. */
bool read_all(int fd, void *buf, size_t len, u64 off);

#define SYSROOT_PATH_MAX 1024

struct gather {
	const struct gather_opts *o;
	const struct sysroot *root;
	struct facts *f;
	struct pci_topology pci;
	struct dmar dmar;
	bool dmar_unread; /* it is there, and why was told */
	struct ivrs ivrs;
	struct arm_iommus arm;
	struct viot viot;
	u32 viot_first;	   /* its first unit in f->unit; the others follow */
	u32 phys_bits;	   /* see unit_registers.c */
	u64 tables_bytes;  /* that were copied, see top_tables.c ... */
	bool tables_full;  /* ... and it was said that this is too much */
	struct mem *kcore; /* opened when first needed */
};

/* unit_registers.c: a unit as firmware lists it, and whether to believe it. */
struct listed_unit {
	const char *table; /* that lists it ... */
	const char *what;  /* ... as what ... */
	u32 at;		   /* ... at this offset */
	u64 base, len;	   /* its registers; 0: a page */
	u64 align;	   /* where they may begin */
};
/* Otherwise it is left out, and that is noted. */
bool unit_is_sound(struct gather *g, const struct listed_unit *u);
/*
 * The width of physical addresses that @table names, as struct fact_unit has
 * it. It is 0 where no machine has such a width, or where RAM lies beyond.
 */
u8 unit_host_bits(struct gather *g, const char *table, u32 bits);

/* In place of a unit's index: firmware lists it, but it was left out. */
#define UNIT_LEFT_OUT (REC_NONE - 1)
void device_is_behind(struct fact_device *d, u32 unit);

/*
 * One row a vendor. @units adds facts.unit and what firmware says; @unit_of
 * finds the unit of a PCI device, REC_NONE when it is behind none of this
 * vendor's, or UNIT_LEFT_OUT; @extra_devices adds requesters that are not PCI functions, and
 * firmware's reserved regions; @state fills registers and roots (NULL: it is
 * left to the kernel's own structures, see kernel.c). It is asked where the
 * kernel module has not said all.
 */
struct gather_vendor {
	u32 id;
	int (*units)(struct gather *g);
	u32 (*unit_of)(const struct gather *g, u32 pci_dev);
	int (*extra_devices)(struct gather *g);
	int (*state)(struct gather *g);
	u32 base; /* offset of fact_unit.root; REC_NONE: it has none */
};
extern const struct gather_vendor gather_vtd;
extern const struct gather_vendor gather_amdvi;
extern const struct gather_vendor gather_smmuv3;
extern const struct gather_vendor gather_smmuv2;
extern const struct gather_vendor gather_virtio;

/* sysfs_devices.c: facts.device, alias and region from topology and sysfs. */
int gather_devices(struct gather *g, const struct gather_vendor *const *vendors,
		   size_t n);

/* debugfs.c: the text of iommu_regset, 6.1 and 7.2, into unit.regs. */
int debugfs_regset(struct facts *f, const char *source, const char *text);

/* top_tables.c: of one unit, out of the kernel's memory. */
int gather_tables(struct gather *g, u32 unit);
/* One more, of which all but the bytes is in @t; takes @bytes. */
int gather_add_table(struct gather *g, const struct fact_table *t, u8 *bytes);

/*
 * module_units.c: what the kernel module says of units, where it is loaded.
 * Registers, read as they are; then no other source is asked for them.
 */
int gather_module_registers(struct gather *g, u32 unit, u32 base);
/* False: it has no such file. */
bool gather_module_tables(struct gather *g, u32 unit, int *rc);

/* kcore.c */
struct mem *gather_kcore(struct gather *g); /* NULL: noted why */
int kcore_read_virt(struct mem *m, u64 virt, void *buf, u32 len);
bool kcore_phys(struct mem *m, u64 virt, u64 *phys);
/* Valid as long as @m is open; false: it has none (before 4.19). */

/* kallsyms.c */
/* 0 or -errno: built-in symbols only. Stops when all are found. */
int kallsyms_find(const struct sysroot *root, struct symbol *s, size_t n);

/* dwarf.c: where members are. 0, or -errno with one line in @why. */
int members_dwarf(const struct sysroot *root, const char *vmlinux,
		  struct member *m, size_t n, char *why, size_t why_len);

/* kernel.c: state out of the running kernel's memory. */
int gather_kernel(struct gather *g);

#endif
