/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs by architecture, in one struct: kexec/ARCH/arch.c defines it,
 * and the other files of that folder hold what it points to. All members are
 * set; a new architecture is a folder with files of the same names.
 */
#ifndef KEXEC_ARCH_H
#define KEXEC_ARCH_H

#include "handover.h"
#include "host.h"
#include "identity.h"
#include "image.h"
#include "memmap.h"
#include "options.h"
#include "util.h"

/* A name that /proc/iomem gives to memory, and what it is. */
struct memory_name {
	const char *name;
	enum memory_type type;
};

/* Why what is written at the crash could not be read afterwards. */
struct obstacle {
	const char *what; /* "this kernel runs with ..." */
	const char *why;
};

#define CONSOLE_SPANS_MAX 2

struct kexec_arch {
	/* --- images: kexec/ARCH/formats.c --- */

	/* In the order of asking, ended by a row without name. */
	const struct image_format *formats;
	/* What a file of none of these formats lacks, for the message. */
	const char *formats_lack;
	/* What --type takes; ended by NULL. And those worth naming. */
	const char *const *types;
	const char *types_text;
	/* For --help: what KERNEL may be, and the rows that differ here. */
	const char *kernels_text;
	const struct option_words *help;
	const char *type_elf; /* the one of them that is an ELF file */

	/* --- system calls and the ELF core header --- */

	u16 elf_machine; /* e_machine: EM_* of elf.h */
	u64 load_flag;	 /* KEXEC_ARCH_* of linux/kexec.h */
	/* Why kexec_file_load(2) takes no such image (ENOEXEC, EINVAL). */
	const char *file_refused;
	/*
	 * Bytes that kexec_file_load(2) keeps on a crash command line for what
	 * it appends itself.
	 */
	u32 file_cmdline_own;
	/*
	 * Says elfcorehdr= on the command line where the ELF core header lies?
	 * Else boot_build() does.
	 */
	bool elfcorehdr_parameter;

	/* --- memory --- */

	/* Segments begin and end at multiples of that, the largest page. */
	u64 segment_align;

	/*
	 * Kernel and initrd lie in that much memory, which begins at a multiple
	 * of 1 GiB. 0: anywhere.
	 */
	u64 initrd_reach;
	/*
	 * RAM below is the next kernel's for trampolines and the like: no
	 * segment goes there, the crash kernel gets it as it is, and the dump
	 * does not hold it. 0: there is no such memory.
	 */
	u64 low_memory;
	/* The kernel unmaps the crash reservation: kexec -e can't copy there. */
	bool reservation_unmapped;
	/*
	 * What /proc/iomem and /sys/firmware/memmap call memory other than
	 * "System RAM"; ended by a row without name.
	 */
	const struct memory_name *memory_names;
	/*
	 * Names in /proc/iomem of what lies in RAM and is not to be read for a
	 * dump; ended by NULL.
	 */
	const char *const *not_dumped;

	/* --- the machine: kexec/ARCH/host.c --- */

	/*
	 * Fills in m->arch, page_max and ticks_per_ms. A warning in
	 * m->warnings for each source that can't be read; -1 when there is no
	 * memory.
	 */
	int (*host_read)(struct host *m);
	void (*host_free)(struct host *m);
	/*
	 * A PT_LOAD of /proc/kcore at a physical address that is known: fills
	 * in the part of m->layout that it is about.
	 */
	void (*kcore_segment)(struct host *m, u64 virt, u64 phys, u64 len);
	bool kcore_has_text; /* one of the PT_LOADs is the kernel's text */
	/*
	 * The layout for the ELF core header: m->layout, and what else there
	 * is to know. -1 with @e when it would be wrong.
	 */
	int (*layout)(struct kernel_layout *l, const struct host *m,
		      const struct facts *f, struct error *e);
	/* NULL: notes and tables can be read after the crash. */
	const struct obstacle *(*obstacle)(const struct host *m);
	/* Warnings about a crash load under this running kernel. */
	void (*warn_of_running)(const struct host *m, struct lines *warnings);

	/* --- command line: kexec/ARCH/cmdline.c --- */

	/*
	 * Does the line turn IOMMUs of @vendors (bits 1 << enum
	 * iommu_vendor_id; 0: any) off, as the kernel reads it? The words that
	 * do, or NULL.
	 */
	const char *(*iommu_off)(const char *line, u32 vendors);
	/*
	 * Has the machine an IOMMU that the running kernel leaves off, and the
	 * next one would turn off?
	 */
	bool (*iommu_idle)(const struct facts *f);
	/* What such a line lacks to leave it on; NULL: nothing. */
	const char *(*iommu_lacks)(const char *line);
	/*
	 * Has a crash kernel attach its devices to domains of its own, in
	 * whatever mode the dead one was; the last of its kind counts.
	 */
	const char *iommu_take_over;
	/*
	 * The parameter that chooses the form of the IOMMU's tables, where a
	 * crash kernel takes over tables of its own form only and the running
	 * one uses some; NULL: none.
	 */
	const char *(*iommu_form)(const struct facts *f);
	/*
	 * Writes the parameter that @image needs because its boot parameters
	 * have no field for it; "": none.
	 */
	void (*own_parameter)(const struct image *image, const struct host *m,
			      char *out, size_t len);

	/* --- what the kernel is handed at its entry: kexec/ARCH/boot.c --- */

	/* The segment's name; its address is handover.entry_arg. */
	const char *boot_name;
	/* Is it a device tree, that --dtb replaces? */
	bool takes_dtb;
	/*
	 * Bytes that boot_build() may need with @extra more ranges of memory;
	 * 0 with @e.
	 */
	u64 (*boot_size)(const struct boot *b, u32 extra, struct error *e);
	/* Fills @buf, which will lie at @mem. */
	int (*boot_build)(const struct boot *b, u8 *buf, u64 size, u64 mem,
			  struct error *e);

	/* --- the purgatory --- */

	/*
	 * The identity map it works in: kexec/ARCH/identity.c. @mem is where
	 * the tables will lie; their length does not depend on it.
	 */
	int (*identity_build)(struct identity *id,
			      const struct identity_request *r, u64 mem,
			      struct error *e);
	/*
	 * Fills in the serial fields of @ho for --serial=@name (NULL: the
	 * first port) and --serial-baud. kexec/ARCH/console.c.
	 */
	int (*set_serial)(struct handover *ho, const struct host *m,
			  const char *name, u32 baud, struct error *e);
	/* More flags of @ho, by what is known of the machine. */
	u32 (*machine_flags)(const struct host *m);
	bool has_vga; /* a text screen that --console-vga writes to */
	/* Memory that the consoles of @ho need mapped, uncached; how many. */
	u32 (*console_spans)(const struct handover *ho,
			     struct span out[CONSOLE_SPANS_MAX]);
};

extern const struct kexec_arch kexec_arch;

#endif
