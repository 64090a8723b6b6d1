// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI topology, wherever it was read: who is below which bridge, and what
 * requester ids a function's DMA may carry.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pci.h"

bool pci_parse(const char *name, u32 *domain, u16 *id)
{
	unsigned int dom, bus, dev, fn;
	int used = 0;

	/* Linux prints "%04x:%02x:%02x.%d"; VMD domains have five digits. */
	if (strspn(name, "0123456789abcdef:.") != strlen(name) ||
	    sscanf(name, "%8x:%2x:%2x.%1x%n", &dom, &bus, &dev, &fn, &used) !=
		    4)
		return false;
	if (name[used] || dev > 31 || fn > 7)
		return false;
	*domain = dom;
	*id = (u16)(bus << 8 | dev << 3 | fn);
	return true;
}

int pci_by_id(const void *a, const void *b)
{
	const struct pci_dev *x = a, *y = b;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

u32 pci_find(const struct pci_topology *t, u32 domain, u16 id)
{
	struct pci_dev key = { .domain = domain, .id = id }, *d;

	if (!t->n)
		return PCI_NONE;
	d = bsearch(&key, t->dev, t->n, sizeof(key), pci_by_id);
	return d ? (u32)(d - t->dev) : PCI_NONE;
}

/*
 * Each bridge on the way up has a bus of its own, so a longer way is a loop,
 * which only a made-up directory can have: cut there.
 */
#define DEPTH_MAX 256

void pci_cut_loops(struct pci_topology *t)
{
	for (u32 i = 0; i < t->n; i++) {
		u32 at = i;

		for (int steps = 0; at != PCI_NONE; steps++) {
			if (steps > DEPTH_MAX) {
				t->dev[i].parent = PCI_NONE;
				break;
			}
			at = t->dev[at].parent;
		}
	}
}

void pci_free(struct pci_topology *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->dev[i].name);
	free(t->dev);
	*t = (struct pci_topology){ 0 };
}

bool pci_below(const struct pci_topology *t, u32 dev, u32 bridge)
{
	while (dev != PCI_NONE && dev != bridge)
		dev = t->dev[dev].parent;
	return dev != PCI_NONE;
}

/*
 * Who may take over a transaction on its way up. PCI Express to PCI/PCI-X
 * Bridge Specification 1.0, section 2.3: such a bridge uses its secondary bus
 * number, device 0, function 0. With a conventional bus above it, a bridge
 * uses its own id. Linux's pci_for_each_dma_alias() (6.1 .. 7.2) has the same
 * rules, and its domains are made by them.
 */
static bool bridge_alias(const struct pci_topology *t, const struct pci_dev *b,
			 u16 *alias)
{
	const struct pci_dev *up;

	*alias = b->id;
	switch (b->pcie) {
	case PCIE_TO_PCI_BRIDGE:
		*alias = (u16)(b->secondary << 8);
		return true;
	case PCI_TO_PCIE_BRIDGE:
		return true;
	case PCIE_NOT:
		break;
	default: /* ports of the fabric pass the id on */
		return false;
	}
	/* Some PCIe-to-PCI bridges do not say that they are one. */
	up = b->parent == PCI_NONE ? NULL : &t->dev[b->parent];
	if (up && up->pcie != PCIE_NOT && up->pcie != PCIE_TO_PCI_BRIDGE &&
	    pci_quirk_bridge(b))
		*alias = (u16)(b->secondary << 8);
	return true;
}

int pci_aliases(const struct pci_topology *t, u32 dev,
		int (*tell)(void *arg, u16 alias), void *arg)
{
	const struct pci_dev *d = &t->dev[t->dev[dev].real];
	int rc = pci_quirk_aliases(d, tell, arg);
	u16 alias;

	for (u32 up = d->parent; !rc && up != PCI_NONE; up = t->dev[up].parent)
		if (bridge_alias(t, &t->dev[up], &alias))
			rc = tell(arg, alias);
	return rc;
}
