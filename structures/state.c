// SPDX-License-Identifier: GPL-2.0-only
/* The state of units that are known already. */
#include "survey.h"

const struct kernel_vendor *const kernel_vendors[] = {
	&kernel_vtd, &kernel_amdvi, &kernel_smmuv3, &kernel_smmuv2, NULL
};

static bool wanted(const struct facts *f, u32 vendor)
{
	for (size_t i = 0; i < f->unit_n; i++)
		if (f->unit[i].vendor == vendor && !f->unit[i].root)
			return true;
	return false;
}

bool kernel_state_wanted(const struct facts *f)
{
	for (size_t i = 0; kernel_vendors[i]; i++)
		if (wanted(f, kernel_vendors[i]->id))
			return true;
	return false;
}

int kernel_state(struct kernel *k, struct facts *f)
{
	int rc = 0;

	for (size_t i = 0; !rc && kernel_vendors[i]; i++)
		if (wanted(f, kernel_vendors[i]->id))
			rc = kernel_vendors[i]->state(k, f);
	return rc;
}
