// SPDX-License-Identifier: GPL-2.0-only
/* A kernel's page tables, from tests/cases/paging. TAP. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../dump/formats.h"
#include "fakemem.h"
#include "kmem.h"

#define CASES "tests/cases/paging/arm64.txt"

struct test {
	struct fakemem mem;
	char info[4096], name[128];
	unsigned int line, n, bad;
};

static void result(struct test *t, const char *what, const char *got,
		   const char *want)
{
	bool ok = !strcmp(got, want);

	t->bad += !ok;
	printf("%s %u - %s: %s\n", ok ? "ok" : "not ok", ++t->n, t->name, what);
	if (!ok)
		printf("# line %u: want %s, got %s\n", t->line, want, got);
}

static int open_kernel(struct test *t, struct kmem *k)
{
	static struct dump_priv priv;
	static struct dump d;
	struct vmcoreinfo v = { t->info, strlen(t->info) };

	priv = (struct dump_priv){ .machine = EM_AARCH64 };
	d = (struct dump){ .mem = &t->mem.m, .priv = &priv };
	return kmem_open(k, &d, &v);
}

/* @want: "0x..." or "! why" */
static void walk(struct test *t, const char *virt, const char *want)
{
	char got[128];
	struct kmem k;
	u64 phys;

	if (open_kernel(t, &k))
		snprintf(got, sizeof(got), "! %s", k.error);
	else if (!virt)
		snprintf(got, sizeof(got), "tables");
	else if (kmem_phys(&k, strtoull(virt, NULL, 0), &phys))
		snprintf(got, sizeof(got), "0x%llx", (unsigned long long)phys);
	else
		snprintf(got, sizeof(got), "! %s", k.error);
	result(t, virt ? virt : "open", got, want);
}

static void take_line(struct test *t, char *line)
{
	char *rest = line + strcspn(line, " "), *arg;

	if (*line == '#' || !*line)
		return;
	*rest++ = '\0';
	arg = rest;
	if (!strcmp(line, "machine")) {
		fakemem_free(&t->mem);
		fakemem_init(&t->mem);
		t->info[0] = '\0';
		snprintf(t->name, sizeof(t->name), "%s", rest);
	} else if (!strcmp(line, "info")) {
		strncat(t->info, rest, sizeof(t->info) - 2 - strlen(t->info));
		strcat(t->info, "\n");
	} else if (!strcmp(line, "open")) {
		walk(t, NULL, rest);
	} else if (!strcmp(line, "mem")) {
		u64 at = strtoull(rest, &rest, 0);

		fakemem_put(&t->mem, at, strtoull(rest, NULL, 0));
	} else if (!strcmp(line, "walk")) {
		rest += strcspn(rest, " ");
		*rest++ = '\0';
		walk(t, arg, rest);
	} else {
		result(t, line, "no such word", "");
	}
}

int main(void)
{
	const char *dir = getenv("srcdir");
	struct test t = { .n = 0 };
	char path[4096], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/" CASES, dir ? dir : ".");
	f = fopen(path, "r");
	if (!f) {
		perror(path);
		return 1;
	}
	fakemem_init(&t.mem);
	while (fgets(line, sizeof(line), f)) {
		t.line++;
		line[strcspn(line, "\n")] = '\0';
		take_line(&t, line);
	}
	fclose(f);
	fakemem_free(&t.mem);
	printf("1..%u\n", t.n);
	return t.bad || !t.n;
}
