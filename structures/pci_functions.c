// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI functions of a kernel: from pci_root_buses down (Linux: include/linux/
 * pci.h). The topology is the one that sysfs would show, so that aliases are
 * found by the same rules.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

#define BUSES_MAX 16384u
#define FUNCTIONS_MAX 65536u
#define NAME_LEN 32
/* include/uapi/linux/pci_regs.h; PCIe 6.0 section 7.5.3.2 */
#define HEADER_TYPE_MASK 0x7fu
#define HEADER_BRIDGE 1u
#define HEADER_CARDBUS 2u
#define PCIE_TYPE_MASK MASK64(7, 4)
#define DEVFNS 256u

enum {
	BUS_NODE,
	BUS_CHILDREN,
	BUS_DEVICES,
	BUS_SELF,
	BUS_NUMBER,
	DEV_LIST,
	DEV_BUS,
	DEV_SUBORDINATE,
	DEV_VENDOR,
	DEV_DEVICE,
	DEV_SUBVENDOR,
	DEV_SUBDEVICE,
	DEV_CLASS,
	DEV_HEADER,
	DEV_DEV,
	DEVICE_KOBJ,
	KOBJECT_NAME,
	DEV_PCIE_CAP, /* from here on they may be missing */
	DEV_PCIE_FLAGS,
	DEV_ALIASES,
	DEV_PHYSFN,
	DEV_IS_VIRTFN,
	DEV_ATS,
	DEV_SYSDATA,
	SYSDATA_VMD,
	MEMBERS
};

static const struct member members[MEMBERS] = {
	[BUS_NODE] = { .type = "pci_bus", .name = "node" },
	[BUS_CHILDREN] = { .type = "pci_bus", .name = "children" },
	[BUS_DEVICES] = { .type = "pci_bus", .name = "devices" },
	[BUS_SELF] = { .type = "pci_bus", .name = "self" },
	[BUS_NUMBER] = { .type = "pci_bus", .name = "number" },
	[DEV_LIST] = { .type = "pci_dev", .name = "bus_list" },
	[DEV_BUS] = { .type = "pci_dev", .name = "bus" },
	[DEV_SUBORDINATE] = { .type = "pci_dev", .name = "subordinate" },
	[DEV_VENDOR] = { .type = "pci_dev", .name = "vendor" },
	[DEV_DEVICE] = { .type = "pci_dev", .name = "device" },
	[DEV_SUBVENDOR] = { .type = "pci_dev", .name = "subsystem_vendor" },
	[DEV_SUBDEVICE] = { .type = "pci_dev", .name = "subsystem_device" },
	[DEV_CLASS] = { .type = "pci_dev", .name = "class" },
	[DEV_HEADER] = { .type = "pci_dev", .name = "hdr_type" },
	[DEV_DEV] = { .type = "pci_dev", .name = "dev" },
	[DEVICE_KOBJ] = { .type = "device", .name = "kobj" },
	[KOBJECT_NAME] = { .type = "kobject", .name = "name" },
	[DEV_PCIE_CAP] = { .type = "pci_dev", .name = "pcie_cap" },
	[DEV_PCIE_FLAGS] = { .type = "pci_dev", .name = "pcie_flags_reg" },
	[DEV_ALIASES] = { .type = "pci_dev", .name = "dma_alias_mask" },
	[DEV_PHYSFN] = { .type = "pci_dev", .name = "physfn" },
	[DEV_IS_VIRTFN] = { .type = "pci_dev", .name = "is_virtfn", .bits = 1 },
	[DEV_ATS] = { .type = "pci_dev", .name = "ats_enabled", .bits = 1 },
	[DEV_SYSDATA] = { .type = "pci_dev", .name = "sysdata" },
	/* x86 with VMD */
	[SYSDATA_VMD] = { .type = "pci_sysdata", .name = "vmd_dev" },
};

/* What of a function can be linked only when all are known. */
struct function {
	struct pci_dev p; /* first, for pci_by_id */
	u64 addr, bridge, physfn, vmd, aliases;
};

struct pci_reader {
	struct survey *sv;
	struct member m[MEMBERS];
	u64 *bus;
	size_t buses;
	struct function *dev;
	size_t devs;
	bool self; /* the list now read is of buses */
	u64 bridge;
	int rc;
};

static bool get(struct pci_reader *s, u64 object, u32 which, u64 *val)
{
	return kernel_get(s->sv->k, object, &s->m[which], val);
}

static bool add_bus(void *arg, u64 node)
{
	struct pci_reader *s = arg;
	u64 *slot, bus = node - s->m[BUS_NODE].off;

	if (s->buses >= BUSES_MAX || s->rc)
		return false;
	/* Below itself: nothing that a machine can have. */
	for (size_t i = 0; i < s->buses; i++)
		if (s->bus[i] == bus)
			return true;
	slot = array_grow(&s->bus, &s->buses, sizeof(*slot));
	if (slot)
		*slot = bus;
	else
		s->rc = -ENOMEM;
	return slot != NULL;
}

