// SPDX-License-Identifier: GPL-2.0-only
/* Opens whatever holds a dump. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "formats.h"

static bool is_bare(const u8 *head, size_t len)
{
	Elf64_Nhdr nh;

	if (len < sizeof(nh) + sizeof(NOTE_NAME))
		return false;
	memcpy(&nh, head, sizeof(nh));
	return nh.n_namesz == sizeof(NOTE_NAME) &&
	       !memcmp(head + sizeof(nh), NOTE_NAME, sizeof(NOTE_NAME));
}

/* The length of the notes in @buf, without the zeros that end a segment. */
static size_t notes_end(const u8 *buf, size_t len)
{
	struct note_reader r = { .buf = buf, .len = len };
	struct note n;
	u64 bad;

	while (note_next(&r, &n, &bad))
		;
	return bad == ~0ULL && r.at <= len ? (size_t)r.at : len;
}

int notes_append(struct dump_parts *p, struct blob *b, u64 off, u64 len,
		 struct dump_error *e)
{
	u8 *notes;

	if (!len)
		return 0;
	if (off > b->size || len > b->size - off)
		return dump_fail(e, EINVAL,
				 "offset 0x%llx: 0x%llx bytes of notes reach "
				 "beyond the file",
				 (unsigned long long)off,
				 (unsigned long long)len);
	if (len > DUMP_NOTES_MAX - p->notes_len)
		return dump_fail(e, EFBIG,
				 "offset 0x%llx: 0x%llx bytes of notes, at "
				 "most 0x%llx in all",
				 (unsigned long long)off,
				 (unsigned long long)len,
				 (unsigned long long)DUMP_NOTES_MAX);
	if (p->notes_len)
		p->notes_len = notes_end(p->notes, p->notes_len);
	notes = realloc(p->notes, p->notes_len + len);
	if (!notes)
		return dump_fail(e, ENOMEM, "out of memory");
	p->notes = notes;
	if (blob_read(b, off, notes + p->notes_len, len))
		return dump_fail(e, EIO, "offset 0x%llx: notes unreadable",
				 (unsigned long long)off);
	p->notes_len += len;
	return 0;
}

int bare_open(struct blob *b, struct dump_parts *p, struct dump_error *e)
{
	return notes_append(p, b, 0, b->size, e);
}

static int not_a_part(struct dump_error *e)
{
	return dump_fail(e, EINVAL,
			 "offset 0: not a part of a split dump, which is "
			 "kdump-compressed");
}

static int open_format(struct dump *d, struct dump_parts *p,
		       struct dump_error *e)
{
	struct dump_priv *v = d->priv;
	struct blob *b = v->file[0].blob;
	u8 head[32] = { 0 };
	size_t len = b->size < sizeof(head) ? (size_t)b->size : sizeof(head);
	const char *name;
	int err;

	if (blob_read(b, 0, head, len))
		return dump_fail(e, EIO, "offset 0: unreadable");
	if (!memcmp(head, ELFMAG, SELFMAG)) {
		name = "elf";
		err = v->file_n > 1 ? not_a_part(e) : elf_open(b, p, e);
	} else if (!memcmp(head, KDUMP_SIGNATURE, 8)) {
		name = "kdump";
		err = kdump_open(v->file, v->file_n, p, e);
	} else if (is_bare(head, len)) {
		name = "notes";
		err = v->file_n > 1 ? not_a_part(e) : bare_open(b, p, e);
	} else if (!memcmp(head, CPIO_SIGNATURE, strlen(CPIO_SIGNATURE))) {
		name = "cpio";
		err = v->file_n > 1 ? not_a_part(e) : cpio_open(b, p, e);
	} else {
		return dump_fail(
			e, EINVAL,
			"offset 0: starts with %02x %02x %02x %02x: no ELF "
			"core, kdump-compressed, flattened, cpio or note file",
			head[0], head[1], head[2], head[3]);
	}
	d->format = v->file[0].flat ? "flattened" : name;
	return err;
}

static int open_file(struct dump_file *f, const char *path,
		     struct dump_error *e)
{
	char head[sizeof(FLAT_SIGNATURE)] = "";

	e->path = f->path = path;
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		return dump_fail(e, errno, "%s", strerror(errno));
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
	struct dump_parts p = { 0 };
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
	if (!rc && facts_from_notes(d->notes, d->notes_len, &d->facts,
				    &d->decisions, &d->crash, &d->problems))
		rc = dump_fail(&e, ENOMEM, "out of memory");
	if (rc)
		dump_close(d);
	return rc;
}

void dump_forget(struct dump *d)
{
	if (d->answers_free)
		d->answers_free(d->answers);
	d->answers_free = NULL;
	d->answers = NULL;
	crash_facts_free(&d->crash);
	note_problems_free(&d->problems);
	facts_free(&d->facts);
	decisions_free(&d->decisions);
}

void dump_close(struct dump *d)
{
	struct dump_priv *v = d->priv;
	size_t i;

	mem_cache_close(d->mem);
	dump_forget(d);
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
