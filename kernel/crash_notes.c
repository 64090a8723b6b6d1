// SPDX-License-Identifier: GPL-2.0-only
/*
 * The notes of the kernel that died: those in the ELF core header, and those
 * that a note behind VMCOREINFO leads to. All of it is old memory that anything
 * may have written to.
 */
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "compat.h"
#include "crash.h"

/*
 * Room for @n elements more behind the *len that are there, never for more than
 * @max: what a crash kernel has of memory is little.
 */
static bool make_room(void **array, u32 *room, u32 len, u32 n, u32 size,
		      u32 max)
{
	u32 more = *room ? *room : 64;
	void *grown;

	if (n > max - len)
		return false;
	if (len + n <= *room)
		return true;
	while (more < len + n)
		more *= 2;
	grown = kvcalloc(min(more, max), size, GFP_KERNEL);
	if (!grown)
		return false;
	if (len)
		memcpy(grown, *array, (size_t)len * size);
	kvfree(*array);
	*array = grown;
	*room = min(more, max);
	return true;
}

static void bad(struct crash *c, const char *what)
{
	if (!c->bad++)
		strscpy(c->why, what, sizeof(c->why));
}

/* --- records --- */

static void take_string(char *to, const struct note_record *rec,
			const u8 *payload, u32 *at)
{
	const char *s;
	u32 len, i;

	*to = 0;
	if (!note_string(rec, payload, at, &s, &len))
		return;
	len = min_t(u32, len, CRASH_NAME - 1);
	for (i = 0; i < len; i++)
		to[i] = s[i] > ' ' && s[i] < 0x7f ? s[i] : '?';
	to[len] = 0;
}

static struct crash_unit *unit_by_id(struct crash *c, u32 id)
{
	u32 i;

	for (i = 0; i < c->units; i++)
		if (c->unit[i].u.id == id)
			return &c->unit[i];
	return NULL;
}

static void take_unit(struct crash *c, const struct note_record *rec,
		      const u8 *payload)
{
	struct crash_unit *u = &c->unit[c->units];
	u32 at = sizeof(u->u);

	if (c->units == CRASH_UNITS_MAX || rec->len < sizeof(u->u)) {
		bad(c, "unit");
		return;
	}
	note_struct(rec, payload, &u->u, sizeof(u->u));
	if (unit_by_id(c, u->u.id)) {
		bad(c, "a second unit of one number");
		return;
	}
	take_string(u->name, rec, payload, &at);
	c->units++;
}

static void take_device(struct crash *c, const struct note_record *rec,
			const u8 *payload)
{
	struct crash_device *d;
	char driver[CRASH_NAME];
	u32 at = sizeof(d->d);

	if (rec->len < sizeof(d->d) ||
	    !make_room((void **)&c->device, &c->devices_room, c->devices, 1,
		       sizeof(*d), CRASH_DEVICES_MAX)) {
		bad(c, "device");
		return;
	}
	d = &c->device[c->devices];
	note_struct(rec, payload, &d->d, sizeof(d->d));
	take_string(d->name, rec, payload, &at);
	take_string(driver, rec, payload, &at);
	d->requester = d->d.requester;
	/* A stream of more than 16 bits. */
	if (rec->len - at >= sizeof(d->requester))
		memcpy(&d->requester, payload + at, sizeof(d->requester));
	c->devices++;
}

static bool has_streams(struct crash *c, u32 unit)
{
	const struct crash_unit *u = unit_by_id(c, unit);
	const struct iommu_vendor *v = u ? iommu_vendor(u->u.vendor) : NULL;

	return v && v->streams;
}

/*
 * A function behind an SMMU that has aliases carries those alone. The first is
 * the one that is looked at. They come in the order of the devices.
 */
static void take_alias(struct crash *c, const struct note_record *rec,
		       const u8 *payload)
{
	struct rec_alias alias;
	u32 i;

	note_struct(rec, payload, &alias, sizeof(alias));
	for (i = 0; i < c->devices && c->alias_steps; i++, c->alias_steps--) {
		u32 at = (c->alias_at + i) % c->devices;
		struct crash_device *d = &c->device[at];

		if (d->d.segment != alias.segment ||
		    d->d.requester != alias.requester)
			continue;
		c->alias_at = at;
		if (!d->aliased && has_streams(c, d->d.unit))
			d->requester = alias.alias;
		d->aliased = true;
		return;
	}
	if (!c->alias_steps)
		bad(c, "more aliases than are looked up");
}

