// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens what iommudump(8) answers from: a dump, a dump directory, notes
 * alone, or the running system.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "answers.h"
#include "source.h"
#include "vmcoreinfo.h"

bool any_notes(const struct dump *d)
{
	size_t i;

	for (i = 0; i < d->problems.n && d->problems.list[i].in_file; i++)
		;
	return d->facts.tool || d->crash.present || i < d->problems.n;
}

/* Facts of the load, but for devices, where the kernel is asked. */
static int devices_now(struct source *s, char *err, size_t err_len)
{
	struct vmcoreinfo v;
	struct dump *d = &s->dump;

	if (!s->now || !d->facts.tool ||
	    !vmcoreinfo_find(d->notes, d->notes_len, &v) ||
	    !dump_since_load(d, s->vmlinux))
		return 0;
	snprintf(err, err_len, "%s: %s", s->file, strerror(ENOMEM));
	return -ENOMEM;
}

/* A dump with notes of its own needs no others. */
static int add_notes(struct source *s, char *err, size_t err_len)
{
	if (!s->dir.dump || !s->dir.notes || s->dump.facts.tool ||
	    s->dump.crash.present)
		return 0;
	return dump_add_notes(&s->dump, s->dir.notes, err, err_len);
}

static int open_dump(struct source *s, char *err, size_t err_len)
{
	struct dump *d = &s->dump;
	int rc;

	if (s->more)
		return dump_open_set(d, s->more, s->more_n, err, err_len);
	if (!is_dump_dir(s->file))
		return dump_open(d, s->file, err, err_len);
	if (!dump_dir_open(&s->dir, s->file, err, err_len))
		return -ENOENT;
	s->file = s->dir.dump ? s->dir.dump : s->dir.notes;
	rc = dump_open(d, s->file, err, err_len);
	if (!rc)
		rc = add_notes(s, err, err_len);
	return rc;
}

static int open_file(struct source *s, char *err, size_t err_len)
{
	struct dump *d = &s->dump;
	int rc = open_dump(s, err, err_len);

	if (rc || (!d->mem && !s->no_notes))
		return rc;
	if (d->mem && any_notes(d) && !s->no_notes)
		return devices_now(s, err, err_len);
	if (!d->mem) {
		snprintf(err, err_len, "%s: --no-notes: it holds no memory",
			 s->file);
		return -ENODATA;
	}
	rc = dump_kernel(d, s->vmlinux, err, err_len);
	/* The notes are not asked, as was wished. */
	if (rc && s->no_notes && any_notes(d))
		return rc;
	/* Not being able to is no reason not to tell the rest. */
	if (rc)
		fprintf(stderr, "iommudump: %s: %s\n", s->file, err);
	return 0;
}

int open_source(struct source *s)
{
	struct gather_opts o = { .root = &s->root, .vmlinux = s->vmlinux };
	char err[1024];
	int rc;

	s->root.dirfd = -1;
	if (s->file) {
		rc = open_file(s, err, sizeof(err));
	} else if (geteuid()) {
		/* Half of the sources are root's: a wrong answer is worse. */
		snprintf(err, sizeof(err),
			 "the running system: %s: iommudump must run as root; "
			 "a dump is asked by its file",
			 strerror(EPERM));
		rc = -EPERM;
	} else {
		rc = sysroot_open(&s->root, "/");
		if (rc)
			snprintf(err, sizeof(err), "/: %s", strerror(-rc));
		else
			rc = dump_open_live(&s->dump, &o, err, sizeof(err));
	}
	if (rc)
		fprintf(stderr, "iommudump: %s\n", err);
	return rc;
}

void close_source(struct source *s)
{
	/* Whether it was opened or not, or only in part. */
	dump_close(&s->dump);
	if (s->root.dirfd >= 0)
		sysroot_close(&s->root);
	dump_dir_free(&s->dir);
}

const char *source_name(const struct source *s)
{
	return s->file ? s->file : "running system";
}
