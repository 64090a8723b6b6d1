// SPDX-License-Identifier: GPL-2.0-only
/* Text -> dump file; see dump_case.h. */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "dump_case.h"

#define CRASH_NOTE_MAX KIB(64)
#define WORDS_MAX 32

const char *const case_format_name[CASE_FORMATS] = {
	[CASE_ELF] = "elf",	      [CASE_KDUMP] = "kdump",
	[CASE_FLAT_ELF] = "flat-elf", [CASE_FLAT_KDUMP] = "flat-kdump",
	[CASE_NOTES] = "notes",	      [CASE_CPIO] = "cpio",
};

struct reader {
	struct dump_case *c;
	const char *path;
	unsigned int line;
	unsigned int n;
	char *w[WORDS_MAX];
};

static void die(const struct reader *r, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", r->path, r->line, what);
	exit(99);
}

static const char *word(const struct reader *r, unsigned int i)
{
	if (i >= r->n)
		die(r, "too few words");
	return r->w[i];
}

static u64 num(const struct reader *r, unsigned int i)
{
	const char *s = word(r, i);
	char *end;
	u64 v = strtoull(s, &end, 0);

	if (*end || end == s)
		die(r, "not a number");
	return v;
}

static void *grown(void *array, size_t *n, size_t size)
{
	void *p = array_grow(array, n, size);

	if (!p)
		abort();
	return p;
}

static u32 mode_of(const struct reader *r, unsigned int i)
{
	u32 m = iommu_mode_parse(word(r, i));

	if (m == IOMMU_MODE_N)
		die(r, "no such mode");
	return m;
}

static void bdf(const struct reader *r, unsigned int i, u16 *segment, u32 *req)
{
	unsigned int s, b, d, f;

	if (sscanf(word(r, i), "0x%x", req) == 1)
		return;
	if (sscanf(word(r, i), "%x:%x:%x.%x", &s, &b, &d, &f) != 4)
		die(r, "not a device address");
	*segment = (u16)s;
	*req = b << 8 | d << 3 | f;
}

static struct case_page *page_at(struct reader *r, struct case_page **pages,
				 size_t *n, u64 addr)
{
	struct case_page *p;
	size_t i;

	addr = align_down(addr, PAGE_4K);
	for (i = 0; i < *n; i++)
		if ((*pages)[i].addr == addr)
			return &(*pages)[i];
	if (*n >= CASE_PAGES)
		die(r, "too many pages");
	p = grown(pages, n, sizeof(*p));
	p->addr = addr;
	return p;
}

static u64 *cell_at(struct reader *r, bool load, u64 addr)
{
	struct dump_case *c = r->c;
	struct case_page *p = load ? page_at(r, &c->load, &c->load_n, addr)
				   : page_at(r, &c->page, &c->page_n, addr);

	return &p->word[addr % PAGE_4K / 8];
}

/* --- the lines --- */

static void do_release(struct reader *r)
{
	r->c->facts.release = strdup(word(r, 1));
}

static void do_mode(struct reader *r)
{
	r->c->decisions.mode = mode_of(r, 1);
}

static void do_time(struct reader *r)
{
	r->c->facts.time = num(r, 1);
}

static void do_unit(struct reader *r)
{
	struct facts *f = &r->c->facts;
	struct fact_unit *u = grown(&f->unit, &f->unit_n, sizeof(*u));
	struct decisions *c = &r->c->decisions;
	const struct iommu_vendor *v;
	struct decision *d;
	unsigned int i;

	u->name = strdup(word(r, 1));
	u->vendor = IOMMU_VENDOR_VTD;
	for (i = 0; r->n > 4 && (v = iommu_vendor_at(i)); i++)
		if (!strcmp(word(r, 4), v->name))
			u->vendor = v->id;
	u->reg_phys = num(r, 2);
	u->reg_len = PAGE_4K;
	d = grown(&c->unit, &c->unit_n, sizeof(*d));
	d->mode = (u8)mode_of(r, 3);
}

static void do_width(struct reader *r)
{
	struct facts *f = &r->c->facts;

	f->unit[f->unit_n - 1].host_bits = (u8)num(r, 1);
}

/* Behind the last register that has a name, of any vendor here. */
#define REGS_END 0x4000u

