// SPDX-License-Identifier: GPL-2.0-only
/* Offsets are those of the PCI Local Bus 3.0 and PCI-to-PCI Bridge 1.2. */
#include <string.h>

#include "qtest_pci.h"

#define PCI_ID 0x00
#define PCI_COMMAND 0x04
#define PCI_COMMAND_MEMORY_MASTER 0x6u
#define PCI_STATUS_CAPS BIT64(20) /* in the dword of COMMAND */
#define PCI_HEADER 0x0c
#define PCI_HEADER_MULTI BIT64(23)
#define PCI_HEADER_TYPE MASK64(22, 16)
#define PCI_BAR0 0x10
#define PCI_BUSES 0x18
#define PCI_WINDOW 0x20
#define PCI_WINDOW_PREF 0x24
#define PCI_WINDOW_CLOSED 0x0000fff0u
#define PCI_CAPS 0x34
#define PCI_CAP_EXPRESS 0x10
#define EXPRESS_TYPE MASK64(23, 20) /* in the dword of the capability */
#define EXPRESS_ROOT_PORT 4
#define EXPRESS_TO_PCI 7

#define EDU_ID 0x11e81234u
#define EDU_BAR_LEN MIB(1)
#define DEPTH_MAX 4
#define CAPS_MAX 48

/* A bus that is being looked through. */
struct level {
	u16 bridge; /* bdf of the bridge that leads to it */
	u8 bus;
	u16 devfn; /* next to look at */
	u16 alias; /* requester of all that is behind; 0: each its own */
	enum qtest_place place;
	u64 window; /* start of its window */
};

static u32 express_type(struct qtest *q, u16 bdf)
{
	u32 word, i;
	u8 at;

	if (!(qtest_config_read(q, bdf, PCI_COMMAND) & PCI_STATUS_CAPS))
		return ~0u;
	at = qtest_config_read(q, bdf, PCI_CAPS) & 0xfc;
	for (i = 0; at && i < CAPS_MAX; i++) {
		word = qtest_config_read(q, bdf, at);
		if ((word & 0xff) == PCI_CAP_EXPRESS)
			return field(EXPRESS_TYPE, word);
		at = word >> 8 & 0xfc;
	}
	return ~0u;
}

static void enable(struct qtest *q, u16 bdf)
{
	u32 word = qtest_config_read(q, bdf, PCI_COMMAND) & 0xffff;

	qtest_config_write(q, bdf, PCI_COMMAND,
			   word | PCI_COMMAND_MEMORY_MASTER);
}

static void add_edu(struct qtest *q, const struct level *l, u16 bdf, u64 *next)
{
	struct edu *e;

	if (q->edus == QTEST_EDU_MAX ||
	    *next + EDU_BAR_LEN > q->machine->window_end)
		return;
	e = &q->edu[q->edus++];
	e->bdf = bdf;
	e->requester = l->alias ? l->alias : bdf;
	e->place = l->place;
	e->bar = *next;
	*next += EDU_BAR_LEN;
	qtest_config_write(q, bdf, PCI_BAR0, e->bar);
	enable(q, bdf);
}

/*
 * The bus behind a bridge; its end is not known yet, so it reaches to 255.
 * DMA from behind a PCIe-to-PCI bridge carries (secondary bus, devfn 0):
 * PCI Express to PCI/PCI-X Bridge 1.0, section 2.3.
 */
static void enter(struct qtest *q, const struct level *up, struct level *l,
		  u16 bdf, u64 next)
{
	u32 type = express_type(q, bdf);

	memset(l, 0, sizeof(*l));
	l->bridge = bdf;
	l->bus = q->buses++;
	l->window = next;
	l->alias = type == EXPRESS_TO_PCI ? l->bus << 8 : up->alias;
	l->place = type == EXPRESS_TO_PCI ? EDU_BRIDGE
		   : type == EXPRESS_ROOT_PORT && up->place == EDU_ROOT
			   ? EDU_PORT
			   : up->place;
	qtest_config_write(q, bdf, PCI_BUSES,
			   0xff0000u | l->bus << 8 | bdf >> 8);
}

static void leave(struct qtest *q, const struct level *l, u64 next)
{
	qtest_config_write(q, l->bridge, PCI_BUSES,
			   (q->buses - 1) << 16 | l->bus << 8 | l->bridge >> 8);
	qtest_config_write(q, l->bridge, PCI_WINDOW,
			   next == l->window
				   ? PCI_WINDOW_CLOSED
				   : ((next - 1) & 0xfff00000) |
					     (l->window >> 16 & 0xfff0));
	qtest_config_write(q, l->bridge, PCI_WINDOW_PREF, PCI_WINDOW_CLOSED);
	enable(q, l->bridge);
}

/* Looks at one function; true when it is a bridge to be entered. */
static bool visit(struct qtest *q, struct level *l, u16 bdf, u64 *next)
{
	u32 id = qtest_config_read(q, bdf, PCI_ID), header;

	if (id == ~0u) {
		if (!(bdf & 7))
			l->devfn += 7; /* no function 0: no device */
		return false;
	}
	header = qtest_config_read(q, bdf, PCI_HEADER);
	if (!(bdf & 7) && !(header & PCI_HEADER_MULTI))
		l->devfn += 7;
	if (id == EDU_ID)
		add_edu(q, l, bdf, next);
	return field(PCI_HEADER_TYPE, header) == 1;
}

void qtest_pci_setup(struct qtest *q)
{
	struct level stack[DEPTH_MAX] = { { .place = EDU_ROOT } };
	u64 next = q->machine->window;
	unsigned int depth = 0;
	struct level *l;
	u16 bdf;

	q->buses = 1;
	while (!q->error[0]) {
		l = &stack[depth];
		if (l->devfn > 0xff) {
			if (!depth)
				return;
			leave(q, l, next);
			depth--;
			continue;
		}
		bdf = l->bus << 8 | l->devfn++;
		if (visit(q, l, bdf, &next) && depth + 1 < DEPTH_MAX) {
			enter(q, l, &stack[depth + 1], bdf, next);
			depth++;
		}
	}
}
