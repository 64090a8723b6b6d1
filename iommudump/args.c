// SPDX-License-Identifier: GPL-2.0-only
/* Reads a requester as it is typed. */
#include "args.h"

bool parse_requester(const char *s, u32 *segment, u32 *requester)
{
	u16 bdf_segment, bdf;
	u64 stream;

	if (s[0] == '0' && (s[1] | 0x20) == 'x') {
		*segment = 0;
		if (!parse_address(s, &stream) || stream > 0xffffffff)
			return false;
		*requester = (u32)stream;
		return true;
	}
	if (!parse_bdf(&s, &bdf_segment, &bdf) || *s)
		return false;
	*segment = bdf_segment;
	*requester = bdf;
	return true;
}

void put_unknown(struct report *r, const struct view_dma *dma, bool found)
{
	if (dma->unit == REC_NONE)
		put_text(r->doc, "error", "no unit is known for this device");
	else if (!dma->known && !found && r->d->facts.device_n)
		put_text(r->doc, "error", "no such device is known");
	else
		return;
	r->status = EXIT_INCOMPLETE;
}
