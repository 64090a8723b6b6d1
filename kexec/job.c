// SPDX-License-Identifier: GPL-2.0-only
/* kexec(8): who does what, and in which order. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "job.h"
#include "kernel_file.h"
#include "load.h"
#include "memmap.h"
#include "module_file.h"
#include "plan.h"
#include "service.h"

#define EXIT_STATUS_UNKNOWN 2

struct job {
	struct options o; /* what was given, and what a UKI adds */
	const struct purgatory_image *purgatory;
	struct sysroot root;
	struct facts facts;
	struct host host;
	struct memmap firmware;
	struct kernel_file kernel;
	struct file initrd, dtb;
	int kernel_fd, initrd_fd;
	int module_fd; /* of the running kernel; -1: it has none */
	bool refused;  /* that does not take the plan; none is made for it */
	bool armed;    /* with the plan of what was loaded */
	struct plan plan;
};

static void warn(const char *kind, const struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		fprintf(stderr, "kexec: %s%s\n", kind, l->line[i]);
}

/* --- what a plan is made from --- */

static int gather_all(struct job *j, struct error *e)
{
	const struct options *o = &j->o;
	struct gather_opts g = { .root = &j->root,
				 .vmlinux = o->vmlinux,
				 .tables = o->panic };
	int err;

	if (o->mode == IOMMU_MODE_OFF)
		err = gather_iomem(&j->facts, &j->root);
	else
		err = gather(&j->facts, &g);
	if (err)
		return fail(e, "gathering: %s", strerror(-err));
	if (!o->panic)
		memmap_of_firmware(&j->firmware, &j->facts, &j->root);
	return host_read(&j->host, &j->root, o->panic, e);
}

static int read_files(struct job *j, struct error *e)
{
	struct options *o = &j->o;

	if (file_open(&j->kernel.file, o->kernel, "kernel", &j->kernel_fd, e) ||
	    kernel_unwrap(&j->kernel, e))
		return -1;
	if (o->dtb && file_read(&j->dtb, o->dtb, "device tree", e))
		return -1;
	if (o->type && !strcmp(o->type, "uki") && !j->kernel.uki)
		return fail(e, "kernel %s: not of --type=uki", o->kernel);
	/* The image's own command line counts where none was given. */
	if (!o->append && !o->reuse_cmdline)
		o->append = j->kernel.cmdline;
	if (o->initrd)
		return file_open(&j->initrd, o->initrd, "initrd", &j->initrd_fd,
				 e);
	j->initrd = j->kernel.initrd;
	j->kernel.initrd = (struct file){ 0 };
	return 0;
}

/* Who is not root learns all at once that can't be read, not the first alone. */
static void warn_unread(struct job *j)
{
	const struct facts *f = &j->facts;
	struct error e;

	for (size_t i = 0; i < f->missing_n; i++)
		fprintf(stderr, "kexec: not read: /%s: %s\n",
			f->missing[i].source, f->missing[i].why);
	if (read_files(j, &e))
		fprintf(stderr, "kexec: %s\n", e.text);
}

static int read_all(struct job *j, struct error *e)
{
	if (gather_all(j, e))
		return -1;
	if (!plan_check_memory(&j->facts, j->o.panic, e))
		return read_files(j, e);
	if (j->o.dry_run && *root_needed())
		warn_unread(j);
	return -1;
}

static int make_plan(struct job *j, bool file_load, struct error *e)
{
	const struct plan_input in = {
		.options = &j->o,
		.facts = &j->facts,
		.host = &j->host,
		.kernel = &j->kernel.file,
		.initrd = &j->initrd,
		.dtb = &j->dtb,
		.firmware = &j->firmware,
		.module = j->module_fd >= 0 && !j->refused,
		.purgatory = j->purgatory->bytes,
		.purgatory_len = j->purgatory->len,
	};

	return file_load ? plan_make_file(&j->plan, &in, e)
			 : plan_make(&j->plan, &in, e);
}

/* --- loading --- */

