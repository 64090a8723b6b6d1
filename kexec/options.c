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
		.has_arg = r->metavar ? required_argument : no_argument,
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
		if (r->metavar)
			*sopt++ = ':';
	}
	*lopt = (struct option){ 0 };
	*sopt = 0;
}

static int set_number(const struct option_row *r, const char *arg, u64 *out,
		      struct error *e)
{
	if (parse_u64(arg, 10, out) && *out && *out <= r->value)
		return 0;
	return fail(e, "--%s=%s: not a number from 1 to %llu", r->name, arg,
		    (unsigned long long)r->value);
}

static int set_address(const struct option_row *r, const char *arg, u64 *out,
		       struct error *e)
{
	if (parse_number(arg, out))
		return 0;
	return fail(e, "--%s=%s: " NUMBER_WANTED, r->name, arg);
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

static int set_option(struct options *o, const struct option_row *r,
		      const char *arg, struct error *e)
{
	void *field = (char *)o + r->field;

	switch (r->sets) {
	case SETS_NOTHING:
		return 0;
	case SETS_WARNING:
		lines_add(&o->ignored, "--%s has no effect", r->name);
		return 0;
	case SETS_ERROR:
		return fail(e, "--%s: %s", r->name, r->why);
	case SETS_FLAG:
		*(bool *)field = true;
		return 0;
	case SETS_STRING:
		*(const char **)field = arg;
		return 0;
	case SETS_NUMBER:
		return set_number(r, arg, field, e);
	case SETS_ADDRESS:
		return set_address(r, arg, field, e);
	case SETS_LOADER:
		o->loader = (enum loader)r->value;
		return 0;
	case SETS_MODE:
		return set_mode(o, arg, e);
	case SETS_DEVICE:
		return set_device(o, arg, e);
	case SETS_DIGEST_FAILURE:
		return set_digest_failure(o, arg, e);
	case SETS_DTB:
		return set_dtb(o, arg);
	}
	return fail(e, "--%s: not known what it does", r->name);
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