static bool read_kind(struct pci_reader *s, u64 dev, struct function *d)
{
	u64 v, cap, bus = 0, number = 0;

	if (!get(s, dev, DEV_HEADER, &v) || !get(s, dev, DEV_PCIE_CAP, &cap))
		return false;
	v &= HEADER_TYPE_MASK;
	d->p.bridge = v == HEADER_BRIDGE || v == HEADER_CARDBUS;
	if (!get(s, dev, DEV_SUBORDINATE, &bus) ||
	    (bus && !get(s, bus, BUS_NUMBER, &number)))
		return false;
	d->p.secondary = (u8)number;
	d->p.pcie = PCIE_NOT;
	if (!cap)
		return true;
	if (!get(s, dev, DEV_PCIE_FLAGS, &v))
		return false;
	d->p.pcie = (u8)field(PCIE_TYPE_MASK, v);
	return true;
}

static bool read_links(struct pci_reader *s, u64 dev, struct function *d)
{
	u64 virtfn, sysdata;

	if (!get(s, dev, DEV_IS_VIRTFN, &virtfn) ||
	    !get(s, dev, DEV_ALIASES, &d->aliases))
		return false;
	if (virtfn && !get(s, dev, DEV_PHYSFN, &d->physfn))
		return false;
	if (d->p.domain <= 0xffff || !s->m[SYSDATA_VMD].found)
		return true;
	return get(s, dev, DEV_SYSDATA, &sysdata) &&
	       (!sysdata || get(s, sysdata, SYSDATA_VMD, &d->vmd));
}

static bool read_function(struct pci_reader *s, u64 dev, struct function *d)
{
	u64 text, v[6];
	char name[NAME_LEN];

	if (!get(s, dev + s->m[DEV_DEV].off + s->m[DEVICE_KOBJ].off,
		 KOBJECT_NAME, &text) ||
	    !kernel_text(s->sv->k, text, name, sizeof(name)) ||
	    !pci_parse(name, &d->p.domain, &d->p.id))
		return false;
	for (u32 i = 0; i < ARRAY_SIZE(v); i++)
		if (!get(s, dev, i < 5 ? DEV_VENDOR + i : DEV_ATS, &v[i]))
			return false;
	d->p.vendor = (u16)v[0];
	d->p.device = (u16)v[1];
	d->p.subvendor = (u16)v[2];
	d->p.subdevice = (u16)v[3];
	d->p.class = (u32)v[4] & 0xffffff;
	d->p.ats = v[5];
	if (!read_kind(s, dev, d) || !read_links(s, dev, d))
		return false;
	d->p.name = strdup(name);
	if (!d->p.name)
		s->rc = -ENOMEM;
	return d->p.name;
}

static bool add_function(void *arg, u64 node)
{
	struct pci_reader *s = arg;
	u64 dev = node - s->m[DEV_LIST].off;
	struct function *d;

	if (s->devs >= FUNCTIONS_MAX || s->rc)
		return false;
	d = array_grow(&s->dev, &s->devs, sizeof(*d));
	if (!d) {
		s->rc = -ENOMEM;
		return false;
	}
	d->addr = dev;
	d->bridge = s->bridge;
	if (read_function(s, dev, d))
		return true;
	s->devs--;
	return false;
}

static void scan_buses(struct pci_reader *s, u64 root)
{
	struct kernel *k = s->sv->k;
	struct symbol list = { .name = "pci_root_buses", .addr = root };

	kernel_list(k, s->sv->f, &list, BUSES_MAX, add_bus, s);
	for (size_t i = 0; i < s->buses && !s->rc; i++) {
		u64 bus = s->bus[i];

		if (!get(s, bus, BUS_SELF, &s->bridge))
			s->bridge = 0;
		list = (struct symbol){ .name = "functions of a PCI bus",
					.addr = bus + s->m[BUS_DEVICES].off };
		kernel_list(k, s->sv->f, &list, FUNCTIONS_MAX, add_function, s);
		list = (struct symbol){ .name = "PCI buses below another",
					.addr = bus + s->m[BUS_CHILDREN].off };
		kernel_list(k, s->sv->f, &list, BUSES_MAX, add_bus, s);
	}
}

/* --- what was found, as a topology --- */

static int by_addr(const void *a, const void *b)
{
	const struct pci_at *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static struct pci_at *at_addr(struct survey *sv, u64 addr)
{
	struct pci_at key = { .addr = addr };

	if (!addr || !sv->pci.n)
		return NULL;
	return bsearch(&key, sv->pci_at, sv->pci.n, sizeof(key), by_addr);
}

struct pci_at *kernel_pci(struct survey *sv, u64 dev)
{
	return at_addr(sv, dev - sv->pci_dev_dev);
}

struct fact_device *kernel_pci_device(struct survey *sv, const struct pci_at *p)
{
	return p && p->device < sv->f->device_n ? &sv->f->device[p->device]
						: NULL;
}

static u32 index_at(struct survey *sv, u64 addr)
{
	const struct pci_at *p = at_addr(sv, addr);

	return p ? p->index : PCI_NONE;
}

/* Two of the same address: a list that was led astray. The first one stays. */
static void drop_doubles(struct pci_reader *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->devs; i++) {
		if (n && !pci_by_id(&s->dev[n - 1], &s->dev[i]))
			free(s->dev[i].p.name);
		else
			s->dev[n++] = s->dev[i];
	}
	s->devs = n;
}