/* The elements behind a struct rec_unit_ref, copied; NULL: none. */
static void *take_array(struct crash *c, const struct note_record *rec,
			const u8 *payload, u32 size, u32 max,
			struct crash_unit **u, u32 *n)
{
	struct rec_unit_ref ref;

	note_struct(rec, payload, &ref, sizeof(ref));
	*u = unit_by_id(c, ref.unit);
	*n = ref.n;
	if (!*u || !ref.n || ref.n > max || rec->len < sizeof(ref) ||
	    rec->len - sizeof(ref) < (u64)ref.n * size) {
		bad(c, "array of a unit");
		return NULL;
	}
	return kmemdup(payload + sizeof(ref), (size_t)ref.n * size, GFP_KERNEL);
}

static void take_regs(struct crash *c, const struct note_record *rec,
		      const u8 *payload)
{
	struct crash_unit *u;
	u32 n;
	struct iommu_reg *reg = take_array(c, rec, payload, sizeof(*reg),
					   IOMMU_REGS_MAX, &u, &n);

	if (!reg)
		return;
	kfree(u->reg);
	u->reg = reg;
	u->regs = (struct iommu_regs){ .n = n, .room = n, .r = reg };
}

static void take_faults(struct crash *c, const struct note_record *rec,
			const u8 *payload)
{
	struct crash_unit *u;
	u32 n;
	struct iommu_fault_raw *fault = take_array(
		c, rec, payload, sizeof(*fault), IOMMU_FAULTS_MAX, &u, &n);

	if (!fault)
		return;
	kfree(u->fault);
	u->fault = fault;
	u->fault_n = n;
}

static void take_action(struct crash *c, const struct note_record *rec,
			const u8 *payload)
{
	struct rec_action action;
	struct crash_unit *u;

	note_struct(rec, payload, &action, sizeof(action));
	u = unit_by_id(c, action.unit);
	if (!u) {
		bad(c, "action of no unit");
		return;
	}
	u->action = action;
	u->acted = true;
}

static void take_record(struct crash *c, const struct note_record *rec,
			const u8 *payload, u32 note)
{
	if (rec->type == REC_LOAD) {
		note_struct(rec, payload, &c->load, sizeof(c->load));
		c->loaded = true;
	} else if (rec->type == REC_UNIT) {
		take_unit(c, rec, payload);
	} else if (rec->type == REC_DEVICE) {
		take_device(c, rec, payload);
	} else if (rec->type == REC_ALIAS) {
		take_alias(c, rec, payload);
	} else if (rec->type == REC_PURGATORY) {
		note_struct(rec, payload, &c->purgatory, sizeof(c->purgatory));
		c->ran = true;
	} else if (rec->type == REC_REGS && note == NOTE_CRASH) {
		take_regs(c, rec, payload);
	} else if (rec->type == REC_FAULTS) {
		take_faults(c, rec, payload);
	} else if (rec->type == REC_ACTION) {
		take_action(c, rec, payload);
	}
}

/* --- notes --- */

static void keep_note(struct crash *c, const u8 *at, u32 len)
{
	if (!make_room((void **)&c->notes, &c->notes_room, c->notes_len, len, 1,
		       CRASH_NOTES_MAX)) {
		bad(c, "more notes than there is room for");
		return;
	}
	memcpy(c->notes + c->notes_len, at, len);
	c->notes_len += len;
}

static void read_span(struct crash *c, u64 phys, u64 len, bool kept);

static void follow_kept(struct crash *c, const struct note_record *rec,
			const u8 *payload)
{
	struct rec_kept kept;

	note_struct(rec, payload, &kept, sizeof(kept));
	read_span(c, kept.phys, kept.len, true);
}

/* @kept: what a NOTE_KEPT led to; another one in there is not followed. */
static void take_note(struct crash *c, const struct note *n, const u8 *at,
		      u32 len, bool kept)
{
	enum note_state state;
	struct note_record_reader r;
	struct note_record rec;
	struct note_head head;
	const u8 *payload;

	state = note_check(n, &head);
	if (state == NOTE_NOT_OURS)
		return;
	if (state != NOTE_VALID) {
		bad(c, state == NOTE_BAD_CRC ? "checksum of a note"
					     : "head of a note");
		return;
	}
	if (n->type != NOTE_KEPT)
		keep_note(c, at, len);
	note_records(&r, n);
	while (note_record_next(&r, &rec, &payload)) {
		if (n->type != NOTE_KEPT)
			take_record(c, &rec, payload, n->type);
		else if (rec.type == REC_KEPT && !kept)
			follow_kept(c, &rec, payload);
	}
}

