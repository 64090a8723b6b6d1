// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

#define SKIP 77

void cases_wrong(struct cases *c, const char *format, ...)
{
	va_list ap;

	if (c->why[0])
		return;
	c->wrong_line = c->line;
	va_start(ap, format);
	vsnprintf(c->why, sizeof(c->why), format, ap);
	va_end(ap);
}

bool cases_bad(struct cases *c, const char *what, const char *word)
{
	cases_wrong(c, "%s: %s", what, word ? word : "missing");
	return false;
}

/* --- words --- */

bool cases_number(struct cases *c, const char *word, u64 *val)
{
	char *end;

	if (word && c->suite->scratch && !strncmp(word, "scratch", 7)) {
		*val = c->suite->scratch;
		if (word[7] != '+')
			return word[7] ? cases_bad(c, "no number", word) : true;
		*val += strtoull(word + 8, NULL, 0);
		return true;
	}
	errno = 0;
	*val = word ? strtoull(word, &end, 0) : 0;
	if (!word || !*word || errno)
		return cases_bad(c, "no number", word);
	if (*end == 'k' || *end == 'm' || *end == 'g') {
		*val <<= *end == 'k' ? 10 : *end == 'm' ? 20 : 30;
		end++;
	}
	return *end ? cases_bad(c, "no number", word) : true;
}

struct edu *cases_place(struct cases *c, const char *word)
{
	static const char *const names[] = {
		[EDU_ROOT] = "edu", [EDU_PORT] = "port", [EDU_BRIDGE] = "bridge"
	};
	unsigned int i;

	for (i = 0; word && i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], word))
			return qtest_edu(&c->q, i);
	cases_bad(c, "no device", word);
	return NULL;
}

const char *cases_keyed(struct cases *c, const char *key)
{
	size_t len = strlen(key);
	int i;

	for (i = 1; i < c->args; i++)
		if (!strncmp(c->arg[i], key, len) && c->arg[i][len] == '=')
			return c->arg[i] + len + 1;
	return NULL;
}

u32 cases_perm(const char *word)
{
	return (strchr(word, 'r') ? IOMMU_R : 0) |
	       (strchr(word, 'w') ? IOMMU_W : 0);
}

bool cases_mapping(struct cases *c, int at, struct mapping *m)
{
	if (c->args < at + 4)
		return cases_bad(c, "no mapping", c->arg[0]);
	m->perm = cases_perm(c->arg[at + 3]);
	return cases_number(c, c->arg[at], &m->iova) &&
	       cases_number(c, c->arg[at + 1], &m->pa) &&
	       cases_number(c, c->arg[at + 2], &m->size);
}

bool cases_spoil(struct cases *c, u64 where, int at)
{
	u64 val, raw;

	if (!where)
		return cases_bad(c, "no such entry", c->arg[1]);
	if (c->args < at + 2 || !cases_number(c, c->arg[at + 1], &val))
		return cases_bad(c, "no value", c->arg[at]);
	raw = qtest_read64(&c->q, where);
	if (!strcmp(c->arg[at], "="))
		raw = val;
	else if (!strcmp(c->arg[at], "set"))
		raw |= val;
	else if (!strcmp(c->arg[at], "clear"))
		raw &= ~val;
	else
		return cases_bad(c, "no operation", c->arg[at]);
	qtest_write64(&c->q, where, raw);
	return true;
}

/* --- cases --- */

bool cases_machine(struct cases *c, const char *options)
{
	char fit[128];

	if (c->q.machine)
		return cases_bad(c, "there is a machine already", options);
	model_read(&c->model, c->suite->machine);
	if (!model_options(&c->model, options, fit, sizeof(fit)))
		return cases_bad(c, "too many options", options);
	return qtest_start(&c->q, c->suite->machine, fit)
		       ? true
		       : cases_bad(c, "machine", c->q.error);
}

static void print_skip(struct cases *c, const char *name)
{
	c->n++;
	c->skipped++;
	printf("ok %u - %s # SKIP %s\n", c->n, name, c->skip);
}

static void end_case(struct cases *c)
{
	if (!c->name[0])
		return;
	if (c->skip[0] && !c->why[0]) {
		print_skip(c, c->name);
		c->name[0] = c->skip[0] = 0;
		return;
	}
	c->suite->end(c->run);
	if (!c->dmas)
		cases_wrong(c, "no DMA in this case");
	c->n++;
	c->failed += !!c->why[0];
	printf("%sok %u - %s\n", c->why[0] ? "not " : "", c->n, c->name);
	if (c->why[0])
		printf("# %s:%u: %s\n", c->file, c->wrong_line, c->why);
	c->name[0] = 0;
}

