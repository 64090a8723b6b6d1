// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions whose DMA carries another requester id than their own, and bridges
 * that hide what they are. The ids are those for which Linux (drivers/pci/
 * quirks.c, 6.1) adds DMA aliases: its domains hold them, so ours must.
 */
#include "pci.h"

#define ANY 0xffff

/* One alias: device 0xff keeps that of the function itself. */
static const struct {
	u16 vendor, device, subvendor, subdevice;
	u8 alias_dev, alias_fn;
} quirks[] = {
#define SAME_DEV 0xff
	/* Ricoh card readers: function 0 does the DMA. */
	{ 0x1180, 0xe832, ANY, ANY, SAME_DEV, 0 },
	{ 0x1180, 0xe476, ANY, ANY, SAME_DEV, 0 },
	/* Marvell 88SE91xx/92xx SATA: function 1 does, present or not. */
	{ 0x1b4b, 0x9120, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9123, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9125, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9128, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9130, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9170, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9172, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x917a, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9182, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9183, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x91a0, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9215, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9220, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9230, ANY, ANY, SAME_DEV, 1 },
	{ 0x1b4b, 0x9235, ANY, ANY, SAME_DEV, 1 },
	{ 0x1103, 0x0642, ANY, ANY, SAME_DEV, 1 },
	{ 0x1103, 0x0645, ANY, ANY, SAME_DEV, 1 },
	{ 0x197b, 0x2392, ANY, ANY, SAME_DEV, 1 }, /* JMicron JMB388 */
	{ 0x1c28, 0x0122, ANY, ANY, SAME_DEV, 1 }, /* Plextor M6e */
	/* Adaptec 3405 and 3805: a hidden device does the DMA. */
	{ 0x9005, 0x0285, 0x9005, 0x02bb, 1, 0 },
	{ 0x9005, 0x0285, 0x9005, 0x02bc, 1, 0 },
	/* MIC x200 NTB forwards under three more ids. */
	{ 0x8086, 0x2260, ANY, ANY, 0x10, 0 },
	{ 0x8086, 0x2260, ANY, ANY, 0x11, 0 },
	{ 0x8086, 0x2260, ANY, ANY, 0x12, 3 },
	{ 0x8086, 0x2264, ANY, ANY, 0x10, 0 },
	{ 0x8086, 0x2264, ANY, ANY, 0x11, 0 },
	{ 0x8086, 0x2264, ANY, ANY, 0x12, 3 },
};

static bool is(u16 wanted, u16 id)
{
	return wanted == ANY || wanted == id;
}

int pci_quirk_aliases(const struct pci_dev *d,
		      int (*tell)(void *arg, u16 alias), void *arg)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(quirks); i++) {
		u8 dev = quirks[i].alias_dev;
		u16 id;

		if (quirks[i].vendor != d->vendor ||
		    quirks[i].device != d->device ||
		    !is(quirks[i].subvendor, d->subvendor) ||
		    !is(quirks[i].subdevice, d->subdevice))
			continue;
		if (dev == SAME_DEV)
			dev = d->id >> 3 & 0x1f;
		id = (u16)((d->id & 0xff00) | dev << 3 | quirks[i].alias_fn);
		if (id != d->id)
			rc = tell(arg, id);
	}
	return rc;
}

/* PCIe-to-PCI bridges without a PCIe capability. */
bool pci_quirk_bridge(const struct pci_dev *bridge)
{
	static const struct {
		u16 vendor, device;
	} bridges[] = {
		{ 0x1b21, 0x1080 }, /* ASMedia ASM1083/1085 */
		{ 0x10e3, 0x8113 }, /* Tundra Tsi381 */
		{ 0x1283, 0x8892 }, /* ITE */
		{ 0x1283, 0x8893 }, { 0x8086, 0x244e }, /* Intel 82801 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(bridges); i++)
		if (bridges[i].vendor == bridge->vendor &&
		    bridges[i].device == bridge->device)
			return true;
	return false;
}
