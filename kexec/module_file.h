/* SPDX-License-Identifier: GPL-2.0-only */
/* The module iommu_handover of the running kernel, by its file. */
#ifndef KEXEC_MODULE_FILE_H
#define KEXEC_MODULE_FILE_H

#include "gather.h"
#include "plan.h"
#include "util.h"

/* -1 with errno: it is not loaded, or not for us. */
int module_open(const struct sysroot *root);
/* Has the block checked and kept; what is armed stays so. -1 with @e. */
int module_stage(int fd, const struct module_block *b, struct error *e);
/* What was staged takes the place of what is armed. */
int module_commit(int fd, struct error *e);
int module_disarm(int fd, struct error *e);
/* What is armed, and by which way: one line. */
void module_line(int fd, char *line, size_t size);

#endif
