// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints what gather/ makes of its sources, as text. The cases in
 * tests/cases are compared with it; in a guest it shows the running system.
 *
 *   gather_show facts [-r ROOT] [-v VMLINUX] [-m MODE] [-d BDF=MODE]... [-tRnT]
 *     -t top-level tables too  -R print registers  -n and the size of the notes
 *     -T and how long it took
 *   gather_show tree FILE [the options of facts]   ROOT from a text file
 *   gather_show dmar FILE                          a table as hex
 *   gather_show ivrs FILE                          a table as hex
 *   gather_show regset FILE                        text of iommu_regset
 *   gather_show kernel FILE                        a made-up kernel's structures
 *   gather_show seed FILE                          that memory, for tests/fuzz
 *   gather_show state FILE                         only the state of known units
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../gather/sources.h"
#include "../lib/madeup.h"
#include "../lib/tree.h"

static void die(const char *what, const char *why)
{
	fprintf(stderr, "gather_show: %s: %s\n", what, why);
	exit(2);
}

static char *slurp(const char *path, size_t *len)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	*len = 0;
	if (!in)
		die(path, strerror(errno));
	do {
		text = realloc(text, size += 65536);
		if (!text)
			die(path, strerror(errno));
		*len += fread(text + *len, 1, size - *len - 1, in);
	} while (*len == size - 1);
	text[*len] = '\0';
	fclose(in);
	return text;
}

/* --- printing --- */

static void print_missing(const struct facts *f)
{
	for (size_t i = 0; i < f->missing_n; i++)
		printf("missing%s %s: %s\n",
		       f->missing[i].device ? " of devices" : "",
		       f->missing[i].source, f->missing[i].why);
}

static const struct decisions undecided;

static void print_units(const struct facts *f, const struct decisions *d,
			bool regs)
{
	for (size_t i = 0; i < f->unit_n; i++) {
		const struct fact_unit *u = &f->unit[i];

		printf("unit %zu %s segment %04x at 0x%llx+0x%x%s cap 0x%llx "
		       "ecap 0x%llx root 0x%llx width %u mode %s\n",
		       i, u->name, u->segment, (unsigned long long)u->reg_phys,
		       u->reg_len,
		       u->flags & UNIT_INCLUDE_ALL ? " include-all" : "",
		       (unsigned long long)u->cap, (unsigned long long)u->ecap,
		       (unsigned long long)u->root, u->host_bits,
		       iommu_mode_name(decided_unit(d, i).mode));
		for (u32 r = 0; regs && r < u->regs.n; r++) {
			u64 unknown = fact_reg_unknown(u, u->regs.r[r].off);

			printf("  reg 0x%03x/%u 0x%llx", u->regs.r[r].off,
			       u->regs.r[r].width,
			       (unsigned long long)u->regs.r[r].val);
			if (unknown)
				printf(" but for 0x%llx",
				       (unsigned long long)unknown);
			putchar('\n');
		}
	}
}

static const char *id_text(u32 id)
{
	static char text[4][16];
	static unsigned int turn;
	char *t = text[turn++ % 4];

	if (id > 0xffff)
		snprintf(t, sizeof(text[0]), "0x%x", id);
	else
		snprintf(t, sizeof(text[0]), "%02x:%02x.%x", id >> 8,
			 id >> 3 & 31, id & 7);
	return t;
}

static void print_devices(const struct facts *f,
			  const struct decisions *decisions)
{
	static const char *const types[] = {
		"unknown", "DMA", "DMA-FQ", "identity", "blocked", "unmanaged"
	};

	for (size_t i = 0; i < f->device_n; i++) {
		const struct fact_device *d = &f->device[i];
		struct decision decision = decided_device(decisions, i);

		printf("device %s id %04x:%s %04x:%04x class %06x unit %d "
		       "group %d %s%s%s%s%s driver %s: %s, %s\n",
		       d->name, d->segment, id_text(d->requester), d->vendor,
		       d->device, d->class, (int)d->unit, (int)d->group,
		       types[d->domain_type],
		       d->attached ? ", attached to " : "",
		       d->attached ? types[d->attached] : "",
		       d->has_region ? " region" : "", d->ats ? " ats" : "",
		       d->driver ? d->driver : "-",
		       iommu_mode_name(decision.mode),
		       iommu_reason_text(decision.reason));
	}
	for (size_t i = 0; i < f->alias_n; i++)
		printf("alias %04x: %s as %s\n", f->alias[i].segment,
		       id_text(f->alias[i].requester),
		       id_text(f->alias[i].alias));
}

