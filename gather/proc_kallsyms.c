// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of kernel symbols. The kernel formats /proc/kallsyms line by line
 * as it is read (some 10 MB), so it is searched as it comes and left as soon
 * as everything is found.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources.h"

#define CHUNK (64u << 10)
/* KSYM_NAME_LEN is 512 since 6.1; address, type, module and newline besides. */
#define LINE_MAX_LEN 640

/* "ffffffff82a5c5e0 D dmar_drhd_units\n"; modules add "\t[name]". */
static void match_line(const char *line, const char *end, struct symbol *s,
		       size_t n)
{
	char *after;
	u64 addr;

	/* The end decides nearly always, without parsing a number. */
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(s[i].name);

		if (s[i].found || (size_t)(end - line) < len ||
		    memcmp(end - len, s[i].name, len))
			continue;
		addr = strtoull(line, &after, 16);
		if (after == line || after + 3 + len != end)
			continue;
		s[i].addr = addr;
		s[i].found = true;
	}
}

static bool all_found(const struct symbol *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!s[i].found)
			return false;
	return true;
}

/* Whole lines of @buf are matched; returns how much of it they were. */
static size_t match_lines(const char *buf, size_t len, struct symbol *s,
			  size_t n)
{
	const char *line = buf, *end;

	while ((end = memchr(line, '\n', len - (size_t)(line - buf)))) {
		match_line(line, end, s, n);
		line = end + 1;
	}
	return (size_t)(line - buf);
}

int kallsyms_find(const struct sysroot *root, struct symbol *s, size_t n)
{
	int fd = sysroot_fd(root, "proc/kallsyms"), rc = 0;
	char *buf = malloc(CHUNK + 1);
	size_t kept = 0;

	if (fd < 0 || !buf) {
		rc = fd < 0 ? -errno : -ENOMEM;
		goto out;
	}
	while (!all_found(s, n)) {
		ssize_t got = read(fd, buf + kept, CHUNK - kept);
		size_t used;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			rc = got < 0 ? -errno : 0;
			break;
		}
		kept += (size_t)got;
		used = match_lines(buf, kept, s, n);
		/* A line that long is none of ours; forget it. */
		if (!used && kept > LINE_MAX_LEN)
			used = kept;
		kept -= used;
		memmove(buf, buf + used, kept);
	}
out:
	free(buf);
	if (fd >= 0)
		close(fd);
	return rc;
}
