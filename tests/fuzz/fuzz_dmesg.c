// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of a dump. The input is shorter than a dump, which is mostly zeros:
 * u16 machine (ELF's), u16 length of VMCOREINFO, its text, then pieces of
 * memory, each u64 virtual address (of its page's program header, when it is
 * the page's first), u32 number of its page, u16 where in it, u16 length,
 * bytes.
 */
#include <elf.h>

#include "../../vmcore-dmesg/dmesg.h"
#include "../../iommudump/oops.h"
#include "fuzz.h"

#define PAGES_MAX 64u
#define NOTES PAGE_4K /* where in the file */
#define PAGES_AT (NOTES + KIB(64) + PAGE_4K)
#define OUTPUT_MAX MIB(64)

struct piece {
	u64 virt;
	u32 page;
	u16 at, len;
} __attribute__((packed));

struct core {
	u8 *file;
	Elf64_Phdr *ph; /* the note's, then one a page */
	u32 pages;
};

static u32 page_of(struct core *c, const struct piece *p)
{
	u64 phys = (u64)p->page * PAGE_4K;
	u32 i;

	for (i = 0; i < c->pages; i++)
		if (c->ph[1 + i].p_paddr == phys)
			return i;
	if (i == PAGES_MAX)
		return 0;
	c->ph[1 + i] = (Elf64_Phdr){ .p_type = PT_LOAD,
				     .p_offset = PAGES_AT + i * PAGE_4K,
				     .p_vaddr = align_down(p->virt, PAGE_4K),
				     .p_paddr = phys,
				     .p_filesz = PAGE_4K,
				     .p_memsz = PAGE_4K };
	c->pages++;
	return i;
}

static void add_pieces(struct core *c, const u8 *data, size_t len)
{
	struct piece p;
	u32 page;

	while (len >= sizeof(p)) {
		memcpy(&p, data, sizeof(p));
		data += sizeof(p);
		len -= sizeof(p);
		p.at %= PAGE_4K;
		if (p.len > PAGE_4K - p.at)
			p.len = (u16)(PAGE_4K - p.at);
		if (p.len > len)
			p.len = (u16)len;
		page = page_of(c, &p);
		memcpy(c->file + PAGES_AT + page * PAGE_4K + p.at, data, p.len);
		data += p.len;
		len -= p.len;
	}
}

static u64 add_note(u8 *to, const u8 *text, u16 len)
{
	const Elf64_Nhdr nh = { .n_namesz = sizeof("VMCOREINFO"),
				.n_descsz = len };

	memcpy(to, &nh, sizeof(nh));
	memcpy(to + sizeof(nh), "VMCOREINFO", sizeof("VMCOREINFO"));
	memcpy(to + sizeof(nh) + 12, text, len);
	return sizeof(nh) + 12 + ((len + 3u) & ~3u);
}

/* The dump, to be freed. */
static u8 *make_core(const u8 *data, size_t len, size_t *core_len)
{
	struct core c = { .file = calloc(1, PAGES_AT + PAGES_MAX * PAGE_4K) };
	Elf64_Ehdr eh = { .e_ident = ELFMAG,
			  .e_type = ET_CORE,
			  .e_version = EV_CURRENT,
			  .e_phoff = sizeof(eh),
			  .e_ehsize = sizeof(eh),
			  .e_phentsize = sizeof(Elf64_Phdr) };
	u16 head[2] = { 0 };

	if (!c.file)
		abort();
	if (len >= sizeof(head)) {
		memcpy(head, data, sizeof(head));
		data += sizeof(head);
		len -= sizeof(head);
	}
	if (head[1] > len)
		head[1] = (u16)len;
	c.ph = (Elf64_Phdr *)(c.file + sizeof(eh));
	c.ph[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = NOTES };
	c.ph[0].p_filesz = add_note(c.file + NOTES, data, head[1]);
	c.ph[0].p_memsz = c.ph[0].p_filesz;
	add_pieces(&c, data + head[1], len - head[1]);
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_ident[EI_VERSION] = EV_CURRENT;
	eh.e_machine = head[0];
	eh.e_phnum = (u16)(1 + c.pages);
	memcpy(c.file, &eh, sizeof(eh));
	*core_len = PAGES_AT + c.pages * PAGE_4K;
	return c.file;
}

static bool is_text(const char *s)
{
	size_t n = strspn(s, " !\"#$%&'()*+,-./0123456789:;<=>?@"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
			     "abcdefghijklmnopqrstuvwxyz{|}~");

	return !s[n] && n < OOPS_TEXT;
}

/* What a story takes from a log is short and can be printed. */
static void check_oops(const char *log, size_t len)
{
	struct oops o;
	FILE *to = oops_stream(&o);
	u32 i;

	if (!to)
		abort();
	fwrite(log, 1, len, to);
	fclose(to);
	FUZZ_RULE(is_text(o.what) && is_text(o.panic) && is_text(o.at) &&
		  is_text(o.process));
	FUZZ_RULE(o.n <= OOPS_ADDRESSES && o.began == !!o.what[0]);
	for (i = 0; i < o.n; i++)
		FUZZ_RULE(is_text(o.address[i].where) &&
			  (o.address[i].physical || o.address[i].value >> 63));
}

/* A status that is not 0 has a reason, and a reason is a line. */
int fuzz_dmesg(const u8 *data, size_t len)
{
	char why[512] = "", *text, *told;
	size_t core_len, text_len, told_len;
	u8 *core = make_core(data, len, &core_len);
	FILE *out = open_memstream(&text, &text_len);
	FILE *err = open_memstream(&told, &told_len);
	struct dump d;
	int status;

	if (!out || !err)
		abort();
	if (!dump_open(&d, fuzz_file(core, core_len), why, sizeof(why))) {
		status = dmesg_print(&d, "dump", out, err);
		dump_close(&d);
		fclose(err);
		fclose(out);
		FUZZ_RULE(!status == !told_len);
		FUZZ_RULE(!told_len || told[told_len - 1] == '\n');
		FUZZ_RULE(text_len <= OUTPUT_MAX);
		check_oops(text, text_len);
	} else {
		fclose(err);
		fclose(out);
		FUZZ_RULE(*why && !strchr(why, '\n'));
	}
	check_oops((const char *)data, len);
	free(text);
	free(told);
	free(core);
	return 0;
}
