// SPDX-License-Identifier: GPL-2.0-only
/* Opens whatever holds a dump. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "formats.h"

static int open_format(struct dump *d, struct dump_parts *p,
		       struct dump_error *e)
{
	struct dump_priv *v = d->priv;
	struct blob *b = v->file[0].blob;
	const struct dump_format *f;
	u8 head[32] = { 0 };
	size_t len = b->size < sizeof(head) ? (size_t)b->size : sizeof(head);

	if (blob_read(b, 0, head, len))
		return dump_fail(e, EIO, "offset 0: unreadable");
	f = dump_format_of(head, len);
	if (!f)
		return dump_fail(
			e, EINVAL,
			"offset 0: starts with %02x %02x %02x %02x: no ELF "
			"core, kdump-compressed, flattened, cpio or note file",
			head[0], head[1], head[2], head[3]);
	if (v->file_n > 1 && !f->splits)
		return dump_fail(e, EINVAL,
				 "offset 0: not a part of a split dump, which "
				 "is kdump-compressed");
	d->format = v->file[0].flat ? "flattened" : f->name;
	v->format = f;
	return f->open(v->file, v->file_n, p, e);
}

static int open_file(struct dump_file *f, const char *path,
		     struct dump_error *e)
{
	char head[sizeof(FLAT_SIGNATURE)] = "";
	struct stat st;

	e->path = f->path = path;
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		return dump_fail(e, errno, "%s", strerror(errno));
	if (!fstat(f->fd, &st) && S_ISDIR(st.st_mode))
		return dump_fail(e, EISDIR, "%s", strerror(EISDIR));
	f->blob = blob_file(f->fd);
	if (!f->blob)
		return dump_fail(e, ENOMEM, "out of memory");
	if (!f->blob->size)
		return dump_fail(e, EINVAL,
				 "offset 0: empty, or not a regular file");
	if (blob_read(f->blob, 0, head, sizeof(head)) ||
	    memcmp(head, FLAT_SIGNATURE, sizeof(head)))
		return 0;
	f->blob->close(f->blob);
	f->blob = blob_flattened(f->fd, e);
	f->flat = true;
	return f->blob ? 0 : -EINVAL;
}

static int open_files(struct dump *d, const char *const *path, size_t n,
		      struct dump_error *e)
{
	struct dump_priv *v = d->priv;
	int err = 0;

	if (!n || n > DUMP_FILES_MAX)
		return dump_fail(e, EINVAL, "%zu files, at most %u", n,
				 DUMP_FILES_MAX);
	v->file = calloc(n, sizeof(*v->file));
	if (!v->file)
		return dump_fail(e, ENOMEM, "out of memory");
	while (!err && v->file_n < n) {
		err = open_file(&v->file[v->file_n], path[v->file_n], e);
		v->file_n++;
	}
	e->path = path[0];
	return err;
}

/* @d takes what @p found, also when only a part of it is there. */
static int take(struct dump *d, struct dump_parts *p, struct dump_error *e)
{
	struct dump_priv *v = d->priv;

	d->notes = p->notes;
	d->notes_len = p->notes_len;
	v->below = p->mem;
	v->to_phys = p->to_phys;
	v->machine = p->machine;
	v->has_phys_base = p->has_phys_base;
	v->phys_base = p->phys_base;
	if (!p->mem)
		return 0;
	d->mem = mem_cache(p->mem, p->mem_close, p->mem_parallel);
	if (d->mem && p->mem_twin)
		mem_cache_twins(d->mem, p->mem_twin, p->mem_twin_close);
	if (d->mem)
		return 0;
	p->mem_close(p->mem);
	return dump_fail(e, ENOMEM, "out of memory");
}

int dump_open(struct dump *d, const char *path, char *err, size_t err_len)
{
	return dump_open_set(d, &path, 1, err, err_len);
}

