// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kdump-compressed format (diskdump) of makedumpfile. Memory comes
 * through libkdumpfile; the raw notes, which no version of it gives away,
 * from the sub header (makedumpfile, diskdump_mod.h: disk_dump_header,
 * kdump_sub_header; the note fields exist since header version 4).
 *
 * makedumpfile --split makes several files of one dump: each has all headers
 * and bitmaps, and the descriptors and data of the pages from start_pfn to
 * end_pfn. libkdumpfile reads such a set since 0.5.1.
 *
 * A page that was left out is an error of the read, a page left out because
 * it was zero reads as zeros: libkdumpfile keeps the two apart.
 *
 * libkdumpfile trusts what it reads: 0.5.1 copies as many bytes into a page as
 * the page's descriptor says. So it is only let near a file whose headers add
 * up in every reading of it, and near a page whose descriptor is sound.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libkdumpfile/kdumpfile.h>
#include "formats.h"

struct disk_header {
	char signature[8];
	u32 header_version;
	char utsname[6 * 65];
	u8 pad[6];
	u64 timestamp[2];
	u32 status;
	u32 block_size;
	u32 sub_hdr_size;  /* in blocks */
	u32 bitmap_blocks; /* both bitmaps: pages there are, pages dumped */
	u32 max_mapnr;
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
	u64 offset_eraseinfo, size_eraseinfo;
	u64 start_pfn_64, end_pfn_64, max_mapnr_64;
};
ASSERT_OFFSET(struct sub_header, offset_note, 48);
ASSERT_SIZE(struct sub_header, 104);

#define SPLIT_OFFSET ((u32)offsetof(struct sub_header, split))

/* One for each page dumped, in order. */
struct page_desc {
	u64 offset;
	u32 size;
	u32 flags;
	u64 page_flags;
};
ASSERT_SIZE(struct page_desc, 24);

#define SIGNATURE "KDUMP   "
#define CACHE_PAGES 32u
#define DESC_COMPRESSED 0x27u /* zlib, lzo, snappy, zstd */
#define PROBE_MAX 1024u	      /* pages looked at for a compressed one */

#define VERSION_WITH_NOTES 4u
#define VERSION_WITH_MAPNR_64 6u
#define BLOCK_MAX KIB(64) /* the largest page of any architecture */
/* Where a 32-bit machine's header has its block size. */
#define BLOCK_SIZE_32 416u

/* A file, and the pages whose descriptors it has. */
struct split_part {
	const struct dump_file *file;
	u64 start, end;
	u64 rank; /* pages dumped before the first of them */
};

struct kdump_mem {
	struct mem mem;
	kdump_ctx_t *ctx;
	int tmp;		 /* the file put together again; -1 */
	struct blob *blob;	 /* of the first part: headers and bitmaps */
	struct split_part *part; /* by start */
	size_t parts;
	u32 block;
	u16 machine;
	u64 phys_base;
	u64 mapnr;
	u64 bitmap; /* offset of the second bitmap: pages dumped */
	u64 desc;   /* offset of the first descriptor */
	u64 *rank;  /* pages dumped before each block of it */
	u8 *bits;   /* the block of it read last */
	u64 bits_at;
};

static u64 count_bits(const u8 *bits, u64 n)
{
	u64 i = 0, sum = 0, word;

	for (; n / 8 - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, bits + i, sizeof(word));
		sum += (u64)__builtin_popcountll(word);
	}
	for (; i < n / 8; i++)
		sum += (u64)__builtin_popcount(bits[i]);
	return sum + (u64)__builtin_popcount(bits[i] & ((1u << n % 8) - 1));
}

/* Reads block @i of the second bitmap into m->bits. */
static bool read_bits(struct kdump_mem *m, u64 i)
{
	if (m->bits_at == i)
		return true;
	m->bits_at = ~0ULL;
	if (blob_read(m->blob, m->bitmap + i * m->block, m->bits, m->block))
		return false;
	m->bits_at = i;
	return true;
}

