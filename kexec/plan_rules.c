// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must hold before a plan is made, and what a user should know about
 * this machine, this kernel and the next one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cmdline_words.h"
#include "plan_work.h"

static int check_obstacle(struct work *w, struct error *e)
{
	const struct obstacle *o;

	if (w->plan->decisions.mode == IOMMU_MODE_OFF)
		return 0;
	o = kexec_arch.obstacle(w->in->host);
	if (!o)
		return 0;
	if (w->o->mode_given)
		return fail(e, "--iommu=%s: this kernel runs with %s: %s",
			    iommu_mode_name(w->plan->decisions.mode), o->what,
			    o->why);
	w->plan->decisions.mode = IOMMU_MODE_OFF;
	lines_add(&w->plan->warnings,
		  "%s: IOMMU state can't be recorded, going on as with "
		  "--iommu=off",
		  o->what);
	return 0;
}

/* Either the machine has none, or a table that lists them is unreadable. */
static int no_iommu(const struct work *w, struct error *e)
{
	const struct facts *f = w->facts;

	/* A table that is not there is another vendor's, or the machine has none. */
	for (size_t i = 0; i < f->missing_n; i++)
		if (strstr(f->missing[i].source, "sys/firmware/") &&
		    strcmp(f->missing[i].why, strerror(ENOENT)))
			return fail(e, "--iommu=%s: no IOMMU found: /%s: %s%s",
				    iommu_mode_name(w->o->mode),
				    f->missing[i].source, f->missing[i].why,
				    root_needed());
	return fail(e,
		    "--iommu=%s: no IOMMU found: no DMAR, IVRS, IORT, VIOT "
		    "or device tree names one",
		    iommu_mode_name(w->o->mode));
}

/* A mode that no one would carry out at the crash is not promised. */
static int check_vendors(struct work *w, struct error *e)
{
	for (size_t i = 0; i < w->facts->unit_n; i++) {
		const struct fact_unit *u = &w->facts->unit[i];
		const struct iommu_vendor *v = iommu_vendor(u->vendor);

		u32 mode = decided_unit(&w->plan->decisions, i).mode;

		if (iommu_mode_switches(mode) && !(v && v->quiesce))
			return fail(e,
				    "--iommu=%s: %s: %s can only be recorded "
				    "so far, DMA behind it would go on after "
				    "a crash; use --iommu=record",
				    iommu_mode_name(w->o->mode), u->name,
				    v ? v->name : "an unknown IOMMU");
	}
	return 0;
}

/* The first unit that was left out, and why; NULL: all are there. */
static const struct fact_missing *left_out(const struct facts *f)
{
	for (size_t i = 0; i < f->missing_n; i++)
		if (f->missing[i].unit)
			return &f->missing[i];
	return NULL;
}

static bool any_in_use(const struct facts *f)
{
	for (size_t i = 0; i < f->unit_n; i++)
		if (f->unit[i].in_use)
			return true;
	return false;
}

/*
 * For one unit whose registers it can't map Linux gives up all of them
 * (dmar_parse_one_drhd() and init_iommu_all(), 6.1 to 7.2). Nobody can tell
 * whether the crash kernel can: what is RAM here may not be there. If it can't,
 * its devices stay cut off.
 */
static int check_crash_kernel(struct work *w, const struct fact_missing *m,
			      struct error *e)
{
	if (any_in_use(w->facts))
		return 0;
	if (w->plan->decisions.mode != IOMMU_MODE_AUTO || w->o->device_n)
		return fail(e,
			    "--iommu=%s: /%s: %s; this kernel uses no IOMMU, "
			    "and if the crash kernel does not either it never "
			    "gets its devices back; use --iommu=record",
			    iommu_mode_name(w->o->mode), m->source, m->why);
	w->plan->decisions.mode = IOMMU_MODE_RECORD;
	lines_add(&w->plan->warnings,
		  "this kernel uses no IOMMU, and if the crash kernel does not "
		  "either it never gets its devices back: going on as with "
		  "--iommu=record");
	return 0;
}

/* Devices whose DMA nobody will stop, because their unit was left out. */
static int check_devices(struct work *w, const struct fact_missing *m,
			 struct error *e)
{
	const struct facts *f = w->facts;
	const char *name = NULL;
	size_t n = 0;

	for (size_t i = f->device_n; i--;)
		if (f->device[i].unit_left_out) {
			name = f->device[i].name;
			n++;
		}
	if (!name)
		return 0;
	if (w->plan->decisions.mode != IOMMU_MODE_AUTO)
		return fail(e,
			    "--iommu=%s: %s is behind an IOMMU that is left "
			    "out, its DMA would go on after a crash; use "
			    "--iommu=auto or --iommu=record (/%s: %s)",
			    iommu_mode_name(w->o->mode), name, m->source,
			    m->why);
	if (n == 1)
		lines_add(&w->plan->warnings,
			  "%s is behind an IOMMU that is left out: its DMA "
			  "goes on after a crash",
			  name);
	else
		lines_add(&w->plan->warnings,
			  "%s and %zu more are behind an IOMMU that is left "
			  "out: their DMA goes on after a crash",
			  name, n - 1);
	return 0;
}

static int check_left_out(struct work *w, struct error *e)
{
	const struct facts *f = w->facts;
	const struct fact_missing *m = left_out(f);

	for (size_t i = 0; i < f->missing_n; i++)
		if (f->missing[i].unit)
			lines_add(&w->plan->warnings, "/%s: %s",
				  f->missing[i].source, f->missing[i].why);
	if (!m || !crash_mode(w))
		return 0;
	if (check_crash_kernel(w, m, e))
		return -1;
	return crash_mode(w) ? check_devices(w, m, e) : 0;
}

