// SPDX-License-Identifier: GPL-2.0-only
/* The log of a dump: which layout it has, and what went wrong on the way. */
#include <stdlib.h>
#include "dmesg.h"

static void print_log(struct dmesg *m)
{
	u64 virt;

	if (!vmcoreinfo_find(m->d->notes, m->d->notes_len, &m->info)) {
		dmesg_problem(m, "no VMCOREINFO note: nothing says where the "
				 "log is");
		return;
	}
	if (kmem_open(&m->mem, m->d, &m->info)) {
		dmesg_problem(m, "%s", m->mem.error);
		return;
	}
	if (vmcoreinfo_hex(&m->info, "SYMBOL(prb)", &virt)) {
		dmesg_ring(m);
	} else if (vmcoreinfo_hex(&m->info, "SYMBOL(log_first_idx)", &virt)) {
		dmesg_records(m);
	} else {
		dmesg_characters(m);
		return;
	}
	/* A kernel that lived has said something: these are zeros. */
	if (!m->records && !m->problems)
		dmesg_problem(m, "no record in the log");
}

int dmesg_print(struct dump *d, const char *path, FILE *out, FILE *err)
{
	struct dmesg *m = calloc(1, sizeof(*m));
	u64 problems;

	if (!m) {
		fprintf(err, "vmcore-dmesg: %s: out of memory\n", path);
		return 1;
	}
	m->d = d;
	m->path = path;
	m->out = out;
	m->err = err;
	print_log(m);
	problems = m->problems;
	if (dmesg_hopeless(m))
		fprintf(err, "vmcore-dmesg: %s: gave up\n", path);
	if (problems > DMESG_PROBLEMS_SHOWN)
		fprintf(err, "vmcore-dmesg: %s: %llu problems, %u shown\n",
			path, (unsigned long long)problems,
			DMESG_PROBLEMS_SHOWN);
	free(m);
	return problems != 0;
}