static void print_rest(const struct facts *f)
{
	static const char *const types[] = { "other", "direct",
					     "direct-relaxable", "reserved",
					     "msi" };

	for (size_t i = 0; i < f->region_n; i++)
		printf("region group %d 0x%llx-0x%llx %s\n",
		       (int)f->region[i].group,
		       (unsigned long long)f->region[i].start,
		       (unsigned long long)f->region[i].end,
		       types[f->region[i].type]);
	for (size_t i = 0; i < f->reservation_n; i++)
		printf("reservation 0x%llx+0x%llx\n",
		       (unsigned long long)f->reservation[i].start,
		       (unsigned long long)f->reservation[i].len);
	for (size_t i = 0; i < f->table_n; i++) {
		const struct fact_table *t = &f->table[i];
		u32 used = 0;

		for (u32 at = 0; at < t->len; at++)
			used += t->bytes[at] != 0;
		printf("table 0x%llx unit %u level 0x%x requester %s: %u of %u "
		       "bytes not 0\n",
		       (unsigned long long)t->phys, t->unit, t->at,
		       id_text(t->requester), used, t->len);
	}
	print_missing(f);
}

/* --- facts --- */

struct choices {
	u32 mode;
	struct device_choice c[16];
	size_t n;
};

static void add_choice(struct choices *c, char *text)
{
	char *mode = strchr(text, '=');
	u32 domain;
	u16 id;

	if (c->n == ARRAY_SIZE(c->c) || !mode)
		die("-d", text);
	*mode++ = '\0';
	if (!pci_parse(text, &domain, &id))
		die("-d", text);
	c->c[c->n++] = (struct device_choice){
		.segment = (u16)domain,
		.requester = id,
		.mode = (u8)iommu_mode_parse(mode),
	};
}

