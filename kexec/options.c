// SPDX-License-Identifier: GPL-2.0-only
/* What the options mean: from the command line to struct options. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "arch.h"
#include "iommu.h"
#include "options.h"
#include "typed.h"

#define TIMEOUT_MS_DEFAULT 100
#define TIMEOUT_MS_MAX 10000

enum {
	OPT_FIRST = 0x100, /* long options without a letter: their row */
	/* getopt's: a row of ours, an abbreviation, the end */
	ROWS_MAX = OPTION_ROWS_MAX + 8,
};

/*
 * Abbreviations that kexec-tools accepts and our own options would make
 * ambiguous.
 */
static const struct {
	const char *prefix;
	const char *name;
} prefixes[] = {
	{ "i", "initrd" },
	{ "v", "version" },
	{ "f", "force" },
};
static_assert(ARRAY_SIZE(prefixes) < ROWS_MAX - OPTION_ROWS_MAX, "ROWS_MAX");

static const struct {
	const char *name, *why;
} refusals[] = {
	{ "load-live-update", "Xen's live update is left out" },
	{ "exec-live-update", "Xen's live update is left out" },
	{ "load-preserve-context", "jumping back to this kernel is left out" },
	{ "load-jump-back-helper", "jumping back to this kernel is left out" },
	{ "entry", "jumping back to this kernel is left out" },
	{ "reuseinitrd", "not on this architecture: give --initrd=FILE" },
	{ "module", "multiboot kernels are left out, only Linux is loaded" },
	{ "real-mode", "kernels are entered in 64-bit mode only" },
	{ "entry-32bit", "kernels are entered in 64-bit mode only" },
};

static const char *const ignored[] = {
	"hotplug",
	"reset-vga",
	"pass-memmap-cmdline",
};

static const struct option_row *row_of(int code)
{
	if (code >= OPT_FIRST)
		return &option_rows[code - OPT_FIRST];
	for (const struct option_row *r = option_rows; r->name; r++)
		if (r->letter == code)
			return r;
	return NULL;
}

static struct option getopt_row(const char *name, const struct option_row *r)
{
	return (struct option){
		.name = name,
		.has_arg = r->arg == ARG_REQUIRED,
		.val = r->letter ? r->letter
				 : OPT_FIRST + (int)(r - option_rows)
	};
}

static void getopt_tables(struct option *lopt, char *sopt)
{
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		for (const struct option_row *r = option_rows; r->name; r++)
			if (!strcmp(r->name, prefixes[i].name))
				*lopt++ = getopt_row(prefixes[i].prefix, r);
	for (const struct option_row *r = option_rows; r->name; r++) {
		*lopt++ = getopt_row(r->name, r);
		if (!r->letter)
			continue;
		*sopt++ = r->letter;
		if (r->arg == ARG_REQUIRED)
			*sopt++ = ':';
	}
	*lopt = (struct option){ 0 };
	*sopt = 0;
}

static bool set_flag(struct options *o, const char *name)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "help", &o->help },
		{ "version", &o->version },
		{ "status", &o->status },
		{ "print-ckr-size", &o->print_ckr_size },
		{ "load", &o->load },
		{ "unload", &o->unload },
		{ "exec", &o->exec },
		{ "load-panic", &o->panic },
		{ "debug", &o->debug },
		{ "force", &o->force },
		{ "no-checks", &o->no_checks },
		{ "no-ifdown", &o->no_ifdown },
		{ "no-sync", &o->no_sync },
		{ "dry-run", &o->dry_run },
		{ "json", &o->json },
		{ "reuse-cmdline", &o->reuse_cmdline },
		{ "noefi", &o->no_efi },
		{ "console-serial", &o->console_serial },
		{ "console-vga", &o->console_vga },
		{ "no-cma", &o->no_cma },
		{ "force-dtb", &o->force_dtb },
		{ "args-linux", &o->args_linux },
		{ "args-elf", &o->args_elf },
		{ "args-none", &o->args_none },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (strcmp(name, flags[i].name))
			continue;
		*flags[i].flag = true;
		return true;
	}
	return false;
}

