// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where members are, from the DWARF of a vmlinux that is given by hand. Only
 * when it is the running kernel's: the build ids must agree.
 */
#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gather.h"

#define KERNEL_NOTES "sys/kernel/notes"
/* Anonymous structs and unions nest; the kernel's are two or three deep. */
#define NESTING_MAX 8
/* A vmlinux has some ten million entries; links of a broken one may loop. */
#define STEPS_MAX 100000000u

static bool same_build(const struct sysroot *root, Dwarf *dw, char *why,
		       size_t why_len)
{
	struct note_reader r = { 0 };
	const void *id;
	ssize_t id_len;
	struct note n;
	size_t len;
	bool same = false;
	char *notes;
	u64 bad;

	id_len = dwelf_elf_gnu_build_id(dwarf_getelf(dw), &id);
	notes = sysroot_read(root, KERNEL_NOTES, MIB(1), &len);
	if (id_len <= 0 || !notes) {
		snprintf(why, why_len, "%s has no build id",
			 notes ? "it" : KERNEL_NOTES);
		free(notes);
		return false;
	}
	r.buf = (const u8 *)notes;
	r.len = len;
	while (note_next(&r, &n, &bad))
		if (n.type == NT_GNU_BUILD_ID && n.name_len == 3 &&
		    !memcmp(n.name, "GNU", 3) && n.desc_len == (u32)id_len)
			same |= !memcmp(n.desc, id, n.desc_len);
	free(notes);
	if (!same)
		snprintf(why, why_len,
			 "its build id is not the running kernel's");
	return same;
}

static void match_member(Dwarf_Die *die, u32 off, struct member *m)
{
	Dwarf_Attribute attr;
	Dwarf_Die type;
	Dwarf_Word size;

	if (dwarf_hasattr_integrate(die, DW_AT_bit_size))
		return;
	if (!dwarf_attr_integrate(die, DW_AT_type, &attr) ||
	    !dwarf_formref_die(&attr, &type) ||
	    dwarf_aggregate_size(&type, &size))
		return;
	m->off = off;
	m->size = (u32)size;
	m->found = true;
}

static u32 member_offset(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Word off = 0;

	/* Members of unions have none: 0. */
	if (dwarf_attr_integrate(die, DW_AT_data_member_location, &attr))
		dwarf_formudata(&attr, &off);
	return (u32)off;
}

/* Members of one struct, those of its anonymous members too. */
static void match_members(Dwarf_Die *type, struct member *m, size_t n,
			  u32 *steps)
{
	const char *owner = dwarf_diename(type);
	struct {
		Dwarf_Die die;
		u32 base;
	} at[NESTING_MAX];
	size_t depth = 0;

	if (dwarf_child(type, &at[0].die))
		return;
	at[0].base = 0;
	while (++*steps < STEPS_MAX) {
		Dwarf_Die *die = &at[depth].die, inner;
		const char *name = dwarf_diename(die);
		u32 off = at[depth].base + member_offset(die);
		bool is_member = dwarf_tag(die) == DW_TAG_member;
		Dwarf_Attribute attr;

		for (size_t i = 0; is_member && name && i < n; i++)
			if (!m[i].found && !strcmp(m[i].type, owner) &&
			    !strcmp(m[i].name, name))
				match_member(die, off, &m[i]);
		if (is_member && !name && depth + 1 < NESTING_MAX &&
		    dwarf_attr_integrate(die, DW_AT_type, &attr) &&
		    dwarf_formref_die(&attr, &inner) &&
		    !dwarf_child(&inner, &at[depth + 1].die)) {
			at[++depth].base = off;
			continue;
		}
		while (dwarf_siblingof(&at[depth].die, &at[depth].die))
			if (!depth--)
				return;
	}
}

static bool wanted(Dwarf_Die *die, const struct member *m, size_t n)
{
	const char *name;

	if (dwarf_tag(die) != DW_TAG_structure_type ||
	    dwarf_hasattr(die, DW_AT_declaration))
		return false;
	name = dwarf_diename(die);
	for (size_t i = 0; name && i < n; i++)
		if (!m[i].found && !strcmp(m[i].type, name))
			return true;
	return false;
}

static bool all_found(const struct member *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!m[i].found)
			return false;
	return true;
}

static void scan(Dwarf *dw, const char *only, struct member *m, size_t n)
{
	Dwarf_Off off = 0, next;
	size_t header;
	u32 steps = 0;

	for (; !dwarf_nextcu(dw, off, &next, &header, NULL, NULL, NULL);
	     off = next) {
		Dwarf_Die cu, die;
		const char *name;

		if (!dwarf_offdie(dw, off + header, &cu))
			continue;
		name = dwarf_diename(&cu);
		if (only && (!name || !strstr(name, only)))
			continue;
		if (dwarf_child(&cu, &die))
			continue;
		do {
			if (wanted(&die, m, n))
				match_members(&die, m, n, &steps);
		} while (++steps < STEPS_MAX && !dwarf_siblingof(&die, &die));
		if (all_found(m, n))
			return;
	}
}

int members_dwarf(const struct sysroot *root, const char *vmlinux,
		  struct member *m, size_t n, char *why, size_t why_len)
{
	int fd = open(vmlinux, O_RDONLY | O_CLOEXEC), rc = 0;
	Dwarf *dw;

	if (fd < 0) {
		rc = -errno;
		snprintf(why, why_len, "%s", strerror(errno));
		return rc;
	}
	dw = dwarf_begin(fd, DWARF_C_READ);
	if (!dw) {
		snprintf(why, why_len, "%s", dwarf_errmsg(-1));
		rc = -ENOEXEC;
	} else if (!same_build(root, dw, why, why_len)) {
		rc = -ESTALE;
	} else {
		/* The driver's own unit first: reading all takes seconds. */
		scan(dw, "drivers/iommu/", m, n);
		if (!all_found(m, n))
			scan(dw, NULL, m, n);
	}
	if (dw)
		dwarf_end(dw);
	close(fd);
	return rc;
}