static void read_span(struct crash *c, u64 phys, u64 len, bool kept)
{
	struct note_reader r = { 0 };
	struct note n;
	u64 off = ~0ULL;
	u8 *buf;

	if (!len)
		return;
	if (len > HANDOVER_BLOCK_MAX || phys + len < phys) {
		bad(c, "length of notes");
		return;
	}
	if (len > c->may_read) {
		bad(c, "more notes than are read");
		return;
	}
	c->may_read -= len;
	buf = kvmalloc(len, GFP_KERNEL);
	if (!buf || !crash_copy(buf, phys, len)) {
		bad(c, "memory of notes");
		kvfree(buf);
		return;
	}
	r.buf = buf;
	r.len = len;
	while (note_next(&r, &n, &off)) {
		/* Padding before it was passed: its header is 12 bytes. */
		const u8 *at = (const u8 *)n.name - 12;

		take_note(c, &n, at, buf + r.at - at, kept);
	}
	if (off != ~0ULL)
		bad(c, "length of a note");
	kvfree(buf);
}

static bool header_ok(const struct elf64_hdr *eh)
{
	return !memcmp(eh->e_ident, ELFMAG, SELFMAG) &&
	       eh->e_ident[EI_CLASS] == ELFCLASS64 && eh->e_type == ET_CORE &&
	       eh->e_phentsize == sizeof(struct elf64_phdr) &&
	       eh->e_phnum <= CRASH_PHDRS_MAX && eh->e_phoff < PAGE_SIZE;
}

/* The program headers behind @eh, the header at @phys. */
static struct elf64_phdr *read_headers(const struct elf64_hdr *eh, u64 phys)
{
	const u32 len = eh->e_phnum * sizeof(struct elf64_phdr);
	struct elf64_phdr *ph = kvmalloc(len, GFP_KERNEL);

	crash_memory_add(phys + eh->e_phoff, len);
	if (ph && crash_copy(ph, phys + eh->e_phoff, len))
		return ph;
	kvfree(ph);
	return NULL;
}

/* An offset into old memory is its address. */
static void add_segments(const struct elf64_phdr *ph, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (ph[i].p_type == PT_LOAD || ph[i].p_type == PT_NOTE)
			crash_memory_add(ph[i].p_offset, ph[i].p_memsz);
}

static int read_all(struct crash *c, u64 phys)
{
	struct elf64_hdr eh;
	struct elf64_phdr *ph;
	u32 i;

	crash_memory_add_around(phys);
	crash_memory_add(phys, sizeof(eh));
	if (!crash_copy(&eh, phys, sizeof(eh)) || !header_ok(&eh)) {
		bad(c, "no ELF core header at that address");
		return -EINVAL;
	}
	ph = read_headers(&eh, phys);
	if (!ph) {
		bad(c, "program headers can't be read");
		return -EIO;
	}
	add_segments(ph, eh.e_phnum);
	for (i = 0; i < eh.e_phnum; i++)
		if (ph[i].p_type == PT_NOTE)
			read_span(c, ph[i].p_offset, ph[i].p_memsz, false);
	kvfree(ph);
	return 0;
}

int crash_notes_read(struct crash *c, u64 phys)
{
	c->may_read = CRASH_READ_MAX;
	c->alias_steps = CRASH_ALIAS_STEPS;
	c->unit = kvcalloc(CRASH_UNITS_MAX, sizeof(*c->unit), GFP_KERNEL);
	if (!c->unit || crash_memory_begin())
		return -ENOMEM;
	return read_all(c, phys);
}

void crash_free(struct crash *c)
{
	u32 i;

	for (i = 0; c->unit && i < c->units; i++) {
		crash_unclaim(&c->unit[i]);
		if (c->unit[i].at)
			iounmap(c->unit[i].at);
		kfree(c->unit[i].reg);
		kfree(c->unit[i].fault);
	}
	crash_memory_end();
	kvfree(c->notes);
	kvfree(c->unit);
	kvfree(c->device);
}
