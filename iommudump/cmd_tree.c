// SPDX-License-Identifier: GPL-2.0-only
/* iommudump tree: devices below their groups, these below their units. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "columns.h"
#include "names.h"

bool report_tree(struct report *r)
{
	struct json_object *a = put_array(r->doc, "units"), *o;
	u32 i;

	for (i = 0; i < r->d->facts.unit_n; i++) {
		if (!wanted_unit(r->filter, r->d, i))
			continue;
		o = push_object(a);
		put_text(o, "name", r->d->facts.unit[i].name);
		put_word(o, "vendor",
			 view_vendor_text(r->d->facts.unit[i].vendor),
			 r->d->facts.unit[i].vendor);
	}
	return report_devices(r);
}

/* --- text --- */

const struct column tree_columns[] = {
	{ .title = "NAME",
	  .key = "name",
	  .flags = COLUMN_TREE,
	  .help = "a unit, a group, a device" },
	{ .title = "DRIVER", .key = "driver", .help = "its driver" },
	{ .title = "DOMAIN",
	  .text = write_device_type,
	  .help = "type of the domain it was attached to" },
	{ .title = "ENTRY",
	  .text = write_device_entry,
	  .flags = COLUMN_WRAP,
	  .help = "what the tables said at the crash" },
	{ .title = "AFTER",
	  .key = "after",
	  .flags = COLUMN_WRAP,
	  .help = "what became of its DMA at the crash" },
	{ .title = "MODEL",
	  .text = write_model,
	  .flags = COLUMN_WRAP,
	  .help = "vendor and device, by the pci.ids of this machine" },
	{ .title = "KIND",
	  .text = write_kind,
	  .flags = COLUMN_MORE | COLUMN_WRAP,
	  .help = "PCI class, by the same" },
	{ .title = NULL },
};

/* A row that has a name and nothing else. */
static struct libscols_line *name_row(struct list *l, const char *name,
				      const char *more,
				      struct libscols_line *parent)
{
	struct json_object *row = need(json_object_new_object());
	struct libscols_line *line;
	char text[128];

	snprintf(text, sizeof(text), "%s%s%s", name, *more ? " " : "", more);
	put_text(row, "name", text);
	line = list_row(l, row, parent);
	json_object_put(row);
	return line;
}

/* Devices are in order: those of a unit, "" for none, by their groups. */
static void list_unit(struct list *l, struct json_object **d, size_t n,
		      const char *unit, struct libscols_line *parent)
{
	struct libscols_line *below = parent;
	struct json_object *last = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(get_text(d[i], "unit"), unit))
			continue;
		if (!get(d[i], "group"))
			below = parent;
		else if (!last || strcmp(get_text(last, "group"),
					 get_text(d[i], "group")))
			below = name_row(l, "group", get_text(d[i], "group"),
					 parent);
		last = d[i];
		list_row(l, d[i], below);
	}
}

void print_tree(struct json_object *doc)
{
	struct list *l = list_begin(tree_columns, true);
	size_t n, i, outside = 0;
	struct json_object **d = devices_by_place(doc, &n);

	for (i = 0; i < get_count(doc, "units"); i++) {
		struct json_object *u = get_at(doc, "units", i);

		list_unit(l, d, n, get_text(u, "name"),
			  name_row(l, get_text(u, "name"),
				   get_text(u, "vendor"), NULL));
	}
	for (i = 0; i < n; i++)
		outside += !get(d[i], "unit");
	if (outside)
		list_unit(l, d, n, "", name_row(l, "no IOMMU", "", NULL));
	list_end(l, "");
	free(d);
}
