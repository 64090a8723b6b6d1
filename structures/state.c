// SPDX-License-Identifier: GPL-2.0-only
/* The state of units that are known already. */
#include "survey.h"

static bool wanted(const struct facts *f, u32 vendor)
{
	for (size_t i = 0; i < f->unit_n; i++)
		if (f->unit[i].vendor == vendor && !f->unit[i].root)
			return true;
	return false;
}

bool kernel_state_wanted(const struct facts *f)
{
	for (const struct kernel_vendor *v = kernel_vendors; v->state; v++)
		if (wanted(f, v->id))
			return true;
	return false;
}

int kernel_state(struct kernel *k, struct facts *f)
{
	int rc = 0;

	for (const struct kernel_vendor *v = kernel_vendors; !rc && v->state;
	     v++)
		if (wanted(f, v->id))
			rc = v->state(k, f);
	return rc;
}
