/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMCOREINFO: the note in which a kernel says where things are. Hosted only.
 */
#ifndef VMCOREINFO_H
#define VMCOREINFO_H

#include "base.h"

/* Lines KEY=VALUE (Linux: Documentation/admin-guide/kdump/vmcoreinfo.rst). */
struct vmcoreinfo {
	const char *text; /* of @len bytes, owned by the notes */
	size_t len;
};

/* The first in a buffer of ELF notes; false: there is none. */
bool vmcoreinfo_find(const u8 *notes, size_t len, struct vmcoreinfo *v);
/*
 * The value of @key, "SYMBOL(prb)" say; false: it is missing, or no number.
 * SYMBOL() and KERNELOFFSET are hexadecimal without 0x. The others are decimal,
 * or hexadecimal with 0x; a negative one is taken modulo 2^64.
 */
bool vmcoreinfo_hex(const struct vmcoreinfo *v, const char *key, u64 *val);
bool vmcoreinfo_number(const struct vmcoreinfo *v, const char *key, u64 *val);
/* The bytes that @key gives in hexadecimal; 0: none, or more than @max. */
size_t vmcoreinfo_bytes(const struct vmcoreinfo *v, const char *key, u8 *bytes,
			size_t max);

#endif
