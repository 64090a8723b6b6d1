// SPDX-License-Identifier: GPL-2.0-only
/*
 * makedumpfile -F: a stream of records (offset, size, bytes) behind a 4096
 * byte header, so that a dump can go through a pipe (makedumpfile,
 * makedumpfile.h: struct makedumpfile_header, makedumpfile_data_header; all
 * numbers big endian). Debian's kdump-tools saves nothing else.
 *
 * Nothing is copied: an index says which bytes of the stream are which bytes
 * of the dump. Records may overlap, makedumpfile writes headers and bitmaps
 * again when it knows more; the last one holds.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "formats.h"

#define FLAT_HEADER 4096u
#define FLAT_TYPE 1u
#define FLAT_VERSION 1u
#define FLAT_END (-1LL)
#define FLAT_RECORDS_MAX (1u << 24)

struct flat_header {
	char signature[16];
	u64 type;
	u64 version;
};
ASSERT_SIZE(struct flat_header, 32);

struct stream_record {
	u64 off; /* in the dump */
	u64 len;
	u64 pos; /* in the stream */
};

struct flat {
	struct blob b;
	struct blob *stream;
	struct stream_record *r;
	size_t n, room;
};

static int add(struct flat *f, u64 off, u64 len, u64 pos)
{
	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : 1024;
		struct stream_record *r = reallocarray(f->r, room, sizeof(*r));

		if (!r)
			return -ENOMEM;
		f->r = r;
		f->room = room;
	}
	f->r[f->n++] = (struct stream_record){ off, len, pos };
	if (off + len > f->b.size)
		f->b.size = off + len;
	return 0;
}

static int flat_header(struct flat *f, struct dump_error *e)
{
	struct flat_header h;

	if (blob_read(f->stream, 0, &h, sizeof(h)) ||
	    strncmp(h.signature, FLAT_SIGNATURE, sizeof(h.signature)))
		return dump_fail(e, EINVAL, "offset 0: no flattened header");
	if (be64toh(h.type) != FLAT_TYPE || be64toh(h.version) != FLAT_VERSION)
		return dump_fail(e, EINVAL,
				 "offset 16: flattened type %llu version %llu, "
				 "known is 1, 1",
				 (unsigned long long)be64toh(h.type),
				 (unsigned long long)be64toh(h.version));
	return 0;
}

/* One record at @pos; *@len: its bytes. Where the file ends in it, f->b.cut. */
static int flat_record(struct flat *f, u64 pos, u64 h[2], struct dump_error *e)
{
	u64 start = pos + 2 * sizeof(*h), there = f->stream->size - start;
	int64_t off = (int64_t)h[0], len = (int64_t)h[1];
	int err;

	if (off < 0 || len < 0 || off > INT64_MAX - len)
		return dump_fail(e, EINVAL,
				 "offset 0x%llx: flattened record of 0x%llx "
				 "bytes at 0x%llx",
				 (unsigned long long)pos,
				 (unsigned long long)len,
				 (unsigned long long)off);
	if (f->n >= FLAT_RECORDS_MAX)
		return dump_fail(
			e, EFBIG,
			"offset 0x%llx: more than %u flattened records",
			(unsigned long long)pos, FLAT_RECORDS_MAX);
	if ((u64)len > there) {
		f->b.cut = pos;
		len = (int64_t)there;
	}
	err = len ? add(f, (u64)off, (u64)len, start) : 0;
	return err ? dump_fail(e, -err, "out of memory") : 0;
}

/*
 * A stream that ends too early is what a machine leaves that lost power while
 * the dump was saved: all that is there is read.
 */
