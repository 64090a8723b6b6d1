// SPDX-License-Identifier: GPL-2.0-only
/* vmcore-dmesg(8): prints the log of the kernel that a dump is of. */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include "dmesg.h"

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: vmcore-dmesg FILE\n"
	      "Print the kernel's log from /proc/vmcore, an ELF, "
	      "kdump-compressed or\nflattened dump.\n"
	      "\n"
	      "  -h, --help     this text\n"
	      "  -V, --version  version\n"
	      "\n"
	      "Status: 0 all of it was printed; 1 not so.\n",
	      to);
}

static int print_file(const char *path)
{
	struct dump d;
	char err[1024];
	int status;

	if (dump_open(&d, path, err, sizeof(err))) {
		fprintf(stderr, "vmcore-dmesg: %s\n", err);
		return 1;
	}
	status = dmesg_print(&d, path, stdout, stderr);
	for (size_t i = 0; i < d.problems.n; i++) {
		const struct note_problem *p = &d.problems.list[i];

		if (!p->in_file)
			continue;
		fprintf(stderr, "vmcore-dmesg: %s: offset 0x%llx: %s\n", path,
			(unsigned long long)p->offset, p->rule);
		status = 1;
	}
	dump_close(&d);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "vmcore-dmesg: stdout: %s\n", strerror(errno));
		return 1;
	}
	return status;
}

int main(int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		switch (opt) {
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			puts("vmcore-dmesg " PACKAGE_VERSION);
			return 0;
		default:
			usage(stderr);
			return 1;
		}
	}
	if (argc - optind != 1) {
		usage(stderr);
		return 1;
	}
	return print_file(argv[optind]);
}
