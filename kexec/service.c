// SPDX-License-Identifier: GPL-2.0-only
/* Files for the service that calls kexec: its wish, and what became of it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "iommu.h"
#include "options.h"
#include "service.h"

#define CONF "etc/kdump-iommu.conf"
#define CONF_MAX 65536
#define STATE_DIR "run/kexec-iommu"
#define STATE STATE_DIR "/crash"
#define STATE_NEW STATE ".new"

/* The file is a shell's too: a value may stand in quotes. */
static char *unquoted(char *value)
{
	size_t len = strlen(value);

	if (len < 2 || (*value != '"' && *value != '\'') ||
	    value[len - 1] != *value)
		return value;
	value[len - 1] = 0;
	return value + 1;
}

/* Without a comment and the blanks that precede it. */
static void cut_comment(char *text)
{
	size_t len = strcspn(text, "#");

	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	text[len] = 0;
}

/*
 * The mode that a line's text behind "IOMMU" gives. A blank beside the '=' is
 * an error, as in a shell: it must not pass for a file that asks for nothing.
 */
static u32 wish_of(char *text, struct lines *warnings)
{
	const char *sign = *text == '=' ? "=" : "";
	const char *value;
	u32 wish;

	cut_comment(text);
	value = *sign ? unquoted(text + 1) : text;
	if (!*value)
		return IOMMU_MODE_N;
	wish = iommu_mode_parse(value);
	if (wish >= IOMMU_MODE_N)
		lines_add(warnings,
			  "/" CONF ": IOMMU%s%s: not one of off, record, copy, "
			  "abort, sink, auto: going on as without",
			  sign, value);
	return wish;
}

/* wish_now() of the script kdump-iommu reads it likewise. */
u32 service_wish(const struct sysroot *root, struct lines *warnings)
{
	char *text = sysroot_read(root, CONF, CONF_MAX, NULL), *at = text;
	u32 wish = IOMMU_MODE_N;

	for (char *line; (line = strsep(&at, "\n"));) {
		line += strspn(line, " \t");
		if (!strncmp(line, "IOMMU", 5) && line[5] &&
		    strchr("= \t", line[5]))
			wish = wish_of(line + 5, warnings);
	}
	free(text);
	return wish;
}

/* As a word that a POSIX shell reads back. */
static void put_word(FILE *f, const char *text)
{
	fputc('\'', f);
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", f);
		else
			fputc(*text, f);
	fputc('\'', f);
}

/* Words in quotes, all of it in quotes again: for the shell's "eval set --". */
static void put_args(FILE *f, const struct options *o)
{
	char *words = NULL;
	size_t len;
	FILE *m = open_memstream(&words, &len);

	for (int i = 1; m && i < o->argc; i++) {
		if (i > 1)
			fputc(' ', m);
		put_word(m, o->argv[i]);
	}
	if (m)
		fclose(m);
	fputs("args=", f);
	put_word(f, words ? words : "");
	fputc('\n', f);
	free(words);
}

static void put_all(FILE *f, const struct options *o,
		    const struct service_loaded *s)
{
	fprintf(f, "mode=%s\nwished=%s\nsyscall=%s\nwhy=",
		iommu_mode_name(s->mode),
		s->wished < IOMMU_MODE_N ? iommu_mode_name(s->wished) : "",
		s->file_load ? "kexec_file_load" : "kexec_load");
	put_word(f, s->why.text);
	fputc('\n', f);
	put_args(f, o);
}

void service_tell_loaded(const struct sysroot *root, const struct options *o,
			 const struct service_loaded *s)
{
	FILE *f;
	int fd;

	mkdirat(root->dirfd, STATE_DIR, 0755);
	fd = openat(root->dirfd, STATE_NEW,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		if (fd >= 0)
			close(fd);
		return;
	}
	put_all(f, o, s);
	if (fclose(f) || renameat(root->dirfd, STATE_NEW, root->dirfd, STATE)) {
		/* What stands there is of another image. */
		unlinkat(root->dirfd, STATE_NEW, 0);
		service_tell_unloaded(root);
	}
}

void service_tell_unloaded(const struct sysroot *root)
{
	unlinkat(root->dirfd, STATE, 0);
}
