/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel's log in a dead kernel's memory, from a text, written as the kernel
 * writes it: its image moved by KASLR, descriptors in a 2 MiB and infos in a
 * 1 GiB page of the direct map, texts in scattered pages of vmalloc.
 *
 *   ring COUNT_BITS SIZE_BITS  5.10 and later
 *   log LEN PREFIX             3.5 to 5.9; PREFIX of names: log or printk_log
 *   chars LEN                  before 3.5
 *   put SECONDS TEXT...        a record; \n, \\ and \xHH in TEXT
 *   fill SECONDS N C           a record of N times the character C
 *   empty SECONDS              an empty line | lost SECONDS  no room for it
 *   state STATE                of the last record: reserved, committed, ...
 *   fits                       a text may end with the ring (6.19 and later)
 *   desc N FIELD VALUE         afterwards: state, begin, next of a descriptor
 *   length N VALUE             text_len of an info
 *   set NAME VALUE             head_id tail_id count_bits size_bits descs infos
 *                              data; prb log_buf log_buf_len log_first_idx ...
 *   word AREA OFFSET VALUE     64 bits of: image descs infos data
 *   drop AREA OFFSET           leaves that page out of the dump
 *   unmap AREA OFFSET          clears its last page table entry
 *   info KEY=VALUE | noinfo KEY   another line, or none, in VMCOREINFO
 *   novmcoreinfo
 *   five                       5-level paging
 *   sme BIT                    entries carry this bit
 *   headers                    ELF program headers instead of page tables
 *
 * five, sme and headers stand before the log, what breaks it behind.
 */
#ifndef DMESG_CASE_H
#define DMESG_CASE_H

#include "dump_case.h"

enum area_name {
	AREA_IMAGE,
	AREA_DESCS,
	AREA_INFOS,
	AREA_DATA,
	AREAS
};

struct line {
	char *key;
	char value[40];
};

struct dmesg_case {
	struct dump_case dump;
	bool five, headers, fits, novmcoreinfo;
	u64 sme, tables; /* the next table's address */
	/* the ring */
	u64 count, size, head, tail, head_lpos;
	/* log_buf */
	bool chars;
	u64 len, first, next, end;
	struct line *line;
	size_t line_n;
	char vmcoreinfo[8192];
};

/* 0, or -1 after a line on stderr. */
int dmesg_case_read(struct dmesg_case *c, const char *path);
struct bytes dmesg_case_write(struct dmesg_case *c, enum case_format f);
void dmesg_case_free(struct dmesg_case *c);

#endif
