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

/* Found like the others, and known beforehand: so it proves the reading. */
#define PROOF "_stext"

struct name_table {
	struct kernel *k;
	u64 names, offsets, base;
	bool has_base;
	u32 n;
	u16 index[CODES], len[CODES];
	char *token;
	/* a part of the names */
	u8 *window;
	u64 at;	  /* of its first byte, in the names */
	u32 have; /* bytes of it */
};

struct wanted {
	struct symbol *s; /* of the caller; the proof behind */
	size_t n;
	struct symbol proof;
	u64 lengths[NAME_MAX_LEN / 64];
	size_t left;
};

static int no(char *why, size_t why_len, int code, const char *text)
{
	snprintf(why, why_len, "%s", text);
	return -code;
}

/* --- tokens --- */

static int read_tokens(struct name_table *t, u64 table, u64 index, char *why,
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

/* @len bytes of the names at @off; NULL: they are not readable. */
static const u8 *names_at(struct name_table *t, u64 off, u32 len)
{
	u64 room;

	if (off >= t->at && off - t->at + len <= t->have)
		return t->window + (off - t->at);
	t->at = off;
	t->have = WINDOW;
	if (!t->k->read(t->k, t->names + off, t->window, WINDOW))
		return t->window;
	/* Near the end of what there is: page by page. */
	t->have = 0;
	while (t->have < len) {
		u64 virt = t->names + off + t->have;

		room = PAGE_4K - virt % PAGE_4K;
		if (t->have + room > WINDOW ||
		    t->k->read(t->k, virt, t->window + t->have, (u32)room))
			return NULL;
		t->have += (u32)room;
	}
	return t->window;
}

static void take(struct wanted *w, const struct name_table *t, const u8 *code,
		 u32 codes, u32 number)
{
	char name[NAME_MAX_LEN + 1];
	u32 at = 0;

	for (u32 i = 0; i < codes; i++) {
		memcpy(name + at, t->token + t->index[code[i]],
		       t->len[code[i]]);
		at += t->len[code[i]];
	}
	name[at] = '\0';
	for (size_t i = 0; i <= w->n; i++) {
		struct symbol *s = i < w->n ? &w->s[i] : &w->proof;

		if (s->found || strcmp(s->name, name + 1))
			continue;
		s->found = true;
		s->addr = number;
		w->left--;
	}
}

/* Numbers of the wanted symbols, into their addresses. */
static int find_names(struct name_table *t, struct wanted *w, char *why,
		      size_t why_len)
{
	u64 off = 0;

	for (u32 i = 0; i < t->n && w->left; i++) {
		const u8 *p = names_at(t, off, 2);
		u32 head = 1, codes, chars = 0;

		if (!p)
			return no(why, why_len, EIO,
				  "kallsyms_names is not readable");
		codes = p[0];
		if (codes & 0x80) {
			codes = (codes & 0x7f) | (u32)p[1] << 7;
			head = 2;
		}
		if (codes > PACKED_MAX || off > NAMES_MAX)
			return no(why, why_len, ENOEXEC,
				  "kallsyms_names holds no names");
		p = names_at(t, off, head + codes);
		if (!p)
			return no(why, why_len, EIO,
				  "kallsyms_names is not readable");
		for (u32 c = 0; c < codes && chars < NAME_MAX_LEN; c++)
			chars += t->len[p[head + c]];
		if (chars && chars < NAME_MAX_LEN &&
		    w->lengths[chars / 64] & BIT64(chars % 64))
			take(w, t, p + head, codes, i);
		off += head + codes;
	}
	return 0;
}

/* --- addresses --- */

static bool address_of(struct name_table *t, struct symbol *s, bool percpu)
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

static int find_addresses(struct name_table *t, struct wanted *w, u64 proof,
			  char *why, size_t why_len)
{
	struct symbol try = w->proof;
	bool percpu = false;

	if (!w->proof.found)
		return no(why, why_len, ENOEXEC,
			  "kallsyms in memory do not have " PROOF);
	if (t->has_base && address_of(t, &try, false) && try.addr != proof)
		percpu = true;
	if (!address_of(t, &w->proof, percpu) || w->proof.addr != proof) {
		snprintf(why, why_len,
			 "kallsyms in memory have " PROOF
			 " at 0x%llx, VMCOREINFO at 0x%llx",
			 (unsigned long long)w->proof.addr,
			 (unsigned long long)proof);
		return -ENOEXEC;
	}
	for (size_t i = 0; i < w->n; i++)
		if (w->s[i].found && !address_of(t, &w->s[i], percpu))
			return no(why, why_len, EIO,
				  "kallsyms_offsets is not readable");
	return 0;
}

static int read_all_of(struct name_table *t, struct wanted *w, u64 proof,
		       char *why, size_t why_len)
{
	int rc;

	for (size_t i = 0; i <= w->n; i++) {
		const struct symbol *s = i < w->n ? &w->s[i] : &w->proof;
		size_t len = strlen(s->name) + 1;

		if (len < NAME_MAX_LEN)
			w->lengths[len / 64] |= BIT64(len % 64);
	}
	w->left = w->n + 1;
	rc = find_names(t, w, why, why_len);
	return rc ? rc : find_addresses(t, w, proof, why, why_len);
}

static int locate(struct name_table *t, const struct vmcoreinfo *v, u64 *tokens,
		  u64 *index, u64 *proof)
{
	u64 num, base;

	if (!vmcoreinfo_hex(v, "SYMBOL(kallsyms_names)", &t->names) ||
	    !vmcoreinfo_hex(v, "SYMBOL(kallsyms_num_syms)", &num) ||
	    !vmcoreinfo_hex(v, "SYMBOL(kallsyms_token_table)", tokens) ||
	    !vmcoreinfo_hex(v, "SYMBOL(kallsyms_token_index)", index) ||
	    !vmcoreinfo_hex(v, "SYMBOL(kallsyms_offsets)", &t->offsets) ||
	    !vmcoreinfo_hex(v, "SYMBOL(" PROOF ")", proof))
		return -ENOENT;
	t->has_base =
		vmcoreinfo_hex(v, "SYMBOL(kallsyms_relative_base)", &base);
	if (t->k->read(t->k, num, &t->n, sizeof(t->n)) ||
	    (t->has_base && t->k->read(t->k, base, &t->base, sizeof(t->base))))
		return -EIO;
	return t->n > SYMBOLS_MAX ? -ENOEXEC : 0;
}

int kallsyms_memory(struct kernel *k, const struct vmcoreinfo *v,
		    struct symbol *s, size_t n, char *why, size_t why_len)
{
	struct wanted w = { .s = s, .n = n, .proof = { .name = PROOF } };
	struct name_table t = { .k = k };
	u64 tokens, index, proof;
	int rc = locate(&t, v, &tokens, &index, &proof);

	for (size_t i = 0; i < n; i++)
		s[i].found = false;
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
	t.window = malloc(WINDOW);
	if (!t.window)
		rc = no(why, why_len, ENOMEM, "out of memory");
	if (!rc)
		rc = read_tokens(&t, tokens, index, why, why_len);
	if (!rc)
		rc = read_all_of(&t, &w, proof, why, why_len);
	/* All or nothing: what is wrong with one is wrong with all. */
	for (size_t i = 0; i < n; i++)
		if (rc || !s[i].found)
			s[i] = (struct symbol){ .name = s[i].name };
	free(t.token);
	free(t.window);
	return rc;
}