static int load_files_of(struct job *j, struct error *e)
{
	struct load_files l = {
		.kernel = j->kernel_fd,
		.initrd = j->initrd_fd,
		.command_line = j->plan.command_line,
		.panic = j->o.panic,
		.debug = j->o.debug,
		.no_cma = j->o.no_cma,
		.force_dtb = j->o.force_dtb,
	};

	if (j->kernel.unwrapped || j->kernel_fd < 0)
		l.kernel_bytes = j->kernel.file;
	if (j->plan.initrd)
		l.initrd_bytes = (struct file){ .data = j->plan.initrd,
						.len = j->plan.initrd_len };
	else if (j->initrd_fd < 0)
		l.initrd_bytes = j->initrd; /* of a UKI, a pipe; or none */
	if (!load_files(&l, &j->root, e))
		return 0;
	if (errno != EACCES || !j->plan.initrd || j->o.mode_given)
		return -1;
	/*
	 * The policy accepts the file, but not our copy of it with the notes:
	 * load without notes.
	 */
	l.initrd_bytes = j->initrd_fd < 0 ? j->initrd : (struct file){ 0 };
	if (load_files(&l, &j->root, e))
		return -1;
	lines_free(&j->plan.notices);
	j->plan.decisions.mode = IOMMU_MODE_OFF;
	lines_add(&j->plan.warnings,
		  "the integrity policy (IMA) takes no other initrd than the "
		  "one in the file: IOMMU state is not recorded");
	return 0;
}

/* The module refuses the plan: what nobody has asked for must not cost the dump. */
static int go_without_module(struct job *j, struct error *e)
{
	const struct error why = *e;

	errno = 0;
	if (j->o.mode_given)
		return -1;
	j->refused = true;
	plan_free(&j->plan);
	if (make_plan(j, true, e)) {
		errno = 0;
		return -1;
	}
	lines_add(&j->plan.warnings,
		  "the module iommu_handover is not armed: %s", why.text);
	return 0;
}

/* The module keeps the plan before anything is loaded, and takes it behind that. */
static int load_by_file(struct job *j, struct error *e)
{
	const struct module_block *b = &j->plan.block;

	if (b->bytes && module_stage(j->module_fd, b, e) &&
	    go_without_module(j, e))
		return -1;
	if (load_files_of(j, e))
		return -1;
	if (b->bytes && module_commit(j->module_fd, e) &&
	    go_without_module(j, e))
		return -1;
	j->armed = b->bytes;
	return 0;
}

static int load_by_segments(struct job *j, struct error *e)
{
	plan_seal(&j->plan);
	return load_segments(&j->plan.segments, j->plan.entry, j->o.panic,
			     &j->root, e);
}

/* -1 with @e and errno; errno 0: no system call was made. */
static int try_load(struct job *j, bool file_load, struct error *e)
{
	int err = 0;

	plan_free(&j->plan);
	if (make_plan(j, file_load, e)) {
		errno = 0;
		return -1;
	}
	if (j->o.debug && !j->o.dry_run)
		plan_print(&j->plan, stderr);
	if (!j->o.dry_run)
		err = file_load ? load_by_file(j, e) : load_by_segments(j, e);
	return err;
}

/*
 * As kexec-tools chooses since 2.0.27: kexec_file_load(2) where nothing
 * forbids it. An explicit mode needs our purgatory.
 */
static bool file_load_first(const struct options *o)
{
	if (o->loader != LOADER_AUTO)
		return o->loader == LOADER_FILE;
	return !o->mode_given || o->mode == IOMMU_MODE_OFF;
}

static int load_somehow(struct job *j, struct error *e)
{
	bool file_load = file_load_first(&j->o);

	if (!try_load(j, file_load, e))
		return 0;
	if (!errno || j->o.loader != LOADER_AUTO ||
	    !load_goes_on(errno, file_load, &j->root))
		return -1;
	/* Nothing but record can do without our purgatory or the module. */
	if (!file_load && iommu_mode_quiesces(j->o.mode) && j->module_fd < 0)
		return -1;
	if (j->o.debug)
		fprintf(stderr, "kexec: %s: trying the other system call\n",
			e->text);
	return try_load(j, !file_load, e);
}

static int load_with(struct job *j, u32 mode, struct error *e)
{
	const struct options plain = j->o;
	int err;

	j->o.mode = mode;
	j->o.mode_given = true;
	err = load_somehow(j, e);
	j->o.mode = plain.mode;
	j->o.mode_given = plain.mode_given;
	return err;
}

/*
 * The mode that the service's file asks for; where it can't be had, record;
 * at last what there would be without that file: a wish must not cost the
 * dump.
 */
static int load_as_wished(struct job *j, struct service_loaded *s,
			  struct error *e)
{
	if (s->wished == IOMMU_MODE_N)
		return load_somehow(j, e);
	if (!load_with(j, s->wished, &s->why)) {
		*s->why.text = 0;
		return 0;
	}
	if (load_with(j, IOMMU_MODE_RECORD, e) && load_somehow(j, e))
		return -1;
	lines_add(&j->plan.warnings,
		  "IOMMU=%s can't be had, loaded with %s: %s",
		  iommu_mode_name(s->wished),
		  iommu_mode_name(j->plan.decisions.mode), s->why.text);
	return 0;
}

