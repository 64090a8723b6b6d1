// SPDX-License-Identifier: GPL-2.0-only
/* Reading a report's document, for the text that people get. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

struct style style;

struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

const char *get_text(struct json_object *o, const char *key)
{
	struct json_object *v = get(o, key);

	return v ? json_object_get_string(v) : "";
}

u64 get_number(struct json_object *o, const char *key)
{
	struct json_object *v = get(o, key);

	return v ? json_object_get_uint64(v) : 0;
}

bool get_bool(struct json_object *o, const char *key)
{
	struct json_object *v = get(o, key);

	return v && json_object_get_boolean(v);
}

size_t get_count(struct json_object *o, const char *key)
{
	struct json_object *v = get(o, key);

	return v && json_object_is_type(v, json_type_array)
		       ? json_object_array_length(v)
		       : 0;
}

struct json_object *get_at(struct json_object *o, const char *key, size_t i)
{
	return i < get_count(o, key) ? json_object_array_get_idx(get(o, key), i)
				     : NULL;
}

const char *cell(struct json_object *o, const char *key, char *buf, size_t len)
{
	struct json_object *v = get(o, key);
	size_t i, n, at = 0;

	if (!v)
		return "-";
	if (json_object_is_type(v, json_type_boolean))
		return json_object_get_boolean(v) ? "yes" : "no";
	if (!json_object_is_type(v, json_type_array))
		return json_object_get_string(v);
	n = json_object_array_length(v);
	for (i = 0; i < n && at < len; i++) {
		struct json_object *e = json_object_array_get_idx(v, i);
		const char *s = json_object_is_type(e, json_type_object)
					? get_text(e, "name")
					: json_object_get_string(e);

		at += (size_t)snprintf(buf + at, len - at, "%s%s", i ? " " : "",
				       s);
	}
	return n ? buf : "-";
}

size_t shown_of(size_t n, size_t few)
{
	/* A line for one more would take the place of that one. */
	return style.all || n <= few + 1 ? n : few;
}

const char *const finding_keys[] = { "severity", "rule", "advice", NULL };
const char *const undecided_keys[] = { "rule", NULL };

size_t alike_end(struct json_object *o, const char *key, size_t from,
		 const char *const *keys)
{
	struct json_object *first = get_at(o, key, from);
	size_t i, k;

	for (i = from + 1; i < get_count(o, key); i++)
		for (k = 0; keys[k]; k++)
			if (strcmp(get_text(first, keys[k]),
				   get_text(get_at(o, key, i), keys[k])))
				return i;
	return i;
}

void write_evidence(FILE *f, struct json_object *o)
{
	char buf[512];

	if (!get(o, "error"))
		return;
	fprintf(f, ": %s", get_text(o, "error"));
	if (get(o, "at"))
		fprintf(f, " at %s %s", get_text(o, "at"),
			get_text(o, "where"));
	if (get(o, "raw"))
		fprintf(f, " (%s)", cell(o, "raw", buf, sizeof(buf)));
}

void print_evidence(struct json_object *o)
{
	write_evidence(stdout, o);
}

void write_who(FILE *f, struct json_object *o)
{
	size_t i, n = get_count(o, "devices");

	for (i = 0; i < n; i++) {
		struct json_object *d = get_at(o, "devices", i);

		fprintf(f, "%s%s", i ? ", " : "", get_text(d, "name"));
		if (get(d, "driver"))
			fprintf(f, " %s", get_text(d, "driver"));
	}
	if (!n)
		fprintf(f, "%s", get_text(o, "requester"));
	else if (n > 1 || strcmp(get_text(get_at(o, "devices", 0), "name"),
				 get_text(o, "requester")))
		fprintf(f, " (as %s)", get_text(o, "requester"));
	if (get(o, "pasid"))
		fprintf(f, " pasid %llu",
			(unsigned long long)get_number(o, "pasid"));
}

void print_who(struct json_object *o)
{
	write_who(stdout, o);
}

const char *size_words(const char *hex, char *buf, size_t len)
{
	static const char unit[] = "KMGTPE";
	u64 n = strtoull(hex, NULL, 0), one = 1024;
	size_t i = 0;

	*buf = '\0';
	while (n / one >= 1024 && unit[i + 1]) {
		one *= 1024;
		i++;
	}
	if (n >= 1024)
		snprintf(buf, len, n % one ? " (%.1f %ciB)" : " (%.0f %ciB)",
			 (double)n / (double)one, unit[i]);
	return buf;
}

static int by_place(const void *a, const void *b)
{
	struct json_object *x = *(struct json_object *const *)a;
	struct json_object *y = *(struct json_object *const *)b;
	u64 gx = get_number(x, "group"), gy = get_number(y, "group");
	int order = strcmp(get_text(x, "unit"), get_text(y, "unit"));

	if (order)
		return order;
	if (gx != gy)
		return gx < gy ? -1 : 1;
	return strcmp(get_text(x, "name"), get_text(y, "name"));
}

struct json_object **devices_by_place(struct json_object *doc, size_t *n)
{
	size_t all = get_count(doc, "devices"), i;
	struct json_object **d = calloc(all + 1, sizeof(struct json_object *));

	*n = d ? all : 0;
	for (i = 0; i < *n; i++)
		d[i] = get_at(doc, "devices", i);
	if (d)
		qsort(d, *n, sizeof(*d), by_place);
	return d;
}
