// SPDX-License-Identifier: GPL-2.0-only
/* Which options there are: the one table of them, and --help out of it. */
#include <stdio.h>
#include <string.h>
#include "arch.h"

const struct option_row option_rows[] = {
	{ "load", 'l', ARG_NONE, NULL, "load a kernel to reboot into" },
	{ "load-panic", 'p', ARG_NONE, NULL,
	  "load a kernel to boot when this one panics" },
	{ "exec", 'e', ARG_NONE, NULL, "boot the loaded kernel now" },
	{ "unload", 'u', ARG_NONE, NULL,
	  "unload it (with -p, the crash kernel)" },
	{ "status", 'S', ARG_NONE, NULL,
	  "exit 1 if a crash kernel is loaded, else 0" },
	{ "print-ckr-size", 0, ARG_NONE, NULL,
	  "print the bytes of the crash reservation" },
	{ "append", 0, ARG_REQUIRED, "STRING",
	  "command line, or what to add to a reused one" },
	{ "command-line", 0, ARG_REQUIRED, "STRING", "the same" },
	{ "reuse-cmdline", 0, ARG_NONE, NULL,
	  "begin with the running kernel's command line" },
	{ "initrd", 0, ARG_REQUIRED, "FILE", "initial ramdisk" },
	{ "ramdisk", 0, ARG_REQUIRED, "FILE", "the same" },
	{ "iommu", 0, ARG_REQUIRED, "MODE",
	  "DMA: off, record, copy, abort, sink or auto" },
	{ "iommu-device", 0, ARG_REQUIRED, "BDF=MODE",
	  "copy, abort or sink for a device; may repeat" },
	{ "iommu-timeout", 0, ARG_REQUIRED, "MS",
	  "how long to wait for an IOMMU (default 100)" },
	{ "digest-failure", 0, ARG_REQUIRED, "reset|halt",
	  "what to do when the loaded image was damaged" },
	{ "no-checks", 'i', ARG_NONE, NULL, "jump without that check" },
	{ "dry-run", 0, ARG_NONE, NULL, "plan and print, load nothing" },
	{ "json", 0, ARG_NONE, NULL, "print the plan as JSON" },
	{ "facts", 0, ARG_REQUIRED, "DIR",
	  "plan for the machine captured in DIR" },
	{ "vmlinux", 0, ARG_REQUIRED, "FILE",
	  "the running kernel with debug information" },
	{ "noefi", 0, ARG_NONE, NULL, "hand no EFI runtime services on" },
	{ "dtb", 0, ARG_REQUIRED, "FILE",
	  "device tree of the next kernel (arm64)" },
	{ "console-serial", 0, ARG_NONE, NULL,
	  "messages between kernels: to a serial line" },
	{ "console-vga", 0, ARG_NONE, NULL, "and to the VGA text screen" },
	{ "serial", 0, ARG_REQUIRED, "PORT", "that serial line" },
	{ "serial-baud", 0, ARG_REQUIRED, "N",
	  "its speed (default: as it is set up)" },
	{ "mem-min", 0, ARG_REQUIRED, "ADDR", "use no memory below ADDR" },
	{ "mem-max", 0, ARG_REQUIRED, "ADDR", "use no memory above ADDR" },
	{ "type", 't', ARG_REQUIRED, "TYPE", "kernel's type" },
	{ "kexec-syscall", 'c', ARG_NONE, NULL, "load with kexec_load(2)" },
	{ "kexec-file-syscall", 's', ARG_NONE, NULL,
	  "load with kexec_file_load(2)" },
	{ "kexec-syscall-auto", 'a', ARG_NONE, NULL,
	  "load with the one that works (the default)" },
	{ "args-linux", 0, ARG_NONE, NULL, "an ELF kernel is Linux" },
	{ "force", 'f', ARG_NONE, NULL, "load and boot without shutdown(8)" },
	{ "no-ifdown", 'x', ARG_NONE, NULL,
	  "no effect: interfaces stay up anyway" },
	{ "no-sync", 'y', ARG_NONE, NULL, "do not sync(2) before -e" },
	{ "debug", 'd', ARG_NONE, NULL, "tell more on standard error" },
	{ "version", 'v', ARG_NONE, NULL, "print the version" },
	{ "help", 'h', ARG_NONE, NULL, "print this text" },
	/* Given by scripts made for kexec-tools. */
	{ "elf32-core-headers", 0, ARG_NONE, NULL, NULL },
	{ "elf64-core-headers", 0, ARG_NONE, NULL, NULL },
	{ "reset-vga", 0, ARG_NONE, NULL, NULL },
	{ "reuse-video-type", 0, ARG_NONE, NULL, NULL },
	{ "hotplug", 0, ARG_NONE, NULL, NULL },
	{ "pass-memmap-cmdline", 0, ARG_NONE, NULL, NULL },
	{ "no-cma", 0, ARG_NONE, NULL, NULL },
	{ "force-dtb", 0, ARG_NONE, NULL, NULL },
	/* Left out on purpose; the reasons stand in the table refusals. */
	{ "load-live-update", 0, ARG_NONE, NULL, NULL },
	{ "exec-live-update", 0, ARG_NONE, NULL, NULL },
	{ "load-preserve-context", 0, ARG_NONE, NULL, NULL },
	{ "load-jump-back-helper", 0, ARG_NONE, NULL, NULL },
	{ "entry", 0, ARG_REQUIRED, "ADDR", NULL },
	{ "reuseinitrd", 0, ARG_NONE, NULL, NULL },
	{ "module", 0, ARG_REQUIRED, "FILE", NULL },
	{ "real-mode", 0, ARG_NONE, NULL, NULL },
	{ "entry-32bit", 0, ARG_NONE, NULL, NULL },
	{ "args-elf", 0, ARG_NONE, NULL, NULL },
	{ "args-none", 0, ARG_NONE, NULL, NULL },
	{ NULL, 0, ARG_NONE, NULL, NULL },
};
static_assert(ARRAY_SIZE(option_rows) <= OPTION_ROWS_MAX, "OPTION_ROWS_MAX");

/* The row as this architecture words it. */
static const struct option_row *here(const struct option_row *r)
{
	for (const struct option_row *h = kexec_arch.help; h->name; h++)
		if (!strcmp(h->name, r->name))
			return h;
	return r;
}

void options_help(FILE *f)
{
	fputs("Usage: kexec [OPTION]... [KERNEL]\n"
	      "Load a kernel and boot it, at once or when this one panics. "
	      "KERNEL is a\n",
	      f);
	fprintf(f,
		"%s, perhaps compressed by gzip, xz, lzma, zstd, lz4\n"
		"or bzip2.\n\n",
		kexec_arch.kernels_text);
	for (const struct option_row *r = option_rows; r->name; r++) {
		const struct option_row *shown;
		char text[64];

		if (!r->help)
			continue;
		shown = here(r);
		snprintf(text, sizeof(text), "--%s%s%s", r->name,
			 shown->metavar ? "=" : "",
			 shown->metavar ? shown->metavar : "");
		if (r->letter)
			fprintf(f, "  -%c, ", r->letter);
		else
			fputs("      ", f);
		fprintf(f, "%-28s %s\n", text, shown->help);
	}
}
