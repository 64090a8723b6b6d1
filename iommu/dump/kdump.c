// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kdump-compressed format (diskdump) of makedumpfile. Memory comes
 * through libkdumpfile; the raw notes, which no version of it gives away,
 * from the sub header (makedumpfile, diskdump_mod.h: disk_dump_header,
 * kdump_sub_header; the note fields exist since header version 4).
 *
 * A page that was left out is an error of the read, a page left out because
 * it was zero reads as zeros: libkdumpfile keeps the two apart.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libkdumpfile/kdumpfile.h>
#include "dump.h"

struct disk_header {
	char signature[8];
	u32 header_version;
	char utsname[6 * 65];
	u8 pad[6];
	u64 timestamp[2];
	u32 status;
	u32 block_size;
	u32 sub_hdr_size; /* in blocks */
};
ASSERT_OFFSET(struct disk_header, timestamp, 408);
ASSERT_OFFSET(struct disk_header, block_size, 428);

struct sub_header {
	u64 phys_base;
	u32 dump_level;
	u32 split;
	u64 start_pfn, end_pfn;
	u64 offset_vmcoreinfo, size_vmcoreinfo;
	u64 offset_note, size_note;
};
ASSERT_OFFSET(struct sub_header, offset_note, 48);
ASSERT_SIZE(struct sub_header, 64);

#define VERSION_WITH_NOTES 4u

struct kdump_mem {
	struct mem mem;
	kdump_ctx_t *ctx;
	int tmp; /* the file put together again; -1 */
};

static int kdump_mem_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct kdump_mem *m = (struct kdump_mem *)mem;
	size_t got = len;

	if (kdump_read(m->ctx, KDUMP_MACHPHYSADDR, phys, buf, &got) !=
		    KDUMP_OK ||
	    got != len) {
		kdump_clear_err(m->ctx);
		return IOMMU_EREAD;
	}
	return IOMMU_OK;
}

static void kdump_mem_close(struct mem *mem)
{
	struct kdump_mem *m = (struct kdump_mem *)mem;

	if (m->ctx)
		kdump_free(m->ctx);
	if (m->tmp >= 0)
		close(m->tmp);
	free(m);
}

static int kdump_notes(struct blob *b, struct dump_parts *p,
		       struct dump_error *e)
{
	struct disk_header h;
	struct sub_header s;

	if (blob_read(b, 0, &h, sizeof(h)))
		return dump_fail(
			e, EINVAL,
			"offset 0: the file ends inside the kdump header");
	/* A block is a page of the dead machine. */
	if (h.block_size < KIB(4) || h.block_size > MIB(1) ||
	    (h.block_size & (h.block_size - 1)))
		return dump_fail(
			e, EINVAL,
			"offset 428: kdump block size %u is no page size",
			h.block_size);
	if (h.header_version < VERSION_WITH_NOTES)
		return 0;
	if (blob_read(b, h.block_size, &s, sizeof(s)))
		return dump_fail(e, EINVAL,
				 "offset 0x%x: the file ends inside the kdump "
				 "sub header",
				 h.block_size);
	return s.size_note ? notes_append(p, b, s.offset_note, s.size_note, e)
			   : 0;
}

/* An unlinked file with the bytes of @b, holes left as holes. */
static int unflatten(struct blob *b, struct dump_error *e)
{
	static const u8 zero[KIB(64)];
	u8 buf[KIB(64)];
	const char *dir = getenv("TMPDIR");
	u64 off, part;
	int fd;

	if (!dir || !*dir)
		dir = "/var/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return dump_fail(e, errno,
				 "flattened; putting it together in %s: %s "
				 "(set TMPDIR, or use makedumpfile -R)",
				 dir, strerror(errno));
	if (ftruncate(fd, (off_t)b->size))
		goto fail;
	for (off = 0; off < b->size; off += part) {
		part = b->size - off < sizeof(buf) ? b->size - off
						   : sizeof(buf);
		if (blob_read(b, off, buf, part)) {
			errno = EIO;
			goto fail;
		}
		if (!memcmp(buf, zero, part))
			continue;
		if (pwrite(fd, buf, part, (off_t)off) != (ssize_t)part)
			goto fail;
	}
	return fd;
fail:
	off = (u64)errno;
	close(fd);
	return dump_fail(e, off ? (int)off : EIO,
			 "flattened; putting it together in %s: %s (set "
			 "TMPDIR, or use makedumpfile -R)",
			 dir, strerror(off ? (int)off : EIO));
}

static kdump_status try_open(struct kdump_mem *m, int fd)
{
	if (m->ctx)
		kdump_free(m->ctx);
	m->ctx = kdump_new();
	return m->ctx ? kdump_open_fd(m->ctx, fd) : KDUMP_ERR_SYSTEM;
}

static int kdump_memory(struct kdump_mem *m, struct blob *b, int fd, bool flat,
			struct dump_error *e)
{
	kdump_status st = try_open(m, fd);

	/* libkdumpfile reads flattened files by itself since 0.5.3. */
	if (flat && st == KDUMP_ERR_NOTIMPL) {
		m->tmp = unflatten(b, e);
		if (m->tmp < 0)
			return m->tmp;
		st = try_open(m, m->tmp);
	}
	if (!m->ctx)
		return dump_fail(e, ENOMEM, "out of memory");
	if (st != KDUMP_OK)
		return dump_fail(e, EINVAL, "libkdumpfile: %s",
				 kdump_get_err(m->ctx));
	return 0;
}

int kdump_open(struct blob *b, int fd, bool flat, struct dump_parts *p,
	       struct dump_error *e)
{
	struct kdump_mem *m;
	int err;

	err = kdump_notes(b, p, e);
	if (err)
		return err;
	m = calloc(1, sizeof(*m));
	if (!m)
		return dump_fail(e, ENOMEM, "out of memory");
	m->mem.read = kdump_mem_read;
	m->tmp = -1;
	err = kdump_memory(m, b, fd, flat, e);
	if (err) {
		kdump_mem_close(&m->mem);
		return err;
	}
	p->mem = &m->mem;
	p->mem_close = kdump_mem_close;
	return 0;
}
