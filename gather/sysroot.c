// SPDX-License-Identifier: GPL-2.0-only
/* Files of the running system, or of a directory captured from another one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sources.h"

int sysroot_open(struct sysroot *s, const char *root)
{
	*s = (struct sysroot){ .dirfd = -1 };
	s->dirfd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->dirfd < 0)
		return -errno;
	s->path = strdup(root);
	if (!s->path) {
		sysroot_close(s);
		return -ENOMEM;
	}
	s->live = !strcmp(root, "/");
	return 0;
}

void sysroot_close(struct sysroot *s)
{
	if (s->dirfd >= 0)
		close(s->dirfd);
	free(s->path);
	*s = (struct sysroot){ .dirfd = -1 };
}

/*
 * A captured directory may come from anywhere: its links must not lead out of
 * it. Kernels before 5.6 can't promise that; sysfs links are relative, so the
 * plain call does there.
 */
static int open_below(const struct sysroot *s, const char *path, int flags)
{
	struct open_how how = { .flags = (u64)(flags | O_CLOEXEC),
				.resolve = RESOLVE_IN_ROOT };
	long fd = -1;

	if (!s->live) {
		fd = syscall(SYS_openat2, s->dirfd, path, &how, sizeof(how));
		if (fd >= 0 || errno != ENOSYS)
			return (int)fd;
	}
	return openat(s->dirfd, path, flags | O_CLOEXEC);
}

int sysroot_fd(const struct sysroot *s, const char *path)
{
	/* O_NONBLOCK: a FIFO must not hang us before the type is known. */
	int fd = open_below(s, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

bool sysroot_exists(const struct sysroot *s, const char *path)
{
	int fd = open_below(s, path, O_PATH);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

bool read_all(int fd, void *buf, size_t len, u64 off)
{
	u8 *p = buf;

	while (len) {
		ssize_t got = pread(fd, p, len, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		off += (size_t)got;
		len -= (size_t)got;
	}
	return true;
}

/* Sizes of proc and sysfs files are not to be believed: read to the end. */
static char *read_to_end(int fd, size_t max, size_t *len)
{
	size_t used = 0, size = max < 4096 ? max + 2 : 4096;
	struct stat st;
	char *buf;

	/* ... but a true one saves the copying. */
	if (!fstat(fd, &st) && st.st_size > 0 && (u64)st.st_size <= max)
		size = (size_t)st.st_size + 2;
	buf = malloc(size);
	while (buf) {
		ssize_t got = read(fd, buf + used, size - used - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		used += (size_t)got;
		if (used > max) {
			errno = EFBIG;
			break;
		}
		if (!got) {
			buf[used] = '\0';
			if (len)
				*len = used;
			return buf;
		}
		if (size - used < 2) {
			char *bigger = realloc(buf, size *= 2);

			if (!bigger)
				break;
			buf = bigger;
		}
	}
	free(buf);
	return NULL;
}

char *sysroot_read(const struct sysroot *s, const char *path, size_t max,
		   size_t *len)
{
	int fd = sysroot_fd(s, path), saved;
	char *text;

	if (fd < 0)
		return NULL;
	text = read_to_end(fd, max, len);
	saved = errno;
	close(fd);
	errno = saved;
	return text;
}

bool sysroot_head(const struct sysroot *s, const char *path, char *buf,
		  size_t size)
{
	int fd = sysroot_fd(s, path), saved;
	ssize_t got;

	if (fd < 0)
		return false;
	do
		got = read(fd, buf, size - 1);
	while (got < 0 && errno == EINTR);
	saved = errno;
	close(fd);
	errno = saved;
	if (got < 0)
		return false;
	buf[got] = '\0';
	return true;
}

static bool vpath(char *path, const char *format, va_list ap)
{
	int n = vsnprintf(path, SYSROOT_PATH_MAX, format, ap);

	if (n >= 0 && n < SYSROOT_PATH_MAX)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

char *sysroot_readf(const struct sysroot *s, size_t max, size_t *len,
		    const char *format, ...)
{
	char path[SYSROOT_PATH_MAX];
	va_list ap;
	bool ok;

	va_start(ap, format);
	ok = vpath(path, format, ap);
	va_end(ap);
	return ok ? sysroot_read(s, path, max, len) : NULL;
}

bool sysroot_number(const struct sysroot *s, int base, u64 *val,
		    const char *format, ...)
{
	char path[SYSROOT_PATH_MAX], *text, *end;
	unsigned long long v;
	va_list ap;
	bool ok;

	va_start(ap, format);
	ok = vpath(path, format, ap);
	va_end(ap);
	text = ok ? sysroot_read(s, path, 256, NULL) : NULL;
	if (!text)
		return false;
	errno = 0;
	v = strtoull(text, &end, base);
	ok = !errno && end != text && (!*end || *end == '\n');
	if (ok)
		*val = v;
	free(text);
	return ok;
}

static int no_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static int by_version(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/*
 * No kernel names anything otherwise, and names are printed: one that a
 * terminal would obey is none.
 */
static bool is_plain(const char *name)
{
	for (; *name; name++)
		if (*name < ' ' || *name > '~')
			return false;
	return true;
}

char **sysroot_list(const struct sysroot *s, const char *path, size_t *n)
{
	int fd = open_below(s, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char **names = NULL;
	struct dirent *d;

	*n = 0;
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	while ((d = readdir(dir))) {
		char **slot;

		if (!no_dots(d) || !is_plain(d->d_name))
			continue;
		slot = array_grow(&names, n, sizeof(*names));
		if (slot && (*slot = strdup(d->d_name)))
			continue;
		sysroot_list_free(names, *n);
		closedir(dir);
		*n = 0;
		errno = ENOMEM;
		return NULL;
	}
	closedir(dir);
	if (!names)
		names = calloc(1, sizeof(*names));
	if (names)
		qsort(names, *n, sizeof(*names), by_version);
	return names;
}

void sysroot_list_free(char **names, size_t n)
{
	for (size_t i = 0; names && i < n; i++)
		free(names[i]);
	free(names);
}

char *sysroot_readlink(const struct sysroot *s, const char *path)
{
	char target[PATH_MAX];
	int fd = open_below(s, path, O_PATH | O_NOFOLLOW);
	ssize_t n;
	int saved;

	if (fd < 0)
		return NULL;
	n = readlinkat(fd, "", target, sizeof(target));
	saved = errno == ENOENT ? EINVAL : errno; /* it is there: no link */
	close(fd);
	if (n < 0 || (size_t)n >= sizeof(target)) {
		errno = n < 0 ? saved : ENAMETOOLONG;
		return NULL;
	}
	return strndup(target, (size_t)n);
}

char *sysroot_link(const struct sysroot *s, const char *path)
{
	char *target = sysroot_readlink(s, path), *last = NULL;
	const char *slash, *name;

	if (!target)
		return NULL;
	slash = strrchr(target, '/');
	name = slash ? slash + 1 : target;
	if (is_plain(name))
		last = strdup(name);
	else
		errno = EINVAL;
	free(target);
	return last;
}