/* case NAME */
static bool begin_case(struct cases *c)
{
	end_case(c);
	c->why[0] = 0;
	c->dmas = 0;
	if (!c->q.machine && !c->suite->options)
		return cases_bad(c, "no machine before the first case",
				 c->arg[1]);
	if (!c->q.machine && !cases_machine(c, c->suite->options))
		return false;
	c->suite->begin(c->run);
	snprintf(c->name, sizeof(c->name), "%s", c->arg[1]);
	return true;
}

/* needs|lacks VERSION|PROPERTY: else the case, or the file, is left out */
static bool requirement(struct cases *c)
{
	bool needs = !strcmp(c->arg[0], "needs");

	if (c->args < 2)
		return cases_bad(c, "too few words", c->arg[0]);
	model_read(&c->model, c->suite->machine);
	if (model_meets(&c->model, c->arg[1]) != needs && !c->skip[0])
		snprintf(c->skip, sizeof(c->skip), "%s %s: QEMU %u.%u",
			 c->arg[0], c->arg[1], c->model.major, c->model.minor);
	return true;
}

static bool statement(struct cases *c)
{
	const struct statement *s = c->suite->statements;

	if (!strcmp(c->arg[0], "needs") || !strcmp(c->arg[0], "lacks"))
		return requirement(c);
	if (!strcmp(c->arg[0], "case"))
		return c->args < 2 ? cases_bad(c, "too few words", c->arg[0])
				   : begin_case(c);
	while (s->word && strcmp(s->word, c->arg[0]))
		s++;
	if (!s->word)
		return cases_bad(c, "no statement", c->arg[0]);
	if (c->args < s->args)
		return cases_bad(c, "too few words", c->arg[0]);
	return c->skip[0] ? true : s->run(c->run);
}

static bool run_line(struct cases *c, char *line)
{
	char *save, *word;
	bool fine;

	line[strcspn(line, "#\n")] = 0;
	memset(c->arg, 0, sizeof(c->arg));
	c->args = 0;
	for (word = strtok_r(line, " \t", &save);
	     word && c->args < CASES_ARGS_MAX - 1;
	     word = strtok_r(NULL, " \t", &save))
		c->arg[c->args++] = word;
	if (!c->args)
		return true;
	fine = statement(c);
	if (c->q.error[0])
		cases_wrong(c, "%s", c->q.error);
	return fine;
}

/* A file that can't be run to its end is a failed test of its own. */
static void run_file(struct cases *c, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[256];
	bool fine = f;

	c->file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	c->line = 0;
	c->why[0] = c->skip[0] = 0;
	if (!f)
		cases_bad(c, "can't be read", strerror(errno));
	while (fine && (c->name[0] || !c->skip[0]) &&
	       fgets(line, sizeof(line), f)) {
		c->line++;
		fine = run_line(c, line);
	}
	if (!fine && !c->name[0])
		snprintf(c->name, sizeof(c->name), "%s", c->file);
	if (fine && !c->name[0] && c->skip[0])
		print_skip(c, c->file);
	end_case(c);
	if (c->q.machine)
		qtest_stop(&c->q);
	memset(&c->q, 0, sizeof(c->q));
	if (f)
		fclose(f);
}

int cases_main(struct cases *c, const struct suite *s, struct run *r, int argc,
	       char **argv)
{
	const char *why, *srcdir = getenv("srcdir");
	char path[4096];
	int i;

	if (!qtest_available(s->machine, &why)) {
		printf("1..0 # SKIP %s\n", why);
		return SKIP;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	c->suite = s;
	c->run = r;
	for (i = 1; i < argc; i++)
		run_file(c, argv[i]);
	for (i = 0; argc < 2 && s->files[i]; i++) {
		snprintf(path, sizeof(path), "%s/tests/qtest/%s/%s",
			 srcdir ? srcdir : ".", s->dir, s->files[i]);
		run_file(c, path);
	}
	printf("1..%u\n# %u tests, %u failed, %u skipped\n", c->n, c->n,
	       c->failed, c->skipped);
	return c->failed || c->skipped == c->n;
}
