// SPDX-License-Identifier: GPL-2.0-only
/* All formats of dump files. A new one is one file and one row. */
#include "formats.h"

static const struct dump_format *const formats[] = {
	&dump_elf,
	&dump_kdump,
	&dump_bare,
	&dump_cpio,
};

const struct dump_format *dump_format_of(const u8 *head, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i]->is(head, len))
			return formats[i];
	return NULL;
}
