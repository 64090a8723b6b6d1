// SPDX-License-Identifier: GPL-2.0-only
/* Storage of struct facts. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"

void *array_grow(void *array_pointer, size_t *n, size_t size)
{
	void **array = array_pointer;

	/* Full exactly when n is a power of two (or nothing is there yet). */
	if (!(*n & (*n - 1))) {
		size_t capacity = *n ? *n * 2 : 1;
		void *bigger = reallocarray(*array, capacity, size);

		if (!bigger)
			return NULL;
		*array = bigger;
	}
	return memset((u8 *)*array + size * (*n)++, 0, size);
}

void name_printable(char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name > '~')
			*name = '?';
}

/* More lines of what is missing would not help anyone. */
#define MISSING_MAX 256

void facts_missing(struct facts *f, const char *source, const char *why, ...)
{
	struct fact_missing *m;
	char text[512];
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	/* It may quote firmware or a captured file, and is printed. */
	for (char *s = text; *s; s++)
		if (*s < ' ' || *s > '~')
			*s = '?';
	/* The same thing said twice (each unit, each device) helps nobody. */
	for (size_t i = 0; i < f->missing_n; i++)
		if (!strcmp(f->missing[i].source, source) &&
		    !strcmp(f->missing[i].why, text))
			return;
	if (f->missing_n > MISSING_MAX)
		return;
	if (f->missing_n == MISSING_MAX) {
		source = "gather";
		strcpy(text, "more of this left out");
	}
	m = array_grow(&f->missing, &f->missing_n, sizeof(*m));
	if (!m)
		return;
	m->source = strdup(source);
	m->why = strdup(text);
	if (!m->source || !m->why) {
		free(m->source);
		free(m->why);
		f->missing_n--;
	}
}

void facts_free(struct facts *f)
{
	for (size_t i = 0; i < f->iomem_n; i++)
		free(f->iomem[i].name);
	for (size_t i = 0; i < f->unit_n; i++) {
		free(f->unit[i].name);
		free(f->unit[i].regs.r);
		free(f->unit[i].rebuilt);
	}
	for (size_t i = 0; i < f->device_n; i++) {
		free(f->device[i].name);
		free(f->device[i].driver);
	}
	for (size_t i = 0; i < f->table_n; i++)
		free(f->table[i].bytes);
	for (size_t i = 0; i < f->missing_n; i++) {
		free(f->missing[i].source);
		free(f->missing[i].why);
	}
	free(f->release);
	free(f->tool);
	free(f->iomem);
	free(f->reservation);
	free(f->cma);
	free(f->unit);
	free(f->device);
	free(f->alias);
	free(f->region);
	free(f->table);
	free(f->missing);
	memset(f, 0, sizeof(*f));
}

bool fact_device_user(const struct fact_device *d)
{
	/* All drivers of VFIO are named after it: vfio-pci, mlx5_vfio_pci. */
	return d->attached == DOMAIN_UNMANAGED ||
	       d->domain_type == DOMAIN_UNMANAGED ||
	       (d->driver && strstr(d->driver, "vfio"));
}

u8 fact_device_domain(const struct fact_device *d)
{
	if (d->attached)
		return d->attached;
	return fact_device_user(d) ? DOMAIN_UNKNOWN : d->domain_type;
}

int regs_add(struct iommu_regs *regs, u32 off, u32 width, u64 val)
{
	u32 room = regs->room ? 2 * regs->room : 32;
	struct iommu_reg *more;

	if (regs->n == IOMMU_REGS_MAX)
		return -ENOSPC;
	if (regs->n == regs->room) {
		more = realloc(regs->r, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		regs->r = more;
		regs->room = room;
	}
	return iommu_reg_put(regs, off, width, val);
}

int regs_set(struct iommu_regs *regs, u32 off, u32 width, u64 val)
{
	for (u32 i = 0; i < regs->n; i++) {
		if (regs->r[i].off != off)
			continue;
		regs->r[i].val = val;
		return 0;
	}
	return regs_add(regs, off, width, val);
}