static void do_reg(struct reader *r)
{
	struct facts *f = &r->c->facts;
	struct fact_unit *u = &f->unit[f->unit_n - 1];
	const struct iommu_vendor *v = iommu_vendor(u->vendor);
	bool load = !strcmp(word(r, 2), "load");
	u32 off;

	for (off = 0; off < REGS_END; off += 4) {
		const char *name = v->reg_name(off);

		if (name && !strcmp(name, word(r, 1)))
			break;
	}
	if (off == REGS_END)
		die(r, "no such register");
	regs_add(load ? &u->regs : &r->c->regs[f->unit_n - 1], off,
		 off % 8 ? 4 : 8, num(r, 3));
	if (load && r->n > 4)
		fact_reg_rebuilt(u, off, off % 8 ? 4 : 8, num(r, 3), num(r, 4));
}

static void do_device(struct reader *r)
{
	struct facts *f = &r->c->facts;
	struct fact_device *d = grown(&f->device, &f->device_n, sizeof(*d));
	struct decisions *c = &r->c->decisions;
	struct decision *decision;
	unsigned int vendor, device;

	d->name = strdup(word(r, 1));
	bdf(r, 1, &d->segment, &d->requester);
	if (strcmp(word(r, 2), "-"))
		d->driver = strdup(word(r, 2));
	d->unit = strcmp(word(r, 3), "-") ? (u32)num(r, 3) : REC_NONE;
	d->group = strcmp(word(r, 4), "-") ? (u32)num(r, 4) : REC_NONE;
	if (sscanf(word(r, 5), "%x:%x", &vendor, &device) != 2)
		die(r, "not PCI ids");
	d->vendor = (u16)vendor;
	d->device = (u16)device;
	d->class = (u32)num(r, 6);
	d->domain_type = (u8)num(r, 7);
	decision = grown(&c->device, &c->device_n, sizeof(*decision));
	*decision = (struct decision){ (u8)mode_of(r, 8), (u8)num(r, 9) };
}

static void do_alias(struct reader *r)
{
	struct facts *f = &r->c->facts;
	struct fact_alias *a = grown(&f->alias, &f->alias_n, sizeof(*a));

	bdf(r, 1, &a->segment, &a->requester);
	bdf(r, 2, &a->segment, &a->alias);
}

static void do_ram(struct reader *r)
{
	struct facts *f = &r->c->facts;
	struct iomem *m = grown(&f->iomem, &f->iomem_n, sizeof(*m));

	m->start = num(r, 1);
	m->end = m->start + num(r, 2) - 1;
	m->name = strdup("System RAM");
}

static void do_reservation(struct reader *r)
{
	struct facts *f = &r->c->facts;
	struct span *s = grown(&f->reservation, &f->reservation_n, sizeof(*s));

	*s = (struct span){ num(r, 1), num(r, 2) };
}

static void do_cma(struct reader *r)
{
	struct facts *f = &r->c->facts;
	struct span *s = grown(&f->cma, &f->cma_n, sizeof(*s));

	*s = (struct span){ num(r, 1), num(r, 2) };
}

static void do_region(struct reader *r)
{
	struct facts *f = &r->c->facts;
	struct fact_region *g = grown(&f->region, &f->region_n, sizeof(*g));

	*g = (struct fact_region){ num(r, 1), num(r, 2), (u32)num(r, 3),
				   (u32)num(r, 4) };
}

static void do_missing(struct reader *r)
{
	facts_missing(&r->c->facts, word(r, 1), "%s", word(r, 2));
}

static void do_table(struct reader *r)
{
	struct facts *f = &r->c->facts;
	struct fact_table *t = grown(&f->table, &f->table_n, sizeof(*t));
	u64 *from = cell_at(r, true, num(r, 4));

	t->unit = (u32)num(r, 1);
	t->at = (u32)num(r, 2);
	t->requester = (u16)num(r, 3);
	t->phys = num(r, 4);
	t->len = PAGE_4K;
	t->bytes = malloc(PAGE_4K);
	memcpy(t->bytes, from, PAGE_4K);
}

static void do_mem(struct reader *r)
{
	bool load = !strcmp(r->w[0], "loadmem");
	unsigned int i;

	for (i = 2; i < r->n; i++)
		*cell_at(r, load, num(r, 1) + 8 * (i - 2)) = num(r, i);
}

