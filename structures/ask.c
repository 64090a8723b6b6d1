// SPDX-License-Identifier: GPL-2.0-only
/* Questions to a kernel, with what goes wrong said in facts.missing. */
#include <string.h>

#include "survey.h"

#define WHY_MAX 256
/* struct list_head */
#define LIST_PREV 8u

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

bool kernel_has(struct kernel *k, struct symbol *s)
{
	char why[WHY_MAX];

	return !k->symbols(k, s, 1, why, sizeof(why)) && s->addr;
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

bool kernel_text(struct kernel *k, u64 virt, char *buf, size_t len)
{
	size_t at = 0;

	while (at + 1 < len) {
		u64 page = PAGE_4K - (virt + at) % PAGE_4K;
		size_t part = page < len - 1 - at ? page : len - 1 - at, end;

		if (!virt || k->read(k, virt + at, buf + at, (u32)part))
			return false;
		buf[at + part] = '\0';
		end = at + strlen(buf + at);
		for (; at < end; at++)
			if (buf[at] < 0x20 || buf[at] > 0x7e)
				buf[at] = '?';
		if (!buf[at])
			break;
	}
	buf[at] = '\0';
	return true;
}

const char *kernel_unread(const struct kernel *k)
{
	return k->error ? k->error : "damaged";
}

struct list_walk {
	struct kernel *k;
	struct facts *f;
	const struct symbol *list;
	bool (*entry)(void *arg, u64 node);
	void *arg;
	u64 broken; /* here memory ends */
};

/*
 * One way round, by the link at @link: to the head, or to where memory ends,
 * which is false. A circle without the head is found by an entry kept at each
 * power of two.
 */
static bool list_run(struct list_walk *l, u32 max, u32 link)
{
	u64 head = l->list->addr, at = head, kept = 0, next;

	for (u32 i = 0; i <= max; i++) {
		bool taken = false;

		l->k->error = NULL;
		if (!l->k->read(l->k, at + link, &next, sizeof(next))) {
			at = next;
			if (at == head || at == l->broken)
				return true;
			if (i && at == kept) {
				facts_missing(l->f, l->k->memory_source,
					      "%s: entry %u at 0x%llx was "
					      "there before: a loop",
					      l->list->name, i,
					      (unsigned long long)at);
				return true;
			}
			if (!(i & (i - 1)))
				kept = at;
			taken = l->entry(l->arg, at);
		}
		if (taken)
			continue;
		facts_missing(l->f, l->k->memory_source,
			      "%s: entry %u at 0x%llx is %s", l->list->name, i,
			      (unsigned long long)at, kernel_unread(l->k));
		l->broken = at;
		return !l->k->error;
	}
	facts_missing(l->f, l->k->memory_source,
		      "%s: more than %u entries: a loop", l->list->name, max);
	return true;
}

/* From behind, where something in the middle is not to be had. */
void kernel_list(struct kernel *k, struct facts *f, const struct symbol *list,
		 u32 max, bool (*entry)(void *arg, u64 node), void *arg)
{
	struct list_walk l = { k, f, list, entry, arg, 0 };

	if (!list_run(&l, max, 0) && l.broken != list->addr)
		list_run(&l, max, LIST_PREV);
}
