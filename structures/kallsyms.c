// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbols out of a kernel's own memory. VMCOREINFO says where they are since
 * 6.0; scripts/kallsyms.c and kernel/kallsyms.c of Linux say how:
 *
 * kallsyms_names holds, in order of address, each symbol's length (one byte, or
 * ULEB128 of two since 6.1) and that many bytes, each of which stands for a
 * string of kallsyms_token_table, kallsyms_token_index saying where in it. The
 * first character is the symbol's type. kallsyms_offsets has 32 bits for each:
 *
 *   6.0 to 6.14, x86_64: negative ones are relative_base - 1 - offset, others
 *                        are per-CPU, absolute
 *   others to 6.19:      relative_base + offset
 *   7.0 on:              relative to where the offset itself is; there is no
 *                        kallsyms_relative_base
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "structures.h"
#include "vmcoreinfo.h"

#define CODES 256u
/* One token is a part of one symbol: KSYM_NAME_LEN, 512 since 6.1. */
#define NAME_MAX_LEN 512u
#define TOKENS_MAX (0x10000u + NAME_MAX_LEN)
/* Of a symbol's bytes: what two bytes of ULEB128 hold */
#define PACKED_MAX 0x3fffu
#define WINDOW KIB(64)
/* Debian's kernels have some 200 000, of 2 MiB. */
#define SYMBOLS_MAX (1u << 23)
#define NAMES_MAX MIB(256)

/* Of a name that is told. */
#define SYMBOL_NAME_LEN 128u

/* Found like the others, and known beforehand: so it proves the reading. */
#define PROOF "_stext"

/* Names are read as far as one had to go, and those that were met are kept. */
struct kallsyms {
	struct kernel *k;
	u64 names, offsets, base;
	bool has_base;
	u32 n;
	u16 index[CODES], len[CODES];
	char *token;
	u8 *name; /* the first bytes of the names */
	u64 have, room;
	u64 off;  /* of the next symbol, in the names */
	u32 done; /* symbols before that */
	/* Of each: where in the names its codes are, how many there are. */
	struct met {
		u32 off, codes;
		u32 next; /* of the same length, + 1 */
	} * met;
	size_t met_n;
	u32 first[NAME_MAX_LEN], last[NAME_MAX_LEN]; /* by length, + 1 */
	u64 proof;   /* where PROOF is by VMCOREINFO */
	bool proved; /* ... and here */
	bool percpu;
};

static int no(char *why, size_t why_len, int code, const char *text)
{
	snprintf(why, why_len, "%s", text);
	return -code;
}

/* --- tokens --- */

static int read_tokens(struct kallsyms *t, u64 table, u64 index, char *why,
		       size_t why_len)
{
	u32 size;

	if (t->k->read(t->k, index, t->index, sizeof(t->index)))
		return no(why, why_len, EIO,
			  "kallsyms_token_index is not readable");
	/* The index lies behind the table: more than the last token is there. */
	size = t->index[CODES - 1] + NAME_MAX_LEN;
	t->token = malloc(size + 1);
	if (!t->token)
		return no(why, why_len, ENOMEM, "out of memory");
	if (t->k->read(t->k, table, t->token, size))
		return no(why, why_len, EIO,
			  "kallsyms_token_table is not readable");
	t->token[size] = '\0';
	for (u32 i = 0; i < CODES; i++) {
		u32 end = i + 1 < CODES ? t->index[i + 1] : size;

		if (t->index[i] >= end || end > size ||
		    !memchr(t->token + t->index[i], '\0', end - t->index[i]))
			return no(why, why_len, ENOEXEC,
				  "kallsyms_token_index is not ascending");
		t->len[i] = (u16)strnlen(t->token + t->index[i], NAME_MAX_LEN);
	}
	return 0;
}

/* --- names --- */