/* How many pages before @pfn there are in the dump; false: unreadable. */
static bool rank_of(struct kdump_mem *m, u64 pfn, u64 *rank)
{
	u64 per_block = (u64)m->block * 8;

	if (!read_bits(m, pfn / per_block))
		return false;
	*rank = m->rank[pfn / per_block] + count_bits(m->bits, pfn % per_block);
	return true;
}

/* Is the page in the dump, and described as a page can be? */
static bool page_sound(struct kdump_mem *m, u64 pfn)
{
	u64 at = pfn % ((u64)m->block * 8), rank, size;
	const struct split_part *p = m->part;
	struct page_desc d;

	if (pfn >= m->mapnr || !rank_of(m, pfn, &rank) ||
	    !(m->bits[at / 8] & 1u << at % 8))
		return false;
	while (pfn >= p->end)
		if (++p == m->part + m->parts)
			return false;
	if (pfn < p->start)
		return false;
	if (blob_read(p->file->blob, m->desc + (rank - p->rank) * sizeof(d), &d,
		      sizeof(d)))
		return false;
	if (d.flags & DESC_COMPRESSED ? d.size > m->block : d.size != m->block)
		return false;
	size = p->file->blob->size;
	return d.offset <= size && d.size <= size - d.offset;
}

static int kdump_mem_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct kdump_mem *m = (struct kdump_mem *)mem;
	size_t got = len;

	if (!page_sound(m, phys / m->block) ||
	    kdump_read(m->ctx, KDUMP_MACHPHYSADDR, phys, buf, &got) !=
		    KDUMP_OK ||
	    got != len) {
		kdump_clear_err(m->ctx);
		return IOMMU_EREAD;
	}
	return IOMMU_OK;
}

/*
 * Up to 0.5.1 kdump_free() reads and writes what it has freed itself, once a
 * kdump file was opened (libkdumpfile 97c716a, "Run attribute cleanup hooks
 * before deallocating attributes"). No function says which version runs, but
 * this attribute came with the mended one. @ctx is kept where it can't be
 * freed; a checker of leaks finds it in the list.
 */
static void context_free(kdump_ctx_t *ctx)
{
	static struct kept {
		kdump_ctx_t *ctx;
		struct kept *next;
	} * kept;
	kdump_attr_ref_t ref;
	struct kept *k;

	if (kdump_attr_ref(ctx, "file.eraseinfo.raw", &ref) == KDUMP_OK) {
		kdump_attr_unref(ctx, &ref);
		kdump_free(ctx);
		return;
	}
	k = malloc(sizeof(*k));
	if (k) {
		*k = (struct kept){ ctx, kept };
		kept = k;
	}
}

static void kdump_mem_close(struct mem *mem)
{
	struct kdump_mem *m = (struct kdump_mem *)mem;

	if (m->ctx)
		context_free(m->ctx);
	if (m->tmp >= 0)
		close(m->tmp);
	free(m->rank);
	free(m->bits);
	free(m->part);
	free(m);
}

/*
 * Another context for another thread: they share what libkdumpfile keeps, which
 * it locks, but each inflates its pages alone. NULL: threads take turns.
 */
static struct mem *kdump_mem_twin(struct mem *mem)
{
	const struct kdump_mem *m = (const struct kdump_mem *)mem;
	struct kdump_mem *twin = malloc(sizeof(*twin));

	if (!twin)
		return NULL;
	*twin = *m;
	twin->bits_at = ~0ULL;
	twin->bits = malloc(m->block);
	twin->ctx = twin->bits ? kdump_clone(m->ctx, 0) : NULL;
	if (twin->ctx)
		return &twin->mem;
	free(twin->bits);
	free(twin);
	return NULL;
}

/* The last context alone is what context_free() has to keep. */
static void kdump_twin_close(struct mem *mem)
{
	struct kdump_mem *m = (struct kdump_mem *)mem;

	kdump_free(m->ctx);
	free(m->bits);
	free(m);
}

