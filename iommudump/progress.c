// SPDX-License-Identifier: GPL-2.0-only
/* A line that says how far long work has come. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "report.h"

#define FIRST_MS 500
#define EVERY_MS 200

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

void show_progress(void *arg, u64 n)
{
	struct progress *p = arg;
	u64 now = now_ms();

	if (!p->next_ms)
		p->next_ms = now + FIRST_MS;
	if (now < p->next_ms || !isatty(STDERR_FILENO))
		return;
	p->next_ms = now + EVERY_MS;
	p->shown = true;
	fprintf(stderr, "\riommudump: %llu %s", (unsigned long long)n, p->what);
}

void end_progress(struct progress *p)
{
	/* The rest of the line is erased (ECMA-48, EL). */
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
