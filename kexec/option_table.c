// SPDX-License-Identifier: GPL-2.0-only
/* Which options there are: the one table of them, and --help out of it. */
#include <stdio.h>
#include <string.h>
#include "arch.h"

#define TIMEOUT_MS_MAX 10000
#define SERIAL_BAUD_MAX 115200

#define NO_LIVE_UPDATE "Xen's live update is left out"
#define NO_JUMP_BACK "jumping back to this kernel is left out"
#define LONG_MODE "kernels are entered in 64-bit mode only"

/* What a row does, behind its text. */
#define FIELD(f) .field = offsetof(struct options, f)
#define FLAG(f) .sets = SETS_FLAG, FIELD(f)
#define STRING(f) .sets = SETS_STRING, FIELD(f)
#define ADDRESS(f) .sets = SETS_ADDRESS, FIELD(f)
#define NUMBER(f, max) .sets = SETS_NUMBER, FIELD(f), .value = (max)
#define CHOICE(l) .sets = SETS_LOADER, .value = (l)
#define REFUSED(text) .sets = SETS_ERROR, .why = (text)

const struct option_row option_rows[] = {
	{ "load", 'l', NULL, "load a kernel to reboot into", FLAG(load) },
	{ "load-panic", 'p', NULL, "load a kernel to boot when this one panics",
	  FLAG(panic) },
	{ "exec", 'e', NULL, "boot the loaded kernel now", FLAG(exec) },
	{ "unload", 'u', NULL, "unload it (with -p, the crash kernel)",
	  FLAG(unload) },
	{ "status", 'S', NULL, "exit 1 if a crash kernel is loaded, else 0",
	  FLAG(status) },
	{ "print-ckr-size", 0, NULL, "print the bytes of the crash reservation",
	  FLAG(print_ckr_size) },
	{ "append", 0, "STRING", "command line, or what to add to a reused one",
	  STRING(append) },
	{ "command-line", 0, "STRING", "the same", STRING(append) },
	{ "reuse-cmdline", 0, NULL,
	  "begin with the running kernel's command line", FLAG(reuse_cmdline) },
	{ "initrd", 0, "FILE", "initial ramdisk", STRING(initrd) },
	{ "ramdisk", 0, "FILE", "the same", STRING(initrd) },
	{ "iommu", 0, "MODE", "DMA: off, record, copy, abort, sink or auto",
	  .sets = SETS_MODE },
	{ "iommu-device", 0, "BDF=MODE",
	  "copy, abort or sink for a device; may repeat", .sets = SETS_DEVICE },
	{ "iommu-timeout", 0, "MS",
	  "how long to wait for an IOMMU (default 100)",
	  NUMBER(timeout_ms, TIMEOUT_MS_MAX) },
	{ "digest-failure", 0, "reset|halt",
	  "what to do when the loaded image was damaged",
	  .sets = SETS_DIGEST_FAILURE },
	{ "no-checks", 'i', NULL, "jump without that check", FLAG(no_checks) },
	{ "dry-run", 0, NULL, "plan and print, load nothing", FLAG(dry_run) },
	{ "json", 0, NULL, "print the plan as JSON", FLAG(json) },
	{ "facts", 0, "DIR", "plan for the machine captured in DIR",
	  STRING(facts) },
	{ "vmlinux", 0, "FILE", "the running kernel with debug information",
	  STRING(vmlinux) },
	{ "noefi", 0, NULL, "hand no EFI runtime services on", FLAG(no_efi) },
	{ "dtb", 0, "FILE", "device tree of the next kernel (arm64)",
	  .sets = SETS_DTB },
	{ "console-serial", 0, NULL,
	  "messages between kernels: to a serial line", FLAG(console_serial) },
	{ "console-vga", 0, NULL, "and to the VGA text screen",
	  FLAG(console_vga) },
	{ "serial", 0, "PORT", "that serial line", STRING(serial) },
	{ "serial-baud", 0, "N", "its speed (default: as it is set up)",
	  NUMBER(serial_baud, SERIAL_BAUD_MAX) },
	{ "mem-min", 0, "ADDR", "use no memory below ADDR", ADDRESS(mem_min) },
	{ "mem-max", 0, "ADDR", "use no memory above ADDR", ADDRESS(mem_max) },
	{ "type", 't', "TYPE", "kernel's type", STRING(type) },
	{ "kexec-syscall", 'c', NULL, "load with kexec_load(2)",
	  CHOICE(LOADER_KEXEC_LOAD) },
	{ "kexec-file-syscall", 's', NULL, "load with kexec_file_load(2)",
	  CHOICE(LOADER_FILE) },
	{ "kexec-syscall-auto", 'a', NULL,
	  "load with the one that works (the default)", CHOICE(LOADER_AUTO) },
	{ "args-linux", 0, NULL, "an ELF kernel is Linux", FLAG(args_linux) },
	{ "force", 'f', NULL, "load and boot without shutdown(8)",
	  FLAG(force) },
	{ "no-ifdown", 'x', NULL, "no effect: interfaces stay up anyway",
	  FLAG(no_ifdown) },
	{ "no-sync", 'y', NULL, "do not sync(2) before -e", FLAG(no_sync) },
	{ "debug", 'd', NULL, "tell more on standard error", FLAG(debug) },
	{ "version", 'v', NULL, "print the version", FLAG(version) },
	{ "help", 'h', NULL, "print this text", FLAG(help) },
	/* Given by scripts made for kexec-tools. */
	{ "elf32-core-headers", 0, NULL, NULL, .sets = SETS_NOTHING },
	{ "elf64-core-headers", 0, NULL, NULL, .sets = SETS_NOTHING },
	{ "reset-vga", 0, NULL, NULL, .sets = SETS_WARNING },
	{ "reuse-video-type", 0, NULL, NULL, .sets = SETS_NOTHING },
	{ "hotplug", 0, NULL, NULL, .sets = SETS_WARNING },
	{ "pass-memmap-cmdline", 0, NULL, NULL, .sets = SETS_WARNING },
	{ "no-cma", 0, NULL, NULL, FLAG(no_cma) },
	{ "force-dtb", 0, NULL, NULL, FLAG(force_dtb) },
	/* Left out on purpose. */
	{ "load-live-update", 0, NULL, NULL, REFUSED(NO_LIVE_UPDATE) },
	{ "exec-live-update", 0, NULL, NULL, REFUSED(NO_LIVE_UPDATE) },
	{ "load-preserve-context", 0, NULL, NULL, REFUSED(NO_JUMP_BACK) },
	{ "load-jump-back-helper", 0, NULL, NULL, REFUSED(NO_JUMP_BACK) },
	{ "entry", 0, "ADDR", NULL, REFUSED(NO_JUMP_BACK) },
	{ "reuseinitrd", 0, NULL, NULL,
	  REFUSED("not on this architecture: give --initrd=FILE") },
	{ "module", 0, "FILE", NULL,
	  REFUSED("multiboot kernels are left out, only Linux is loaded") },
	{ "real-mode", 0, NULL, NULL, REFUSED(LONG_MODE) },
	{ "entry-32bit", 0, NULL, NULL, REFUSED(LONG_MODE) },
	{ "args-elf", 0, NULL, NULL, FLAG(args_elf) },
	{ "args-none", 0, NULL, NULL, FLAG(args_none) },
	{ 0 },
};
static_assert(ARRAY_SIZE(option_rows) <= OPTION_ROWS_MAX, "OPTION_ROWS_MAX");

/* As this architecture words it. */
static struct option_words words_of(const struct option_row *r)
{
	for (const struct option_words *h = kexec_arch.help; h->name; h++)
		if (!strcmp(h->name, r->name))
			return *h;
	return (struct option_words){ r->name, r->metavar, r->help };
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
		struct option_words shown = words_of(r);
		char text[64];

		if (!r->help)
			continue;
		snprintf(text, sizeof(text), "--%s%s%s", r->name,
			 shown.metavar ? "=" : "",
			 shown.metavar ? shown.metavar : "");
		if (r->letter)
			fprintf(f, "  -%c, ", r->letter);
		else
			fputs("      ", f);
		fprintf(f, "%-28s %s\n", text, shown.help);
	}
}
