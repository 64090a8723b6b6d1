// SPDX-License-Identifier: GPL-2.0-only
/* Reads a requester and a range as they are typed. */
#include "args.h"

/* BDF_WANTED, or 0x…: a stream of segment 0 */
static bool parse_requester(const char *s, u32 *segment, u32 *requester)
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

static bool wrong_argument(struct report *r, const char *text, const char *rule)
{
	r->status = EXIT_NOBODY;
	snprintf(r->err, r->err_len, "%s: %s", text, rule);
	return false;
}

bool take_requester(struct report *r, const char *text, u32 *segment,
		    u32 *requester)
{
	return parse_requester(text, segment, requester) ||
	       wrong_argument(r, text,
			      "wanted " BDF_WANTED " or a stream (0x…)");
}

bool take_range(struct report *r, const char *text, struct span *range)
{
	return parse_range(text, range) ||
	       wrong_argument(r, text, RANGE_WANTED);
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
