/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this folder share. As in gather, a source that can't be
 * read is a line in facts.missing, never an error.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include "facts.h"
#include "pci.h"
#include "structures.h"

/* While kernel_facts() takes stock. */
struct census {
	struct kernel *k;
	struct facts *f;
	/* Where each unit's struct iommu_device is, by index; 0 unknown. */
	u64 *iommu_device;
	size_t iommu_device_n;
	struct pci_topology pci;
	struct pci_at *pci_at; /* ascending by address; as many */
	u64 pci_dev_dev;       /* offset of pci_dev.dev */
	struct layout *layout; /* device.c's */
	bool layout_ok;
};

struct pci_at {
	u64 addr; /* of the struct pci_dev */
	u32 index;
	u32 device; /* of facts; REC_NONE */
};

/* One row a vendor. What a row does not have is NULL. */
struct kernel_vendor {
	u32 id;
	/*
	 * Adds its units, as far as others can't: name, registers, segment;
	 * state follows. Where the kernel has no such driver, none. All of
	 * these return 0 or -ENOMEM.
	 */
	int (*units)(struct census *c);
	/* Reserved regions, and aliases that firmware knows of. */
	int (*regions)(struct census *c);
	/*
	 * The requester id of a device that is no PCI function, from its
	 * dev_iommu.priv. False: not known.
	 */
	bool (*requester)(struct census *c, u64 priv, u16 *segment, u32 *id);
	/*
	 * Registers and roots of the units that @f lists without one. Called
	 * when there are any. 0 or -ENOMEM.
	 */
	int (*state)(struct kernel *k, struct facts *f);
};
extern const struct kernel_vendor kernel_vtd;
extern const struct kernel_vendor kernel_amdvi;
extern const struct kernel_vendor kernel_smmuv3;
extern const struct kernel_vendor kernel_smmuv2;

/* vtd_stock.c, amdvi_stock.c */
int kernel_vtd_units(struct census *c);
int kernel_vtd_regions(struct census *c);
bool kernel_vtd_requester(struct census *c, u64 priv, u16 *segment, u32 *id);
int kernel_amdvi_units(struct census *c);
int kernel_amdvi_regions(struct census *c);
bool kernel_amdvi_requester(struct census *c, u64 priv, u16 *segment, u32 *id);

extern const struct kernel_vendor *const kernel_vendors[]; /* ends in NULL */

/* A new unit with these registers; NULL when memory is out. */
struct fact_unit *kernel_unit(struct census *c, u32 vendor, u64 reg_phys,
			      u64 iommu_device);
/* Each of iommu_device_list, with the name that sysfs shows. */
int kernel_iommu_devices(struct census *c,
			 int (*each)(struct census *c, u64 iommu_device,
				     u64 dev, const char *name));
/* The PCI function that has this struct device; NULL: it is none. */
struct pci_at *kernel_pci(struct census *c, u64 dev);
/* facts.device[]. of it; NULL: it has none there. */
struct fact_device *kernel_pci_device(struct census *c, const struct pci_at *p);

int kernel_iomem(struct census *c);
int kernel_device_layout(struct census *c);
int kernel_pci_devices(struct census *c);
int kernel_group_devices(struct census *c);

/*
 * What of a struct device all kinds have in common: driver, group, domain
 * type, unit, streams. The requester must be set.
 */
int kernel_device(struct census *c, u64 dev, struct fact_device *d);
/* As facts_add_region, up to a number that no machine has. */
int kernel_region(struct census *c, struct fact_device *d, u64 start, u64 end);
/* What the memory just asked for is: "not in the dump", "not readable", "damaged". */
const char *kernel_unread(const struct kernel *k);
/* As facts_add_alias, up to a number that no machine has. */
int kernel_alias(struct census *c, u16 segment, u32 requester, u32 alias);
/* A text of the kernel's; what is not printable becomes "?". */
bool kernel_text(struct kernel *k, u64 virt, char *buf, size_t len);

/* A symbol that a kernel without some driver may lack: nothing is noted. */
bool kernel_has(struct kernel *k, struct symbol *s);
/* False (noted) when the first one has no address. */
bool kernel_symbols(struct kernel *k, struct facts *f, struct symbol *s,
		    size_t n, const char *driver);
/* False (noted) when one of the first @must members is not found. */
bool kernel_members(struct kernel *k, struct facts *f, struct member *m,
		    size_t n, size_t must);
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

#endif
