// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every subcommand of iommudump and everything that prints, on notes whose
 * checksums are right and on memory of any content.
 *
 * Input: u32, that many bytes of notes, then a machine as fuzz_mem takes it.
 */
#include <elf.h>
#include <unistd.h>

#include "../../iommudump/commands.h"
#include "fuzz.h"

#define N_IOVA 0
#define N_PHYS 1

/* Names come from a dump that anyone may have made: a terminal sees text. */
static void check_text(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		FUZZ_RULE((text[i] >= 0x20 && text[i] < 0x7f) ||
			  text[i] == '\n' || text[i] == '\t');
}

/* What @print makes of a document; freed by the caller. */
static char *printed(void (*print)(struct json_object *),
		     struct json_object *doc, size_t *len)
{
	FILE *real = stdout;
	char *text = NULL;

	stdout = open_memstream(&text, len);
	if (!stdout)
		abort();
	print(doc);
	fclose(stdout);
	stdout = real;
	return text;
}

static void check_print(void (*print)(struct json_object *),
			struct json_object *doc)
{
	size_t len;
	char *text = printed(print, doc, &len);

	check_text(text, len);
	free(text);
}

static void write_page(struct json_object *doc)
{
	FUZZ_RULE(write_html(stdout, doc));
}

/* No name gets out of its place: the page has its own two scripts. */
static void check_page(struct json_object *doc)
{
	size_t len;
	char *text = printed(write_page, doc, &len), *s = text;
	unsigned int scripts = 0;

	for (; (s = strstr(s, "<script")); s++)
		scripts++;
	FUZZ_RULE(scripts == 2 && strlen(text) == len);
	free(text);
}

static void check_json(struct json_object *doc)
{
	const char *text = json_object_to_json_string_ext(
		doc, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	struct json_object *again = json_tokener_parse(text);

	check_text(text, strlen(text));
	FUZZ_RULE(again);
	json_object_put(again);
}

/* One of several answers. */
static bool emit(struct report *r)
{
	const struct command *c = r->emit_arg;

	check_json(r->doc);
	check_print(c->print, r->doc);
	json_object_put(r->doc);
	r->doc = json_object_new_object();
	return r->doc;
}

static void ask(struct dump *d, struct dump *other, const struct command *c,
		char **argv, int argc, bool graph)
{
	char err[512] = "";
	struct report r = { .d = d,
			    .other = other,
			    .doc = json_object_new_object(),
			    .argc = argc,
			    .argv = argv,
			    .err = err,
			    .err_len = sizeof(err),
			    .emit = emit,
			    .emit_arg = (void *)(uintptr_t)c };

	if (!(graph ? report_graph : c->report)(&r)) {
		FUZZ_RULE(*err && !strchr(err, '\n'));
	} else if (json_object_object_length(r.doc)) {
		check_json(r.doc);
		check_print(graph ? c->dot : c->print, r.doc);
		if (c->report == report_report)
			check_page(r.doc);
	}
	json_object_put(r.doc);
}

/* libFuzzer tries much with one command; a seed is asked everything. */
static bool chosen(const struct command *c, size_t len)
{
#ifdef FUZZING
	size_t n = 0;

	while (commands[n].name)
		n++;
	return c == &commands[len % n];
#else
	(void)c;
	(void)len;
	return true;
#endif
}

/* What a command asks for: a device, an address of it, physical ranges. */
static void ask_all(struct dump *d, u64 iova, u64 phys, size_t len)
{
	char bdf[64] = "0000:00:03.0", at[24], range[48];
	const struct command *c;
	char *argv[3];

	if (d->facts.device_n && d->facts.device[0].name)
		snprintf(bdf, sizeof(bdf), "%s", d->facts.device[0].name);
	snprintf(at, sizeof(at), "0x%llx", (unsigned long long)iova);
	snprintf(range, sizeof(range), "0x%llx+0x2000",
		 (unsigned long long)phys);
	for (c = commands; c->name; c++) {
		bool reaches = c->report == report_reach;

		if (!chosen(c, len))
			continue;
		argv[0] = reaches ? range : bdf;
		argv[1] = at;
		argv[2] = range;
		ask(d, NULL, c, argv, c->argc, false);
		if (c->more == COMMAND_ANY)
			ask(d, NULL, c, argv, c->argc + 2, false);
		else if (c->more && c->report != report_diff)
			ask(d, NULL, c, argv, c->argc + c->more, false);
		else if (c->more)
			ask(d, d, c, argv, 0, false);
		if (c->dot)
			ask(d, NULL, c, argv, c->argc, true);
	}
}

/* An ELF core of the notes and the pages of @m. */
static size_t make_core(u8 **core, const u8 *notes, size_t notes_len,
			const struct fuzz_mem *m)
{
	size_t heads = sizeof(Elf64_Ehdr) + (m->pages + 1) * sizeof(Elf64_Phdr);
	size_t pages = heads + notes_len, len = pages + m->pages * PAGE_4K, i;
	Elf64_Ehdr eh = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				       ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_CORE,
			  .e_machine = EM_X86_64,
			  .e_version = EV_CURRENT,
			  .e_phoff = sizeof(eh),
			  .e_ehsize = sizeof(eh),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = (u16)(m->pages + 1) };
	Elf64_Phdr ph = { .p_type = PT_NOTE,
			  .p_offset = heads,
			  .p_filesz = notes_len,
			  .p_memsz = notes_len };

	*core = malloc(len);
	if (!*core)
		abort();
	memcpy(*core, &eh, sizeof(eh));
	memcpy(*core + sizeof(eh), &ph, sizeof(ph));
	for (i = 0; i < m->pages; i++) {
		ph = (Elf64_Phdr){ .p_type = PT_LOAD,
				   .p_offset = pages + i * PAGE_4K,
				   .p_paddr = m->frame[i] * PAGE_4K,
				   .p_filesz = PAGE_4K,
				   .p_memsz = PAGE_4K };
		memcpy(*core + sizeof(eh) + (i + 1) * sizeof(ph), &ph,
		       sizeof(ph));
	}
	if (notes_len)
		memcpy(*core + heads, notes, notes_len);
	memcpy(*core + pages, m->bytes, m->pages * PAGE_4K);
	return len;
}

int fuzz_report(const u8 *data, size_t len)
{
	char err[512] = "";
	struct fuzz_mem m;
	struct dump d;
	u8 *notes, *core;
	u32 notes_len;
	size_t core_len;

	if (len < sizeof(notes_len))
		return 0;
	memcpy(&notes_len, data, sizeof(notes_len));
	data += sizeof(notes_len);
	len -= sizeof(notes_len);
	if (notes_len > len)
		return 0;
	notes = fuzz_copy(data, notes_len);
	fuzz_repair_notes(notes, notes_len);
	data += notes_len;
	len -= notes_len;
	fuzz_mem_init(&m, data, len);
	core_len = make_core(&core, notes, notes_len, &m);
	free(notes);
	if (!dump_open(&d, fuzz_file(core, core_len), err, sizeof(err))) {
		ask_all(&d, fuzz_number(data, len, N_IOVA),
			fuzz_number(data, len, N_PHYS), len);
		dump_close(&d);
	}
	free(core);
	fuzz_mem_free(&m);
	return 0;
}
