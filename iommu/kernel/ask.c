// SPDX-License-Identifier: GPL-2.0-only
/* Questions to a kernel, with what goes wrong said in facts.missing. */
#include "../gather/gather.h"
#include "parts.h"

#define WHY_MAX 256

bool kernel_symbols(struct kernel *k, struct facts *f, struct symbol *s,
		    size_t n, const char *driver)
{
	char why[WHY_MAX] = "";

	if (k->symbols(k, s, n, why, sizeof(why)))
		facts_missing(f, k->symbols_source, "%s", why);
	else if (!s->found)
		facts_missing(f, k->symbols_source,
			      "no %s: a kernel without %s, or "
			      "without CONFIG_KALLSYMS_ALL",
			      s->name, driver);
	else if (!s->addr)
		facts_missing(f, k->symbols_source,
			      "the kernel hides addresses (kptr_restrict)");
	return s->addr;
}

bool kernel_members(struct kernel *k, struct facts *f, struct member *m,
		    size_t n, size_t must)
{
	char why[WHY_MAX] = "";

	if (k->members(k, m, n, why, sizeof(why))) {
		facts_missing(f, k->members_source, "%s", why);
		return false;
	}
	for (size_t i = 0; i < must; i++) {
		if (m[i].found)
			continue;
		facts_missing(f, k->members_source, "no member %s of struct %s",
			      m[i].name, m[i].type);
		return false;
	}
	return true;
}

bool kernel_get(struct kernel *k, u64 object, const struct member *m, u64 *val)
{
	*val = 0;
	if (!m->found)
		return true;
	if (m->size > sizeof(*val) || k->read(k, object + m->off, val, m->size))
		return false;
	if (m->bits)
		*val = *val >> m->shift & (BIT64(m->bits) - 1);
	return true;
}

void kernel_list(struct kernel *k, struct facts *f, const struct symbol *list,
		 u32 max, bool (*entry)(void *arg, u64 node), void *arg)
{
	u64 head = list->addr, at = head;

	for (unsigned int i = 0; i <= max; i++) {
		if (k->read(k, at, &at, sizeof(at))) {
			facts_missing(f, k->memory_source,
				      "%s: entry %u is not readable",
				      list->name, i);
			return;
		}
		if (at == head)
			return;
		if (!entry(arg, at)) {
			facts_missing(f, k->memory_source,
				      "%s: entry %u at 0x%llx is not "
				      "readable",
				      list->name, i, (unsigned long long)at);
			return;
		}
	}
	facts_missing(f, k->memory_source, "%s: more than %u entries: a loop",
		      list->name, max);
}
