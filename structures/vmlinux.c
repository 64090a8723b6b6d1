// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vmlinux that is given by hand: where members are, by its DWARF, and where
 * symbols are. What it has itself, or in a file of debugging information that
 * it names (by build id, or .gnu_debuglink).
 */
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "structures.h"

/* Anonymous structs and unions nest; the kernel's are two or three deep. */
#define NESTING_MAX 8
/* A vmlinux has some ten million entries; links of a broken one may loop. */
#define STEPS_MAX 100000000u
#define SYMBOLS_MAX (1 << 24)

struct vmlinux {
	Dwfl_Callbacks callbacks;
	Dwfl *dwfl;
	Dwfl_Module *module;
};

static int fail(char *why, size_t why_len, int code)
{
	const char *text = dwfl_errmsg(-1);

	snprintf(why, why_len, "%s", text ? text : strerror(code));
	return -code;
}

int vmlinux_open(struct vmlinux **out, const char *path, char *why,
		 size_t why_len)
{
	struct vmlinux *v = calloc(1, sizeof(*v));
	int fd, rc = 0;

	*out = v;
	if (!v)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		rc = -errno;
		snprintf(why, why_len, "%s", strerror(errno));
		return rc;
	}
	v->callbacks.find_debuginfo = dwfl_standard_find_debuginfo;
	v->callbacks.section_address = dwfl_offline_section_address;
	v->dwfl = dwfl_begin(&v->callbacks);
	if (v->dwfl) {
		dwfl_report_begin(v->dwfl);
		/* It takes the descriptor when it takes the file. */
		v->module = dwfl_report_offline(v->dwfl, "vmlinux", path, fd);
		dwfl_report_end(v->dwfl, NULL, NULL);
	}
	if (!v->module) {
		rc = fail(why, why_len, ENOEXEC);
		close(fd);
	}
	return rc;
}

void vmlinux_close(struct vmlinux *v)
{
	if (v && v->dwfl)
		dwfl_end(v->dwfl);
	free(v);
}

bool vmlinux_is(struct vmlinux *v, const u8 *id, size_t len)
{
	const unsigned char *own;
	GElf_Addr at;
	int n = dwfl_module_build_id(v->module, &own, &at);

	return n > 0 && (size_t)n == len && !memcmp(own, id, len);
}

int vmlinux_symbols(struct vmlinux *v, struct symbol *s, size_t n, char *why,
		    size_t why_len)
{
	int count = dwfl_module_getsymtab(v->module);

	if (count < 0)
		return fail(why, why_len, ENOEXEC);
	for (int i = 1; i < count && i < SYMBOLS_MAX; i++) {
		GElf_Sym sym;
		const char *name = dwfl_module_getsym(v->module, i, &sym, NULL);

		if (!name || sym.st_shndx == SHN_UNDEF)
			continue;
		for (size_t j = 0; j < n; j++) {
			if (s[j].found || strcmp(s[j].name, name))
				continue;
			s[j].addr = sym.st_value;
			s[j].found = true;
		}
	}
	return 0;
}

bool vmlinux_at(struct vmlinux *v, u64 virt, char *buf, size_t len)
{
	GElf_Off off;
	GElf_Sym sym;
	const char *name = dwfl_module_addrinfo(v->module, virt, &off, &sym,
						NULL, NULL, NULL);

	if (name)
		snprintf(buf, len, "%s+0x%llx", name, (unsigned long long)off);
	return name;
}

/* --- members --- */

struct search {
	struct member *m;
	size_t n;
	/* Their structure was seen: what was not in it is nowhere. */
	bool *settled;
	bool any; /* of the name, with the first member or without */
	u32 steps;
};

static bool number_of(Dwarf_Die *die, unsigned int name, Dwarf_Word *val)
{
	Dwarf_Attribute attr;

	return dwarf_attr_integrate(die, name, &attr) &&
	       !dwarf_formudata(&attr, val);
}

/*
 * Where the @bits of a bit field begin, counted from the beginning of the
 * structure at @base, whose member it is at @off. DWARF 5 says just that.
 * Before, it was counted from the most significant bit of what holds the
 * field (DWARF 4, 5.5.6): on a little-endian machine from the other end.
 */
