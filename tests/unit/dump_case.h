/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine that crashed, from a text: its memory, what was gathered, what the
 * purgatory found; written as any of the formats a dump comes in. Notes go
 * through the real writers.
 *
 *   release R | mode M | time N
 *   vmcoreinfo KEY=VALUE             a line of that note
 *   unit NAME REGS_AT MODE           reg NAME load|crash VALUE [UNKNOWN] (last unit)
 *   width BITS                       of physical addresses (last unit)
 *   device NAME DRIVER|- UNIT|- GROUP|- VENDOR:DEVICE CLASS TYPE MODE REASON
 *   alias NAME ALIAS | missing SOURCE WHY
 *   ram START LEN | reservation START LEN | cma START LEN
 *   region START END GROUP TYPE      TYPE as a number
 *   table UNIT AT REQUESTER ADDR     records the page at ADDR of `load` memory
 *   mem ADDR VALUE...                64-bit words; makes the page
 *   loadmem ADDR VALUE...            as it was at load time (for table)
 *   fill ADDR COUNT VALUE STEP [STRIDE]  COUNT words, each STEP more
 *   zero ADDR [COUNT]                pages of zeros
 *   drop ADDR                        page was left out by the dump tool
 *   kept ADDR [spoilt]               our notes are in memory there, in pages that
 *                                    the case has; a note says so; changed since
 *   purgatory FLAGS STEP PER_MS PLAN_ERR TICK... | nocrash | nonotes
 *   fault UNIT W0 W1
 *   action UNIT MODE OUTCOME ERR KEPT ABORTED GUARDED SUNK BAD
 *   entry UNIT BDF MODE ERR LEVEL WHERE RAW... [xN]   N of them side by side
 *   trap VECTOR STEP UNIT PC ADDRESS
 *   run COMMAND ARGS...              (for dump_test)
 *   quick STATUS COMMAND ARGS...     must end with STATUS, soon
 */
#ifndef DUMP_CASE_H
#define DUMP_CASE_H

#include "dump.h"

#define CASE_PAGES 256
#define CASE_RUNS 64

struct case_page {
	u64 addr;
	bool drop;
	u64 word[512];
};

struct dump_case {
	struct facts facts;
	struct decisions decisions;
	struct case_page *page;
	size_t page_n;
	struct case_page *load;
	size_t load_n;
	u8 *crash; /* note segment being written */
	struct note_writer w;
	struct iommu_regs regs[16]; /* of the crash, by unit */
	bool nocrash, nonotes;
	u64 kept; /* where the notes are; 0: in the file's */
	bool spoilt;
	const char *vmcoreinfo; /* text of that note; NULL: none */
	char *run[CASE_RUNS], *quick[CASE_RUNS];
	size_t run_n, quick_n;
};

struct bytes {
	u8 *p;
	size_t len;
};

enum case_format {
	CASE_ELF,
	CASE_KDUMP,
	CASE_FLAT_ELF,
	CASE_FLAT_KDUMP,
	CASE_NOTES,
	CASE_CPIO, /* as kexec appends it to an initrd, behind another */
	CASE_FORMATS
};
extern const char *const case_format_name[CASE_FORMATS];

/* 0, or -1 after a line on stderr. */
int case_read(struct dump_case *c, const char *path);
struct bytes case_write(struct dump_case *c, enum case_format f);
/* Part @i of @n, as makedumpfile --split writes it; not more than pages. */
struct bytes case_part(struct dump_case *c, size_t i, size_t n);
void case_free(struct dump_case *c);

#endif
