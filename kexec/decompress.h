/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole-file compression, in memory. */
#ifndef KEXEC_DECOMPRESS_H
#define KEXEC_DECOMPRESS_H

#include "util.h"

/* The name of the compression by the first bytes; NULL: none that is known. */
const char *compression_of(const u8 *data, size_t len);
/*
 * Decompresses @data into the new @out (path and data are set). -1 with @e:
 * truncated, damaged, or more than @max bytes.
 */
int decompress(struct file *out, const char *path, const u8 *data, size_t len,
	       size_t max, struct error *e);

#endif