/* Are there @len bytes of the names at @off? Near their end: page by page. */
static bool names_at(struct kallsyms *t, u64 off, u32 len)
{
	while (t->have < off + len) {
		u64 virt = t->names + t->have, part = WINDOW;
		u8 *more;

		if (t->have + WINDOW > t->room) {
			more = realloc(t->name, 2 * t->room + WINDOW);
			if (!more)
				return false;
			t->name = more;
			t->room = 2 * t->room + WINDOW;
		}
		if (t->k->read(t->k, virt, t->name + t->have, WINDOW)) {
			part = PAGE_4K - virt % PAGE_4K;
			if (t->k->read(t->k, virt, t->name + t->have,
				       (u32)part))
				return false;
		}
		t->have += part;
	}
	return true;
}

/* Its type, which stands in front, is no part of the name. */
static bool has_name(const struct kallsyms *t, const struct met *m,
		     const char *name)
{
	const u8 *code = t->name + m->off;
	u32 skip = 1;

	for (u32 i = 0; i < m->codes; i++) {
		const char *token = t->token + t->index[code[i]];
		u32 len = t->len[code[i]];

		if (len < skip) {
			skip -= len;
			continue;
		}
		if (memcmp(name, token + skip, len - skip))
			return false;
		name += len - skip;
		skip = 0;
	}
	return !*name;
}

/* 0: no name is that long. */
static u32 chars_of(const char *name)
{
	size_t len = strlen(name) + 1;

	return len < NAME_MAX_LEN ? (u32)len : 0;
}

/* The first of that name among those that were met. */
static void look_up(const struct kallsyms *t, struct symbol *s)
{
	u32 chars = chars_of(s->name);

	for (u32 i = chars ? t->first[chars] : 0; i; i = t->met[i - 1].next)
		if (has_name(t, &t->met[i - 1], s->name)) {
			s->found = true;
			s->addr = i - 1;
			return;
		}
}

static bool keep(struct kallsyms *t, u32 off, u32 codes, u32 chars)
{
	struct met *m = array_grow(&t->met, &t->met_n, sizeof(*m));

	if (!m)
		return false;
	*m = (struct met){ off, codes, 0 };
	t->done++;
	if (!chars)
		return true;
	if (t->last[chars])
		t->met[t->last[chars] - 1].next = t->done;
	else
		t->first[chars] = t->done;
	t->last[chars] = t->done;
	return true;
}

/* 0: one more was met, of @length; that is 0 if it is no name. */
static int next_name(struct kallsyms *t, u32 *length, char *why, size_t why_len)
{
	u32 head = 1, codes, chars = 0;

	*length = 0;
	if (!names_at(t, t->off, 2))
		return no(why, why_len, EIO, "kallsyms_names is not readable");
	codes = t->name[t->off];
	if (codes & 0x80) {
		codes = (codes & 0x7f) | (u32)t->name[t->off + 1] << 7;
		head = 2;
	}
	if (codes > PACKED_MAX || t->off > NAMES_MAX)
		return no(why, why_len, ENOEXEC,
			  "kallsyms_names holds no names");
	if (!names_at(t, t->off, head + codes))
		return no(why, why_len, EIO, "kallsyms_names is not readable");
	for (u32 c = 0; c < codes && chars < NAME_MAX_LEN; c++)
		chars += t->len[t->name[t->off + head + c]];
	if (chars < NAME_MAX_LEN)
		*length = chars;
	if (!keep(t, (u32)t->off + head, codes, *length))
		return no(why, why_len, ENOMEM, "out of memory");
	t->off += head + codes;
	return 0;
}

/* Those of the wanted symbols that the one met last is. */
static size_t take(const struct kallsyms *t, struct symbol *const *s, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		u32 chars = chars_of(s[i]->name);

		if (s[i]->found || !chars || t->last[chars] != t->done ||
		    !has_name(t, &t->met[t->done - 1], s[i]->name))
			continue;
		s[i]->found = true;
		s[i]->addr = t->done - 1;
		found++;
	}
	return found;
}

