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

const char *pc_iommu_off(const char *line)
{
	struct settings s = settings_of(line);

	return s.any_off     ? "iommu=off"
	       : s.intel_off ? "intel_iommu=off"
	       : s.amd_off   ? "amd_iommu=off"
			     : NULL;
}

/* The machine has VT-d, and the running kernel does without. */
bool pc_iommu_idle(const struct facts *f)
{
	bool vtd = false, in_use = false;

	for (size_t i = 0; i < f->unit_n; i++) {
		vtd |= f->unit[i].vendor == IOMMU_VENDOR_VTD;
		in_use |= f->unit[i].in_use;
	}
	return vtd && !in_use;
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
