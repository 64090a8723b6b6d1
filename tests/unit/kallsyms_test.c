// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbols out of memory, against tables made here in each form that kernels
 * have had (structures/kallsyms.c says which).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "structures.h"
#include "kmem.h"

#define BASE 0xffffffff81000000ULL
#define MEMORY KIB(512)
#define NUM_AT 0x100u
#define BASE_AT 0x108u
#define INDEX_AT 0x1400u
#define TOKENS_AT 0x400u
#define OFFSETS_AT 0x2000u
/* To the very end of memory. */
#define NAMES_END MEMORY
#define FILLERS 20000u

enum form { /* of kallsyms_offsets */
	RELATIVE,
	PERCPU,
	PLACE
};

struct world {
	struct kernel k;
	u8 *mem;
	u64 size; /* readable */
	char info[1024];
	struct vmcoreinfo v;
};

static int world_read(struct kernel *k, u64 virt, void *buf, u32 len)
{
	struct world *w = (struct world *)k;

	if (virt < BASE || virt - BASE > w->size ||
	    len > w->size - (virt - BASE))
		return IOMMU_EREAD;
	memcpy(buf, w->mem + (virt - BASE), len);
	return IOMMU_OK;
}

/* Codes below the printable ones stand for these, others for themselves. */
static const char *const tokens[] = { "?",    "_iommu_", "Tdmar_",
				      "long", "_list",	 "Didma" };

static void put_tokens(struct world *w)
{
	u8 *at = w->mem + TOKENS_AT;

	for (u32 i = 0; i < 256; i++) {
		u16 off = (u16)(at - (w->mem + TOKENS_AT));

		memcpy(w->mem + INDEX_AT + 2 * i, &off, 2);
		if (i < ARRAY_SIZE(tokens))
			at = (u8 *)stpcpy((char *)at, tokens[i]) + 1;
		else
			*at = (u8)i, at += 2;
	}
	assert_true(at < w->mem + INDEX_AT);
}

static u32 pack(const char *name, u8 *out)
{
	u32 n = 0;

	while (*name) {
		u32 code = (u8)*name, len = 1;

		for (u32 i = 1; i < ARRAY_SIZE(tokens); i++)
			if (!strncmp(name, tokens[i], strlen(tokens[i]))) {
				code = i;
				len = (u32)strlen(tokens[i]);
			}
		out[n++] = (u8)code;
		name += len;
	}
	return n;
}

static u32 offset_of(u64 addr, u32 i, enum form form)
{
	switch (form) {
	case RELATIVE:
		return (u32)(addr - BASE);
	case PERCPU:
		return addr < BASE ? (u32)addr : (u32)(BASE - 1 - addr);
	default:
		return (u32)(addr - (BASE + OFFSETS_AT + 4 * i));
	}
}

/* 300 letters: a compressed length that takes two bytes. */
static const char *long_name(char type)
{
	static char name[302];

	memset(name, 'x', sizeof(name) - 1);
	name[0] = type;
	return name;
}

struct listed {
	const char *name; /* its type in front */
	u64 addr;
};

static const struct listed list[] = {
	{ "T_stext", BASE + 0x40 },
	{ "T_stextual", BASE + 0x48 },
	{ "Tdmar_alloc_list", BASE + 0x1000 },
	{ NULL, BASE + 0x2000 }, /* the long one */
	{ "dintel_iommu_sm", BASE + 0x123456 },
	{ "Didmar_list", BASE + 0x200008 },
	{ "tdmar_list", BASE + 0x200010 },
	{ "dintel_iommu_sm", BASE + 0x300000 }, /* a static of another file */
	{ "b_end", BASE + 0x7f000000 },
};

