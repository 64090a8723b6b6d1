// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can a unit's registers lie where firmware says? Some machines list units
 * whose registers are in RAM, or beyond what the CPU can address. Nothing
 * answers there: such a unit is left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources.h"

#define PHYS_BITS_MAX 52 /* of x86 and arm64 */
#define CPUINFO_HEAD 8192

/*
 * "address sizes : 39 bits physical, 48 bits virtual" of the first CPU; arm64
 * has no such line.
 */
static u32 phys_bits(const struct sysroot *root)
{
	char buf[CPUINFO_HEAD], *line = NULL;
	unsigned long bits = 0;

	if (sysroot_head(root, "proc/cpuinfo", buf, sizeof(buf)))
		line = strstr(buf, "\naddress sizes");
	line = line ? strchr(line, ':') : NULL;
	if (line)
		bits = strtoul(line + 1, NULL, 10);
	return bits && bits < PHYS_BITS_MAX ? (u32)bits : PHYS_BITS_MAX;
}

/* What holds the kernel's own data, or firmware's: no registers. */
static bool is_memory(const struct iomem *io)
{
	return !strncmp(io->name, "System RAM", strlen("System RAM")) ||
	       !strcmp(io->name, "ACPI Tables") ||
	       !strcmp(io->name, "ACPI Non-volatile Storage");
}

static const struct iomem *memory_at(const struct facts *f, u64 base, u64 len)
{
	for (size_t i = 0; i < f->iomem_n; i++) {
		const struct iomem *io = &f->iomem[i];

		if (is_memory(io) && io->start < base + len && io->end >= base)
			return io;
	}
	return NULL;
}

/* The rule that its place breaks, in words; false: none. */
static bool impossible(struct gather *g, const struct listed_unit *u, u64 len,
		       char *why, size_t size)
{
	const struct iomem *io;

	if (!g->phys_bits)
		g->phys_bits = phys_bits(g->root);
	if (!u->base)
		snprintf(why, size, "have no address");
	else if (u->base & (u->align - 1))
		snprintf(why, size, "do not begin at a multiple of 0x%llx",
			 (unsigned long long)u->align);
	else if (u->base >= BIT64(g->phys_bits) ||
		 len > BIT64(g->phys_bits) - u->base)
		snprintf(why, size,
			 "are beyond the %u bits that a CPU can address",
			 g->phys_bits);
	else if ((io = memory_at(g->f, u->base, len)))
		snprintf(why, size, "lie in 0x%llx-0x%llx, %s",
			 (unsigned long long)io->start,
			 (unsigned long long)io->end, io->name);
	else
		return false;
	return true;
}

bool unit_is_sound(struct gather *g, const struct listed_unit *u)
{
	const u64 len = u->len ? u->len : PAGE_4K;
	size_t told = g->f->missing_n;
	char why[128];

	if (impossible(g, u, len, why, sizeof(why))) {
		facts_missing(g->f, u->table,
			      "offset 0x%x: the registers of this %s, "
			      "0x%llx+0x%llx, %s: left out",
			      u->at, u->what, (unsigned long long)u->base,
			      (unsigned long long)len, why);
		if (g->f->missing_n > told)
			g->f->missing[told].unit = true;
		return false;
	}
	if (facts_unit_at(g->f, u->base) == REC_NONE)
		return true;
	facts_missing(g->f, u->table,
		      "offset 0x%x: a second %s with the registers of another, "
		      "0x%llx: left out",
		      u->at, u->what, (unsigned long long)u->base);
	return false;
}

#define HOST_BITS_MIN 32u
#define HOST_BITS_MAX 52u /* of any x86 */

u8 unit_host_bits(struct gather *g, const char *table, u32 bits)
{
	u64 end = 0;
	size_t i;

	for (i = 0; i < g->f->iomem_n; i++)
		if (!strcmp(g->f->iomem[i].name, "System RAM") &&
		    g->f->iomem[i].end > end)
			end = g->f->iomem[i].end;
	if (bits >= HOST_BITS_MIN && bits <= HOST_BITS_MAX && !(end >> bits))
		return (u8)bits;
	facts_missing(g->f, table,
		      "a host address width of %u bits, RAM up to "
		      "0x%llx: not believed",
		      bits, (unsigned long long)end);
	return 0;
}

void device_is_behind(struct fact_device *d, u32 unit)
{
	d->unit_left_out = unit == UNIT_LEFT_OUT;
	d->unit = d->unit_left_out ? REC_NONE : unit;
}
