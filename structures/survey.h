/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this folder share. A source that can't be
 * read is a line in facts.missing, never an error.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include "facts.h"
#include "pci.h"
#include "structures.h"

struct device_reader;

/* What kernel_facts() knows on its way through a kernel's structures. */
struct survey {
	struct kernel *k;
	struct facts *f; /* to be filled */
	const struct kernel_vendor *vendors;
	/* Where each unit's struct iommu_device is, by index; 0 unknown. */
	u64 *iommu_device;
	size_t iommu_device_n;
	struct pci_topology pci;
	struct pci_at *pci_at;		     /* ascending by address; as many */
	u64 pci_dev_dev;		     /* offset of pci_dev.dev */
	struct device_reader *device_reader; /* any_device.h */
	bool device_reader_ok; /* it knows where all members are */
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
	int (*units)(struct survey *sv);
	/* Reserved regions, and aliases that firmware knows of. */
	int (*regions)(struct survey *sv);
	/*
	 * The requester id of a device that is no PCI function, from its
	 * dev_iommu.priv. False: not known.
	 */
	bool (*requester)(struct survey *sv, u64 priv, u16 *segment, u32 *id);
	/*
	 * Registers and roots of the units that @f lists without one. Called
	 * when there are any. 0 or -ENOMEM.
	 */
	int (*state)(struct kernel *k, struct facts *f);
};
/* drivers.c; a row without @state is the end. */
extern const struct kernel_vendor kernel_vendors[];

int kernel_vtd_units(struct survey *sv);
int kernel_vtd_regions(struct survey *sv);
bool kernel_vtd_requester(struct survey *sv, u64 priv, u16 *segment, u32 *id);
int kernel_vtd_state(struct kernel *k, struct facts *f);
int kernel_amdvi_units(struct survey *sv);
int kernel_amdvi_regions(struct survey *sv);
bool kernel_amdvi_requester(struct survey *sv, u64 priv, u16 *segment, u32 *id);
int kernel_amdvi_state(struct kernel *k, struct facts *f);
/* SMMUs of both kinds stand in one list. */
int kernel_smmu_units(struct survey *sv);
int kernel_smmuv3_state(struct kernel *k, struct facts *f);
int kernel_smmuv2_state(struct kernel *k, struct facts *f);

/* A new unit with these registers; NULL when memory is out. */
struct fact_unit *kernel_unit(struct survey *sv, u32 vendor, u64 reg_phys,
			      u64 iommu_device);
/*
 * Each of iommu_device_list, with the name that sysfs shows. Ends when @each
 * returns other than 0, and returns that.
 */
int kernel_iommu_devices(struct kernel *k, struct facts *f,
			 int (*each)(void *arg, u64 iommu_device, u64 dev,
				     const char *name),
			 void *arg);
/* The PCI function that has this struct device; NULL: it is none. */
struct pci_at *kernel_pci(struct survey *sv, u64 dev);
/* facts.device[]. of it; NULL: it has none there. */
struct fact_device *kernel_pci_device(struct survey *sv,
				      const struct pci_at *p);

int kernel_iomem(struct survey *sv);
int kernel_device_reader(struct survey *sv);
int kernel_pci_devices(struct survey *sv);
int kernel_group_devices(struct survey *sv);

/*
 * What of a struct device all kinds have in common: driver, group, domain
 * type, unit, streams. The requester must be set.
 */
int kernel_device(struct survey *sv, u64 dev, struct fact_device *d);
/* As facts_add_region, up to a number that no machine has. */
int kernel_region(struct survey *sv, struct fact_device *d, u64 start, u64 end);
/* Is there room for one more alias? */
bool kernel_alias_room(const struct survey *sv);
/* As facts_add_alias, up to a number that no machine has. */
int kernel_alias(struct survey *sv, u16 segment, u32 requester, u32 alias);

/* A symbol that a kernel without some driver may lack: nothing is noted. */
bool kernel_has(struct kernel *k, struct symbol *s);
/* False (noted) when the first one has no address. */
bool kernel_symbols(struct kernel *k, struct facts *f, struct symbol *s,
		    size_t n, const char *driver);
/* False (noted) when one of the first @must members is not found. */
bool kernel_members(struct kernel *k, struct facts *f, struct member *m,
		    size_t n, size_t must);

#endif
