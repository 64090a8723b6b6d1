// SPDX-License-Identifier: GPL-2.0-only
/* Files of one line, or one number, below the root of the machine. */
#include <stdlib.h>
#include <string.h>
#include "host.h"

char *host_line(const struct sysroot *root, const char *path, size_t max)
{
	char *text = sysroot_read(root, path, max, NULL);

	if (text)
		text[strcspn(text, "\n")] = 0;
	return text;
}

bool host_number(const struct sysroot *root, const char *path, int base,
		 u64 *val)
{
	char *text = host_line(root, path, 256);
	bool ok;

	if (text)
		text[strcspn(text, " \t")] = 0;
	ok = text && parse_u64(text, base, val);
	free(text);
	return ok;
}
