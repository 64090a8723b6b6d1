// SPDX-License-Identifier: GPL-2.0-only
/* Ranges of physical memory, and the maps that a plan needs of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arch.h"
#include "memmap.h"

/* Physical addresses have at most 52 bits, here and on arm64: no sum wraps. */
#define PHYS_END BIT64(52)

static bool clamp(u64 start, u64 *len)
{
	if (start >= PHYS_END)
		return false;
	if (*len > PHYS_END - start)
		*len = PHYS_END - start;
	return *len != 0;
}

void memmap_add(struct memmap *m, u64 start, u64 len, u32 type)
{
	if (!clamp(start, &len))
		return;
	if (m->n == m->room) {
		size_t room = m->room ? m->room * 2 : 64;
		struct range *more = realloc(m->r, room * sizeof(*more));

		if (!more) {
			m->failed = true;
			return;
		}
		m->r = more;
		m->room = room;
	}
	m->r[m->n++] = (struct range){ { start, len }, type };
}

void memmap_cut(struct memmap *m, u64 start, u64 len, u32 type)
{
	size_t n = m->n;

	if (!clamp(start, &len))
		return;
	for (size_t i = 0; i < n; i++) {
		struct span s = m->r[i].span;
		u64 end = s.start + s.len, cut_end = start + len;

		if (m->r[i].type != type || !span_overlaps(&s, start, len))
			continue;
		m->r[i].span.len = start > s.start ? start - s.start : 0;
		if (cut_end < end)
			memmap_add(m, cut_end, end - cut_end, type);
	}
}

static int by_address(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->span.start != y->span.start)
		return x->span.start < y->span.start ? -1 : 1;
	return (x->type > y->type) - (x->type < y->type);
}

void memmap_tidy(struct memmap *m)
{
	size_t out = 0;

	if (m->n)
		qsort(m->r, m->n, sizeof(*m->r), by_address);
	for (size_t i = 0; i < m->n; i++) {
		struct range *r = &m->r[i], *last = out ? &m->r[out - 1] : NULL;
		u64 end = r->span.start + r->span.len;

		if (!r->span.len)
			continue;
		if (last && last->type == r->type &&
		    r->span.start <= last->span.start + last->span.len) {
			if (end > last->span.start + last->span.len)
				last->span.len = end - last->span.start;
			continue;
		}
		m->r[out++] = *r;
	}
	m->n = out;
}

/* Both are tidy, so that each step leaves the range that ends first. */
void memmap_common(struct memmap *m, const struct memmap *a,
		   const struct memmap *b)
{
	for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
		const struct span *x = &a->r[i].span, *y = &b->r[j].span;
		u64 start = x->start > y->start ? x->start : y->start;
		u64 x_end = x->start + x->len, y_end = y->start + y->len;
		u64 end = x_end < y_end ? x_end : y_end;

		if (start < end && a->r[i].type == MEMORY_RAM &&
		    b->r[j].type == MEMORY_RAM)
			memmap_add(m, start, end - start, MEMORY_RAM);
		if (x_end < y_end)
			i++;
		else
			j++;
	}
}

void memmap_free(struct memmap *m)
{
	free(m->r);
	*m = (struct memmap){ 0 };
}

u64 memmap_bytes(const struct memmap *m, u32 type)
{
	u64 sum = 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->r[i].type == type)
			sum += m->r[i].span.len;
	return sum;
}

/*
 * Both /proc/iomem and /sys/firmware/memmap show these names. RAM taken up by
 * a driver reads "System RAM (kmem)", "System RAM (virtio_mem)".
 */
static int type_of(const char *name)
{
	const struct memory_name *n = kexec_arch.memory_names;

	if (!strncmp(name, "System RAM", strlen("System RAM")))
		return MEMORY_RAM;
	for (; n->name; n++)
		if (!strcmp(name, n->name))
			return n->type;
	return -1;
}

static void add_iomem(struct memmap *m, const struct iomem *io, int type)
{
	/* A line over all addresses would have a length of 0: no such RAM. */
	if (io->end >= io->start)
		memmap_add(m, io->start, io->end - io->start + 1, type);
}

void memmap_of_machine(struct memmap *m, const struct facts *f)
{
	for (size_t i = 0; i < f->iomem_n; i++) {
		int type = type_of(f->iomem[i].name);

		if (type == MEMORY_RAM || type == MEMORY_ACPI ||
		    type == MEMORY_NVS)
			add_iomem(m, &f->iomem[i], MEMORY_RAM);
	}
	memmap_tidy(m);
}

static void cut_reservations(struct memmap *m, const struct facts *f)
{
	for (size_t i = 0; i < f->reservation_n; i++)
		memmap_cut(m, f->reservation[i].start, f->reservation[i].len,
			   MEMORY_RAM);
	for (size_t i = 0; i < f->cma_n; i++)
		memmap_cut(m, f->cma[i].start, f->cma[i].len, MEMORY_RAM);
}

