/* SPDX-License-Identifier: GPL-2.0-only */
/* The only part that changes the running system. */
#ifndef KEXEC_LOAD_H
#define KEXEC_LOAD_H

#include "facts.h"
#include "segments.h"
#include "util.h"

/* Replaces what was loaded of its kind, or leaves it, as a whole. */
int load_segments(const struct segments *all, u64 entry, bool panic,
		  const struct sysroot *root, struct error *e);
int unload(bool panic, const struct sysroot *root, struct error *e);
/* Does not return when it works. */
int boot_loaded(bool sync_first, struct error *e);
/* shutdown(8) boots what is loaded; does not return when it works. */
int shut_down(struct error *e);
/* 1 loaded, 0 not, -1 unknown with @e. */
int loaded(bool panic, const struct sysroot *root, struct error *e);

#endif
