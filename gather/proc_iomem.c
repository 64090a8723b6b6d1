// SPDX-License-Identifier: GPL-2.0-only
/* /proc/iomem, and the memory set aside for a crash kernel. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
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

#define CMA_RANGES "sys/kernel/kexec/crash_cma_ranges"
/* Linux 7.2 has room for four (CRASHKERNEL_CMA_RANGES_MAX). */
#define CMA_RANGES_MAX KIB(4)

static int add_cma(struct facts *f, const char *line)
{
	unsigned long long start, end;
	struct span *s;
	int n = 0;

	if (!*line)
		return 0;
	if (sscanf(line, "%llx-%llx%n", &start, &end, &n) != 2 || line[n] ||
	    end < start || end == ~0ULL) {
		facts_missing(f, CMA_RANGES, "\"%s\" is not \"START-END\"",
			      line);
		return 0;
	}
	s = array_grow(&f->cma, &f->cma_n, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct span){ start, end - start + 1 };
	return 0;
}

/* Not in /proc/iomem, for it is ordinary memory until the crash; since 7.2. */
static int read_cma(struct facts *f, const struct sysroot *root)
{
	char *text = sysroot_read(root, CMA_RANGES, CMA_RANGES_MAX, NULL);
	char *rest = text, *line;
	int rc = 0;

	if (!text && errno != ENOENT) {
		facts_missing(f, CMA_RANGES, "%s", strerror(errno));
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	while (!rc && (line = strsep(&rest, "\n")))
		rc = add_cma(f, line);
	free(text);
	return rc;
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
	return rc ? rc : read_cma(f, root);
}