/* Is @v a page size, read in either byte order? */
static bool is_page_size(u32 v)
{
	u32 r = __builtin_bswap32(v);

	return (v >= KIB(4) && v <= BLOCK_MAX && !(v & (v - 1))) ||
	       (r >= KIB(4) && r <= BLOCK_MAX && !(r & (r - 1)));
}

static int check_header(struct blob *b, struct disk_header *h,
			struct dump_error *e)
{
	u32 block_32;

	if (blob_read(b, 0, h, sizeof(*h)) ||
	    memcmp(h->signature, SIGNATURE, sizeof(h->signature)))
		return dump_fail(
			e, EINVAL,
			"offset 0: not a kdump header, or not all of it");
	if (h->block_size < KIB(4) || h->block_size > BLOCK_MAX ||
	    (h->block_size & (h->block_size - 1)))
		return dump_fail(
			e, EINVAL,
			"offset 428: kdump block size %u is no page size",
			h->block_size);
	/* It is what libkdumpfile tries first. */
	memcpy(&block_32, (const u8 *)h + BLOCK_SIZE_32, sizeof(block_32));
	if (is_page_size(block_32))
		return dump_fail(e, EINVAL,
				 "offset 416: reads as the kdump header of a "
				 "32-bit machine");
	if (h->header_version < VERSION_WITH_NOTES ||
	    h->header_version > INT8_MAX)
		return dump_fail(e, EINVAL,
				 "offset 8: kdump header version %u, known are "
				 "%u and later",
				 h->header_version, VERSION_WITH_NOTES);
	return 0;
}

/* Headers, bitmaps and descriptors must follow each other inside the file. */
static int check_layout(struct kdump_mem *m, const struct disk_header *h,
			const struct sub_header *s, struct dump_error *e)
{
	u64 blocks = m->blob->size / h->block_size, need;

	m->block = h->block_size;
	m->mapnr = h->header_version >= VERSION_WITH_MAPNR_64 ? s->max_mapnr_64
							      : h->max_mapnr;
	if (m->mapnr > (u64)h->bitmap_blocks * h->block_size * 8 ||
	    h->max_mapnr > m->mapnr)
		need = 0;
	else
		need = 2 * ((m->mapnr + h->block_size * 8ULL - 1) /
			    (h->block_size * 8ULL));
	if (!need || h->bitmap_blocks != need)
		return dump_fail(e, EINVAL,
				 "offset 436: bitmaps of %u blocks do not fit "
				 "to %llu pages",
				 h->bitmap_blocks,
				 (unsigned long long)m->mapnr);
	if (!h->sub_hdr_size || h->sub_hdr_size > blocks ||
	    h->bitmap_blocks > INT32_MAX ||
	    1ULL + h->sub_hdr_size + h->bitmap_blocks > blocks)
		return dump_fail(e, EINVAL,
				 "offset 432: sub header of %u and bitmaps of "
				 "%u blocks reach beyond the file",
				 h->sub_hdr_size, h->bitmap_blocks);
	if (s->size_eraseinfo > m->blob->size ||
	    s->offset_eraseinfo > m->blob->size - s->size_eraseinfo)
		return dump_fail(
			e, EINVAL,
			"offset 0x%x: erase info reaches beyond the file",
			h->block_size + 64);
	m->bitmap =
		(1ULL + h->sub_hdr_size + h->bitmap_blocks / 2) * h->block_size;
	m->desc = m->bitmap + (u64)h->bitmap_blocks / 2 * h->block_size;
	return 0;
}