static void do_fill(struct reader *r)
{
	u64 i, n = num(r, 2), stride = r->n > 5 ? num(r, 5) : 8;

	for (i = 0; i < n; i++)
		*cell_at(r, false, num(r, 1) + stride * i) =
			num(r, 3) + i * num(r, 4);
}

static void do_zero(struct reader *r)
{
	u64 i, n = r->n > 2 ? num(r, 2) : 1;

	for (i = 0; i < n; i++)
		cell_at(r, false, num(r, 1) + i * PAGE_4K);
}

static void do_drop(struct reader *r)
{
	struct dump_case *c = r->c;

	page_at(r, &c->page, &c->page_n, num(r, 1))->drop = true;
}

static void do_flag(struct reader *r)
{
	if (!strcmp(r->w[0], "nocrash"))
		r->c->nocrash = true;
	else
		r->c->nonotes = true;
}

static void do_kept(struct reader *r)
{
	r->c->kept = num(r, 1);
	r->c->spoilt = r->n > 2;
}

static void do_purgatory(struct reader *r)
{
	struct rec_purgatory p = { .flags = (u32)num(r, 1),
				   .step = (u32)num(r, 2),
				   .ticks_per_ms = num(r, 3),
				   .plan_err = (u32)num(r, 4) };
	unsigned int i;

	for (i = 5; i < r->n && i - 5 < STEP_N; i++)
		p.ticks[i - 5] = num(r, i);
	note_put(&r->c->w, REC_PURGATORY, &p, sizeof(p));
}

static void do_fault(struct reader *r)
{
	struct {
		struct rec_unit_ref ref;
		struct iommu_fault_raw raw;
	} f = { { (u32)num(r, 1), 1 }, { { num(r, 2), num(r, 3) } } };

	note_put(&r->c->w, REC_FAULTS, &f, sizeof(f));
}

static void do_action(struct reader *r)
{
	struct rec_action a = { .unit = (u32)num(r, 1),
				.mode = mode_of(r, 2),
				.ticks_start = 1000,
				.ticks_end = 51000 };

	a.result.outcome = (u32)num(r, 3);
	a.result.err = (u32)num(r, 4);
	a.result.kept = (u32)num(r, 5);
	a.result.aborted = (u32)num(r, 6);
	a.result.guarded = (u32)num(r, 7);
	a.result.sunk = (u32)num(r, 8);
	a.result.bad = (u32)num(r, 9);
	a.result.invalidation = 1;
	a.result.root_before = 0x100000;
	a.result.root_after = 0x37000000;
	note_put(&r->c->w, REC_ACTION, &a, sizeof(a));
}

static void do_entry(struct reader *r)
{
	struct rec_entry e = { .unit = (u32)num(r, 1), .mode = mode_of(r, 3) };
	u16 segment;
	u32 requester;
	unsigned int i;

	bdf(r, 2, &segment, &requester);
	e.evidence.requester = requester;
	e.evidence.err = (u32)num(r, 4);
	e.evidence.level = (u32)num(r, 5);
	e.evidence.where = num(r, 6);
	if (r->n > 7 && r->w[r->n - 1][0] == 'x')
		e.evidence.iova = strtoull(r->w[--r->n] + 1, NULL, 0);
	for (i = 7; i < r->n && i - 7 < IOMMU_RAW_MAX; i++)
		e.evidence.raw[i - 7] = num(r, i);
	e.evidence.raw_words = i - 7;
	note_put(&r->c->w, REC_ENTRY, &e, sizeof(e));
}

static void do_trap(struct reader *r)
{
	struct rec_trap t = { .vector = (u32)num(r, 1),
			      .step = (u32)num(r, 2),
			      .unit = (u32)num(r, 3),
			      .pc = num(r, 4),
			      .address = num(r, 5) };

	note_put(&r->c->w, REC_TRAP, &t, sizeof(t));
}

static void do_vmcoreinfo(struct reader *r)
{
	static char text[1024];

	if (!r->c->vmcoreinfo)
		text[0] = '\0';
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n",
		 word(r, 1));
	r->c->vmcoreinfo = text;
}

