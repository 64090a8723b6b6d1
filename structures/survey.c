// SPDX-License-Identifier: GPL-2.0-only
/* Everything that a kernel's structures say of a machine's IOMMUs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

#define RELEASE_LEN 65 /* __NEW_UTS_LEN and its end */

static int read_release(struct survey *sv)
{
	struct symbol s = { .name = "init_uts_ns" };
	struct member m[] = { { .type = "uts_namespace", .name = "name" },
			      { .type = "new_utsname", .name = "release" } };
	char text[RELEASE_LEN];

	if (!kernel_symbols(sv->k, sv->f, &s, 1, "a name") ||
	    !kernel_members(sv->k, sv->f, m, ARRAY_SIZE(m), ARRAY_SIZE(m)))
		return 0;
	if (!kernel_text(sv->k, s.addr + m[0].off + m[1].off, text,
			 sizeof(text))) {
		facts_missing(sv->f, sv->k->memory_source, "init_uts_ns is %s",
			      kernel_unread(sv->k));
		return 0;
	}
	free(sv->f->release);
	sv->f->release = strdup(text);
	return sv->f->release ? 0 : -ENOMEM;
}

/* What no vendor took is named, for it is not in the answers. */
static int unknown_unit(void *arg, u64 iommu_device, u64 dev, const char *name)
{
	struct survey *sv = arg;

	(void)dev;
	for (size_t i = 0; i < sv->iommu_device_n; i++)
		if (sv->iommu_device[i] == iommu_device)
			return 0;
	facts_missing(sv->f, sv->k->memory_source,
		      "%s: an IOMMU that is not understood: left out", name);
	return 0;
}

static int take_units(struct survey *sv)
{
	int rc = 0;

	for (const struct kernel_vendor *v = sv->vendors; !rc && v->state; v++)
		if (v->units)
			rc = v->units(sv);
	return rc ? rc : kernel_iommu_devices(sv->k, sv->f, unknown_unit, sv);
}

/* What is missing of them is marked: whoever is not there may exist. */
static int take_devices(struct survey *sv)
{
	size_t told = sv->f->missing_n;
	int rc = kernel_device_reader(sv);

	if (!rc)
		rc = kernel_pci_devices(sv);
	if (!rc)
		rc = kernel_group_devices(sv);
	for (; told < sv->f->missing_n; told++)
		sv->f->missing[told].device = true;
	return rc;
}

static int take_regions(struct survey *sv)
{
	int rc = 0;

	for (const struct kernel_vendor *v = sv->vendors; !rc && v->state; v++)
		if (v->regions)
			rc = v->regions(sv);
	return rc;
}

int kernel_facts(struct kernel *k, struct facts *f)
{
	static int (*const steps[])(struct survey * sv) = {
		read_release, kernel_iomem, take_units,
		take_devices, take_regions,
	};
	struct survey sv = { .k = k, .f = f, .vendors = kernel_vendors };
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(steps); i++)
		rc = steps[i](&sv);
	if (!rc)
		rc = kernel_state(k, f);
	facts_fit_registers(f);
	pci_free(&sv.pci);
	free(sv.pci_at);
	free(sv.iommu_device);
	free(sv.device_reader);
	return rc;
}