static void put_symbols(struct world *w, enum form form, u32 fillers)
{
	u8 *names = malloc(MEMORY), *at = names, packed[1024];
	u32 n = 0;

	assert_non_null(names);
	for (u32 i = 0; i < ARRAY_SIZE(list) + fillers; i++) {
		/* The fillers stand in the middle. */
		bool filler = i >= 4 && i < 4 + fillers;
		const struct listed *l =
			&list[i < 4 || filler ? i % 4 : i - fillers];
		char text[32];
		u64 addr = filler ? BASE + 0x3000 + i : l->addr;
		u32 len, off;

		if (filler)
			snprintf(text, sizeof(text), "tfiller%u", i);
		len = pack(filler    ? text
			   : l->name ? l->name
				     : long_name('t'),
			   packed);
		if (len > 0x7f)
			*at++ = (u8)(len | 0x80);
		*at++ = (u8)(len > 0x7f ? len >> 7 : len);
		memcpy(at, packed, len);
		at += len;
		off = offset_of(addr, n, form);
		memcpy(w->mem + OFFSETS_AT + 4 * n++, &off, 4);
	}
	memcpy(w->mem + NUM_AT, &n, 4);
	assert_true(OFFSETS_AT + 4 * n <= NAMES_END - (u32)(at - names));
	memcpy(w->mem + NAMES_END - (at - names), names, (size_t)(at - names));
	snprintf(w->info, sizeof(w->info),
		 "OSRELEASE=x\nSYMBOL(_stext)=%llx\n"
		 "SYMBOL(kallsyms_names)=%llx\nSYMBOL(kallsyms_num_syms)=%llx\n"
		 "SYMBOL(kallsyms_token_table)=%llx\n"
		 "SYMBOL(kallsyms_token_index)=%llx\n"
		 "SYMBOL(kallsyms_offsets)=%llx\n",
		 BASE + 0x40,
		 BASE + NAMES_END - (unsigned long long)(at - names),
		 BASE + NUM_AT, BASE + TOKENS_AT, BASE + INDEX_AT,
		 BASE + OFFSETS_AT);
	if (form != PLACE)
		sprintf(w->info + strlen(w->info),
			"SYMBOL(kallsyms_relative_base)=%llx\n",
			BASE + BASE_AT);
	free(names);
}

static void plant(struct world *w, enum form form, u32 fillers)
{
	const u64 base = BASE;

	memset(w->mem, 0, MEMORY);
	w->size = MEMORY;
	memcpy(w->mem + BASE_AT, &base, 8);
	put_tokens(w);
	put_symbols(w, form, fillers);
	w->v = (struct vmcoreinfo){ w->info, strlen(w->info) };
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	w->k.read = world_read;
	w->mem = malloc(MEMORY);
	*state = w;
	return w->mem ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	free(w->mem);
	free(w);
	return 0;
}

static char why[256];

static int find(struct world *w, struct symbol *s, size_t n)
{
	*why = '\0';
	return kallsyms_memory(&w->k, &w->v, s, n, why, sizeof(why));
}

static void all_forms(void **state)
{
	struct world *w = *state;

	for (int form = RELATIVE; form <= PLACE; form++)
		for (u32 fillers = 0; fillers <= FILLERS; fillers += FILLERS) {
			struct symbol s[] = {
				{ .name = "dmar_list" },
				{ .name = "intel_iommu_sm" },
				{ .name = long_name('t') + 1 },
				{ .name = "no_such_symbol" },
				{ .name = "_stext" },
				{ .name = "dmar_alloc_list" },
				{ .name = "_end" },
			};

			plant(w, form, fillers);
			assert_int_equal(find(w, s, ARRAY_SIZE(s)), 0);
			/* The first of two, types being no part of names. */
			assert_int_equal(s[0].addr, BASE + 0x200010);
			assert_int_equal(s[1].addr, BASE + 0x123456);
			assert_int_equal(s[2].addr, BASE + 0x2000);
			assert_false(s[3].found);
			assert_int_equal(s[4].addr, BASE + 0x40);
			assert_int_equal(s[5].addr, BASE + 0x1000);
			assert_int_equal(s[6].addr, BASE + 0x7f000000);
		}
}

