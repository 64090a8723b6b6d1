// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pictures for dot(1): units, groups, devices, and what their entries point
 * to. Names come from the dump: nothing of them is taken for syntax.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

/* Devices drawn; a graph of more shows nothing any more. */
#define DEVICES_MAX 1024u

bool report_graph(struct report *r)
{
	struct report part = *r;

	part.doc = put_object(r->doc, "show");
	if (!report_show(&part))
		return false;
	part.doc = put_object(r->doc, "devices");
	if (!report_devices(&part))
		return false;
	r->status = part.status;
	return true;
}

/* In a quoted string; @s is a text of the dump. */
static void print_quoted(const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		putchar((unsigned char)*s < 0x20 ? '?' : *s);
	}
}

static const char *text_or(struct json_object *o, const char *key,
			   const char *otherwise)
{
	return get(o, key) ? get_text(o, key) : otherwise;
}

/* --- where an entry leads --- */

/* The node of what stands in one entry: a table, everything, nothing. */
static void print_target(struct json_object *unit, struct json_object *e)
{
	struct json_object *s = get_at(e, "stages", 0);
	const char *kind = get_text(e, "kind");

	if (s) {
		fputs("\"domain ", stdout);
		print_quoted(get_text(unit, "name"));
		printf(" %s %s\"", get_text(e, "domain"), get_text(s, "root"));
	} else {
		printf("\"%s\"", !strcmp(kind, "pass-through") ? "all memory"
				 : !strcmp(kind, "blocked")    ? "nothing"
							       : "unknown");
	}
}

static void print_domain_node(struct json_object *unit, struct json_object *e)
{
	size_t i;

	if (!get_count(e, "stages"))
		return;
	fputs("  ", stdout);
	print_target(unit, e);
	printf(" [shape=cylinder, label=\"%s domain %s", get_text(e, "kind"),
	       get_text(e, "domain"));
	for (i = 0; i < get_count(e, "stages"); i++) {
		struct json_object *s = get_at(e, "stages", i);

		printf("\\n%s, %s level%s, %s", get_text(s, "form"),
		       get_text(s, "levels"), plural(get_number(s, "levels")),
		       get_text(s, "root"));
	}
	puts("\"];");
}

static void print_edges(struct json_object *unit, struct json_object *d)
{
	size_t i;

	for (i = 0; i < get_count(d, "at_crash"); i++) {
		struct json_object *e = get_at(d, "at_crash", i);
		const char *who = get_text(e, "requester");

		print_domain_node(unit, e);
		fputs("  \"device ", stdout);
		print_quoted(get_text(d, "name"));
		fputs("\" -> ", stdout);
		print_target(unit, e);
		printf(" [label=\"%s\"%s];\n",
		       strcmp(who, get_text(d, "requester")) ? who : "",
		       !strcmp(get_text(e, "kind"), "pass-through")
			       ? ", color=red"
			       : "");
	}
	if (get(d, "unit"))
		return;
	fputs("  \"device ", stdout);
	print_quoted(get_text(d, "name"));
	puts("\" -> \"all memory\" [color=red];");
}

/* --- devices in groups in units --- */

static void print_device(struct json_object *d)
{
	fputs("      \"device ", stdout);
	print_quoted(get_text(d, "name"));
	fputs("\" [label=\"", stdout);
	print_quoted(get_text(d, "name"));
	fputs("\\n", stdout);
	print_quoted(text_or(d, "driver", "no driver"));
	if (get(d, "attached"))
		printf("\\nattached to %s", get_text(d, "attached"));
	else
		printf("\\ndefault domain %s", get_text(d, "domain_type"));
	if (get(d, "mode"))
		printf(", %s", get_text(d, "mode"));
	if (get(d, "after"))
		printf("\\nafter: %s", get_text(d, "after"));
	puts("\"];");
}

/* Devices of one unit (NULL: of none), a box for each group. */
static void print_groups(struct json_object **d, size_t n, const char *unit)
{
	const char *group = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		const char *g = text_or(d[i], "group", "");

		if (strcmp(text_or(d[i], "unit", ""), unit))
			continue;
		if (!group || strcmp(group, g)) {
			if (group)
				puts("    }");
			group = g;
			printf("    subgraph \"cluster %zu\" { "
			       "label=\"%s%s\";\n",
			       i, *g ? "group " : "no group", g);
		}
		print_device(d[i]);
	}
	if (group)
		puts("    }");
}

static void print_unit(struct json_object *u, struct json_object **d, size_t n)
{
	struct json_object *a = get(u, "action");

	fputs("  subgraph \"cluster unit ", stdout);
	print_quoted(get_text(u, "name"));
	fputs("\" { label=\"", stdout);
	print_quoted(get_text(u, "name"));
	printf(": %s, translation %s", get_text(u, "vendor"),
	       !get(u, "translation")	    ? "unknown"
	       : get_bool(u, "translation") ? "on"
					    : "OFF");
	if (a)
		printf("\\n%s: %s", get_text(a, "mode"),
		       get_text(a, "outcome"));
	puts("\"; style=rounded;");
	/* A cluster without a node is not drawn. */
	fputs("    \"unit ", stdout);
	print_quoted(get_text(u, "name"));
	puts("\" [shape=point, style=invis];");
	print_groups(d, n, get_text(u, "name"));
	puts("  }");
}

static struct json_object *unit_of(struct json_object *show,
				   struct json_object *d)
{
	size_t i;

	for (i = 0; i < get_count(show, "units"); i++)
		if (!strcmp(get_text(get_at(show, "units", i), "name"),
			    get_text(d, "unit")))
			return get_at(show, "units", i);
	return NULL;
}

static void print_graph(struct json_object *doc, bool domains)
{
	struct json_object *show = get(doc, "show"), **d;
	size_t all, n, i;

	d = devices_by_place(get(doc, "devices"), &all);
	n = all < DEVICES_MAX ? all : DEVICES_MAX;
	puts("digraph iommu {\n"
	     "  rankdir=LR; node [shape=box, fontname=\"sans-serif\"];\n"
	     "  graph [fontname=\"sans-serif\"]; "
	     "edge [fontname=\"sans-serif\"];");
	if (n < all)
		printf("  label=\"%zu of %zu device%s\";\n", n, all,
		       plural(all));
	for (i = 0; i < get_count(show, "units"); i++)
		print_unit(get_at(show, "units", i), d, n);
	puts("  subgraph \"cluster none\" { label=\"behind no IOMMU\"; "
	     "style=dashed;");
	print_groups(d, n, "");
	puts("  }");
	for (i = 0; domains && i < n; i++)
		print_edges(unit_of(show, d[i]), d[i]);
	puts("}");
	free(d);
}

void dot_units(struct json_object *doc)
{
	print_graph(doc, false);
}

void dot_devices(struct json_object *doc)
{
	print_graph(doc, true);
}