static int count_pages(struct kdump_mem *m, struct dump_error *e)
{
	u64 i, n = (m->desc - m->bitmap) / m->block, sum = 0;

	m->rank = calloc(n, sizeof(*m->rank));
	m->bits = malloc(m->block + 1);
	m->bits_at = ~0ULL;
	if (!m->rank || !m->bits)
		return dump_fail(e, ENOMEM, "out of memory");
	m->bits[m->block] = 0;
	for (i = 0; i < n; i++) {
		if (!read_bits(m, i))
			return dump_fail(
				e, EIO, "offset 0x%llx: page bitmap unreadable",
				(unsigned long long)(m->bitmap + i * m->block));
		m->rank[i] = sum;
		sum += count_bits(m->bits, (u64)m->block * 8);
	}
	return 0;
}

/* --- the parts --- */

/* The pages of a file, by its sub header. */
static int set_range(struct split_part *p, const struct disk_header *h,
		     const struct sub_header *s, u64 mapnr,
		     struct dump_error *e)
{
	bool wide = h->header_version >= VERSION_WITH_MAPNR_64;

	p->start = 0;
	p->end = mapnr;
	if (!s->split)
		return 0;
	p->start = wide ? s->start_pfn_64 : s->start_pfn;
	p->end = wide ? s->end_pfn_64 : s->end_pfn;
	if (p->start > p->end || p->end > mapnr)
		return dump_fail(e, EINVAL,
				 "offset 0x%x: pages 0x%llx to 0x%llx of a "
				 "split dump of 0x%llx",
				 h->block_size + SPLIT_OFFSET,
				 (unsigned long long)p->start,
				 (unsigned long long)p->end,
				 (unsigned long long)mapnr);
	return 0;
}

/* Is @b, from @off on, the same in both? *@at: where it is not. */
static bool same_bytes(struct blob *a, struct blob *b, u64 off, u64 len,
		       u64 *at)
{
	u8 x[4096], y[4096];
	u64 n, i;

	for (*at = off; len; *at += n, len -= n) {
		n = len < sizeof(x) ? len : sizeof(x);
		if (blob_read(a, *at, x, n) || blob_read(b, *at, y, n))
			return false;
		for (i = 0; i < n && x[i] == y[i]; i++)
			;
		if (i < n) {
			*at += i;
			return false;
		}
	}
	return true;
}

/*
 * All parts have the same headers but for their pages, the same notes and
 * bitmaps: of another dump, even of the same machine, at least the time or the
 * bitmaps differ. libkdumpfile trusts the headers of each.
 */
static int check_same(struct kdump_mem *m, const struct sub_header *s,
		      const struct dump_file *first,
		      const struct dump_file *other, struct dump_error *e)
{
	u64 at;

	if (!other->flat &&
	    same_bytes(first->blob, other->blob, 0, sizeof(struct disk_header),
		       &at) &&
	    same_bytes(first->blob, other->blob, m->block,
		       offsetof(struct sub_header, dump_level), &at) &&
	    same_bytes(first->blob, other->blob,
		       m->block +
			       offsetof(struct sub_header, offset_vmcoreinfo),
		       offsetof(struct sub_header, offset_eraseinfo) -
			       offsetof(struct sub_header, offset_vmcoreinfo),
		       &at) &&
	    same_bytes(first->blob, other->blob, s->offset_note, s->size_note,
		       &at) &&
	    same_bytes(first->blob, other->blob, m->bitmap, m->desc - m->bitmap,
		       &at))
		return 0;
	if (other->flat)
		return dump_fail(e, EINVAL,
				 "offset 0: flattened, which no part of a "
				 "split dump is");
	return dump_fail(e, EINVAL,
			 "offset 0x%llx: not as in %s: a part of another dump",
			 (unsigned long long)at, first->path);
}

static int other_part(struct kdump_mem *m, const struct sub_header *first,
		      const struct dump_file *file, struct split_part *p,
		      struct dump_error *e)
{
	struct kdump_mem own = { .blob = file->blob };
	struct disk_header h;
	struct sub_header s;
	int err;