static const struct {
	const char *name;
	void (*take)(struct reader *r);
} lines[] = {
	{ "release", do_release },
	{ "mode", do_mode },
	{ "vmcoreinfo", do_vmcoreinfo },
	{ "time", do_time },
	{ "unit", do_unit },
	{ "reg", do_reg },
	{ "width", do_width },
	{ "device", do_device },
	{ "alias", do_alias },
	{ "missing", do_missing },
	{ "table", do_table },
	{ "mem", do_mem },
	{ "loadmem", do_mem },
	{ "fill", do_fill },
	{ "zero", do_zero },
	{ "drop", do_drop },
	{ "nocrash", do_flag },
	{ "nonotes", do_flag },
	{ "kept", do_kept },
	{ "fault", do_fault },
	{ "purgatory", do_purgatory },
	{ "action", do_action },
	{ "entry", do_entry },
	{ "trap", do_trap },
	{ "ram", do_ram },
	{ "region", do_region },
	{ "reservation", do_reservation },
	{ "cma", do_cma },
};

static void keep_run(const struct reader *r, char **runs, size_t *n, char *text)
{
	if (*n >= CASE_RUNS)
		die(r, "too many runs");
	text[strcspn(text, "\n")] = 0;
	runs[(*n)++] = strdup(text);
}

static void take_line(struct reader *r, char *text)
{
	struct dump_case *c = r->c;
	char *save = NULL, *s;
	size_t i;

	if (!strncmp(text, "run ", 4)) {
		keep_run(r, c->run, &c->run_n, text + 4);
		return;
	}
	if (!strncmp(text, "quick ", 6)) {
		keep_run(r, c->quick, &c->quick_n, text + 6);
		return;
	}
	text[strcspn(text, "#\n")] = 0;
	r->n = 0;
	for (s = strtok_r(text, " \t", &save); s;
	     s = strtok_r(NULL, " \t", &save)) {
		if (r->n >= WORDS_MAX)
			die(r, "too many words");
		r->w[r->n++] = s;
	}
	for (i = 0; r->n && i < ARRAY_SIZE(lines); i++) {
		if (strcmp(lines[i].name, r->w[0]))
			continue;
		lines[i].take(r);
		return;
	}
	if (r->n)
		die(r, "unknown line");
}