static int make_topology(struct pci_reader *s)
{
	struct survey *sv = s->sv;

	if (!s->devs)
		return 0;
	qsort(s->dev, s->devs, sizeof(*s->dev), pci_by_id);
	drop_doubles(s);
	sv->pci.dev = calloc(s->devs, sizeof(*sv->pci.dev));
	sv->pci_at = calloc(s->devs, sizeof(*sv->pci_at));
	if (!sv->pci.dev || !sv->pci_at)
		return -ENOMEM;
	sv->pci.n = s->devs;
	for (u32 i = 0; i < s->devs; i++) {
		sv->pci.dev[i] = s->dev[i].p;
		s->dev[i].p.name = NULL;
		sv->pci_at[i] = (struct pci_at){ s->dev[i].addr, i, REC_NONE };
	}
	qsort(sv->pci_at, sv->pci.n, sizeof(*sv->pci_at), by_addr);
	for (u32 i = 0; i < s->devs; i++) {
		struct pci_dev *d = &sv->pci.dev[i];
		u32 real = index_at(sv, s->dev[i].vmd);

		d->parent = index_at(sv, s->dev[i].bridge);
		d->physfn = index_at(sv, s->dev[i].physfn);
		d->real = real == PCI_NONE ? i : real;
	}
	pci_cut_loops(&sv->pci);
	return 0;
}

/* --- the topology as facts --- */

struct aliased {
	struct survey *sv;
	u16 segment;
	u32 requester;
};

static int add_alias(void *arg, u16 alias)
{
	struct aliased *a = arg;

	return kernel_alias(a->sv, a->segment, a->requester, alias);
}

/* Linux's own list of quirks: a bit for each devfn on the same bus. */
static int mask_aliases(struct pci_reader *s, u64 mask,
			const struct fact_device *d)
{
	u64 bits[DEVFNS / 64];
	int rc = 0;

	if (!mask)
		return 0;
	if (s->sv->k->read(s->sv->k, mask, bits, sizeof(bits))) {
		facts_missing(s->sv->f, s->sv->k->memory_source,
			      "%s: dma_alias_mask is %s", d->name,
			      kernel_unread(s->sv->k));
		return 0;
	}
	for (u32 i = 0; !rc && i < DEVFNS; i++)
		if (bits[i / 64] & BIT64(i % 64))
			rc = kernel_alias(s->sv, d->segment, d->requester,
					  (d->requester & 0xff00) | i);
	return rc;
}

static int add_fact(struct pci_reader *s, u32 i)
{
	struct survey *sv = s->sv;
	const struct pci_dev *p = &sv->pci.dev[i],
			     *real = &sv->pci.dev[p->real];
	struct pci_at *at = at_addr(sv, s->dev[i].addr);
	struct fact_device d = { .segment = (u16)real->domain,
				 .requester = real->id,
				 .vendor = p->vendor,
				 .device = p->device,
				 .class = p->class,
				 .ats = p->ats },
			   *slot;
	int rc;

	if (real->domain > 0xffff) {
		facts_missing(sv->f, sv->k->memory_source,
			      "%s: in a domain of Linux's own, and the "
			      "function above it is not known",
			      p->name);
		return 0;
	}
	slot = array_grow(&sv->f->device, &sv->f->device_n, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = d;
	slot->name = strdup(p->name);
	if (!slot->name)
		return -ENOMEM;
	at->device = (u32)sv->f->device_n - 1;
	rc = kernel_device(sv, s->dev[i].addr + sv->pci_dev_dev, slot);
	if (rc || p->real != i)
		return rc;
	rc = mask_aliases(s, s->dev[i].aliases, slot);
	return rc ? rc
		  : pci_aliases(&sv->pci, i, add_alias,
				&(struct aliased){ sv, d.segment,
						   d.requester });
}

int kernel_pci_devices(struct survey *sv)
{
	struct symbol root = { .name = "pci_root_buses" };
	struct pci_reader s = { .sv = sv };

	memcpy(s.m, members, sizeof(members));
	if (!kernel_symbols(sv->k, sv->f, &root, 1, "PCI") ||
	    !kernel_members(sv->k, sv->f, s.m, MEMBERS, DEV_PCIE_CAP))
		return 0;
	sv->pci_dev_dev = s.m[DEV_DEV].off;
	scan_buses(&s, root.addr);
	if (!s.rc)
		s.rc = make_topology(&s);
	for (u32 i = 0; !s.rc && i < sv->pci.n; i++)
		s.rc = add_fact(&s, i);
	for (size_t i = 0; i < s.devs; i++)
		free(s.dev[i].p.name);
	free(s.dev);
	free(s.bus);
	return s.rc;
}
