// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of /sys/kernel/debug/iommu/intel/iommu_regset, as the kernel prints
 * it from 5.x to 7.2 (which dropped some rows, but changed no format):
 *
 *   IOMMU: dmar0 Register Base Address: fed90000
 *   Name                    Offset          Contents
 *   VER                     0x00            0x0000000000000010
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../iommu/vtd/vtd.h"
#include "sources.h"

/* VT-d Rev 5.10 section 11.4: the 32-bit registers below 0x100. */
static bool is_32bit(u32 off)
{
	static const u8 narrow[] = { 0x00, 0x18, 0x1c, 0x34, 0x38, 0x3c, 0x40,
				     0x44, 0x64, 0x68, 0x6c, 0x9c, 0xa0, 0xa4,
				     0xa8, 0xac, 0xdc, 0xe0, 0xe4, 0xe8, 0xec };

	return off < 0x100 && memchr(narrow, (int)off, sizeof(narrow));
}

/*
 * 0x100-0x21f are MTRRs for first-stage walks by SVM: forty rows that say
 * nothing of DMA, and would push others out of struct iommu_regs.
 */
static bool is_mtrr(u64 off)
{
	return off >= 0x100 && off < 0x220;
}

static bool number(const char *text, int base, u64 *v)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, base);
	return !errno && end != text && !*end;
}

/* Cuts @line at blanks and tabs into at most @max words. */
static size_t split(char *line, char **word, size_t max)
{
	size_t n = 0;
	char *w;

	while (n < max && (w = strsep(&line, " \t")))
		if (*w)
			word[n++] = w;
	return n;
}

/* "IOMMU: dmar0 Register Base Address: fed90000" */
static bool unit_line(struct facts *f, char **word, size_t n, u32 *unit)
{
	u64 base;

	if (n < 6 || strcmp(word[0], "IOMMU:") || strcmp(word[4], "Address:") ||
	    !number(word[5], 16, &base))
		return false;
	*unit = facts_unit_at(f, base);
	return true;
}

static void register_row(struct facts *f, u32 unit, u64 off, u64 val)
{
	struct fact_unit *u = &f->unit[unit];

	if (off > UINT32_MAX || is_mtrr(off))
		return;
	fact_reg_set(u, (u32)off, is_32bit((u32)off) ? 4 : 8, val);
	if (off == VTD_CAP)
		u->cap = val;
	else if (off == VTD_ECAP)
		u->ecap = val;
	else if (off == VTD_RTADDR)
		u->root = val;
}

int debugfs_regset(struct facts *f, const char *source, const char *text)
{
	char *copy = strdup(text), *rest = copy, *line, *word[8];
	unsigned int lines = 0;
	u32 unit = REC_NONE;
	u64 off, val;
	size_t n;

	if (!copy)
		return -ENOMEM;
	while ((line = strsep(&rest, "\n"))) {
		lines++;
		n = split(line, word, ARRAY_SIZE(word));
		if (!n || !strcmp(word[0], "Name"))
			continue;
		if (unit_line(f, word, n, &unit)) {
			if (unit == REC_NONE)
				facts_missing(f, source,
					      "line %u: %s at 0x%s is no known "
					      "unit",
					      lines, word[1], word[5]);
			continue;
		}
		if (!strcmp(word[0], "IOMMU:"))
			unit = REC_NONE;
		/* The kernel's own error lines come here too. */
		if (n != 3 || !number(word[1], 16, &off) ||
		    !number(word[2], 16, &val))
			facts_missing(f, source,
				      "line %u: not \"NAME OFFSET CONTENTS\", "
				      "but \"%s ...\"",
				      lines, word[0]);
		else if (unit != REC_NONE)
			register_row(f, unit, off, val);
	}
	free(copy);
	return 0;
}
