// SPDX-License-Identifier: GPL-2.0-only
/* Where members are, from BTF. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

/* --- by name: libbpf looks through all types for each --- */

#define BUCKETS 8192u

struct btf_names {
	struct btf *btf;
	u32 first[BUCKETS]; /* numbers of types; 0: none */
	u32 *next;	    /* of each type, rising */
};

static u32 bucket(const char *name)
{
	u32 hash = 2166136261u; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (u8)*name) * 16777619u;
	return hash % BUCKETS;
}

/* Structures and enums that have a name. */
static void index_types(struct btf_names *b)
{
	for (u32 i = btf__type_cnt(b->btf); i-- > 1;) {
		const struct btf_type *t = btf__type_by_id(b->btf, i);
		const char *name;

		if (!t || !(btf_is_struct(t) || btf_is_enum(t)))
			continue;
		name = btf__name_by_offset(b->btf, t->name_off);
		if (!name || !*name)
			continue;
		b->next[i] = b->first[bucket(name)];
		b->first[bucket(name)] = i;
	}
}

/* That one, or the next one of its kind with that name; NULL: none is left. */
static const struct btf_type *named(const struct btf_names *b, u32 *id,
				    const char *name, bool is_enum)
{
	for (; *id; *id = b->next[*id]) {
		const struct btf_type *t = btf__type_by_id(b->btf, *id);

		if ((is_enum ? btf_is_enum(t) : btf_is_struct(t)) &&
		    !strcmp(btf__name_by_offset(b->btf, t->name_off), name))
			return t;
	}
	return NULL;
}

/*
 * The structure of @wanted. Drivers may give structures of theirs the same
 * name (struct arm_smmu_device is one of two drivers): the member that is
 * asked for first decides, and where none has it, the first structure.
 */
static const struct btf_type *find_struct(const struct btf_names *b,
					  const struct member *wanted)
{
	const struct btf_type *first = NULL, *t;
	u32 id = b->first[bucket(wanted->type)];

	for (; (t = named(b, &id, wanted->type, false)); id = b->next[id]) {
		if (has_member(b->btf, t, wanted))
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

int btf_open(struct btf_names **out, const void *raw, size_t len, char *why,
	     size_t why_len)
{
	struct btf_names *b = calloc(1, sizeof(*b));
	int rc = -ENOEXEC;

	*out = NULL;
	if (!b) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	if (!aligned(raw, len)) {
		snprintf(why, why_len,
			 "no valid BTF: of another byte order, or its types "
			 "are not at a multiple of 4 bytes");
		free(b);
		return rc;
	}
	b->btf = len <= UINT32_MAX ? btf__new(raw, (u32)len) : NULL;
	if (!b->btf && len <= UINT32_MAX && errno)
		rc = -errno;
	if (b->btf) {
		b->next = calloc(btf__type_cnt(b->btf), sizeof(*b->next));
		rc = b->next ? 0 : -ENOMEM;
	}
	if (!rc) {
		index_types(b);
		*out = b;
		return 0;
	}
	snprintf(why, why_len, "no valid BTF: %s", strerror(-rc));
	btf_close(b);
	return rc;
}

void btf_close(struct btf_names *b)
{
	if (!b)
		return;
	btf__free(b->btf);
	free(b->next);
	free(b);
}

void btf_find_members(const struct btf_names *b, struct member *m, size_t n)
{
	const char *last = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct btf_type *t;

		if (last && !strcmp(last, m[i].type))
			continue;
		last = m[i].type;
		t = find_struct(b, &m[i]);
		if (!t)
			continue;
		match_struct(t, last, m, n);
		match_members(b->btf, t, last, m, n);
	}
}

int members_btf(const void *raw, size_t len, struct member *m, size_t n,
		char *why, size_t why_len)
{
	struct btf_names *b;
	int rc = btf_open(&b, raw, len, why, why_len);

	if (!rc)
		btf_find_members(b, m, n);
	btf_close(b);
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

void btf_find_constants(const struct btf_names *b, struct constant *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		u32 id = b->first[bucket(c[i].type)];
		const struct btf_type *t = named(b, &id, c[i].type, true);

		c[i].found = false;
		if (t)
			find_constant(b->btf, t, &c[i]);
	}
}
