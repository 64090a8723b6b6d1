// SPDX-License-Identifier: GPL-2.0-only
/* kexec(8): who does what, and nothing else. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config.h"
#include "load.h"
#include "memmap.h"
#include "options.h"
#include "plan.h"

/* x86_64/purgatory_blob.S */
extern const u8 purgatory_image[], purgatory_image_end[];

/* kexec-tools' codes, which scripts know */
#define EXIT_STATUS_UNKNOWN 255

struct job {
	const struct options *o;
	struct sysroot root;
	struct facts facts;
	struct machine machine;
	struct memmap firmware;
	struct file kernel, initrd;
	struct plan plan;
};

static void warn(const char *kind, const struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		fprintf(stderr, "kexec: %s%s\n", kind, l->line[i]);
}

static int gather_all(struct job *j, struct error *e)
{
	const struct options *o = j->o;
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
	return machine_read(&j->machine, &j->root, o->panic, e);
}

static int make_plan(struct job *j, struct error *e)
{
	const struct options *o = j->o;
	struct plan_input in = {
		.options = o,
		.facts = &j->facts,
		.machine = &j->machine,
		.kernel = &j->kernel,
		.initrd = &j->initrd,
		.firmware = &j->firmware,
		.purgatory = purgatory_image,
		.purgatory_len =
			(size_t)(purgatory_image_end - purgatory_image),
	};

	if (gather_all(j, e) || plan_check_memory(&j->facts, o->panic, e))
		return -1;
	if (file_read(&j->kernel, o->kernel, "kernel", e))
		return -1;
	if (o->initrd && file_read(&j->initrd, o->initrd, "initrd", e))
		return -1;
	return plan_make(&j->plan, &in, e);
}

static int load(struct job *j, struct error *e)
{
	const struct options *o = j->o;

	if (o->loader == LOADER_FILE)
		return fail(e, "-s: kexec_file_load(2) is not supported yet");
	if (make_plan(j, e))
		return -1;
	warn("warning: ", &j->machine.warnings);
	warn("warning: ", &j->plan.warnings);
	warn("", &j->plan.told);
	if (o->debug && !o->dry_run)
		plan_print(&j->plan, stderr);
	if (!o->dry_run) {
		plan_seal(&j->plan);
		if (load_segments(&j->plan.segments, j->plan.entry, o->panic,
				  &j->root, e))
			return -1;
	}
	if (o->json && plan_print_json(&j->plan, stdout))
		return fail(e, "standard output: can't be written");
	if (o->dry_run && !o->json)
		plan_print(&j->plan, stdout);
	return 0;
}

static void job_free(struct job *j)
{
	plan_free(&j->plan);
	file_free(&j->kernel);
	file_free(&j->initrd);
	memmap_free(&j->firmware);
	machine_free(&j->machine);
	facts_free(&j->facts);
	sysroot_close(&j->root);
}

static int print_reserved(struct job *j, struct error *e)
{
	u64 size = 0;

	if (gather_iomem(&j->facts, &j->root))
		return fail(e, "out of memory");
	/* kexec-tools counts the range it would load to: the last. */
	if (j->facts.reservation_n)
		size = j->facts.reservation[j->facts.reservation_n - 1].len;
	printf("%" PRIu64 "\n", size);
	return 0;
}

static int act(struct job *j, struct error *e)
{
	const struct options *o = j->o;

	if (o->print_ckr_size)
		return print_reserved(j, e);
	if (o->unload && unload(o->panic, &j->root, e))
		return -1;
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
	int is = loaded(!j->o->load, &j->root, &e);

	if (is >= 0)
		return is;
	fprintf(stderr, "kexec: %s\n", e.text);
	return EXIT_STATUS_UNKNOWN;
}

static int run(const struct options *o)
{
	struct job j = { .o = o };
	struct error e;
	int rc, err = sysroot_open(&j.root, o->facts ? o->facts : "/");

	if (err) {
		fprintf(stderr, "kexec: %s: %s\n", o->facts ? o->facts : "/",
			strerror(-err));
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

int main(int argc, char **argv)
{
	struct options o;
	struct error e;
	int rc = EXIT_SUCCESS;

	if (options_parse(&o, argc, argv, &e)) {
		fprintf(stderr, "kexec: %s\n", e.text);
		rc = EXIT_FAILURE;
	} else if (o.help) {
		options_help(stdout);
	} else if (o.version) {
		printf("kexec-tools %s (%s %s)\n", KEXEC_TOOLS_VERSION,
		       PACKAGE_NAME, PACKAGE_VERSION);
	} else {
		warn("warning: ", &o.ignored);
		rc = run(&o);
	}
	options_free(&o);
	if (fflush(stdout) && !rc)
		rc = EXIT_FAILURE;
	return rc;
}
