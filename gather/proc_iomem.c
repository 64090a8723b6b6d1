// SPDX-License-Identifier: GPL-2.0-only
/* /proc/iomem, and the memory set aside for a crash kernel. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sources.h"

/* Servers have a few thousand lines; hot-plugged memory adds one per block. */
#define IOMEM_MAX MIB(16)

/* "  00100000-3fffffff : System RAM", two blanks for each level. */
static bool parse_line(char *line, struct iomem *m, char **name)
{
	char *at = line, *end;

	while (*at == ' ')
		at++;
	m->depth = (u32)(at - line) / 2;
	if (!isxdigit((unsigned char)*at))
		return false;
	errno = 0;
	m->start = strtoull(at, &end, 16);
	if (*end != '-' || !isxdigit((unsigned char)end[1]))
		return false;
	m->end = strtoull(end + 1, &end, 16);
	if (errno || strncmp(end, " : ", 3) || m->end < m->start)
		return false;
	*name = end + 3;
	return true;
}

static int add_line(struct facts *f, char *line, unsigned int number,
		    bool *any_address)
{
	struct iomem parsed;
	char *name;

	if (!*line)
		return 0;
	if (!parse_line(line, &parsed, &name)) {
		facts_missing(f, "proc/iomem",
			      "line %u is not \"START-END : NAME\"", number);
		return 0;
	}
	*any_address |= parsed.end != 0;
	return facts_add_iomem(f, &parsed, name);
}

int gather_iomem(struct facts *f, const struct sysroot *root)
{
	char *text = sysroot_read(root, "proc/iomem", IOMEM_MAX, NULL);
	bool any_address = false;
	unsigned int number = 0;
	char *rest = text, *line;
	int rc = 0;

	if (!text) {
		facts_missing(f, "proc/iomem", "%s", strerror(errno));
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	while (!rc && (line = strsep(&rest, "\n")))
		rc = add_line(f, line, ++number, &any_address);
	/* Without CAP_SYS_ADMIN every address reads as 0. */
	if (f->iomem_n && !any_address)
		facts_missing(f, "proc/iomem",
			      "the kernel hides the addresses: not root");
	free(text);
	return rc;
}
