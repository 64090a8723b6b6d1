// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tree.h"

#define LINE_MAX_LEN 4096
#define HEX_MAX MIB(16)

static void die(const char *what)
{
	perror(what);
	exit(99);
}

/* The bytes of one line go to @f. */
static void put_hex(FILE *f, const char *s)
{
	while (*s && *s != '#') {
		char *end;
		unsigned long v;

		if (isspace((unsigned char)*s)) {
			s++;
			continue;
		}
		v = strtoul(s + (*s == '*'), &end, *s == '*' ? 10 : 16);
		if (end == s + (*s == '*') || v > HEX_MAX)
			die(s);
		if (*s != '*')
			fputc((int)v, f);
		for (; *s == '*' && v; v--)
			fputc(0, f);
		s = end;
	}
}

static void make_parents(char *path)
{
	for (char *s = strchr(path, '/'); s; s = strchr(s + 1, '/')) {
		*s = 0;
		mkdir(path, 0755);
		*s = '/';
	}
}

static FILE *make_file(char *path)
{
	FILE *f;

	make_parents(path);
	f = fopen(path, "w");
	if (!f)
		die(path);
	return f;
}

static void plant_line(char *line, FILE **out, bool *hex)
{
	char *kind, *path, *rest;

	line[strcspn(line, "\n")] = 0;
	if (*line == '\t') {
		if (!*out)
			die("content without a file");
		if (*hex)
			put_hex(*out, line + 1);
		else
			fprintf(*out, "%s\n", line + 1);
		return;
	}
	kind = strtok_r(line, " ", &rest);
	if (!kind || *kind == '#')
		return;
	if (*out)
		fclose(*out);
	*out = NULL;
	path = strtok_r(NULL, " ", &rest);
	if (!path)
		die(kind);
	*hex = !strcmp(kind, "hex");
	if (*hex || !strcmp(kind, "text")) {
		*out = make_file(path);
		return;
	}
	make_parents(path);
	if (strcmp(kind, "link") ? mkdir(path, 0755) : symlink(rest, path))
		die(path);
}

char *tree_plant(const char *file)
{
	/* hundreds of small files: in memory where that is to be had */
	const char *dir = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
	char root[64], line[LINE_MAX_LEN];
	FILE *in = fopen(file, "r"), *out = NULL;
	bool hex = false;
	char *here;

	if (!in)
		die(file);
	snprintf(root, sizeof(root), "%s/kexec-tree.XXXXXX", dir);
	here = getcwd(NULL, 0);
	if (!here || !mkdtemp(root) || chdir(root))
		die(root);
	while (fgets(line, sizeof(line), in))
		plant_line(line, &out, &hex);
	if (out)
		fclose(out);
	fclose(in);
	if (chdir(here))
		die(here);
	free(here);
	return strdup(root);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void tree_remove(char *root)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(root);
}

u8 *tree_hex_file(const char *file, size_t *len)
{
	FILE *in = fopen(file, "r"), *out;
	char line[LINE_MAX_LEN], *bytes = NULL;

	out = open_memstream(&bytes, len);
	if (!in || !out)
		die(file);
	while (fgets(line, sizeof(line), in))
		put_hex(out, line);
	fclose(in);
	fclose(out);
	return (u8 *)bytes;
}