static int flat_index(struct flat *f, struct dump_error *e)
{
	u64 pos = FLAT_HEADER, h[2];
	int err = 0;

	for (; !err && !f->b.cut; pos += sizeof(h) + h[1]) {
		if (blob_read(f->stream, pos, h, sizeof(h))) {
			f->b.cut = pos;
			break;
		}
		h[0] = be64toh(h[0]);
		h[1] = be64toh(h[1]);
		if ((int64_t)h[0] == FLAT_END)
			break;
		err = flat_record(f, pos, h, e);
	}
	if (!err && !f->n)
		err = dump_fail(e, EINVAL,
				"offset 0x%llx: the flattened stream ends "
				"before its first record",
				(unsigned long long)pos);
	return err;
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static size_t cut_index(const u64 *cut, size_t n, u64 v)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cut[mid] < v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Follows @next to the first piece not yet taken, and shortens the way. */
static size_t piece_free(size_t *next, size_t i)
{
	while (next[i] != i) {
		next[i] = next[next[i]];
		i = next[i];
	}
	return i;
}

/*
 * Cuts the dump at every start and end of a record and gives each piece to
 * the last record that has it: no overlap afterwards, sorted, n log n.
 */
static int flat_resolve(struct flat *f)
{
	size_t i, p, pieces, n = 0;
	u64 *cut = calloc(2 * f->n + 1, sizeof(*cut));
	size_t *next = calloc(2 * f->n + 1, sizeof(*next));
	struct stream_record *out = calloc(2 * f->n + 1, sizeof(*out));

	if (!cut || !next || !out) {
		free(cut);
		free(next);
		free(out);
		return -ENOMEM;
	}
	for (i = 0; i < f->n; i++) {
		cut[n++] = f->r[i].off;
		cut[n++] = f->r[i].off + f->r[i].len;
	}
	qsort(cut, n, sizeof(*cut), by_value);
	for (i = 0, pieces = 0; i < n; i++)
		if (!pieces || cut[pieces - 1] != cut[i])
			cut[pieces++] = cut[i];
	for (i = 0; i <= pieces; i++)
		next[i] = i;
	for (i = f->n; i-- > 0;) {
		const struct stream_record *r = &f->r[i];

		p = piece_free(next, cut_index(cut, pieces, r->off));
		for (; p < pieces && cut[p] < r->off + r->len;
		     p = piece_free(next, p)) {
			out[p] = (struct stream_record){ cut[p],
							 cut[p + 1] - cut[p],
							 r->pos + cut[p] -
								 r->off };
			next[p] = p + 1;
		}
	}
	for (i = 0, n = 0; i < pieces; i++)
		if (out[i].len)
			out[n++] = out[i];
	free(cut);
	free(next);
	free(f->r);
	f->r = out;
	f->n = n;
	return 0;
}

/* The record that holds @off, or the first behind it. */
static size_t flat_find(const struct flat *f, u64 off)
{
	size_t lo = 0, hi = f->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->r[mid].off + f->r[mid].len <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* What no record wrote is a hole: makedumpfile -R leaves zeros there. */
static int flat_read(struct blob *b, u64 off, void *buf, u64 len)
{
	struct flat *f = (struct flat *)b;
	u8 *to = buf;
	size_t i;

	if (off > b->size || len > b->size - off)
		return -ENODATA;
	for (i = flat_find(f, off); len; i++) {
		u64 gap = i < f->n && f->r[i].off > off ? f->r[i].off - off : 0;
		u64 skip, part;
		int err;

		if (gap > len)
			gap = len;
		memset(to, 0, gap);
		to += gap;
		off += gap;
		len -= gap;
		if (!len)
			break;
		skip = off - f->r[i].off;
		part = f->r[i].len - skip;
		if (part > len)
			part = len;
		err = blob_read(f->stream, f->r[i].pos + skip, to, part);
		if (err)
			return err;
		to += part;
		off += part;
		len -= part;
	}
	return 0;
}

static void flat_close(struct blob *b)
{
	struct flat *f = (struct flat *)b;

	f->stream->close(f->stream);
	free(f->r);
	free(f);
}

/* Goes by the records: the dump may claim to be larger than any disk. */
int blob_flattened_copy(struct blob *b, int fd)
{
	struct flat *f = (struct flat *)b;
	u8 buf[KIB(64)];
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct stream_record *r = &f->r[i];
		u64 at, part;

		for (at = 0; at < r->len; at += part) {
			part = r->len - at < sizeof(buf) ? r->len - at
							 : sizeof(buf);
			if (blob_read(f->stream, r->pos + at, buf, part))
				return -EIO;
			if (pwrite(fd, buf, part, (off_t)(r->off + at)) !=
			    (ssize_t)part)
				return errno ? -errno : -ENOSPC;
		}
	}
	return 0;
}

struct blob *blob_flattened(int fd, struct dump_error *e)
{
	struct flat *f = calloc(1, sizeof(*f));

	if (f)
		f->stream = blob_file(fd);
	if (!f || !f->stream) {
		free(f);
		dump_fail(e, ENOMEM, "out of memory");
		return NULL;
	}
	f->b.read = flat_read;
	f->b.close = flat_close;
	if (flat_header(f, e) || flat_index(f, e))
		goto fail;
	if (flat_resolve(f)) {
		dump_fail(e, ENOMEM, "out of memory");
		goto fail;
	}
	return &f->b;
fail:
	flat_close(&f->b);
	return NULL;
}
