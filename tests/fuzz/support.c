// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "gather.h"

#define WORD_RECORD 12u /* u32 address / 8, u64 word */

void *fuzz_copy(const u8 *data, size_t len)
{
	void *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	if (len)
		memcpy(copy, data, len);
	return copy;
}

char *fuzz_text(const u8 *data, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		abort();
	if (len)
		memcpy(text, data, len);
	text[len] = 0;
	return text;
}

static void write_all(int fd, const u8 *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n <= 0)
			abort();
		data += n;
		len -= n;
	}
}

static char root_path[256];
static char last_file[PATH_MAX];

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_root(void)
{
	nftw(root_path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* "proc/kcore" below the root, its directories made, alone there. */
static int create(const char *path)
{
	char full[PATH_MAX];
	char *p;

	snprintf(full, sizeof(full), "%s/%s", root_path, path);
	for (p = full + strlen(root_path) + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(full, 0700);
		*p = '/';
	}
	if (strcmp(last_file, full))
		unlink(last_file);
	memcpy(last_file, full, sizeof(full));
	return open(full, O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

const struct sysroot *fuzz_root(const char *path, const u8 *data, size_t len)
{
	static struct sysroot root;
	int fd;

	if (!*root_path) {
		snprintf(root_path, sizeof(root_path), "%s/fuzz.XXXXXX",
			 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
		if (!mkdtemp(root_path) || sysroot_open(&root, root_path))
			abort();
		atexit(remove_root);
	}
	fd = create(path);
	if (fd < 0)
		abort();
	write_all(fd, data, len);
	close(fd);
	return &root;
}

const char *fuzz_file(const u8 *data, size_t len)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz", 0);
	if (fd < 0 || ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
		abort();
	write_all(fd, data, len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

/* --- the input as memory --- */

u64 fuzz_number(const u8 *data, size_t len, unsigned int i)
{
	u64 val = 0;

	if (i < FUZZ_NUMBERS && (i + 1) * sizeof(val) <= len)
		memcpy(&val, data + i * sizeof(val), sizeof(val));
	return val;
}

/* The page at a frame number; made when @make and there is room. */
static u8 *find_page(struct fuzz_mem *f, u64 frame, bool make)
{
	size_t at = frame * 0x9e3779b97f4a7c15ULL >> 56;

	/* There are four times as many slots as pages: one is empty. */
	for (; f->slot[at]; at = (at + 1) % ARRAY_SIZE(f->slot))
		if (f->frame[f->slot[at] - 1] == frame)
			return f->bytes + (f->slot[at] - 1) * PAGE_4K;
	if (!make || f->pages == FUZZ_PAGES)
		return NULL;
	f->frame[f->pages] = (u32)frame;
	f->slot[at] = (u8)++f->pages;
	return f->bytes + (f->pages - 1) * PAGE_4K;
}

/* Each word of the input that is there at first, or that comes @later. */
static void each_word(struct fuzz_mem *f, bool later,
		      void (*take)(struct fuzz_mem *f, u32 index,
				   const u8 *word))
{
	size_t at = FUZZ_NUMBERS * sizeof(u64);
	u32 index;

	for (; at + WORD_RECORD <= f->input_len; at += WORD_RECORD) {
		memcpy(&index, f->input + at, sizeof(index));
		if (!(index & FUZZ_LATER) == !later)
			take(f, index & ~FUZZ_LATER,
			     f->input + at + sizeof(index));
	}
}

static void put_word(struct fuzz_mem *f, u32 index, const u8 *word)
{
	u8 *page = find_page(f, index / 512, true);

	if (page)
		memcpy(page + index % 512 * 8, word, 8);
}

static void change_word(struct fuzz_mem *f, u32 index, const u8 *word)
{
	u8 *page = find_page(f, index / 512, false);

	if (page && f->may_change[(page - f->bytes) / PAGE_4K])
		memcpy(page + index % 512 * 8, word, 8);
}

static void allow_change(struct fuzz_mem *f, u64 frame)
{
	u8 *page = find_page(f, frame, false);

	if (page)
		f->may_change[(page - f->bytes) / PAGE_4K] = true;
}

static void allow_target(struct fuzz_mem *f, u32 index, const u8 *word)
{
	u64 target;

	memcpy(&target, word, sizeof(target));
	if (index / 512 == f->top / PAGE_4K)
		allow_change(f, target / PAGE_4K);
}

void fuzz_mem_change(struct fuzz_mem *f, u64 top, u64 after)
{
	f->top = top;
	f->change_after = after;
	allow_change(f, top / PAGE_4K);
	each_word(f, false, allow_target);
	each_word(f, true, allow_target);
}

static int read_mem(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct fuzz_mem *f = (struct fuzz_mem *)m;
	const u8 *page;

	if (span_holds(&f->arena, phys, len)) {
		memcpy(buf, f->arena_bytes + (phys - f->arena.start), len);
		return IOMMU_OK;
	}
	page = find_page(f, phys / PAGE_4K, false);
	/* Walkers promise never to cross a page (mem.h). */
	FUZZ_RULE(phys % PAGE_4K + len <= PAGE_4K);
	if (!page)
		return IOMMU_EREAD;
	memcpy(buf, page + phys % PAGE_4K, len);
	if (f->change_after && !--f->change_after)
		each_word(f, true, change_word);
	return IOMMU_OK;
}

/* The library may write to its arena and nowhere else. */
static int write_mem(struct mem *m, u64 phys, const void *buf, u32 len)
{
	struct fuzz_mem *f = (struct fuzz_mem *)m;

	FUZZ_RULE(span_holds(&f->arena, phys, len));
	memcpy(f->arena_bytes + (phys - f->arena.start), buf, len);
	return IOMMU_OK;
}

/* What was the dead kernel's: never the arena. */
static int store_mem(struct mem *m, u64 phys, u64 val)
{
	struct fuzz_mem *f = (struct fuzz_mem *)m;
	u8 *page = find_page(f, phys / PAGE_4K, false);

	FUZZ_RULE(!span_holds(&f->arena, phys, 8) && !(phys & 7));
	if (!page)
		return IOMMU_EREAD;
	memcpy(page + phys % PAGE_4K, &val, sizeof(val));
	return IOMMU_OK;
}

void fuzz_mem_init(struct fuzz_mem *f, const u8 *data, size_t len)
{
	memset(f, 0, sizeof(*f));
	f->m.read = read_mem;
	f->m.write = write_mem;
	f->m.store64 = store_mem;
	f->input = data;
	f->input_len = len;
	f->bytes = calloc(FUZZ_PAGES, PAGE_4K);
	if (!f->bytes)
		abort();
	each_word(f, false, put_word);
}

void fuzz_mem_free(struct fuzz_mem *f)
{
	free(f->bytes);
}