static int by_addr(const void *a, const void *b)
{
	const struct case_page *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void put_crash_regs(struct dump_case *c)
{
	size_t i;

	for (i = 0; i < c->facts.unit_n && i < ARRAY_SIZE(c->regs); i++) {
		struct rec_unit_ref ref = { (u32)i, c->regs[i].n };
		u32 len = c->regs[i].n * (u32)sizeof(c->regs[i].r[0]);

		if (!ref.n)
			continue;
		note_record(&c->w, REC_REGS, &ref, sizeof(ref),
			    (u32)sizeof(ref) + len);
		note_bytes(&c->w, c->regs[i].r, len);
	}
}

int case_read(struct dump_case *c, const char *path)
{
	struct reader r = { .c = c, .path = path };
	FILE *f = fopen(path, "r");
	char text[1024];

	memset(c, 0, sizeof(*c));
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	c->crash = malloc(CRASH_NOTE_MAX);
	note_begin(&c->w, c->crash, CRASH_NOTE_MAX, NOTE_CRASH);
	while (fgets(text, sizeof(text), f)) {
		r.line++;
		take_line(&r, text);
	}
	fclose(f);
	put_crash_regs(c);
	note_seal(&c->w);
	qsort(c->page, c->page_n, sizeof(*c->page), by_addr);
	return 0;
}

void case_free(struct dump_case *c)
{
	size_t i;

	facts_free(&c->facts);
	decisions_free(&c->decisions);
	for (i = 0; i < ARRAY_SIZE(c->regs); i++)
		free(c->regs[i].r);
	free(c->page);
	free(c->load);
	free(c->crash);
	for (i = 0; i < c->run_n; i++)
		free(c->run[i]);
	for (i = 0; i < c->quick_n; i++)
		free(c->quick[i]);
}

/* --- the formats --- */

static void append(struct bytes *b, const void *p, size_t len)
{
	b->p = realloc(b->p, b->len + len + 1);
	if (!b->p)
		abort();
	if (p)
		memcpy(b->p + b->len, p, len);
	else
		memset(b->p + b->len, 0, len);
	b->len += len;
}

static void append_pad(struct bytes *b, size_t to)
{
	append(b, NULL, (to - b->len % to) % to);
}

/* In the notes: behind the CPU's note and the head of its own. */
#define VMCOREINFO_AT (28 + 24)

static void append_vmcoreinfo(struct bytes *b, const char *text)
{
	const u32 head[] = { sizeof("VMCOREINFO"), (u32)strlen(text), 0 };

	append(b, head, sizeof(head));
	append(b, "VMCOREINFO\0", 12);
	append(b, text, strlen(text));
	append_pad(b, 4);
}

static u8 *byte_at(struct dump_case *c, u64 addr)
{
	for (size_t i = 0; i < c->page_n; i++)
		if (c->page[i].addr == align_down(addr, PAGE_4K))
			return (u8 *)c->page[i].word + addr % PAGE_4K;
	fprintf(stderr, "kept: no page at 0x%llx\n", (unsigned long long)addr);
	exit(99);
}

/* As kernel/vmcoreinfo.c does it. */
static void keep(struct dump_case *c, struct bytes *b, const struct bytes *ours)
{
	struct rec_kept kept = { .phys = c->kept,
				 .len = (u32)ours->len,
				 .crc = note_crc32(0, ours->p,
						   (u32)ours->len) };
	struct note_writer w;
	u8 note[128];

	for (size_t i = 0; i < ours->len; i++)
		*byte_at(c, c->kept + i) = ours->p[i];
	if (c->spoilt)
		++*byte_at(c, c->kept + ours->len / 2);
	note_begin(&w, note, sizeof(note), NOTE_KEPT);
	note_put(&w, REC_KEPT, &kept, sizeof(kept));
	note_seal(&w);
	append(b, note, w.len);
}

static void append_ours(struct dump_case *c, struct bytes *b)
{
	struct note_segment *seg;
	size_t n;

	c->facts.machine = EM_X86_64; /* as the ELF header has it */
	if (facts_to_notes(&c->facts, &c->decisions, &seg, &n))
		abort();
	for (size_t i = 0; i < n; i++)
		append(b, seg[i].bytes, seg[i].len - NOTE_TERMINATOR);
	note_segments_free(seg, n);
	if (!c->nocrash)
		append(b, c->crash, align_up(c->w.len, 4));
}

/* A CPU's note before ours, as the crash kernel merges them. */
static struct bytes notes(struct dump_case *c)
{
	static const char prstatus[] = "\5\0\0\0\10\0\0\0\1\0\0\0CORE\0\0\0\0"
				       "12345678";
	struct bytes b = { 0 }, ours = { 0 };

	append(&b, prstatus, sizeof(prstatus) - 1);
	if (c->vmcoreinfo)
		append_vmcoreinfo(&b, c->vmcoreinfo);
	if (!c->nonotes) {
		append_ours(c, &ours);
		if (c->kept)
			keep(c, &b, &ours);
		else
			append(&b, ours.p, ours.len);
		free(ours.p);
	}
	append(&b, NULL, NOTE_TERMINATOR);
	return b;
}

static bool is_zero(const struct case_page *p)
{
	static const u64 zero[512];

	return !memcmp(p->word, zero, sizeof(zero));
}

/* Pages in a row are one load; zeros at its end are not in the file. */
static struct bytes write_elf(struct dump_case *c)
{
	struct bytes nb = notes(c), b = { 0 };
	Elf64_Phdr ph[CASE_PAGES + 1] = { 0 };
	Elf64_Ehdr eh = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				       ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_CORE,
			  .e_machine = EM_X86_64,
			  .e_version = EV_CURRENT,
			  .e_phoff = sizeof(eh),
			  .e_ehsize = sizeof(eh),
			  .e_phentsize = sizeof(ph[0]) };
	size_t i, k = 0, end = 0;
	u64 off;

	for (i = 0; i < c->page_n; i++) {
		const struct case_page *p = &c->page[i];

		if (p->drop)
			continue;
		if (!k || ph[k].p_paddr + ph[k].p_memsz != p->addr ||
		    (ph[k].p_filesz != ph[k].p_memsz && !is_zero(p)))
			ph[++k] = (Elf64_Phdr){ .p_type = PT_LOAD,
						.p_paddr = p->addr };
		ph[k].p_memsz += PAGE_4K;
		if (!is_zero(p) && ph[k].p_filesz + PAGE_4K == ph[k].p_memsz)
			ph[k].p_filesz = ph[k].p_memsz;
	}
	eh.e_phnum = (u16)(k + 1);
	off = sizeof(eh) + (k + 1) * sizeof(ph[0]);
	ph[0] = (Elf64_Phdr){ .p_type = PT_NOTE,
			      .p_offset = off,
			      .p_filesz = nb.len,
			      .p_memsz = nb.len };
	off = align_up(off + nb.len, PAGE_4K);
	for (i = 1; i <= k; i++) {
		ph[i].p_offset = off;
		off += ph[i].p_filesz;
	}
	append(&b, &eh, sizeof(eh));
	append(&b, ph, (k + 1) * sizeof(ph[0]));
	append(&b, nb.p, nb.len);
	append_pad(&b, PAGE_4K);
	for (i = 1, k = 0; i < eh.e_phnum; i++)
		for (end = ph[i].p_paddr; end < ph[i].p_paddr + ph[i].p_filesz;
		     end += PAGE_4K) {
			while (c->page[k].addr != end)
				k++;
			append(&b, c->page[k].word, PAGE_4K);
		}
	free(nb.p);
	return b;
}

