// SPDX-License-Identifier: GPL-2.0-only
/* The bytes of a plain file, and the one line that says what was wrong. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "formats.h"

struct blob_fd {
	struct blob b;
	int fd;
};

static int file_read(struct blob *b, u64 off, void *buf, u64 len)
{
	struct blob_fd *f = (struct blob_fd *)b;
	u8 *to = buf;

	if (off > INT64_MAX || len > (u64)INT64_MAX - off)
		return -ENODATA;
	while (len) {
		ssize_t n = pread(f->fd, to, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -EIO : -ENODATA;
		to += n;
		off += (u64)n;
		len -= (u64)n;
	}
	return 0;
}

static void file_close(struct blob *b)
{
	free(b);
}

struct blob *blob_file(int fd)
{
	struct blob_fd *f = calloc(1, sizeof(*f));
	struct stat st = { 0 };
	off_t size;

	if (!f)
		return NULL;
	if (!fstat(fd, &st) && S_ISBLK(st.st_mode))
		size = lseek(fd, 0, SEEK_END);
	else
		size = st.st_size;
	if (size > 0)
		f->b.size = (u64)size;
	f->b.read = file_read;
	f->b.parallel = true;
	f->b.close = file_close;
	f->fd = fd;
	return &f->b;
}

int dump_fail(struct dump_error *e, int code, const char *fmt, ...)
{
	va_list ap;
	int n = snprintf(e->text, e->len, "%s: ", e->path);

	if (n < 0 || (size_t)n >= e->len)
		return -code;
	va_start(ap, fmt);
	vsnprintf(e->text + n, e->len - (size_t)n, fmt, ap);
	va_end(ap);
	return -code;
}