/* Numbers of the wanted symbols, into their addresses. */
static int find_names(struct kallsyms *t, struct symbol *const *s, size_t n,
		      char *why, size_t why_len)
{
	bool wanted[NAME_MAX_LEN] = { false };
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		look_up(t, s[i]);
		left += !s[i]->found;
		wanted[chars_of(s[i]->name)] = true;
	}
	while (t->done < t->n && left) {
		u32 chars;
		int rc = next_name(t, &chars, why, why_len);

		if (rc)
			return rc;
		if (chars && wanted[chars])
			left -= take(t, s, n);
	}
	return 0;
}

/* --- addresses --- */

static bool address_of(struct kallsyms *t, struct symbol *s, bool percpu)
{
	u64 at = t->offsets + s->addr * sizeof(int32_t);
	int32_t off;

	if (t->k->read(t->k, at, &off, sizeof(off)))
		return false;
	if (!t->has_base)
		s->addr = at + (u64)(int64_t)off;
	else if (!percpu)
		s->addr = t->base + (u32)off;
	else
		s->addr = off < 0 ? t->base - 1 - (u64)(int64_t)off : (u32)off;
	return true;
}

/* Of PROOF, the number: is its address the one that VMCOREINFO has? */
static int prove(struct kallsyms *t, struct symbol *s, char *why,
		 size_t why_len)
{
	struct symbol try = *s;

	if (!s->found)
		return no(why, why_len, ENOEXEC,
			  "kallsyms in memory do not have " PROOF);
	t->percpu = t->has_base && address_of(t, &try, false) &&
		    try.addr != t->proof;
	if (!address_of(t, s, t->percpu) || s->addr != t->proof) {
		snprintf(why, why_len,
			 "kallsyms in memory have " PROOF
			 " at 0x%llx, VMCOREINFO at 0x%llx",
			 (unsigned long long)s->addr,
			 (unsigned long long)t->proof);
		return -ENOEXEC;
	}
	t->proved = true;
	return 0;
}

static int find_all(struct kallsyms *t, struct symbol *s, size_t n, char *why,
		    size_t why_len)
{
	struct symbol proof = { .name = PROOF };
	struct symbol **all = calloc(n + 1, sizeof(struct symbol *));
	int rc;

	if (!all)
		return no(why, why_len, ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		all[i] = &s[i];
	all[n] = &proof;
	rc = find_names(t, all, n + !t->proved, why, why_len);
	free(all);
	if (!rc && !t->proved)
		rc = prove(t, &proof, why, why_len);
	for (size_t i = 0; !rc && i < n; i++)
		if (s[i].found && !address_of(t, &s[i], t->percpu))
			rc = no(why, why_len, EIO,
				"kallsyms_offsets is not readable");
	return rc;
}

/* Where symbol number @i is. */
static bool address_at(struct kallsyms *t, u32 i, u64 *addr)
{
	struct symbol s = { .addr = i };

	if (!address_of(t, &s, t->percpu))
		return false;
	*addr = s.addr;
	return true;
}

/* How many symbols are at @virt or before it; they rise. */
static bool count_before(struct kallsyms *t, u64 virt, u32 *n)
{
	u32 lo = 0, hi = t->n;
	u64 addr;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (!address_at(t, mid, &addr))
			return false;
		if (addr <= virt)
			lo = mid + 1;
		else
			hi = mid;
	}
	*n = lo;
	return true;
}

/* Without its type, as much as there is room for. */
static void put_name(const struct kallsyms *t, const struct met *m, char *buf,
		     size_t len)
{
	size_t at = 0, skip = 1;

	for (u32 i = 0; i < m->codes; i++) {
		const u8 code = t->name[m->off + i];
		const char *token = t->token + t->index[code];

		for (u32 k = 0; k < t->len[code]; k++) {
			if (skip) {
				skip--;
				continue;
			}
			if (at + 1 < len)
				buf[at++] = token[k] > ' ' && token[k] <= '~'
						    ? token[k]
						    : '?';
		}
	}
	buf[at] = '\0';
}