static void print_notes(const struct facts *f, const struct decisions *d)
{
	struct note_segment *seg;
	size_t n;

	if (facts_to_notes(f, d, &seg, &n))
		die("notes", "out of memory");
	for (size_t i = 0; i < n; i++)
		printf("segment %zu of %u bytes\n", i, seg[i].len);
	note_segments_free(seg, n);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct options {
	struct gather_opts gather;
	struct choices choices;
	bool regs, notes, clock;
};

static bool parse_options(struct options *o, int argc, char **argv,
			  const char **root)
{
	int opt;

	while ((opt = getopt(argc, argv, "r:v:tm:d:RnT")) != -1) {
		switch (opt) {
		case 'r':
			*root = optarg;
			break;
		case 'v':
			o->gather.vmlinux = optarg;
			break;
		case 't':
			o->gather.tables = true;
			break;
		case 'm':
			o->choices.mode = iommu_mode_parse(optarg);
			break;
		case 'd':
			add_choice(&o->choices, optarg);
			break;
		case 'R':
			o->regs = true;
			break;
		case 'n':
			o->notes = true;
			break;
		case 'T':
			o->clock = true;
			break;
		default:
			return false;
		}
	}
	return true;
}

static int show_facts(int argc, char **argv, const char *root)
{
	struct options o = { .choices.mode = IOMMU_MODE_RECORD };
	struct sysroot s;
	struct decisions d;
	struct facts f;
	double start;
	size_t bad;
	int rc;

	if (!parse_options(&o, argc, argv, &root))
		return 2;
	rc = sysroot_open(&s, root);
	if (rc)
		die(root, strerror(-rc));
	o.gather.root = &s;
	start = now();
	if (gather(&f, &o.gather))
		die(root, "out of memory");
	if (o.clock)
		printf("gathered in %.3f s\n", now() - start);
	rc = decide(&f, o.choices.mode, o.choices.c, o.choices.n, &d, &bad);
	if (rc == -ENOENT)
		printf("choice %zu names no device\n", bad);
	if (rc == -ENODEV)
		printf("choice %zu is behind no unit\n", bad);
	print_units(&f, &d, o.regs);
	print_devices(&f, &d);
	print_rest(&f);
	if (o.notes)
		print_notes(&f, &d);
	decisions_free(&d);
	facts_free(&f);
	sysroot_close(&s);
	return 0;
}

static int show_tree(int argc, char **argv, const char *file)
{
	char *root = tree_plant(file);
	int rc = show_facts(argc, argv, root);

	tree_remove(root);
	return rc;
}

/* --- single sources --- */

static void tell(void *arg, const char *line)
{
	(void)arg;
	printf("fault: %s\n", line);
}

static void print_entry(const struct dmar *d, const struct dmar_entry *e)
{
	static const char *const names[] = { "drhd", "rmrr", "atsr", "rhsa",
					     "andd", "satc", "sidp" };

	printf("0x%x %s segment %04x flags 0x%02x", e->offset, names[e->type],
	       e->segment, e->flags);
	if (e->type == DMAR_DRHD)
		printf(" registers 0x%llx+0x%x", (unsigned long long)e->base,
		       e->reg_len);
	if (e->type == DMAR_RMRR)
		printf(" region 0x%llx-0x%llx", (unsigned long long)e->base,
		       (unsigned long long)e->limit);
	if (e->type == DMAR_RHSA)
		printf(" registers 0x%llx proximity %u",
		       (unsigned long long)e->base, e->proximity);
	if (e->type == DMAR_ANDD)
		printf(" number %u name \"%.*s\"", e->device_number,
		       (int)e->name_len, e->name);
	printf("\n");
	for (size_t i = 0; i < e->scopes; i++) {
		const struct dmar_scope *s = &d->scope[e->scope + i];

		printf("  0x%x scope type %u flags 0x%02x id %u bus %02x path",
		       s->offset, s->type, s->flags, s->enumeration_id,
		       s->start_bus);
		for (u32 j = 0; j < s->steps; j++)
			printf(" %02x.%x", s->path[2 * j], s->path[2 * j + 1]);
		printf("\n");
	}
}

static int show_dmar(const char *file)
{
	size_t len;
	u8 *bytes = tree_hex_file(file, &len);
	struct dmar d;

	/* Exactly as long as it is, for the tools that watch the heap. */
	bytes = realloc(bytes, len ? len : 1);
	if (dmar_parse(&d, bytes, len, tell, NULL))
		die(file, "out of memory");
	printf("width %u flags 0x%02x\n", d.host_address_width, d.flags);
	for (size_t i = 0; i < d.entries; i++)
		print_entry(&d, &d.entry[i]);
	dmar_free(&d);
	return 0;
}

static void print_range(const struct ivrs_range *r)
{
	printf("  0x%x entry type 0x%02x %04x-%04x setting 0x%02x", r->offset,
	       r->type, r->first, r->last, r->setting);
	if (r->alias)
		printf(" alias %04x", r->alias);
	if (r->variety)
		printf(" variety %u handle %u", r->variety, r->handle);
	if (r->hid)
		printf(" hid \"%.8s\" uid format %u of %u bytes",
		       (const char *)r->hid, r->uid_format, r->uid_len);
	printf("\n");
}

static int show_ivrs(const char *file)
{
	size_t len;
	u8 *bytes = tree_hex_file(file, &len);
	struct ivrs v;

	bytes = realloc(bytes, len ? len : 1);
	if (ivrs_parse(&v, bytes, len, tell, NULL))
		die(file, "out of memory");
	printf("ivinfo 0x%08x\n", v.ivinfo);
	for (size_t i = 0; i < v.units; i++) {
		const struct ivrs_unit *u = &v.unit[i];

		printf("0x%x ivhd type 0x%02x flags 0x%02x segment %04x device "
		       "%04x capability 0x%x registers 0x%llx efr 0x%llx "
		       "0x%llx\n",
		       u->offset, u->type, u->flags, u->segment, u->device,
		       u->capability, (unsigned long long)u->base,
		       (unsigned long long)u->efr, (unsigned long long)u->efr2);
		for (size_t j = 0; j < u->ranges; j++)
			print_range(&v.range[u->range + j]);
	}
	for (size_t i = 0; i < v.memories; i++) {
		const struct ivrs_memory *m = &v.memory[i];

		printf("0x%x ivmd type 0x%02x flags 0x%02x segment %04x "
		       "%04x-%04x 0x%llx+0x%llx\n",
		       m->offset, m->type, m->flags, m->segment, m->first,
		       m->last, (unsigned long long)m->start,
		       (unsigned long long)m->len);
	}
	ivrs_free(&v);
	return 0;
}

/* "# unit ADDRESS" lines of the case say which units there are. */
static int show_regset(const char *file)
{
	struct facts f = { 0 };
	size_t len;
	char *text = slurp(file, &len), *at = text;
	unsigned long long base;

	while (sscanf(at, "# unit %llx", &base) == 1) {
		struct fact_unit *u =
			array_grow(&f.unit, &f.unit_n, sizeof(*u));

		if (!u)
			die(file, "out of memory");
		u->reg_phys = base;
		u->name = strdup("unit");
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	if (debugfs_regset(&f, "iommu_regset", at))
		die(file, "out of memory");
	print_units(&f, &undecided, true);
	print_missing(&f);
	free(text);
	facts_free(&f);
	return 0;
}

/* As fuzz_mem_init() takes it: eight numbers, then words behind their places. */
static int write_seed(const char *file)
{
	static struct madeup k;
	u64 number[8] = { 0 };

	madeup_init(&k);
	if (!madeup_read(&k, file))
		return 2;
	fwrite(number, sizeof(number), 1, stdout);
	for (size_t i = 0; i < k.pages; i++)
		for (u32 at = 0; !(k.page[i] & 1) && at < PAGE_4K; at += 8) {
			u32 place = (u32)((k.page[i] + at) / 8);
			static const u8 zeros[8];

			if (!memcmp(k.bytes[i] + at, zeros, 8))
				continue;
			fwrite(&place, sizeof(place), 1, stdout);
			fwrite(k.bytes[i] + at, 8, 1, stdout);
		}
	madeup_free(&k);
	return 0;
}

static int show_kernel(const char *file, bool state)
{
	static struct madeup k;
	struct facts *f = &k.facts;
	int rc;

	madeup_init(&k);
	if (!madeup_read(&k, file))
		return 2;
	rc = state ? kernel_state(&k.k, f) : kernel_facts(&k.k, f);
	if (rc)
		die(file, strerror(-rc));
	if (f->release)
		printf("kernel %s\n", f->release);
	for (size_t i = 0; i < f->iomem_n; i++)
		printf("iomem %*s%llx-%llx %s\n", (int)f->iomem[i].depth * 2,
		       "", (unsigned long long)f->iomem[i].start,
		       (unsigned long long)f->iomem[i].end, f->iomem[i].name);
	print_units(f, &undecided, true);
	print_devices(f, &undecided);
	print_rest(f);
	madeup_free(&k);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "facts"))
		return show_facts(argc - 1, argv + 1, "/");
	if (argc > 2 && !strcmp(what, "tree"))
		return show_tree(argc - 2, argv + 2, argv[2]);
	if (argc == 3 && !strcmp(what, "dmar"))
		return show_dmar(argv[2]);
	if (argc == 3 && !strcmp(what, "ivrs"))
		return show_ivrs(argv[2]);
	if (argc == 3 && !strcmp(what, "regset"))
		return show_regset(argv[2]);
	if (argc == 3 && !strcmp(what, "seed"))
		return write_seed(argv[2]);
	if (argc == 3 && (!strcmp(what, "kernel") || !strcmp(what, "state")))
		return show_kernel(argv[2], !strcmp(what, "state"));
	fprintf(stderr, "usage: gather_show facts|tree|dmar|ivrs|regset|"
			"kernel|seed|state ...\n");
	return 2;
}
