// SPDX-License-Identifier: GPL-2.0-only
/* kexec(8). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config.h"
#include "job.h"
#include "options.h"

/* purgatory_blob.S */
extern const u8 purgatory_image[], purgatory_image_end[];

static int run(const struct options *o)
{
	const struct purgatory_image purgatory = {
		.bytes = purgatory_image,
		.len = (size_t)(purgatory_image_end - purgatory_image),
	};

	for (size_t i = 0; i < o->ignored.n; i++)
		fprintf(stderr, "kexec: warning: %s\n", o->ignored.line[i]);
	return job_run(o, o->facts ? o->facts : "/", &purgatory);
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
		rc = run(&o);
	}
	options_free(&o);
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "kexec: standard output: %s\n",
			errno ? strerror(errno) : "not all was written");
		rc = EXIT_FAILURE;
	}
	return rc;
}
