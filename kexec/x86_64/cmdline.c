// SPDX-License-Identifier: GPL-2.0-only
/* Parameters of x86 kernels about IOMMUs and ACPI. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cmdline_words.h"
#include "pc.h"

static bool begins(const struct word *w, const char *text)
{
	return w->len >= strlen(text) && !memcmp(w->start, text, strlen(text));
}

/* Takes the first of the comma-separated items off @list. */
static bool next_item(struct word *list, struct word *item)
{
	const char *comma;

	if (!list->len)
		return false;
	comma = memchr(list->start, ',', list->len);
	item->start = list->start;
	item->len = comma ? (size_t)(comma - list->start) : list->len;
	list->start += item->len + (comma != NULL);
	list->len -= item->len + (comma != NULL);
	return true;
}

struct settings {
	bool intel_off, intel_on; /* neither: as the kernel was built */
	bool any_off, amd_off;
};

/*
 * How the kernel reads them (6.1 to 7.2): intel_iommu= can be turned back on
 * (intel_iommu_setup, by prefix); iommu=off (iommu_setup in pci-dma.c) and
 * amd_iommu=off (parse_amd_iommu_options, which looks at every character)
 * can't.
 */
static struct settings settings_of(const char *line)
{
	struct settings s = { 0 };
	struct word w, v, item;

	while (next_word(&line, &w) && !ends_parameters(&w)) {
		if (word_value(w, "intel_iommu", &v))
			while (next_item(&v, &item)) {
				if (!begins(&item, "off") &&
				    !begins(&item, "on"))
					continue;
				s.intel_off = begins(&item, "off");
				s.intel_on = !s.intel_off;
			}
		else if (word_value(w, "iommu", &v))
			while (next_item(&v, &item))
				s.any_off |= begins(&item, "off");
		else if (word_value(w, "amd_iommu", &v))
			s.amd_off |= memmem(v.start, v.len, "off", 3) != NULL;
	}
	return s;
}

/* A parameter of one vendor's driver does nothing to another's units. */
const char *pc_iommu_off(const char *line, u32 vendors)
{
	struct settings s = settings_of(line);

	if (s.any_off)
		return "iommu=off";
	if (s.intel_off && (!vendors || vendors & 1u << IOMMU_VENDOR_VTD))
		return "intel_iommu=off";
	if (s.amd_off && (!vendors || vendors & 1u << IOMMU_VENDOR_AMDVI))
		return "amd_iommu=off";
	return NULL;
}

static bool in_use(const struct facts *f)
{
	for (size_t i = 0; i < f->unit_n; i++)
		if (f->unit[i].in_use)
			return true;
	return false;
}

static bool has_vtd(const struct facts *f)
{
	return facts_vendors(f) & 1u << IOMMU_VENDOR_VTD;
}

/*
 * The machine has VT-d, and the running kernel does without. AMD-Vi is always
 * in use, unless a parameter turns it off that pc_iommu_off() finds.
 */
bool pc_iommu_idle(const struct facts *f)
{
	return has_vtd(f) && !in_use(f);
}

/* copy_translation_tables(), 6.1 to 7.2; AMD-Vi's device table has one form. */
const char *pc_iommu_form(const struct facts *f)
{
	return has_vtd(f) && in_use(f) ? "intel_iommu" : NULL;
}

/*
 * A kernel built with VT-d off by default clears TE unless a parameter turns it
 * on (intel_iommu_init, 6.1 to 7.2).
 */
const char *pc_iommu_lacks(const char *line)
{
	struct settings s = settings_of(line);

	return s.intel_on || s.intel_off ? NULL : "intel_iommu=on";
}

void pc_own_parameter(const struct image *image, const struct host *m,
		      char *out, size_t len)
{
	*out = 0;
	if (m->arch->efi && m->arch->rsdp && !image->takes_rsdp)
		snprintf(out, len, "acpi_rsdp=0x%" PRIx64, m->arch->rsdp);
}
