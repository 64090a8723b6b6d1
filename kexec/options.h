/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line. One table makes getopt's tables, --help and the checks. */
#ifndef KEXEC_OPTIONS_H
#define KEXEC_OPTIONS_H

#include <stdio.h>
#include "facts.h"
#include "util.h"

enum loader {
	LOADER_AUTO,	  /* -a, and without any */
	LOADER_FILE,	  /* -s */
	LOADER_KEXEC_LOAD /* -c */
};

struct options {
	/* What to do; several actions may be given. */
	bool help, version, status, print_ckr_size;
	bool load, unload, exec;
	bool panic;    /* -p: the crash image */
	bool shutdown; /* through shutdown(8), after loading */
	/* How to do it. */
	bool debug, force, no_checks, no_ifdown, no_sync;
	bool dry_run, json;
	enum loader loader;	/* the last of -s, -c, -a */
	bool no_cma, force_dtb; /* flags of kexec_file_load(2) */
	u64 mem_min, mem_max;
	/* What to load. */
	const char *kernel, *initrd, *append, *type, *dtb;
	bool reuse_cmdline, no_efi;
	bool args_linux, args_elf, args_none; /* protocol of an ELF kernel */
	/* IOMMU. */
	bool mode_given;
	u32 mode; /* enum iommu_mode, the default filled in */
	struct device_choice *device;
	size_t device_n;
	u64 timeout_ms;
	bool halt_on_digest;
	/* Console of the purgatory. */
	bool console_serial, console_vga;
	const char *serial;
	u64 serial_baud;
	/* Where the facts come from. */
	const char *facts, *vmlinux;
	struct lines ignored; /* a warning for each option without effect */
	/* The command line itself, its words perhaps in another order. */
	int argc;
	char **argv;
};

enum option_arg {
	ARG_NONE,
	ARG_REQUIRED
};

struct option_row {
	const char *name;
	char letter; /* 0: none */
	enum option_arg arg;
	const char *metavar;
	const char *help; /* NULL: accepted, not shown */
};

/* The table, ended by a row without name: option_table.c. */
#define OPTION_ROWS_MAX 72
extern const struct option_row option_rows[];

/*
 * Sets defaults, then what @argv has. -1 with @e; getopt itself prints what it
 * does not know.
 */
int options_parse(struct options *o, int argc, char **argv, struct error *e);
void options_help(FILE *f);
void options_free(struct options *o);

#endif