int dump_open_set(struct dump *d, const char *const *path, size_t n, char *err,
		  size_t err_len)
{
	struct dump_error e = { n ? path[0] : "", err, err_len };
	struct dump_parts p = { .problems = &d->problems };
	struct dump_priv *v;
	int rc, took;

	memset(d, 0, sizeof(*d));
	v = calloc(1, sizeof(*v));
	if (!v)
		return dump_fail(&e, ENOMEM, "out of memory");
	d->priv = v;
	rc = open_files(d, path, n, &e);
	if (!rc) {
		rc = open_format(d, &p, &e);
		took = take(d, &p, &e);
		rc = rc ? rc : took;
	}
	for (size_t i = 0; !rc && i < v->file_n; i++)
		if (v->file[i].blob->cut)
			note_problem_in_file(
				&d->problems, v->file[i].blob->cut,
				"the flattened stream ends without "
				"its end record: what comes "
				"behind is missing");
	if (!rc && (notes_add_kept(d) ||
		    facts_from_notes(d->notes, d->notes_len, &d->facts,
				     &d->decisions, &d->crash, &d->problems)))
		rc = dump_fail(&e, ENOMEM, "out of memory");
	if (rc)
		dump_close(d);
	return rc;
}

/* What is missing of the file stays true, whatever is read from it. */
static void forget_notes(struct note_problems *p)
{
	size_t n = 0;

	while (n < p->n && p->list[n].in_file)
		n++;
	p->n = n;
}

void dump_forget(struct dump *d)
{
	size_t i;

	if (d->answers_free)
		d->answers_free(d->answers);
	d->answers_free = NULL;
	d->answers = NULL;
	for (i = 0; i < d->at_load_n; i++)
		free(d->at_load[i].driver);
	free(d->at_load);
	d->at_load = NULL;
	d->at_load_n = 0;
	crash_facts_free(&d->crash);
	forget_notes(&d->problems);
	facts_free(&d->facts);
	decisions_free(&d->decisions);
}

void dump_close(struct dump *d)
{
	struct dump_priv *v = d->priv;
	size_t i;

	if (d->kernel_close)
		d->kernel_close(d->kernel);
	mem_cache_close(d->mem);
	dump_forget(d);
	note_problems_free(&d->problems);
	free(d->notes);
	for (i = 0; v && i < v->file_n; i++) {
		if (v->file[i].blob)
			v->file[i].blob->close(v->file[i].blob);
		if (v->file[i].fd >= 0)
			close(v->file[i].fd);
	}
	if (v)
		free(v->file);
	free(v);
	memset(d, 0, sizeof(*d));
}

u64 dump_entries(const struct dump *d)
{
	const struct dump_priv *v = d->priv;
	u64 bytes = 0;
	struct stat st;
	size_t i;

	if (!v)
		return ~0ULL;
	for (i = 0; i < v->file_n; i++) {
		if (fstat(v->file[i].fd, &st) || !S_ISREG(st.st_mode))
			return ~0ULL;
		bytes += (u64)st.st_size;
	}
	return bytes / (v->format->entry_bytes ? v->format->entry_bytes : 8);
}

int dump_add_notes(struct dump *d, const char *path, char *err, size_t err_len)
{
	struct dump_error e = { path, err, err_len };
	struct dump other;
	u8 *both;
	int rc = dump_open(&other, path, err, err_len);

	if (rc)
		return rc;
	both = malloc(other.notes_len + d->notes_len + 1);
	if (both) {
		/* In front: what ends those of a dump ends all behind it. */
		if (other.notes_len)
			memcpy(both, other.notes, other.notes_len);
		if (d->notes_len)
			memcpy(both + other.notes_len, d->notes, d->notes_len);
		free(d->notes);
		d->notes = both;
		d->notes_len += other.notes_len;
		dump_forget(d);
		if (facts_from_notes(d->notes, d->notes_len, &d->facts,
				     &d->decisions, &d->crash, &d->problems))
			both = NULL;
	}
	dump_close(&other);
	return both ? 0 : dump_fail(&e, ENOMEM, "out of memory");
}

u16 dump_machine(const struct dump *d)
{
	return ((const struct dump_priv *)d->priv)->machine;
}

bool dump_to_phys(const struct dump *d, u64 virt, u64 *phys)
{
	const struct dump_priv *p = d->priv;

	return p->to_phys && p->to_phys(p->below, virt, phys);
}

bool dump_phys_base(const struct dump *d, u64 *base)
{
	const struct dump_priv *p = d->priv;

	*base = p->phys_base;
	return p->has_phys_base;
}