static bool set_string(struct options *o, const char *name, const char *arg)
{
	const struct {
		const char *name;
		const char **string;
	} strings[] = {
		{ "append", &o->append },   { "command-line", &o->append },
		{ "initrd", &o->initrd },   { "ramdisk", &o->initrd },
		{ "type", &o->type },	    { "facts", &o->facts },
		{ "vmlinux", &o->vmlinux }, { "serial", &o->serial },
	};

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		if (strcmp(name, strings[i].name))
			continue;
		*strings[i].string = arg;
		return true;
	}
	return false;
}

static int set_number(const char *name, const char *arg, u64 min, u64 max,
		      u64 *out, struct error *e)
{
	if (parse_u64(arg, 10, out) && *out >= min && *out <= max)
		return 0;
	return fail(e, "--%s=%s: not a number from %llu to %llu", name, arg,
		    (unsigned long long)min, (unsigned long long)max);
}

static int set_address(const char *name, const char *arg, u64 *out,
		       struct error *e)
{
	if (parse_number(arg, out))
		return 0;
	return fail(e, "--%s=%s: " NUMBER_WANTED, name, arg);
}

static int set_mode(struct options *o, const char *arg, struct error *e)
{
	o->mode = iommu_mode_parse(arg);
	o->mode_given = true;
	if (o->mode < IOMMU_MODE_N)
		return 0;
	return fail(e,
		    "--iommu=%s: not one of off, record, copy, abort, sink, "
		    "auto",
		    arg);
}

static int set_device(struct options *o, const char *arg, struct error *e)
{
	struct device_choice c = { 0 }, *more;
	const char *s = arg;

	if (!parse_bdf(&s, &c.segment, &c.requester) || *s != '=')
		return fail(e, "--iommu-device=%s: not " BDF_WANTED "=MODE",
			    arg);
	c.mode = (u8)iommu_mode_parse(s + 1);
	if (!iommu_mode_switches(c.mode))
		return fail(e,
			    "--iommu-device=%s: the mode is not one of copy, "
			    "abort, sink",
			    arg);
	more = realloc(o->device, (o->device_n + 1) * sizeof(*more));
	if (!more)
		return fail(e, "out of memory");
	o->device = more;
	o->device[o->device_n++] = c;
	return 0;
}

static int set_loader(struct options *o, int letter)
{
	o->loader = letter == 's'   ? LOADER_FILE
		    : letter == 'c' ? LOADER_KEXEC_LOAD
				    : LOADER_AUTO;
	return 0;
}

static int set_digest_failure(struct options *o, const char *arg,
			      struct error *e)
{
	o->halt_on_digest = !strcmp(arg, "halt");
	if (o->halt_on_digest || !strcmp(arg, "reset"))
		return 0;
	return fail(e, "--digest-failure=%s: not reset or halt", arg);
}

/* A device tree, which not every architecture has. */
static int set_dtb(struct options *o, const char *arg)
{
	if (kexec_arch.takes_dtb)
		o->dtb = arg;
	else
		lines_add(&o->ignored, "--dtb has no effect");
	return 0;
}

/* The rest: refused, or accepted because scripts give it. */
static int set_without_effect(struct options *o, const char *name,
			      struct error *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (!strcmp(name, refusals[i].name))
			return fail(e, "--%s: %s", name, refusals[i].why);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		if (!strcmp(name, ignored[i]))
			lines_add(&o->ignored, "--%s has no effect", name);
	return 0;
}

