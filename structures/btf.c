// SPDX-License-Identifier: GPL-2.0-only
/* Where members are, from BTF. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "structures.h"

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

static bool has_member(const struct btf *btf, const struct btf_type *t,
		       const struct member *wanted)
{
	struct member m = { .type = wanted->type,
			    .name = wanted->name,
			    .bits = wanted->bits };

	match_members(btf, t, m.type, &m, 1);
	return m.found || !*m.name;
}

/*
 * The structure of @wanted. Drivers may give structures of theirs the same
 * name (struct arm_smmu_device is one of two drivers): the member that is
 * asked for first decides, and where none has it, the first structure.
 */
static const struct btf_type *find_struct(const struct btf *btf,
					  const struct member *wanted)
{
	const struct btf_type *first = NULL, *t;
	u32 n = btf__type_cnt(btf);
	int id = btf__find_by_name_kind(btf, wanted->type, BTF_KIND_STRUCT);

	for (u32 i = id > 0 ? (u32)id : n; i < n; i++) {
		const char *name;

		t = btf__type_by_id(btf, i);
		name = t && btf_is_struct(t)
			       ? btf__name_by_offset(btf, t->name_off)
			       : NULL;
		if (!name || strcmp(name, wanted->type))
			continue;
		if (has_member(btf, t, wanted))
			return t;
		first = first ? first : t;
	}
	return first;
}

/*
 * Are types where the CPU may read them as such? libbpf (1.1) does not ask;
 * Linux does (kernel/bpf/btf.c, "Unaligned type_off").
 */
static bool aligned(const void *raw, size_t len)
{
	struct btf_header h;

	if (len < sizeof(h))
		return true; /* libbpf has the words for that */
	memcpy(&h, raw, sizeof(h));
	return h.magic == BTF_MAGIC && !((h.hdr_len | h.type_off) % 4);
}

int btf_open(struct btf **out, const void *raw, size_t len, char *why,
	     size_t why_len)
{
	int rc = -ENOEXEC;

	*out = NULL;
	if (!aligned(raw, len)) {
		snprintf(why, why_len,
			 "no valid BTF: of another byte order, or its types "
			 "are not at a multiple of 4 bytes");
		return rc;
	}
	*out = len <= UINT32_MAX ? btf__new(raw, (u32)len) : NULL;
	if (*out)
		return 0;
	if (len <= UINT32_MAX && errno)
		rc = -errno;
	snprintf(why, why_len, "no valid BTF: %s", strerror(-rc));
	return rc;
}

void btf_close(struct btf *btf)
{
	btf__free(btf);
}

void btf_find_members(const struct btf *btf, struct member *m, size_t n)
{
	const char *last = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct btf_type *t;

		if (last && !strcmp(last, m[i].type))
			continue;
		last = m[i].type;
		t = find_struct(btf, &m[i]);
		if (!t)
			continue;
		match_struct(t, last, m, n);
		match_members(btf, t, last, m, n);
	}
}

int members_btf(const void *raw, size_t len, struct member *m, size_t n,
		char *why, size_t why_len)
{
	struct btf *btf;
	int rc = btf_open(&btf, raw, len, why, why_len);

	if (!rc)
		btf_find_members(btf, m, n);
	btf_close(btf);
	return rc;
}

static void find_constant(const struct btf *btf, const struct btf_type *t,
			  struct constant *c)
{
	const struct btf_enum *e = btf_enum(t);

	for (u32 i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, e[i].name_off);

		if (!name || strcmp(name, c->name))
			continue;
		c->value = (u64)(int64_t)e[i].val;
		c->found = true;
		return;
	}
}

void btf_find_constants(const struct btf *btf, struct constant *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int id = btf__find_by_name_kind(btf, c[i].type, BTF_KIND_ENUM);

		c[i].found = false;
		if (id > 0)
			find_constant(btf, btf__type_by_id(btf, (u32)id),
				      &c[i]);
	}
}
