// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which file of a dump directory is what. The names are those of kdump-tools
 * (Debian), kdump-utils (Fedora), kdump (SUSE), systemd-pstore and of
 * kdump-iommu(8).
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "dump_dir.h"

/* The first that is there counts. */
static const char *const dump_names[] = { "vmcore",
					  "vmcore.flat",
					  "dump.[0-9]*",
					  "vmcore.[0-9]*",
					  "vmcore-incomplete",
					  "dump-incomplete",
					  NULL };
static const char *const notes_names[] = { "iommu-notes", NULL };
static const char *const log_names[] = { "vmcore-dmesg.txt",
					 "dmesg.[0-9]*",
					 "dmesg.txt",
					 "dmesg",
					 "vmcore-dmesg-incomplete.txt",
					 NULL };

/* What kdump-tools compresses as a whole; nothing of it can be looked up. */
static bool is_packed(const char *name)
{
	return !fnmatch("*.gz", name, 0) || !fnmatch("*.bz2", name, 0) ||
	       !fnmatch("*.xz", name, 0) || !fnmatch("*.lz4", name, 0);
}

bool is_dump_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/*
 * Of several that fit the last by name, which ends with a time; so that the
 * choice does not depend on the order in which the directory has them.
 */
static char *best(struct dirent *const *entry, int n, const char *pattern)
{
	const char *found = NULL;
	int i;

	for (i = 0; i < n; i++)
		if (!fnmatch(pattern, entry[i]->d_name, 0))
			found = entry[i]->d_name;
	return found ? strdup(found) : NULL;
}

static char *find(const char *path, struct dirent *const *entry, int n,
		  const char *const *pattern)
{
	char *name = NULL, *whole = NULL;

	for (; *pattern && !name; pattern++)
		name = best(entry, n, *pattern);
	if (name && asprintf(&whole, "%s/%s", path, name) < 0)
		whole = NULL;
	free(name);
	return whole;
}

static bool check_dir(struct dump_dir *d, const char *path, char *err,
		      size_t err_len)
{
	if (d->dump && is_packed(d->dump)) {
		snprintf(err, err_len,
			 "%s: compressed as a whole: unpack it first", d->dump);
		return false;
	}
	if (d->dump || d->notes)
		return true;
	snprintf(err, err_len,
		 "%s: neither a dump (vmcore, dump.TIME) nor iommu-notes",
		 path);
	return false;
}

bool dump_dir_open(struct dump_dir *d, const char *path, char *err,
		   size_t err_len)
{
	struct dirent **entry;
	int n, i;

	memset(d, 0, sizeof(*d));
	n = scandir(path, &entry, NULL, alphasort);
	if (n < 0) {
		snprintf(err, err_len, "%s: %s", path, strerror(errno));
		return false;
	}
	d->dump = find(path, entry, n, dump_names);
	d->notes = find(path, entry, n, notes_names);
	d->log = find(path, entry, n, log_names);
	for (i = 0; i < n; i++)
		free(entry[i]);
	free(entry);
	return check_dir(d, path, err, err_len);
}

void dump_dir_free(struct dump_dir *d)
{
	free(d->dump);
	free(d->notes);
	free(d->log);
	memset(d, 0, sizeof(*d));
}
