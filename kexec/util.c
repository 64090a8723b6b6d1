// SPDX-License-Identifier: GPL-2.0-only
/* Errors, lines of text, files read as a whole, numbers. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "util.h"

/* A file without a length of its own, such as a pipe, may have no end. */
#define STREAM_MAX GIB(4)

int fail(struct error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

const char *root_needed(void)
{
	return geteuid() ? ": kexec must run as root" : "";
}

void lines_add(struct lines *l, const char *fmt, ...)
{
	char **more = realloc(l->line, (l->n + 1) * sizeof(*more));
	va_list ap;
	int len;

	if (!more)
		return;
	l->line = more;
	va_start(ap, fmt);
	len = vasprintf(&more[l->n], fmt, ap);
	va_end(ap);
	if (len >= 0)
		l->n++;
}

void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->line[i]);
	free(l->line);
	*l = (struct lines){ 0 };
}

static int read_all(struct file *f, int fd, size_t size)
{
	const size_t max = size > STREAM_MAX ? size : STREAM_MAX;
	size_t len = 0;
	ssize_t n;

	do {
		if (len == size || !f->data) {
			u8 *more;

			size = f->data ? size * 2 : size;
			if (size > max)
				return EFBIG;
			more = realloc(f->data, size);
			if (!more)
				return ENOMEM;
			f->data = more;
		}
		n = read(fd, f->data + len, size - len);
		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0)
			len += n;
	} while (n);
	f->len = len;
	return 0;
}

int file_open(struct file *f, const char *path, const char *what, int *fd,
	      struct error *e)
{
	bool regular = false;
	struct stat st;
	int err;

	*f = (struct file){ .path = path };
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st)) {
		err = errno;
	} else {
		regular = S_ISREG(st.st_mode);
		/* One byte more, so that the end is seen without growing. */
		err = read_all(f, *fd,
			       regular ? (size_t)st.st_size + 1 : KIB(64));
	}
	if (*fd >= 0 && (err || !f->len || !regular)) {
		close(*fd);
		*fd = -1;
	}
	if (!err && f->len)
		return 0;
	file_free(f);
	if (!err)
		return fail(e, "%s %s: the file is empty", what, path);
	return fail(e, "%s %s: %s%s", what, path, strerror(err),
		    err == EACCES ? root_needed() : "");
}

int file_read(struct file *f, const char *path, const char *what,
	      struct error *e)
{
	int fd, err = file_open(f, path, what, &fd, e);

	if (fd >= 0)
		close(fd);
	return err;
}

void file_free(struct file *f)
{
	free(f->data);
	f->data = NULL;
	f->len = 0;
}

bool parse_u64(const char *s, int base, u64 *val)
{
	char *end;

	if (!isxdigit((unsigned char)*s))
		return false;
	errno = 0;
	*val = strtoull(s, &end, base);
	return !errno && !*end;
}