/* By address: the symbol that begins at it, or the last one before. */
static void by_address(void **state)
{
	static const struct {
		u64 virt;
		const char *text; /* NULL: nothing is known */
	} at[] = {
		{ BASE + 0x200011, "dmar_list+0x1" },
		{ BASE + 0x20000f, "idmar_list+0x7" },
		{ BASE + 0x123456, "intel_iommu_sm+0x0" },
		{ BASE + 0x47, "_stext+0x7" },
		{ BASE + 0x2fffff, "dmar_list+0xfffef" },
		{ BASE + 0x3f, NULL },
	};
	struct world *w = *state;
	struct kallsyms *t;
	char text[64];

	for (int form = RELATIVE; form <= PLACE; form++)
		for (u32 i = 0; i < ARRAY_SIZE(at); i++) {
			bool found;

			plant(w, form, FILLERS);
			assert_int_equal(kallsyms_open(&t, &w->k, &w->v, why,
						       sizeof(why)),
					 0);
			found = kallsyms_at(t, at[i].virt, text, sizeof(text));
			kallsyms_close(t);
			assert_int_equal(found, !!at[i].text);
			if (found)
				assert_string_equal(text, at[i].text);
		}
}

static void refused(struct world *w, int code, const char *text)
{
	struct symbol s[] = { { .name = "dmar_list" }, { .name = "_stext" } };

	assert_int_equal(find(w, s, ARRAY_SIZE(s)), -code);
	assert_non_null(strstr(why, text));
	for (size_t i = 0; i < ARRAY_SIZE(s); i++)
		assert_true(!s[i].found && !s[i].addr);
}

static void damaged(void **state)
{
	struct world *w = *state;
	const u32 many = 0xffffffff, some = 0x700000;

	plant(w, PLACE, FILLERS);
	w->v.len = 20;
	refused(w, ENOENT, "VMCOREINFO");
	/* Read in a form that it does not have. */
	plant(w, PERCPU, 0);
	w->mem[OFFSETS_AT] ^= 4;
	refused(w, ENOEXEC, "_stext");
	plant(w, PLACE, 0);
	memcpy(w->mem + NUM_AT, &many, 4);
	refused(w, ENOEXEC, "num_syms");
	/* More names than there are: the end of memory comes first. */
	plant(w, PLACE, FILLERS);
	memcpy(w->mem + NUM_AT, &some, 4);
	{
		struct symbol s = { .name = "no_such_symbol" };

		assert_int_equal(find(w, &s, 1), -EIO);
		assert_non_null(strstr(why, "kallsyms_names"));
	}
	plant(w, PLACE, FILLERS);
	w->size = MEMORY - 0x8000;
	refused(w, EIO, "kallsyms_names");
	w->size = NUM_AT;
	refused(w, EIO, "num_syms");
	w->size = TOKENS_AT;
	refused(w, EIO, "token_index");
}

static void bad_tokens(void **state)
{
	struct world *w = *state;

	plant(w, PLACE, 0);
	memset(w->mem + INDEX_AT + 100, 0xff, 2);
	refused(w, ENOEXEC, "token_index");
	plant(w, PLACE, 0);
	memset(w->mem + INDEX_AT + 100, 0, 2);
	refused(w, ENOEXEC, "token_index");
	/* Tokens without an end. */
	plant(w, PLACE, 0);
	memset(w->mem + TOKENS_AT, 'x', INDEX_AT - TOKENS_AT);
	refused(w, ENOEXEC, "token_index");
	/* All of them are empty, or parts of others: no name is right. */
	plant(w, PLACE, 0);
	for (u32 i = 0; i < 256; i++) {
		u16 off = (u16)(i * 200);

		memcpy(w->mem + INDEX_AT + 2 * i, &off, 2);
	}
	refused(w, ENOEXEC, "do not have _stext");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(by_address, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_tokens, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
