// SPDX-License-Identifier: GPL-2.0-only
/* ACPI's VIOT of any content. */
#include "../../gather/acpi_viot.h"
#include "fuzz.h"

static void ignore(void *arg, const char *line)
{
	(void)arg;
	FUZZ_RULE(!strchr(line, '\n'));
}

int fuzz_viot(const u8 *data, size_t len)
{
	u8 *copy = fuzz_copy(data, len);
	struct viot v;
	size_t i;

	viot_parse(&v, copy, len, ignore, NULL);
	for (i = 0; i < v.endpoints; i++) {
		FUZZ_RULE(v.endpoint[i].unit < v.units);
		FUZZ_RULE(v.endpoint[i].function <=
			  v.endpoint[i].function_last);
		FUZZ_RULE(v.endpoint[i].segment <= v.endpoint[i].segment_last);
	}
	/* Each node has a place of its own. */
	FUZZ_RULE(v.units <= len / VIOT_IOMMU_LEN &&
		  v.endpoints <= len / VIOT_ENDPOINT_LEN);
	viot_free(&v);
	free(copy);
	return 0;
}
