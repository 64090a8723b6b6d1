// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where members are, from the DWARF of a vmlinux that is given by hand. Only
 * when it is the running kernel's: the build ids must agree.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources.h"

#define KERNEL_NOTES "sys/kernel/notes"

static bool same_build(const struct sysroot *root, struct vmlinux *v, char *why,
		       size_t why_len)
{
	struct note_reader r = { 0 };
	struct note n;
	size_t len;
	bool same = false;
	char *notes = sysroot_read(root, KERNEL_NOTES, MIB(1), &len);
	u64 bad;

	if (!notes) {
		snprintf(why, why_len, "%s has no build id", KERNEL_NOTES);
		return false;
	}
	r.buf = (const u8 *)notes;
	r.len = len;
	while (note_next(&r, &n, &bad))
		if (n.type == NT_GNU_BUILD_ID && n.name_len == 3 &&
		    !memcmp(n.name, "GNU", 3))
			same |= vmlinux_is(v, n.desc, n.desc_len);
	free(notes);
	if (!same)
		snprintf(why, why_len,
			 "its build id is not the running kernel's");
	return same;
}

int members_dwarf(const struct sysroot *root, const char *vmlinux,
		  struct member *m, size_t n, char *why, size_t why_len)
{
	struct vmlinux *v;
	int rc = vmlinux_open(&v, vmlinux, why, why_len);

	if (!rc && !same_build(root, v, why, why_len))
		rc = -ESTALE;
	if (!rc)
		rc = vmlinux_members(v, m, n, why, why_len);
	vmlinux_close(v);
	return rc;
}
