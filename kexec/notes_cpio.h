/* SPDX-License-Identifier: GPL-2.0-only */
/* The notes as an archive that the next kernel unpacks beside its initrd. */
#ifndef KEXEC_NOTES_CPIO_H
#define KEXEC_NOTES_CPIO_H

#include "facts.h"
#include "util.h"

/*
 * Where they are found: /run/iommu-notes, and because most init programs
 * mount something over /run, as a link /iommu-notes too.
 */
#define CPIO_NOTES_PATH "run/iommu-notes"
#define CPIO_NOTES_LINK "iommu-notes"

/* May an archive be appended to @initrd? Only if it is one itself. */
bool cpio_can_follow(const struct file *initrd);
/*
 * @initrd (data NULL: none) with the archive behind it, malloc()ed; NULL
 * with @e.
 */
u8 *cpio_append_notes(const struct file *initrd, const struct note_segment *seg,
		      size_t n, u64 *len, struct error *e);

#endif
