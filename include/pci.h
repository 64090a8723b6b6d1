/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI topology of a machine, and the requester ids that follow from it.
 * sysfs shows it (gather/), or a kernel's own structures (structures/).
 * Hosted only.
 */
#ifndef PCI_H
#define PCI_H

#include "base.h"

#define PCI_NONE 0xffffffffu

/* PCI Express Capabilities Register [7:4], PCIe 6.0 section 7.5.3.2 */
enum pcie_type {
	PCIE_ENDPOINT = 0x0,
	PCIE_LEGACY_ENDPOINT = 0x1,
	PCIE_ROOT_PORT = 0x4,
	PCIE_UPSTREAM_PORT = 0x5,
	PCIE_DOWNSTREAM_PORT = 0x6,
	PCIE_TO_PCI_BRIDGE = 0x7,
	PCI_TO_PCIE_BRIDGE = 0x8,
	PCIE_RC_ENDPOINT = 0x9,
	PCIE_RC_EVENT_COLLECTOR = 0xa,
	PCIE_NOT = 0xff, /* a conventional function */
};

struct pci_dev {
	char *name;
	u32 domain; /* as Linux numbers it: VMD's own are above 0xffff */
	u16 id;	    /* bus << 8 | devfn */
	u32 parent; /* index of the bridge above; PCI_NONE on a root bus */
	u32 real;   /* index of the function whose requester id it uses */
	u32 physfn; /* index of the PF of a VF; PCI_NONE */
	u16 vendor, device;
	u16 subvendor, subdevice; /* 0 where config space is not to be had */
	u32 class;
	bool bridge;
	u8 pcie; /* enum pcie_type */
	u8 secondary;
	bool ats; /* translation requests are enabled */
};

struct pci_topology {
	struct pci_dev *dev; /* ascending by domain, id */
	size_t n;
};

/* "0000:00:1f.2"; false when @name is anything else. */
bool pci_parse(const char *name, u32 *domain, u16 *id);
void pci_free(struct pci_topology *t);
/* For qsort(): the order that a topology is in. */
int pci_by_id(const void *a, const void *b);
/* To be called when parents are set: a loop of them is cut. */
void pci_cut_loops(struct pci_topology *t);
u32 pci_find(const struct pci_topology *t, u32 domain, u16 id);
/* Is @dev equal to @bridge or anywhere below it? */
bool pci_below(const struct pci_topology *t, u32 dev, u32 bridge);

/*
 * Calls @tell for each requester id besides its own that DMA of @dev may carry.
 * Stops when @tell returns other than 0, and returns that.
 */
int pci_aliases(const struct pci_topology *t, u32 dev,
		int (*tell)(void *arg, u16 alias), void *arg);

/* pci_quirks.c: hardware that uses other ids than the rules say. */
bool pci_quirk_bridge(const struct pci_dev *bridge);
int pci_quirk_aliases(const struct pci_dev *d,
		      int (*tell)(void *arg, u16 alias), void *arg);

#endif
