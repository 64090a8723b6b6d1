/* SPDX-License-Identifier: GPL-2.0-only */
/* Which devices and units are asked about; as typed, the way lspci(8) has it. */
#ifndef FILTER_H
#define FILTER_H

#include "dump.h"

#define FILTER_ANY (~0U) /* of a number: not asked for */

struct filter {
	/* of --slot */
	u32 segment, bus, slot, function;
	/* of --id; class: those of its bits that class_mask has */
	u32 vendor, device, class, class_mask;
	u32 group;
	const char *driver, *unit; /* NULL: any */
	bool devices;		   /* anything but the unit is asked for */
	bool any;		   /* anything at all */
};

void filter_begin(struct filter *f);
/* Each is false where @s can't be read. */
bool filter_slot(struct filter *f, const char *s); /* [[[DDDD:]BB]:][DD][.F] */
bool filter_id(struct filter *f, const char *s);   /* [VVVV]:[DDDD][:CLASS] */
bool filter_group(struct filter *f, const char *s);
void filter_driver(struct filter *f, const char *s);
void filter_unit(struct filter *f, const char *s);

/* Whether it is asked about; @f is NULL where all are. */
bool wanted_unit(const struct filter *f, const struct dump *d, u32 unit);
bool wanted_device(const struct filter *f, const struct dump *d, size_t i);
/* Whether anything in @d is. */
bool wanted_any(const struct filter *f, const struct dump *d);
/* A requester is wanted with any of the devices that it stands for. */
bool wanted_requester(const struct filter *f, struct dump *d, u32 unit,
		      u32 requester);

#endif