static u32 wished(const struct job *j)
{
	struct lines warnings = { 0 };
	u32 wish = IOMMU_MODE_N;

	if (j->o.panic && !j->o.mode_given)
		wish = service_wish(&j->root, &warnings);
	warn("warning: ", &warnings);
	lines_free(&warnings);
	return wish;
}

/* Which of the two ways protects this image; a plan of another one goes. */
static void tell_module(struct job *j)
{
	char line[128];
	struct error e;

	if (j->module_fd < 0)
		return;
	if (!j->armed && module_disarm(j->module_fd, &e))
		lines_add(&j->plan.warnings, "%s", e.text);
	if (!j->armed)
		return;
	module_line(j->module_fd, line, sizeof(line));
	lines_add(&j->plan.notices, "the module iommu_handover is armed by %s",
		  line);
}

static int load(struct job *j, struct error *e)
{
	const struct options *o = &j->o;
	struct service_loaded s = { .wished = wished(j) };

	if (o->panic)
		j->module_fd = module_open(&j->root);
	if (read_all(j, e) || load_as_wished(j, &s, e))
		return -1;
	if (!o->dry_run)
		tell_module(j);
	s.mode = j->plan.decisions.mode;
	s.file_load = j->plan.file_load;
	if (o->panic && !o->dry_run)
		service_tell_loaded(&j->root, o, &s);
	/* kexec_file_load(2) does not need what these are about. */
	if (!j->plan.file_load)
		warn("warning: ", &j->host.warnings);
	warn("warning: ", &j->plan.warnings);
	warn("", &j->plan.notices);
	if (o->json && plan_print_json(&j->plan, stdout))
		return fail(e, "out of memory");
	if (o->dry_run && !o->json)
		plan_print(&j->plan, stdout);
	return 0;
}

static void job_free(struct job *j)
{
	plan_free(&j->plan);
	kernel_file_free(&j->kernel);
	file_free(&j->initrd);
	file_free(&j->dtb);
	if (j->kernel_fd >= 0)
		close(j->kernel_fd);
	if (j->initrd_fd >= 0)
		close(j->initrd_fd);
	if (j->module_fd >= 0)
		close(j->module_fd);
	memmap_free(&j->firmware);
	host_free(&j->host);
	facts_free(&j->facts);
	sysroot_close(&j->root);
}

/* --- all actions --- */

static int print_reserved(struct job *j, struct error *e)
{
	u64 size = 0;

	if (gather_iomem(&j->facts, &j->root))
		return fail(e, "out of memory");
	if (plan_check_iomem(&j->facts, e))
		return -1;
	/* kexec-tools counts the range it would load to: the last. */
	if (j->facts.reservation_n)
		size = j->facts.reservation[j->facts.reservation_n - 1].len;
	printf("%" PRIu64 "\n", size);
	return 0;
}

static int disarm_module(struct job *j, struct error *e)
{
	j->module_fd = module_open(&j->root);
	return j->module_fd < 0 ? 0 : module_disarm(j->module_fd, e);
}

static int act(struct job *j, struct error *e)
{
	const struct options *o = &j->o;

	if (o->print_ckr_size)
		return print_reserved(j, e);
	if (o->unload && unload(o->panic, o->loader, &j->root, e))
		return -1;
	if (o->unload && o->panic) {
		service_tell_unloaded(&j->root);
		if (disarm_module(j, e))
			return -1;
	}
	if (o->load && !o->unload && load(j, e))
		return -1;
	if (o->dry_run)
		return 0;
	if (o->exec)
		return boot_loaded(!o->no_sync, e);
	return o->shutdown ? shut_down(e) : 0;
}

static int status(struct job *j)
{
	struct error e;
	/* The crash kernel's, unless -l asks for the other. */
	int is = loaded(!j->o.load, &j->root, &e);

	if (is >= 0)
		return is;
	fprintf(stderr, "kexec: %s\n", e.text);
	return EXIT_STATUS_UNKNOWN;
}

int job_run(const struct options *o, const char *root,
	    const struct purgatory_image *purgatory)
{
	struct job j = { .o = *o,
			 .purgatory = purgatory,
			 .kernel_fd = -1,
			 .initrd_fd = -1,
			 .module_fd = -1 };
	struct error e;
	int rc, err = sysroot_open(&j.root, root);

	if (err) {
		fprintf(stderr, "kexec: %s: %s\n", root, strerror(-err));
		return EXIT_FAILURE;
	}
	if (o->status) {
		rc = status(&j);
	} else {
		rc = act(&j, &e) ? EXIT_FAILURE : EXIT_SUCCESS;
		if (rc)
			fprintf(stderr, "kexec: %s\n", e.text);
	}
	job_free(&j);
	return rc;
}
