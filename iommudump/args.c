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
