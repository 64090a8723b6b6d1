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

/* What an option does to struct options. */
enum option_sets {
	SETS_NOTHING, /* scripts made for kexec-tools give it */
	SETS_WARNING, /* the same, and it is said that it has no effect */
	SETS_ERROR,   /* refused: why */
	SETS_FLAG,    /* a bool at field */
	SETS_STRING,  /* a const char * at field */
	SETS_NUMBER,  /* a u64 at field, from 1 to value */
	SETS_ADDRESS, /* a u64 at field */
	SETS_LOADER,  /* to value */
	/* What takes a function of its own. */
	SETS_MODE,
	SETS_DEVICE,
	SETS_DIGEST_FAILURE,
	SETS_DTB,
};

struct option_row {
	const char *name;
	char letter;	     /* 0: none */
	const char *metavar; /* of its value; NULL: it has none */
	const char *help;    /* NULL: accepted, not shown */
	enum option_sets sets;
	size_t field; /* where in struct options */
	u64 value;
	const char *why;
};

/* An option as one architecture words it. */
struct option_words {
	const char *name, *metavar, *help;
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
