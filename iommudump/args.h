/* SPDX-License-Identifier: GPL-2.0-only */
/* Arguments of subcommands. */
#ifndef ARGS_H
#define ARGS_H

#include "base.h"

/* 0x… or decimal, nothing behind it. */
bool parse_address(const char *s, u64 *v);
/* ADDR or ADDR+LEN; LEN takes K, M or G. False also when it would wrap. */
bool parse_range(const char *s, struct span *out);
/* [SSSS:]BB:DD.F, or 0x…: a stream of segment 0 */
bool parse_bdf(const char *s, u32 *segment, u32 *requester);

#endif
