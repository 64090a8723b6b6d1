// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* "QEMU emulator version 11.1.3 (...)", then "  NAME=<TYPE> ..." a line */
void model_read(struct model *m, const struct qtest_machine *machine)
{
	char command[256];
	size_t len;
	FILE *f;

	if (m->read)
		return;
	m->read = true;
	snprintf(command, sizeof(command),
		 "%s -version 2>&1; %s -device %s,help 2>&1", machine->qemu,
		 machine->qemu, machine->model);
	f = popen(command, "r");
	if (!f)
		return;
	if (fscanf(f, "%*[^0-9]%u.%u", &m->major, &m->minor) != 2)
		m->major = m->minor = 0;
	len = fread(m->properties, 1, sizeof(m->properties) - 1, f);
	m->properties[len] = 0;
	pclose(f);
}

static bool has(const struct model *m, const char *prefix, const char *name,
		size_t len)
{
	char word[64];

	snprintf(word, sizeof(word), "\n  %s%.*s=", prefix, (int)len, name);
	return strstr(m->properties, word);
}

bool model_has(const struct model *m, const char *property)
{
	size_t len = strlen(property);

	return has(m, "", property, len) || has(m, "x-", property, len);
}

bool model_meets(const struct model *m, const char *need)
{
	unsigned int major, minor;

	if (sscanf(need, "%u.%u", &major, &minor) != 2)
		return model_has(m, need);
	return m->major > major || (m->major == major && m->minor >= minor);
}

bool model_options(const struct model *m, const char *given, char *out,
		   size_t size)
{
	size_t used = 0, name, len;
	const char *prefix;
	bool optional;
	int n;

	*out = 0;
	for (; *given; given += len + (given[len] == ',')) {
		optional = *given == '?';
		given += optional;
		len = strcspn(given, ",");
		name = strcspn(given, "=,");
		prefix = !has(m, "", given, name) && has(m, "x-", given, name)
				 ? "x-"
				 : "";
		if (optional && !*prefix && !has(m, "", given, name))
			continue;
		n = snprintf(out + used, size - used, "%s%s%.*s",
			     used ? "," : "", prefix, (int)len, given);
		if (n < 0 || (size_t)n >= size - used)
			return false;
		used += n;
	}
	return true;
}