static bool is_dumped(const struct iomem *io)
{
	for (const char *const *n = kexec_arch.not_dumped; *n; n++)
		if (!strcmp(io->name, *n))
			return false;
	return true;
}

void memmap_of_ram(struct memmap *m, const struct facts *f)
{
	for (size_t i = 0; i < f->iomem_n; i++)
		if (type_of(f->iomem[i].name) == MEMORY_RAM)
			add_iomem(m, &f->iomem[i], MEMORY_RAM);
	memmap_tidy(m);
}

void memmap_for_dump(struct memmap *m, const struct facts *f)
{
	memmap_of_ram(m, f);
	memmap_cut(m, 0, kexec_arch.low_memory, MEMORY_RAM);
	cut_reservations(m, f);
	for (size_t i = 0; i < f->iomem_n; i++)
		if (!is_dumped(&f->iomem[i]) &&
		    f->iomem[i].end >= f->iomem[i].start)
			memmap_cut(m, f->iomem[i].start,
				   f->iomem[i].end - f->iomem[i].start + 1,
				   MEMORY_RAM);
	memmap_tidy(m);
}

void memmap_cut_inner(struct memmap *m, const struct facts *f)
{
	for (size_t i = 0; i < f->iomem_n; i++) {
		const struct iomem *io = &f->iomem[i];

		if (io->depth && type_of(io->name) > MEMORY_RAM &&
		    io->end >= io->start)
			memmap_cut(m, io->start, io->end - io->start + 1,
				   MEMORY_RAM);
	}
	for (size_t i = 0;
	     i < f->reservation_n && kexec_arch.reservation_unmapped; i++)
		memmap_cut(m, f->reservation[i].start, f->reservation[i].len,
			   MEMORY_RAM);
}

void memmap_for_crash(struct memmap *m, const struct facts *f,
		      const struct span *window)
{
	const u64 low = kexec_arch.low_memory;

	for (size_t i = 0; i < f->iomem_n; i++) {
		const struct iomem *io = &f->iomem[i];
		int type = type_of(io->name);

		if (type > MEMORY_RAM)
			add_iomem(m, io, type);
		else if (type == MEMORY_RAM && io->start < low &&
			 io->end >= io->start)
			memmap_add(m, io->start,
				   (io->end < low ? io->end + 1 : low) -
					   io->start,
				   MEMORY_RAM);
	}
	/* A second, low reservation is there for the crash kernel's DMA. */
	for (size_t i = 0; i < f->reservation_n; i++)
		memmap_add(m, f->reservation[i].start, f->reservation[i].len,
			   MEMORY_RAM);
	for (size_t i = 0; i < f->cma_n; i++)
		memmap_add(m, f->cma[i].start, f->cma[i].len, MEMORY_RAM);
	memmap_add(m, window->start, window->len, MEMORY_RAM);
	memmap_tidy(m);
}

static bool firmware_value(const struct sysroot *root, const char *entry,
			   const char *name, char *out, size_t len)
{
	char path[128];
	char *text;

	snprintf(path, sizeof(path), "sys/firmware/memmap/%s/%s", entry, name);
	text = sysroot_read(root, path, 256, NULL);
	if (!text)
		return false;
	snprintf(out, len, "%.*s", (int)strcspn(text, "\n"), text);
	free(text);
	return true;
}

static void add_firmware(struct memmap *m, const struct sysroot *root,
			 const char *entry)
{
	char start[32], end[32], type[64];
	u64 first, last;
	int t;

	if (!firmware_value(root, entry, "start", start, sizeof(start)) ||
	    !firmware_value(root, entry, "end", end, sizeof(end)) ||
	    !firmware_value(root, entry, "type", type, sizeof(type)) ||
	    !parse_u64(start, 16, &first) || !parse_u64(end, 16, &last) ||
	    last < first)
		return;
	t = type_of(type);
	/* Memory of an unknown type must not be used. */
	memmap_add(m, first, last - first + 1, t < 0 ? MEMORY_RESERVED : t);
}

void memmap_of_firmware(struct memmap *m, const struct facts *f,
			const struct sysroot *root)
{
	size_t n = 0;
	char **entry = sysroot_list(root, "sys/firmware/memmap", &n);

	for (size_t i = 0; entry && i < n; i++)
		add_firmware(m, root, entry[i]);
	if (entry)
		sysroot_list_free(entry, n);
	memmap_tidy(m);
	if (memmap_bytes(m, MEMORY_RAM))
		return;
	m->n = 0;
	for (size_t i = 0; i < f->iomem_n; i++) {
		int type = type_of(f->iomem[i].name);

		/* not "System RAM (kmem)": that is a driver's doing */
		if (type > MEMORY_RAM ||
		    !strcmp(f->iomem[i].name, "System RAM"))
			add_iomem(m, &f->iomem[i], type);
	}
	memmap_tidy(m);
}
