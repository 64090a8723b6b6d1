/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the QEMU at hand can do: its version, and the properties of its model of
 * the IOMMU, both as it tells them itself.
 */
#ifndef QTEST_MODEL_H
#define QTEST_MODEL_H

#include "qtest.h"

struct model {
	bool read;
	unsigned int major, minor;
	char properties
		[8192]; /* a line each, as "-device MODEL,help" has them */
};

void model_read(struct model *m, const struct qtest_machine *machine);
bool model_has(const struct model *m, const char *property);
/* @need is a property, or a version "10.0". */
bool model_meets(const struct model *m, const char *need);
/*
 * @given as this model takes it, in @out: a property that it knows only with
 * QEMU's prefix for experimental ones, "x-", gets that; one marked "?" is left
 * out where the model does not know it. False: no room.
 */
bool model_options(const struct model *m, const char *given, char *out,
		   size_t size);

#endif