	e->path = file->path;
	err = check_header(file->blob, &h, e);
	if (!err && blob_read(file->blob, h.block_size, &s, sizeof(s)))
		err = dump_fail(e, EINVAL,
				"offset 0x%x: the file ends inside the kdump "
				"sub header",
				h.block_size);
	if (!err)
		err = check_layout(&own, &h, &s, e);
	if (!err)
		err = check_same(m, first, m->part[0].file, file, e);
	if (!err && !s.split)
		err = dump_fail(e, EINVAL,
				"offset 0x%x: not a part of a split dump",
				h.block_size + SPLIT_OFFSET);
	p->file = file;
	return err ? err : set_range(p, &h, &s, m->mapnr, e);
}

static int by_pages(const void *a, const void *b)
{
	const struct split_part *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

/* Each page in one part; those that are in none can't be read. */
static int check_parts(struct kdump_mem *m, struct dump_parts *parts,
		       struct dump_error *e)
{
	u64 at = 0;
	bool whole = true;
	size_t i;

	qsort(m->part, m->parts, sizeof(*m->part), by_pages);
	for (i = 0; i < m->parts; i++) {
		struct split_part *p = &m->part[i];

		e->path = p->file->path;
		if (p->start < at)
			return dump_fail(e, EINVAL,
					 "pages 0x%llx to 0x%llx are in %s too",
					 (unsigned long long)p->start,
					 (unsigned long long)at,
					 m->part[i - 1].file->path);
		whole &= p->start == at;
		at = p->end;
		if (p->start < m->mapnr && !rank_of(m, p->start, &p->rank))
			return dump_fail(e, EIO, "page bitmap unreadable");
	}
	if (!whole || at != m->mapnr)
		note_problem_in_file(parts->problems, m->block + SPLIT_OFFSET,
				     "other parts of a split dump are missing: "
				     "give all parts, each with -f");
	return 0;
}

/* utsname.machine; struct new_utsname has six texts of 65 bytes. */
static u16 machine_of(const struct disk_header *h)
{
	const char *name = h->utsname + 4 * 65;

	if (!strncmp(name, "aarch64", 65))
		return EM_AARCH64;
	return strncmp(name, "x86_64", 65) ? EM_NONE : EM_X86_64;
}

static int kdump_headers(struct kdump_mem *m, const struct dump_file *file,
			 size_t n, struct dump_parts *p, struct dump_error *e)
{
	struct disk_header h;
	struct sub_header s;
	size_t i;
	int err = check_header(m->blob, &h, e);

	if (err)
		return err;
	if (blob_read(m->blob, h.block_size, &s, sizeof(s)))
		return dump_fail(e, EINVAL,
				 "offset 0x%x: the file ends inside the kdump "
				 "sub header",
				 h.block_size);
	m->machine = machine_of(&h);
	m->phys_base = s.phys_base;
	if (s.size_note)
		err = notes_append(p, m->blob, s.offset_note, s.size_note, e);
	if (!err)
		err = check_layout(m, &h, &s, e);
	if (!err)
		err = count_pages(m, e);
	m->part = calloc(n, sizeof(*m->part));
	if (err || !m->part)
		return err ? err : dump_fail(e, ENOMEM, "out of memory");
	m->part[0].file = file;
	err = set_range(&m->part[0], &h, &s, m->mapnr, e);
	for (i = 1; !err && i < n; i++)
		err = other_part(m, &s, &file[i], &m->part[i], e);
	m->parts = n;
	return err ? err : check_parts(m, p, e);
}

/* An unlinked file with the bytes of @b. */
static int unflatten(struct blob *b, struct dump_error *e)
{
	const char *dir = getenv("TMPDIR");
	int fd, err;

	if (!dir || !*dir)
		dir = "/var/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : blob_flattened_copy(b, fd);
	if (!err)
		return fd;
	if (fd >= 0)
		close(fd);
	return dump_fail(e, -err,
			 "flattened; putting it together in %s: %s (set "
			 "TMPDIR, or use makedumpfile -R)",
			 dir, strerror(-err));
}

static kdump_status try_open(struct kdump_mem *m, const int *fd, size_t n)
{
	if (m->ctx)
		context_free(m->ctx);
	m->ctx = kdump_new();
	if (!m->ctx)
		return KDUMP_ERR_SYSTEM;
	/* Ours stands in front; its 1024 pages would be kept with a context. */
	if (kdump_set_number_attr(m->ctx, "cache.size", CACHE_PAGES) !=
	    KDUMP_OK)
		kdump_clear_err(m->ctx);
	return kdump_open_fdset(m->ctx, (unsigned int)n, fd);
}

static int kdump_memory(struct kdump_mem *m, struct dump_error *e)
{
	int fd[DUMP_FILES_MAX];
	kdump_status st;
	size_t i;

	/* In the order of their pages: empty ones come last then. */
	for (i = 0; i < m->parts; i++)
		fd[i] = m->part[i].file->fd;
	st = try_open(m, fd, m->parts);
	/* libkdumpfile reads flattened files by itself since 0.5.3. */
	if (m->part[0].file->flat && st == KDUMP_ERR_NOTIMPL) {
		m->tmp = unflatten(m->blob, e);
		if (m->tmp < 0)
			return m->tmp;
		st = try_open(m, &m->tmp, 1);
	}
	if (!m->ctx)
		return dump_fail(e, ENOMEM, "out of memory");
	if (st == KDUMP_ERR_SYSTEM)
		return dump_fail(e, ENOMEM, "libkdumpfile: %s",
				 kdump_get_err(m->ctx));
	if (st != KDUMP_OK)
		return dump_fail(e, EINVAL, "libkdumpfile: %s",
				 kdump_get_err(m->ctx));
	/*
	 * A page of the file is a block of its header, whatever the kernel's
	 * are: QEMU writes dumps of arm64 in 64 KiB, and libkdumpfile 0.5.1
	 * takes what VMCOREINFO says for the size of both.
	 */
	if (kdump_set_number_attr(m->ctx, "arch.page_size", m->block) !=
	    KDUMP_OK)
		return dump_fail(e, EINVAL, "libkdumpfile: block size: %s",
				 kdump_get_err(m->ctx));
	return 0;
}

static bool is_kdump(const u8 *head, size_t len)
{
	return len >= strlen(SIGNATURE) &&
	       !memcmp(head, SIGNATURE, strlen(SIGNATURE));
}

static int kdump_open(const struct dump_file *file, size_t n,
		      struct dump_parts *p, struct dump_error *e)
{
	struct kdump_mem *m;
	int err;

	m = calloc(1, sizeof(*m));
	if (!m)
		return dump_fail(e, ENOMEM, "out of memory");
	m->mem.read = kdump_mem_read;
	m->tmp = -1;
	m->blob = file[0].blob;
	err = kdump_headers(m, file, n, p, e);
	p->machine = m->machine;
	p->has_phys_base = true;
	p->phys_base = m->phys_base;
	if (!err)
		err = kdump_memory(m, e);
	if (!err) {
		p->mem = &m->mem;
		p->mem_close = kdump_mem_close;
		p->mem_twin_close = kdump_twin_close;
		p->mem_twin = kdump_mem_twin;
		for (size_t i = 0; i < m->parts; i++)
			if (!m->part[i].file->blob->parallel)
				p->mem_twin = NULL;
		return 0;
	}
	/* Bitmaps of a large machine take GiBs, its notes do not. */
	if (err == -ENOMEM && p->notes_len) {
		note_problem_in_file(p->problems, m->bitmap,
				     "no memory for the page bitmaps: nothing "
				     "of the dead kernel's memory can be read");
		err = 0;
	}
	kdump_mem_close(&m->mem);
	return err;
}

const struct dump_format dump_kdump = {
	.name = "kdump",
	.is = is_kdump,
	.open = kdump_open,
	.splits = true,
	/* As zlib leaves of one that leads anywhere; 1 where a step is the rule. */
	.entry_bytes = 4,
};
