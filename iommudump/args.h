/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is asked about, as typed; addresses and ranges: typed.h. */
#ifndef ARGS_H
#define ARGS_H

#include "report.h"
#include "typed.h"

#define REQUESTER_WANTED BDF_WANTED " or a stream (0x…)"
/* BDF_WANTED, or 0x…: a stream of segment 0 */
bool parse_requester(const char *s, u32 *segment, u32 *requester);

/*
 * Says so, as the document's error, where no unit is known for what is asked
 * about; or no such device, if nothing was @found about it either.
 */
void put_unknown(struct report *r, const struct view_dma *dma, bool found);

#endif