bool kallsyms_at(struct kallsyms *t, u64 virt, char *buf, size_t len)
{
	struct symbol proof = { .name = PROOF };
	char name[SYMBOL_NAME_LEN], why[256];
	u32 before, chars;
	u64 addr, other;

	if (!t->proved && find_all(t, &proof, 1, why, sizeof(why)))
		return false;
	if (!count_before(t, virt, &before) || !before ||
	    !address_at(t, before - 1, &addr))
		return false;
	/* Of several at one address the first, which %pS prints. */
	while (before > 1 && address_at(t, before - 2, &other) && other == addr)
		before--;
	while (t->done < before)
		if (next_name(t, &chars, why, sizeof(why)))
			return false;
	put_name(t, &t->met[before - 1], name, sizeof(name));
	snprintf(buf, len, "%s+0x%llx", name,
		 (unsigned long long)(virt - addr));
	return true;
}

static int locate(struct kallsyms *t, const struct vmcoreinfo *v, u64 *tokens,
		  u64 *index)
{
	u64 num, base;

	if (!vmcoreinfo_hex(v, "SYMBOL(kallsyms_names)", &t->names) ||
	    !vmcoreinfo_hex(v, "SYMBOL(kallsyms_num_syms)", &num) ||
	    !vmcoreinfo_hex(v, "SYMBOL(kallsyms_token_table)", tokens) ||
	    !vmcoreinfo_hex(v, "SYMBOL(kallsyms_token_index)", index) ||
	    !vmcoreinfo_hex(v, "SYMBOL(kallsyms_offsets)", &t->offsets) ||
	    !vmcoreinfo_hex(v, "SYMBOL(" PROOF ")", &t->proof))
		return -ENOENT;
	t->has_base =
		vmcoreinfo_hex(v, "SYMBOL(kallsyms_relative_base)", &base);
	if (t->k->read(t->k, num, &t->n, sizeof(t->n)) ||
	    (t->has_base && t->k->read(t->k, base, &t->base, sizeof(t->base))))
		return -EIO;
	return t->n > SYMBOLS_MAX ? -ENOEXEC : 0;
}

int kallsyms_open(struct kallsyms **out, struct kernel *k,
		  const struct vmcoreinfo *v, char *why, size_t why_len)
{
	struct kallsyms *t = calloc(1, sizeof(*t));
	u64 tokens, index;
	int rc;

	*out = t;
	if (!t)
		return no(why, why_len, ENOMEM, "out of memory");
	t->k = k;
	rc = locate(t, v, &tokens, &index);
	if (rc == -ENOENT)
		return no(why, why_len, ENOENT,
			  "VMCOREINFO does not say where kallsyms are: "
			  "a kernel before 6.0, or without CONFIG_KALLSYMS");
	if (rc == -EIO)
		return no(why, why_len, EIO,
			  "kallsyms_num_syms is not readable");
	if (rc)
		return no(why, why_len, ENOEXEC,
			  "kallsyms_num_syms is beyond reason");
	return read_tokens(t, tokens, index, why, why_len);
}

void kallsyms_close(struct kallsyms *t)
{
	if (!t)
		return;
	free(t->token);
	free(t->name);
	free(t->met);
	free(t);
}

int kallsyms_symbols(struct kallsyms *t, struct symbol *s, size_t n, char *why,
		     size_t why_len)
{
	int rc;

	for (size_t i = 0; i < n; i++)
		s[i].found = false;
	rc = find_all(t, s, n, why, why_len);
	/* All or nothing: what is wrong with one is wrong with all. */
	for (size_t i = 0; i < n; i++)
		if (rc || !s[i].found)
			s[i] = (struct symbol){ .name = s[i].name };
	return rc;
}

int kallsyms_memory(struct kernel *k, const struct vmcoreinfo *v,
		    struct symbol *s, size_t n, char *why, size_t why_len)
{
	struct kallsyms *t;
	int rc = kallsyms_open(&t, k, v, why, why_len);

	for (size_t i = 0; i < n; i++)
		s[i] = (struct symbol){ .name = s[i].name };
	if (!rc)
		rc = kallsyms_symbols(t, s, n, why, why_len);
	kallsyms_close(t);
	return rc;
}
