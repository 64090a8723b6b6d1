// SPDX-License-Identifier: GPL-2.0-only
/*
 * A captured machine: any tree of files and links, PCI configuration space
 * among them, gathered and written as notes.
 *
 * Input, for each file: u8 kind, u8 length of its path, u16 of its content
 * (of a link, its target), path, content.
 */
#include <fcntl.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"
#include "gather.h"

#define KIND_LINK 1u
#define FILES_MAX 512
#define DEPTH_MAX 12

struct entry {
	char path[256];
	const u8 *content;
	u16 len;
	bool link;
};

/* Names as sysfs has them, and nothing that leads elsewhere. */
static bool path_ok(const char *path, size_t len)
{
	unsigned int depth = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		bool first = !i || path[i - 1] == '/';

		depth += path[i] == '/';
		if (first && (path[i] == '.' || path[i] == '/'))
			return false;
		if (path[i] <= ' ' || path[i] > '~')
			return false;
	}
	return len && path[len - 1] != '/' && depth < DEPTH_MAX;
}

static bool next_entry(const u8 **data, size_t *len, struct entry *e)
{
	u8 path_len;

	if (*len < 4)
		return false;
	e->link = (*data)[0] == KIND_LINK;
	path_len = (*data)[1];
	memcpy(&e->len, *data + 2, sizeof(e->len));
	*data += 4;
	*len -= 4;
	if (path_len > *len || e->len > *len - path_len ||
	    !path_ok((const char *)*data, path_len))
		return false;
	memcpy(e->path, *data, path_len);
	e->path[path_len] = 0;
	e->content = *data + path_len;
	*data += path_len + e->len;
	*len -= path_len + e->len;
	return true;
}

/* Never through a link of the tree: what is written stays in it. */
static int open_in(int dir, const char *name, u64 flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
				.mode = flags & O_CREAT ? 0600 : 0,
				.resolve = RESOLVE_BENEATH |
					   RESOLVE_NO_SYMLINKS };

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

/* The directory of @path, made; *name is what remains. */
static int open_parent(int top, const char *path, const char **name)
{
	int dir = dup(top), below;
	char part[256];
	const char *end;

	for (; dir >= 0 && (end = strchr(path, '/')); path = end + 1) {
		memcpy(part, path, (size_t)(end - path));
		part[end - path] = 0;
		mkdirat(dir, part, 0700);
		below = open_in(dir, part, O_PATH | O_DIRECTORY);
		close(dir);
		dir = below;
	}
	*name = path;
	return dir;
}

static void plant(int top, const struct entry *e)
{
	char target[256];
	const char *name;
	int dir = open_parent(top, e->path, &name), fd;

	if (dir < 0)
		return;
	if (e->link && e->len < sizeof(target)) {
		memcpy(target, e->content, e->len);
		target[e->len] = 0;
		if (symlinkat(target, dir, name))
			e = NULL; /* there is something already */
	} else if (!e->link) {
		fd = open_in(dir, name, O_WRONLY | O_CREAT | O_EXCL);
		if (fd >= 0 && write(fd, e->content, e->len) != e->len)
			abort();
		if (fd >= 0)
			close(fd);
	}
	close(dir);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* Who reads it on a terminal sees text. */
static void check_name(const char *s)
{
	for (; *s; s++)
		FUZZ_RULE(*s >= ' ' && *s <= '~');
}

static void check_facts(const struct facts *f)
{
	struct decisions decided;
	struct note_segment *seg;
	size_t n, i, bad;

	check_name(f->release ? f->release : "");
	for (i = 0; i < f->unit_n; i++)
		check_name(f->unit[i].name);
	for (i = 0; i < f->device_n; i++) {
		check_name(f->device[i].name);
		check_name(f->device[i].driver ? f->device[i].driver : "");
		FUZZ_RULE(f->device[i].unit == REC_NONE ||
			  f->device[i].unit < f->unit_n);
	}
	for (i = 0; i < f->missing_n; i++)
		check_name(f->missing[i].why);
	FUZZ_RULE(!decide(f, IOMMU_MODE_AUTO, NULL, 0, &decided, &bad));
	FUZZ_RULE(!facts_to_notes(f, &decided, &seg, &n));
	note_segments_free(seg, n);
	decisions_free(&decided);
}

int fuzz_sysfs(const u8 *data, size_t len)
{
	/* many small files: in memory where that is to be had */
	const char *dir = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
	char top[64];
	struct gather_opts o = { .tables = true };
	struct sysroot root;
	struct facts f;
	struct entry e;
	int i, fd;

	snprintf(top, sizeof(top), "%s/fuzz-sysfs.XXXXXX", dir);
	if (!mkdtemp(top))
		abort();
	fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; i < FILES_MAX && next_entry(&data, &len, &e); i++)
		plant(fd, &e);
	close(fd);
	if (sysroot_open(&root, top))
		abort();
	o.root = &root;
	memset(&f, 0, sizeof(f));
	FUZZ_RULE(!gather(&f, &o));
	check_facts(&f);
	facts_free(&f);
	sysroot_close(&root);
	nftw(top, remove_one, DEPTH_MAX + 4, FTW_DEPTH | FTW_PHYS);
	return 0;
}
