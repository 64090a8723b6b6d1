// SPDX-License-Identifier: GPL-2.0-only
/* PCI topology from /sys/bus/pci/devices: who is below which bridge. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources.h"

#define DEVICES "sys/bus/pci/devices"

/* PCIe 6.0 section 7.5.1 (configuration header) */
#define CONFIG_MAX 4096
#define CONFIG_STATUS 0x06
#define STATUS_CAPABILITIES BIT64(4)
#define CONFIG_HEADER_TYPE 0x0e
#define HEADER_TYPE_MASK MASK64(6, 0)
#define HEADER_BRIDGE 1
#define HEADER_CARDBUS 2
#define CONFIG_SECONDARY_BUS 0x19 /* the same for both kinds of bridge */
#define CONFIG_SUBSYSTEM 0x2c
#define CONFIG_CAP_POINTER 0x34
#define CONFIG_CAP_POINTER_CARDBUS 0x14
#define CAP_FIRST 0x40
#define CAP_PCIE 0x10
#define PCIE_CAPABILITIES 2 /* offset in the capability */
#define PCIE_TYPE_MASK MASK64(7, 4)
/* Section 7.6.3 (extended capabilities), 10.5.1 (ATS) */
#define EXT_FIRST 0x100
#define EXT_ID_MASK MASK64(15, 0)
#define EXT_NEXT_MASK MASK64(31, 20)
#define EXT_ATS 0x0f
#define ATS_CONTROL 6
#define ATS_ENABLE BIT64(15)

#define CLASS_BRIDGE_PCI 0x0604
#define CLASS_BRIDGE_CARDBUS 0x0607

static u16 le16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

static u32 le32(const u8 *p)
{
	return le16(p) | (u32)le16(p + 2) << 16;
}

/* Offset of a capability, 0 when there is none within what was read. */
static u32 find_cap(const u8 *c, size_t len, u8 id, u32 first)
{
	u32 at = c[first] & ~3u;

	/* 48 capabilities fill the space: more steps are a loop. */
	for (int i = 0; i < 48 && at >= CAP_FIRST && at + 4 <= len; i++) {
		if (c[at] == id)
			return at;
		at = c[at + 1] & ~3u;
	}
	return 0;
}

static u32 find_ext_cap(const u8 *c, size_t len, u16 id)
{
	u32 at = EXT_FIRST;

	for (int i = 0; i < 480 && at >= EXT_FIRST && at + 8 <= len; i++) {
		u32 head = le32(c + at);

		if (!head || head == ~0u)
			return 0;
		if (field(EXT_ID_MASK, head) == id)
			return at;
		at = (u32)field(EXT_NEXT_MASK, head) & ~3u;
	}
	return 0;
}

/*
 * What config space tells. Without CAP_SYS_ADMIN (or lockdown) sysfs gives 64
 * bytes: no capabilities. Then false, and sysfs attributes have to do.
 */
static bool read_config(struct pci_dev *d, const u8 *c, size_t len)
{
	u32 kind, at;

	if (len < CAP_FIRST)
		return false;
	kind = (u32)field(HEADER_TYPE_MASK, c[CONFIG_HEADER_TYPE]);
	if (kind == HEADER_BRIDGE || kind == HEADER_CARDBUS) {
		d->bridge = true;
		d->secondary = c[CONFIG_SECONDARY_BUS];
	} else {
		d->subvendor = le16(c + CONFIG_SUBSYSTEM);
		d->subdevice = le16(c + CONFIG_SUBSYSTEM + 2);
	}
	if (len == CAP_FIRST)
		return false;
	if (!(le16(c + CONFIG_STATUS) & STATUS_CAPABILITIES))
		return true;
	at = find_cap(c, len, CAP_PCIE,
		      kind == HEADER_CARDBUS ? CONFIG_CAP_POINTER_CARDBUS
					     : CONFIG_CAP_POINTER);
	if (!at)
		return true;
	d->pcie = (u8)field(PCIE_TYPE_MASK, le16(c + at + PCIE_CAPABILITIES));
	at = find_ext_cap(c, len, EXT_ATS);
	d->ats = at && le16(c + at + ATS_CONTROL) & ATS_ENABLE;
	return true;
}

/* Type unknown: a port until something conventional is seen below it. */
static void guess_config(struct pci_dev *d, const struct sysroot *root)
{
	char path[SYSROOT_PATH_MAX];
	u64 v;

	if (sysroot_number(root, 10, &v, DEVICES "/%s/secondary_bus_number",
			   d->name) &&
	    v < 256) {
		d->bridge = true;
		d->secondary = (u8)v;
	}
	/* Linux shows this attribute for functions with a PCIe capability. */
	snprintf(path, sizeof(path), DEVICES "/%s/max_link_speed", d->name);
	if (sysroot_exists(root, path))
		d->pcie = d->bridge ? PCIE_DOWNSTREAM_PORT : PCIE_ENDPOINT;
}

