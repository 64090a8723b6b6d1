/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is asked about, as typed; addresses and ranges: typed.h. */
#ifndef ARGS_H
#define ARGS_H

#include "report.h"
#include "typed.h"

/* False: it is none; r->err says so, and r->status is that of wrong usage. */
bool take_requester(struct report *r, const char *text, u32 *segment,
		    u32 *requester);
bool take_range(struct report *r, const char *text, struct span *range);

/*
 * Says so, as the document's error, where no unit is known for what is asked
 * about; or no such device, if nothing was @found about it either.
 */
void put_unknown(struct report *r, const struct view_dma *dma, bool found);

#endif
