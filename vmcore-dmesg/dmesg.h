/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's log in a dump. Three layouts, by the kernel's age; each is a
 * reader of its own that hands texts to one printer. All that is read may be
 * the work of an enemy: no index, length or offset is used unchecked.
 */
#ifndef DMESG_H
#define DMESG_H

#include <stdio.h>
#include "kmem.h"

/* A record's length is 16 bits in every layout. */
#define TEXT_MAX KIB(64)

struct dmesg {
	struct dump *d;
	struct vmcoreinfo info;
	struct kmem mem;
	const char *path; /* for messages */
	FILE *out, *err;
	u64 problems, records;
	u8 text[TEXT_MAX];
};

/* A number that VMCOREINFO has to hold; where it goes. */
struct dmesg_value {
	const char *key;
	u64 *val;
};

/* Prints the log of @d. 0, or 1 when anything was wrong, which @err says. */
int dmesg_print(struct dump *d, const char *path, FILE *out, FILE *err);

#define DMESG_PROBLEMS_SHOWN 16u

/* One line on m->err; always false. Of many only the first are printed. */
bool dmesg_problem(struct dmesg *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* More than a damaged log has: the reader gives up. */
bool dmesg_hopeless(const struct dmesg *m);

/* Offsets and sizes inside a structure, bounded; false, with a line on it. */
bool dmesg_layout(struct dmesg *m, const struct dmesg_value *v, size_t n);
/* A little-endian number of @len bytes; false, with a line that names @what. */
bool dmesg_read(struct dmesg *m, u64 virt, u32 len, u64 *val, const char *what);
/* The value of a variable of the kernel. */
bool dmesg_variable(struct dmesg *m, const char *name, u32 len, u64 *val);

/* m->text of @len bytes, as characters that are safe on a terminal. */
void dmesg_text(struct dmesg *m, u32 len);
/* The same as a record. */
void dmesg_put(struct dmesg *m, u64 ts_nsec, u32 len);

/* 5.10 and later: printk_ringbuffer; ring.c */
void dmesg_ring(struct dmesg *m);
/* 3.5 to 5.9: records in log_buf; and before: characters. log_buf.c */
void dmesg_records(struct dmesg *m);
void dmesg_characters(struct dmesg *m);

#endif