static u64 attribute(const struct sysroot *root, const struct pci_dev *d,
		     const char *name)
{
	u64 v = 0;

	sysroot_number(root, 16, &v, DEVICES "/%s/%s", d->name, name);
	return v;
}

static bool read_function(struct pci_dev *d, const struct sysroot *root)
{
	size_t len = 0;
	u8 *config;
	bool whole;

	d->pcie = PCIE_NOT;
	d->vendor = (u16)attribute(root, d, "vendor");
	d->device = (u16)attribute(root, d, "device");
	d->class = (u32)attribute(root, d, "class") & 0xffffff;
	d->bridge = d->class >> 8 == CLASS_BRIDGE_PCI ||
		    d->class >> 8 == CLASS_BRIDGE_CARDBUS;
	config = (u8 *)sysroot_readf(root, CONFIG_MAX, &len,
				     DEVICES "/%s/config", d->name);
	whole = config && read_config(d, config, len);
	free(config);
	if (!whole)
		guess_config(d, root);
	return whole;
}

/*
 * ".../devices/pci0000:00/0000:00:1c.0/0000:02:00.0": the name before its own
 * is the bridge, unless that is a host bridge ("pci0000:00"). Below a VMD
 * function stands ".../0000:00:0e.0/pci10000:e0/10000:e1:00.0": a domain that
 * only Linux knows; its DMA carries the id of the VMD function.
 */
static void place(struct pci_topology *t, u32 i, char *target)
{
	struct pci_dev *d = &t->dev[i];
	bool adjacent = true;
	char *slash;
	u32 domain;
	u16 id;

	slash = strrchr(target, '/');
	while (slash) {
		*slash = '\0';
		slash = strrchr(target, '/');
		if (!pci_parse(slash ? slash + 1 : target, &domain, &id)) {
			adjacent = false;
			continue;
		}
		if (adjacent && domain == d->domain)
			d->parent = pci_find(t, domain, id);
		adjacent = false;
		if (d->domain <= 0xffff)
			return;
		if (domain <= 0xffff) {
			u32 host = pci_find(t, domain, id);

			if (host != PCI_NONE)
				d->real = host;
			return;
		}
	}
}

static void link_up(struct pci_topology *t, const struct sysroot *root)
{
	char path[SYSROOT_PATH_MAX], *text;
	u32 domain;
	u16 id;

	for (u32 i = 0; i < t->n; i++) {
		struct pci_dev *d = &t->dev[i];

		d->parent = d->physfn = PCI_NONE;
		d->real = i;
		snprintf(path, sizeof(path), DEVICES "/%s", d->name);
		text = sysroot_readlink(root, path);
		if (text)
			place(t, i, text);
		free(text);
		snprintf(path, sizeof(path), DEVICES "/%s/physfn", d->name);
		text = sysroot_link(root, path);
		if (text && pci_parse(text, &domain, &id))
			d->physfn = pci_find(t, domain, id);
		free(text);
	}
	pci_cut_loops(t);
}

/* Only where types had to be guessed: what is below tells what a bridge is. */
static void guess_bridges(struct pci_topology *t)
{
	for (u32 i = 0; i < t->n; i++) {
		struct pci_dev *d = &t->dev[i], *up;

		if (d->parent == PCI_NONE || d->pcie != PCIE_NOT)
			continue;
		up = &t->dev[d->parent];
		if (up->pcie == PCIE_DOWNSTREAM_PORT)
			up->pcie = PCIE_TO_PCI_BRIDGE;
	}
}

static int add_function(struct pci_topology *t, const char *name)
{
	struct pci_dev *d;
	u32 domain;
	u16 id;

	if (!pci_parse(name, &domain, &id))
		return 0;
	d = array_grow(&t->dev, &t->n, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->domain = domain;
	d->id = id;
	d->name = strdup(name);
	return d->name ? 0 : -ENOMEM;
}

int pci_read(struct pci_topology *t, const struct sysroot *root,
	     struct facts *f)
{
	size_t n, partial = 0;
	char **names = sysroot_list(root, DEVICES, &n);
	int rc = 0;

	*t = (struct pci_topology){ 0 };
	if (!names) {
		facts_missing(f, DEVICES, "%s", strerror(errno));
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	for (size_t i = 0; !rc && i < n; i++)
		rc = add_function(t, names[i]);
	sysroot_list_free(names, n);
	if (rc)
		return rc;
	if (t->n)
		qsort(t->dev, t->n, sizeof(*t->dev), pci_by_id);
	for (size_t i = 0; i < t->n; i++)
		partial += !read_function(&t->dev[i], root);
	link_up(t, root);
	if (partial) {
		facts_missing(
			f, DEVICES,
			"config space of %zu of %zu functions is not to be "
			"had whole: bridge types are guessed",
			partial, t->n);
		guess_bridges(t);
	}
	return 0;
}