static int no_such_device(const struct device_choice *c, int err,
			  struct error *e)
{
	return fail(e, "--iommu-device: %s %04x:%02x:%02x.%x%s",
		    err == -ENODEV ? "no IOMMU is in front of" : "no device",
		    c->segment, c->requester >> 8, c->requester >> 3 & 0x1f,
		    c->requester & 7, err == -ENODEV ? "" : " on this machine");
}

static int check_iommu(struct work *w, struct error *e)
{
	size_t bad = 0;
	int err;

	if (w->plan->decisions.mode == IOMMU_MODE_OFF)
		return 0;
	if (check_left_out(w, e))
		return -1;
	if (crash_mode(w) && !w->facts->unit_n)
		return no_iommu(w, e);
	err = decide(w->facts, w->plan->decisions.mode, w->o->device,
		     w->o->device_n, &w->plan->decisions, &bad);
	if (err == -ENOMEM)
		return fail(e, "out of memory");
	if (err)
		return no_such_device(&w->o->device[bad], err, e);
	return check_vendors(w, e);
}

void warn_of_versions(struct work *w)
{
	const char *running = w->in->host->release;

	if (!w->plan->panic || !running)
		return;
	kexec_arch.warn_of_running(w->in->host, &w->plan->warnings);
	if (crash_mode(w) && *w->image.release &&
	    strcmp(w->image.release, running))
		lines_add(&w->plan->warnings,
			  "the crash kernel is %s, this one %s: if it has no "
			  "driver for the IOMMU, its devices stay cut off and "
			  "the dump may be lost",
			  w->image.release, running);
}

/*
 * Which page sizes an arm64 CPU has (ID_AA64MMFR0_EL1.TGran*) the kernel hides
 * from programs, so that another one is no error. kexec_file_load(2) knows.
 */
void warn_of_page_size(struct work *w)
{
	u32 here = w->in->host->page_size, there = w->image.page_size;

	if (here && there && here != there)
		lines_add(&w->plan->warnings,
			  "the kernel is built for pages of %u KiB, this one "
			  "of %u: where the CPU has no such pages it stops "
			  "before its first message; kexec can't ask the CPU",
			  there / (u32)KIB(1), here / (u32)KIB(1));
}

int plan_check_iomem(const struct facts *f, struct error *e)
{
	bool hidden = f->iomem_n != 0;

	for (size_t i = 0; i < f->missing_n && !f->iomem_n; i++)
		if (!strcmp(f->missing[i].source, "proc/iomem"))
			return fail(e, "/proc/iomem: %s%s", f->missing[i].why,
				    root_needed());
	/* Without CAP_SYS_ADMIN every line of /proc/iomem reads 0-0. */
	for (size_t i = 0; i < f->iomem_n; i++)
		hidden &= !f->iomem[i].start && !f->iomem[i].end;
	if (hidden)
		return fail(e, "/proc/iomem shows no addresses: kexec must run "
			       "as root");
	return 0;
}

int plan_check_memory(const struct facts *f, bool panic, struct error *e)
{
	if (plan_check_iomem(f, e))
		return -1;
	if (panic && !f->reservation_n)
		return fail(e, "no memory is reserved for a crash kernel: boot "
			       "with crashkernel=SIZE (no \"Crash kernel\" in "
			       "/proc/iomem)");
	return 0;
}

/*
 * A driver that starts by itself turns translation off first (6.1 to 7.2:
 * intel_iommu_init(), early_amd_iommu_init()); with iommu=off none starts.
 */
static void tell_who_opens(struct work *w)
{
	if (!w->plan->panic && iommu_mode_switches(w->plan->decisions.mode))
		lines_add(&w->plan->notices,
			  "DMA is refused from kexec -e on until the next "
			  "kernel's IOMMU driver starts; a kernel without one, "
			  "or with iommu=off, gets its devices back by a reset "
			  "alone");
}

int plan_check_rules(struct work *w, struct error *e)
{
	if (plan_check_memory(w->facts, w->plan->panic, e) ||
	    check_obstacle(w, e) || check_iommu(w, e))
		return -1;
	tell_who_opens(w);
	return 0;
}

int plan_parse(struct image *image, const struct plan_input *in,
	       struct error *e)
{
	const struct options *o = in->options;
	const char *path = in->kernel->path;

	if (image_parse(image, in->kernel, e))
		return -1;
	if (image->laid_out && (o->args_elf || o->args_none))
		fail(e,
		     "kernel %s: --args-elf and --args-none: only Linux is "
		     "loaded, leave them out",
		     path);
	else if (image->laid_out && !*image->release && !o->args_linux)
		fail(e,
		     "kernel %s: an ELF file without \"Linux version\" in it: "
		     "if it is Linux, give --args-linux; other kernels are "
		     "left out",
		     path);
	else if (o->type && strcmp(o->type, "uki") &&
		 !strcmp(o->type, kexec_arch.type_elf) != !!image->laid_out)
		fail(e, "kernel %s: not of --type=%s", path, o->type);
	else
		return 0;
	image_free(image);
	return -1;
}

/* A crash kernel that walks another form of tables than this one did. */
void warn_of_table_form(struct work *w)
{
	const char *name = kexec_arch.iommu_form(w->facts);
	char here[128] = "", there[128] = "";

	if (!name || !w->plan->panic || !crash_mode(w))
		return;
	cmdline_last(w->in->host->cmdline, name, here, sizeof(here));
	cmdline_last(w->plan->command_line, name, there, sizeof(there));
	if (strcmp(here, there))
		lines_add(&w->plan->warnings,
			  "%s= is \"%s\" here and \"%s\" on the crash "
			  "command line: if that changes the form of the "
			  "tables, the crash kernel turns translation off",
			  name, here, there);
}