static bool first_bit(Dwarf_Die *die, u32 base, u32 off, u64 bits, u64 *at)
{
	Dwarf_Word from_start, from_end, bytes;

	if (number_of(die, DW_AT_data_bit_offset, &from_start)) {
		*at = base * 8ULL + from_start;
		return true;
	}
	if (!number_of(die, DW_AT_bit_offset, &from_end) ||
	    !number_of(die, DW_AT_byte_size, &bytes) || bytes > 8 ||
	    from_end > 64 || from_end + bits > bytes * 8)
		return false;
	*at = (off + bytes) * 8ULL - from_end - bits;
	return true;
}

static bool match_bits(Dwarf_Die *die, u32 base, u32 off, struct member *m)
{
	Dwarf_Word bits;
	u64 at;

	if (!m->bits || !number_of(die, DW_AT_bit_size, &bits) || !bits ||
	    bits > 56 || !first_bit(die, base, off, bits, &at))
		return false;
	m->off = (u32)(at / 8);
	m->shift = (u8)(at % 8);
	m->bits = (u8)bits;
	m->size = (u32)(m->shift + bits + 7) / 8;
	return true;
}

static bool match_whole(Dwarf_Die *die, u32 off, struct member *m)
{
	Dwarf_Attribute attr;
	Dwarf_Die type;
	Dwarf_Word size;

	if (m->bits || !dwarf_attr_integrate(die, DW_AT_type, &attr) ||
	    !dwarf_formref_die(&attr, &type))
		return false;
	if (dwarf_aggregate_size(&type, &size)) {
		/* Flexible arrays have none. */
		if (dwarf_tag(&type) != DW_TAG_array_type)
			return false;
		size = 0;
	}
	m->off = off;
	m->size = (u32)size;
	return true;
}

static u32 member_offset(Dwarf_Die *die)
{
	Dwarf_Word off = 0;

	/* Members of unions have none. */
	return number_of(die, DW_AT_data_member_location, &off) ? (u32)off : 0;
}

static void match_member(struct search *s, Dwarf_Die *die, const char *owner,
			 u32 base, u32 off)
{
	const char *name = dwarf_diename(die);
	bool bits = dwarf_hasattr_integrate(die, DW_AT_bit_size);

	for (size_t i = 0; name && i < s->n; i++) {
		struct member *m = &s->m[i];

		if (m->found || strcmp(m->type, owner) || strcmp(m->name, name))
			continue;
		m->found = bits ? match_bits(die, base, off, m)
				: match_whole(die, off, m);
	}
}

