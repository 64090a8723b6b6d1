// SPDX-License-Identifier: GPL-2.0-only
/* iommudump faults: whose requests were refused before the crash. */
#include <stdio.h>
#include "report.h"

static void add_fault(struct report *r, struct json_object *o, u32 unit,
		      const struct iommu_fault_raw *raw)
{
	struct iommu_fault f;

	if (!view_fault(r->d, unit, raw, &f)) {
		put_unit(o, "unit", r->d, unit);
		put_hex_array(o, "raw", raw->w, ARRAY_SIZE(raw->w));
		return;
	}
	put_requester(o, r->d, unit, f.requester,
		      f.has_pasid ? f.pasid : VIEW_NO_PASID);
	put_text(o, "access",
		 f.interrupt ? "interrupt"
		 : f.write   ? "write"
			     : "read");
	put_hex(o, f.interrupt ? "index" : "address", f.iova);
	put_number(o, "reason", f.reason);
	put_text(o, "text", view_fault_text(r->d, unit, f.reason));
	put_hex_array(o, "raw", raw->w, ARRAY_SIZE(raw->w));
}

bool report_faults(struct report *r)
{
	const struct crash_facts *c = &r->d->crash;
	struct json_object *a = put_array(r->doc, "faults");
	size_t i, k;

	put_bool(r->doc, "crash_note", c->present);
	for (i = 0; i < c->unit_n; i++)
		for (k = 0; k < c->unit[i].fault_n; k++)
			add_fault(r, push_object(a), c->unit[i].unit,
				  &c->unit[i].fault[k]);
	return true;
}

void print_faults(struct json_object *doc)
{
	char buf[256];
	size_t i;

	if (!get_bool(doc, "crash_note"))
		puts("no crash note: pending faults are unknown");
	else if (!get_count(doc, "faults"))
		puts("no faults were pending");
	for (i = 0; i < get_count(doc, "faults"); i++) {
		struct json_object *f = get_at(doc, "faults", i);

		printf("%s: ", get_text(f, "unit"));
		if (!get(f, "access")) {
			printf("raw %s\n", cell(f, "raw", buf, sizeof(buf)));
			continue;
		}
		print_who(f);
		if (get(f, "index"))
			printf(" interrupt %s", get_text(f, "index"));
		else
			printf(" %s of %s", get_text(f, "access"),
			       get_text(f, "address"));
		printf(": %s (reason %s)\n", get_text(f, "text"),
		       get_text(f, "reason"));
	}
}
