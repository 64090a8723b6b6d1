// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where iommudump report --html writes its page. A page names what a dump
 * holds, so it is its owner's alone; one that is cut short would look like an
 * answer, so it takes its name only when all of it is on the disk. Until then
 * what had this name before stays as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "page_file.h"
#include "report.h"

bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* By whatever name: /dev/stdout is a link that no page must take the place of. */
static bool is_stdout(const char *path)
{
	struct stat out, st;

	return !strcmp(path, "-") ||
	       (!fstat(STDOUT_FILENO, &out) && !stat(path, &st) &&
		out.st_dev == st.st_dev && out.st_ino == st.st_ino);
}

/* A device or a pipe: there is nothing to put in its place. */
static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

static int failed(void)
{
	return errno ? -errno : -EIO;
}

/* @f is closed in any case. */
static int write_and_close(FILE *f, struct json_object *doc, bool sync)
{
	int err = 0;

	errno = 0;
	if (!write_html(f, doc) || (sync && fsync(fileno(f))))
		err = failed();
	if (fclose(f) && !err)
		err = failed();
	return err;
}

static int write_beside(const char *path, struct json_object *doc)
{
	char *temporary;
	int fd, err;
	FILE *f;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC); /* for its owner alone */
	if (fd < 0) {
		err = failed();
		free(temporary);
		return err;
	}
	f = fdopen(fd, "w");
	if (f) {
		err = write_and_close(f, doc, true);
	} else {
		err = failed();
		close(fd);
	}
	if (!err && rename(temporary, path))
		err = failed();
	if (err)
		unlink(temporary);
	free(temporary);
	return err;
}

int save_page(const char *path, struct json_object *doc)
{
	FILE *f;

	if (is_stdout(path)) {
		errno = 0;
		return write_html(stdout, doc) ? 0 : failed();
	}
	if (!is_special(path))
		return write_beside(path, doc);
	f = fopen(path, "we");
	return f ? write_and_close(f, doc, false) : failed();
}