#define KDUMP_ZLIB 1u

/* makedumpfile, diskdump_mod.h: disk_dump_header, kdump_sub_header, page_desc */
static void kdump_headers(struct bytes *b, const struct bytes *nb, u32 mapnr,
			  u32 bitmap_blocks, const char *vmcoreinfo)
{
	u8 h[PAGE_4K] = "KDUMP   ";
	u64 sub[13] = { 0 };
	u32 sub_blocks =
		(u32)(align_up(sizeof(sub) + nb->len, PAGE_4K) / PAGE_4K);
	u32 tail[] = { 0, PAGE_4K, sub_blocks, bitmap_blocks, mapnr };
	u32 version = 6;

	memcpy(h + 8, &version, 4);
	strcpy((char *)h + 12, "Linux");
	strcpy((char *)h + 12 + 4 * 65, "x86_64");
	memcpy(h + 424, tail, sizeof(tail));
	append(b, h, sizeof(h));
	sub[1] = 31; /* dump_level */
	sub[6] = PAGE_4K + sizeof(sub);
	sub[7] = nb->len;
	if (vmcoreinfo) {
		sub[4] = sub[6] + VMCOREINFO_AT;
		sub[5] = strlen(vmcoreinfo);
	}
	sub[12] = mapnr;
	append(b, sub, sizeof(sub));
	append(b, nb->p, nb->len);
	append_pad(b, PAGE_4K);
}

static u64 last_frame(const struct dump_case *c)
{
	return c->page_n ? c->page[c->page_n - 1].addr / PAGE_4K : 0;
}

static bool in_part(u64 pfn, u64 start, u64 end)
{
	return !end || (pfn >= start && pfn < end);
}

/* In the sub header: that it is split, and both pairs of page numbers. */
static void split_header(struct bytes *b, u64 start, u64 end)
{
	u64 *sub = (u64 *)(b->p + PAGE_4K);

	sub[1] |= 1ULL << 32;
	sub[2] = sub[10] = start;
	sub[3] = sub[11] = end;
}

/* Pages from @start to @end of a split dump; 0, 0: it is not split. */
static struct bytes write_kdump(struct dump_case *c, u64 start, u64 end)
{
	struct bytes nb = notes(c), b = { 0 }, data = { 0 };
	u64 last = last_frame(c);
	u64 bitmap = align_up(last / 8 + 1, PAGE_4K);
	u8 *bits = calloc(2, bitmap), packed[2 * PAGE_4K];
	size_t i, kept = 0, descs;

