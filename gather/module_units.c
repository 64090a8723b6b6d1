// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/iommu_handover/live/ADDRESS/ of the kernel module (kernel/), a
 * folder for each unit by the address of its registers:
 *   regs    a line a register, "OFFSET WIDTH VALUE", hexadecimal but for WIDTH
 *   tables  its top-level tables: each a struct rec_table, and its bytes
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources.h"

#define UNITS "sys/kernel/iommu_handover/live"
#define REGS_MAX KIB(64)
#define FILE_MAX MIB(16)

static void note(struct gather *g, const struct fact_unit *u, const char *file,
		 u64 at, const char *rule)
{
	facts_missing(g->f, UNITS, "0x%llx/%s %llu: %s",
		      (unsigned long long)u->reg_phys, file,
		      (unsigned long long)at, rule);
}

/* --- registers --- */

static bool register_line(struct fact_unit *u, const char *line, u32 base)
{
	unsigned long long val;
	unsigned int off, width;
	char rest;

	if (sscanf(line, "%x %u %llx%c", &off, &width, &val, &rest) != 3 ||
	    (width != 4 && width != 8) || (width == 4 && val > UINT32_MAX))
		return false;
	fact_reg_set(u, off, width, val);
	if (base != REC_NONE && off == base)
		u->root = val;
	return true;
}

static void know_unit(struct fact_unit *u)
{
	const struct iommu_vendor *v = iommu_vendor(u->vendor);
	struct iommu_config c;

	if (!v || v->describe(&u->regs, &c))
		return;
	u->cap = c.cap;
	u->ecap = c.ecap;
	u->read = true;
}

int gather_module_registers(struct gather *g, u32 unit, u32 base)
{
	struct fact_unit *u = &g->f->unit[unit];
	char *text = sysroot_readf(g->root, REGS_MAX, NULL,
				   UNITS "/0x%llx/regs",
				   (unsigned long long)u->reg_phys);
	char *rest = text, *line;
	u64 n = 0;

	if (!text)
		return errno == ENOMEM ? -ENOMEM : 0;
	while ((line = strsep(&rest, "\n"))) {
		n++;
		if (*line && !register_line(u, line, base))
			note(g, u, "regs: line", n,
			     "not \"OFFSET WIDTH VALUE\"");
	}
	know_unit(u);
	free(text);
	return 0;
}

/* --- tables --- */

static int take_table(struct gather *g, u32 unit, const struct rec_table *rec,
		      const u8 *bytes)
{
	const struct fact_table t = {
		.phys = rec->phys,
		.unit = unit,
		.at = rec->at,
		.len = rec->raw_len,
		.requester = rec->requester,
	};
	u8 *copy = malloc(t.len);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, t.len);
	return gather_add_table(g, &t, copy);
}

bool gather_module_tables(struct gather *g, u32 unit, int *rc)
{
	const struct fact_unit *u = &g->f->unit[unit];
	struct rec_table rec;
	size_t len, at = 0;
	char *bytes = sysroot_readf(g->root, FILE_MAX, &len,
				    UNITS "/0x%llx/tables",
				    (unsigned long long)u->reg_phys);

	if (!bytes)
		return false;
	while (!*rc && len - at >= sizeof(rec)) {
		memcpy(&rec, bytes + at, sizeof(rec));
		if (!rec.raw_len || rec.raw_len % 8 || rec.encoding ||
		    rec.raw_len > len - at - sizeof(rec))
			break;
		at += sizeof(rec);
		*rc = take_table(g, unit, &rec, (u8 *)bytes + at);
		at += rec.raw_len;
	}
	if (!*rc && at != len)
		note(g, u, "tables: offset", at, "no table, or one cut short");
	free(bytes);
	return true;
}
