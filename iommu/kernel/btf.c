// SPDX-License-Identifier: GPL-2.0-only
/* Where members are, from BTF. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"

/* Anonymous structs and unions nest; the kernel's are two or three deep. */
#define NESTING_MAX 8
/* Members of one struct, those of anonymous members too. */
#define STEPS_MAX 65536u

struct level {
	const struct btf_type *t;
	u32 next; /* member */
	u64 base; /* in bits */
};

static void set_member(struct member *m, u64 bit, u32 bits, u32 size)
{
	if (bits) {
		m->shift = (u8)(bit % 8);
		m->bits = (u8)bits;
		size = (m->shift + bits + 7) / 8;
	}
	m->off = (u32)(bit / 8);
	m->size = size;
	m->found = true;
}

/* A bit field is only found by who asks for one. */
static void match_member(const struct btf *btf, const struct level *l, u32 i,
			 const char *type, struct member *m, size_t n)
{
	const struct btf_member *member = btf_members(l->t) + i;
	const char *name = btf__name_by_offset(btf, member->name_off);
	u64 bit = l->base + btf_member_bit_offset(l->t, i);
	u32 bits = btf_member_bitfield_size(l->t, i);

	for (size_t j = 0; name && j < n; j++) {
		long long size;

		if (m[j].found || !m[j].bits != !bits ||
		    strcmp(m[j].type, type) || strcmp(m[j].name, name))
			continue;
		/* Flexible arrays have no size. */
		size = bits ? 0 : btf__resolve_size(btf, member->type);
		if (size < 0 || size > UINT32_MAX || bits > 56 ||
		    (!bits && bit % 8) || bit / 8 > UINT32_MAX)
			continue;
		set_member(&m[j], bit, bits, (u32)size);
	}
}

/* The type of an anonymous member, where that is a struct or a union. */
static const struct btf_type *anonymous(const struct btf *btf,
					const struct btf_member *member)
{
	const char *name = btf__name_by_offset(btf, member->name_off);
	const struct btf_type *t;

	if (!name || *name)
		return NULL;
	t = btf__type_by_id(btf, member->type);
	return t && btf_is_composite(t) ? t : NULL;
}

static void match_members(const struct btf *btf, const struct btf_type *t,
			  const char *type, struct member *m, size_t n)
{
	struct level at[NESTING_MAX] = { { .t = t } };
	u32 depth = 0;

	for (u32 steps = 0; steps < STEPS_MAX; steps++) {
		struct level *l = &at[depth];
		const struct btf_type *inner;
		u32 i = l->next++;

		if (i >= btf_vlen(l->t)) {
			if (!depth--)
				return;
			continue;
		}
		inner = anonymous(btf, btf_members(l->t) + i);
		if (inner && depth + 1 < NESTING_MAX)
			at[++depth] = (struct level){
				.t = inner,
				.base = l->base + btf_member_bit_offset(l->t, i)
			};
		else
			match_member(btf, l, i, type, m, n);
	}
}

/* A member without a name is its whole struct. */
static void match_struct(const struct btf_type *t, const char *type,
			 struct member *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!m[i].found && !*m[i].name && !strcmp(m[i].type, type))
			set_member(&m[i], 0, 0, t->size);
}

int members_btf(const void *raw, size_t len, struct member *m, size_t n,
		char *why, size_t why_len)
{
	const char *last = NULL;
	struct btf *btf = len <= UINT32_MAX ? btf__new(raw, (u32)len) : NULL;

	if (!btf) {
		int rc = len <= UINT32_MAX && errno ? -errno : -ENOEXEC;

		snprintf(why, why_len, "no valid BTF: %s", strerror(-rc));
		return rc;
	}
	for (size_t i = 0; i < n; i++) {
		const struct btf_type *t;
		int id;

		if (last && !strcmp(last, m[i].type))
			continue;
		last = m[i].type;
		id = btf__find_by_name_kind(btf, last, BTF_KIND_STRUCT);
		t = id > 0 ? btf__type_by_id(btf, (u32)id) : NULL;
		if (!t)
			continue;
		match_struct(t, last, m, n);
		match_members(btf, t, last, m, n);
	}
	btf__free(btf);
	return 0;
}