	for (i = 0; i < c->page_n; i++) {
		u64 pfn = c->page[i].addr / PAGE_4K;

		bits[pfn / 8] |= (u8)(1 << pfn % 8);
		if (c->page[i].drop)
			continue;
		bits[bitmap + pfn / 8] |= (u8)(1 << pfn % 8);
		kept += in_part(pfn, start, end);
	}
	kdump_headers(&b, &nb, (u32)last + 1, (u32)(2 * bitmap / PAGE_4K),
		      c->vmcoreinfo);
	if (end)
		split_header(&b, start, end);
	append(&b, bits, 2 * bitmap);
	descs = b.len + kept * 24;
	for (i = 0; i < c->page_n; i++) {
		uLongf len = sizeof(packed);
		u64 desc[3];

		if (c->page[i].drop ||
		    !in_part(c->page[i].addr / PAGE_4K, start, end))
			continue;
		compress2(packed, &len, (u8 *)c->page[i].word, PAGE_4K, 1);
		desc[0] = descs + data.len;
		desc[1] = len | (u64)KDUMP_ZLIB << 32;
		desc[2] = 0;
		append(&b, desc, sizeof(desc));
		append(&data, packed, len);
	}
	append(&b, data.p, data.len);
	free(data.p);
	free(bits);
	free(nb.p);
	return b;
}

static void flat_record(struct bytes *b, u64 off, const void *p, u64 len)
{
	u64 h[2] = { htobe64(off), htobe64(len) };

	append(b, h, sizeof(h));
	append(b, p, len);
}

/* In pieces, the later ones first, and the start written twice. */
static struct bytes write_flat(struct bytes in)
{
	u64 h[512] = { 0 }, end[2] = { ~0ULL, ~0ULL }, off, piece = 3000;
	struct bytes b = { 0 };

	memcpy(h, "makedumpfile", 12);
	h[2] = htobe64(1);
	h[3] = htobe64(1);
	append(&b, h, sizeof(h));
	flat_record(&b, 0, NULL, in.len < 100 ? in.len : 100);
	for (off = (in.len - 1) / piece * piece;; off -= piece) {
		flat_record(&b, off, in.p + off,
			    in.len - off < piece ? in.len - off : piece);
		if (!off)
			break;
	}
	append(&b, end, sizeof(end));
	free(in.p);
	return b;
}

struct bytes case_part(struct dump_case *c, size_t i, size_t n)
{
	u64 end = last_frame(c) + 1;

	return write_kdump(c, i ? c->page[c->page_n * i / n].addr / PAGE_4K : 0,
			   i + 1 < n ? c->page[c->page_n * (i + 1) / n].addr /
					       PAGE_4K
				     : end);
}

static void put_entry(struct bytes *b, const char *name, struct bytes content)
{
	static const u8 zeros[4];
	char head[160];

	snprintf(head, sizeof(head),
		 "0707010000000100008180%08x%08x00000001%08x%08zx%08x%08x%08x"
		 "%08x%08zx%08x",
		 0u, 0u, 0u, content.len, 0u, 0u, 0u, 0u, strlen(name) + 1, 0u);
	append(b, head, 110);
	append(b, name, strlen(name) + 1);
	append(b, zeros, -b->len & 3);
	append(b, content.p, content.len);
	append(b, zeros, -b->len & 3);
}

static struct bytes write_cpio(struct dump_case *c)
{
	struct bytes all = case_write(c, CASE_NOTES), b = { 0 };
	static const u8 zeros[512];

	put_entry(&b, "init", (struct bytes){ (u8 *)"#!/bin/sh", 9 });
	put_entry(&b, "TRAILER!!!", (struct bytes){ 0 });
	append(&b, zeros, sizeof(zeros));
	put_entry(&b, "iommu-notes", (struct bytes){ 0 });
	put_entry(&b, "run/iommu-notes", all);
	put_entry(&b, "TRAILER!!!", (struct bytes){ 0 });
	free(all.p);
	return b;
}

struct bytes case_write(struct dump_case *c, enum case_format f)
{
	const char *info = c->vmcoreinfo;
	struct bytes b, all;

	switch (f) {
	case CASE_KDUMP:
		return write_kdump(c, 0, 0);
	case CASE_FLAT_ELF:
		return write_flat(write_elf(c));
	case CASE_FLAT_KDUMP:
		return write_flat(write_kdump(c, 0, 0));
	case CASE_CPIO:
		return write_cpio(c);
	case CASE_NOTES:
		/* It has ours alone. */
		c->vmcoreinfo = NULL;
		all = notes(c);
		c->vmcoreinfo = info;
		b = (struct bytes){ 0 };
		append(&b, all.p + 28, all.len - 28); /* without the CPU's */
		free(all.p);
		return b;
	default:
		return write_elf(c);
	}
}