/* Members of one struct, those of its anonymous members too. */
static void match_members(struct search *s, Dwarf_Die *type)
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
	while (++s->steps < STEPS_MAX) {
		Dwarf_Die *die = &at[depth].die, inner;
		u32 off = at[depth].base + member_offset(die);
		bool is_member = dwarf_tag(die) == DW_TAG_member;
		Dwarf_Attribute attr;

		if (is_member)
			match_member(s, die, owner, at[depth].base, off);
		if (is_member && !dwarf_diename(die) &&
		    depth + 1 < NESTING_MAX &&
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

/* The first member asked for of a structure of this name; n: there is none. */
static size_t first_of(const struct search *s, const char *name)
{
	size_t i;

	for (i = 0; name && i < s->n; i++)
		if (!s->settled[i] && !strcmp(s->m[i].type, name))
			return i;
	return s->n;
}

/*
 * Drivers may give structures of theirs the same name: as with BTF, the member
 * that is asked for first decides which one it is; where none has it, any is.
 */
static bool is_it(struct search *s, Dwarf_Die *die, const struct member *first)
{
	struct member m = { .type = first->type,
			    .name = first->name,
			    .bits = first->bits };
	struct search one = { .m = &m, .n = 1, .steps = s->steps };

	if (s->any || !*m.name)
		return true;
	match_members(&one, die);
	s->steps = one.steps;
	return m.found;
}

/* A structure that has one of the members; it will be looked at once. */
static bool wanted(struct search *s, Dwarf_Die *die)
{
	const char *name;
	size_t first;

	if (dwarf_tag(die) != DW_TAG_structure_type ||
	    dwarf_hasattr(die, DW_AT_declaration))
		return false;
	name = dwarf_diename(die);
	first = first_of(s, name);
	if (first == s->n || !is_it(s, die, &s->m[first]))
		return false;
	for (size_t i = first; i < s->n; i++) {
		struct member *m = &s->m[i];

		if (strcmp(m->type, name))
			continue;
		s->settled[i] = true;
		/* Without a name: the structure itself. */
		if (!*m->name && dwarf_bytesize(die) >= 0) {
			m->size = (u32)dwarf_bytesize(die);
			m->found = true;
		}
	}
	return true;
}

static bool all_settled(const struct search *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->settled[i])
			return false;
	return true;
}

static void scan(Dwarf *dw, const char *only, struct search *s)
{
	Dwarf_Off off = 0, next;
	size_t header;

	for (; !dwarf_nextcu(dw, off, &next, &header, NULL, NULL, NULL);
	     off = next) {
		Dwarf_Die cu, die;
		const char *name;

		if (all_settled(s))
			return;
		if (!dwarf_offdie(dw, off + header, &cu))
			continue;
		name = dwarf_diename(&cu);
		if (only && (!name || !strstr(name, only)))
			continue;
		if (dwarf_child(&cu, &die))
			continue;
		do {
			if (wanted(s, &die))
				match_members(s, &die);
		} while (++s->steps < STEPS_MAX &&
			 !dwarf_siblingof(&die, &die));
	}
}

int vmlinux_members(struct vmlinux *v, struct member *m, size_t n, char *why,
		    size_t why_len)
{
	struct search s = { .m = m, .n = n };
	Dwarf_Addr bias;
	Dwarf *dw = dwfl_module_getdwarf(v->module, &bias);

	if (!dw)
		return fail(why, why_len, ENOEXEC);
	s.settled = calloc(n + 1, sizeof(*s.settled));
	if (!s.settled) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	/* The drivers' own units first: reading all takes seconds. */
	for (int i = 0; i < 2 && !all_settled(&s); i++) {
		s.any = i;
		scan(dw, "drivers/iommu/", &s);
		if (!all_settled(&s))
			scan(dw, NULL, &s);
	}
	free(s.settled);
	return 0;
}

/* --- constants --- */

static void match_constants(Dwarf_Die *type, struct constant *c, size_t n,
			    u32 *steps)
{
	const char *owner = dwarf_diename(type);
	Dwarf_Die die;
	Dwarf_Word val;

	if (!owner || dwarf_child(type, &die))
		return;
	do {
		const char *name = dwarf_diename(&die);

		for (size_t i = 0; name && i < n; i++)
			if (!c[i].found && !strcmp(c[i].type, owner) &&
			    !strcmp(c[i].name, name) &&
			    number_of(&die, DW_AT_const_value, &val)) {
				c[i].value = val;
				c[i].found = true;
			}
	} while (++*steps < STEPS_MAX && !dwarf_siblingof(&die, &die));
}

static bool has_type(const struct constant *c, size_t n, const char *name)
{
	for (size_t i = 0; name && i < n; i++)
		if (!c[i].found && !strcmp(c[i].type, name))
			return true;
	return false;
}

/* An enum of a unit that has any of them. */
static void constants_of(Dwarf_Die *unit, struct constant *c, size_t n,
			 u32 *steps)
{
	Dwarf_Die die;

	if (dwarf_child(unit, &die))
		return;
	do {
		if (dwarf_tag(&die) == DW_TAG_enumeration_type &&
		    has_type(c, n, dwarf_diename(&die)))
			match_constants(&die, c, n, steps);
	} while (++*steps < STEPS_MAX && !dwarf_siblingof(&die, &die));
}

/*
 * Each kernel has some of them alone, so that all units would be read for what
 * is nowhere: it ends with the first unit that has any, and all of them are in
 * headers that every unit of mm/ includes.
 */
int vmlinux_constants(struct vmlinux *v, struct constant *c, size_t n,
		      char *why, size_t why_len)
{
	Dwarf_Off off = 0, next;
	Dwarf_Addr bias;
	Dwarf *dw = dwfl_module_getdwarf(v->module, &bias);
	bool any = false;
	size_t header;
	u32 steps = 0;

	if (!dw)
		return fail(why, why_len, ENOEXEC);
	for (; !any && !dwarf_nextcu(dw, off, &next, &header, NULL, NULL, NULL);
	     off = next) {
		Dwarf_Die unit;
		const char *name;

		if (!dwarf_offdie(dw, off + header, &unit))
			continue;
		name = dwarf_diename(&unit);
		if (!name || !strstr(name, "mm/"))
			continue;
		constants_of(&unit, c, n, &steps);
		for (size_t i = 0; i < n; i++)
			any |= c[i].found;
	}
	return 0;
}