static int set_option(struct options *o, const struct option_row *r,
		      const char *arg, struct error *e)
{
	if (r->arg == ARG_NONE && set_flag(o, r->name))
		return 0;
	if (r->arg == ARG_REQUIRED && set_string(o, r->name, arg))
		return 0;
	if (r->letter == 's' || r->letter == 'c' || r->letter == 'a')
		return set_loader(o, r->letter);
	if (!strcmp(r->name, "dtb"))
		return set_dtb(o, arg);
	if (!strcmp(r->name, "iommu"))
		return set_mode(o, arg, e);
	if (!strcmp(r->name, "iommu-device"))
		return set_device(o, arg, e);
	if (!strcmp(r->name, "iommu-timeout"))
		return set_number(r->name, arg, 1, TIMEOUT_MS_MAX,
				  &o->timeout_ms, e);
	if (!strcmp(r->name, "digest-failure"))
		return set_digest_failure(o, arg, e);
	if (!strcmp(r->name, "serial-baud"))
		return set_number(r->name, arg, 1, 115200, &o->serial_baud, e);
	if (!strcmp(r->name, "mem-min"))
		return set_address(r->name, arg, &o->mem_min, e);
	if (!strcmp(r->name, "mem-max"))
		return set_address(r->name, arg, &o->mem_max, e);
	return set_without_effect(o, r->name, e);
}

static bool known_type(const char *type)
{
	for (const char *const *t = kexec_arch.types; *t; t++)
		if (!strcmp(type, *t))
			return true;
	return false;
}

static int check_actions(struct options *o, struct error *e)
{
	bool only_ask = o->help || o->version || o->status || o->print_ckr_size;

	if (only_ask || o->unload)
		return 0;
	if (!o->load && !o->panic && !o->exec && o->kernel) {
		/* A kernel alone is loaded and then booted. */
		o->exec = o->force;
		o->shutdown = !o->force;
		o->load = true;
	}
	o->load |= o->panic || o->kernel;
	/* Another machine's plan can't be carried out here. */
	o->dry_run |= o->facts != NULL;
	if (o->load && !o->kernel)
		return fail(e, "no kernel was given to load");
	if (!o->load && !o->exec)
		return fail(e, "nothing to do: see kexec --help");
	if (o->panic && o->exec)
		return fail(e, "-p and -e exclude each other: "
			       "a crash kernel boots at a panic");
	if (o->type && !known_type(o->type))
		return fail(e,
			    "--type=%s: not one of %s: other kernels are left "
			    "out",
			    o->type, kexec_arch.types_text);
	return 0;
}

static int check_modes(struct options *o, struct error *e)
{
	if (!o->mode_given)
		o->mode = o->panic ? IOMMU_MODE_RECORD : IOMMU_MODE_OFF;
	if (!o->load)
		return 0;
	if (!o->panic && o->mode != IOMMU_MODE_OFF &&
	    o->mode != IOMMU_MODE_ABORT)
		return fail(e,
			    "--iommu=%s: without -p only abort and off: "
			    "this kernel's shutdown leaves no other choice",
			    iommu_mode_name(o->mode));
	if (o->loader == LOADER_FILE && iommu_mode_quiesces(o->mode) &&
	    !o->panic)
		return fail(e,
			    "--iommu=%s with -s: kexec_file_load(2) brings the "
			    "kernel's own purgatory, which leaves every IOMMU "
			    "as it is: leave out -s",
			    iommu_mode_name(o->mode));
	if (o->device_n && !iommu_mode_quiesces(o->mode))
		return fail(e,
			    "--iommu-device needs --iommu=copy, abort, sink "
			    "or auto: in mode %s nothing is changed",
			    iommu_mode_name(o->mode));
	return 0;
}

int options_parse(struct options *o, int argc, char **argv, struct error *e)
{
	struct option lopt[ROWS_MAX];
	char sopt[2 * ROWS_MAX];
	int code;

	*o = (struct options){ .mem_max = ~0ULL,
			       .timeout_ms = TIMEOUT_MS_DEFAULT,
			       .argc = argc,
			       .argv = argv };
	getopt_tables(lopt, sopt);
	while ((code = getopt_long(argc, argv, sopt, lopt, NULL)) != -1) {
		const struct option_row *r = row_of(code);

		if (code == '?' || !r)
			return fail(e, "see kexec --help");
		if (set_option(o, r, optarg, e))
			return -1;
	}
	if (optind < argc)
		o->kernel = argv[optind++];
	if (optind < argc)
		return fail(e, "%s: more than one kernel was given",
			    argv[optind]);
	if (check_actions(o, e) || check_modes(o, e))
		return -1;
	return 0;
}

void options_free(struct options *o)
{
	free(o->device);
	lines_free(&o->ignored);
}
