/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses, ranges and devices as people type them, for every program alike.
 *
 * An address is hexadecimal behind 0x. Without it only a number of one digit
 * is taken, or one with a unit (4k, 1M): the kernel's log prints addresses
 * without 0x, other tools take such digits for decimal, and a wrong guess
 * would be an answer about other memory.
 */
#ifndef TYPED_H
#define TYPED_H

#include "base.h"

#define ADDRESS_WANTED "an address begins with 0x, or ends in K, M, G or T"
#define RANGE_WANTED "wanted ADDR, ADDR+LEN or FIRST-LAST; " ADDRESS_WANTED
#define NUMBER_WANTED "wanted a number, decimal or behind 0x, in K, M, G or T"
#define BDF_WANTED "[DDDD:]BB:DD.F"

/* False: it is none, as ADDRESS_WANTED says, or does not fit 64 bits. */
bool parse_address(const char *s, u64 *v);
/* The same where bare digits are decimal, as callers of kexec-tools have it. */
bool parse_number(const char *s, u64 *v);
/*
 * One byte at ADDR; ADDR+LEN, LEN in bytes; FIRST-LAST, both inclusive as in
 * /proc/iomem. False also when it is empty or would wrap.
 */
bool parse_range(const char *s, struct span *out);
/* [DDDD:]BB:DD.F at *s, which is left behind it. */
bool parse_bdf(const char **s, u16 *segment, u16 *requester);

#endif
