/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by entry.S and start.c. */
#ifndef PURGATORY_X86_64_LAYOUT_H
#define PURGATORY_X86_64_LAYOUT_H

/* start.c asserts that these agree with handover.h. */
#define PURGATORY_IMAGE_MAGIC 0x56525550584b4d4f
#define HANDOVER_BYTES 224

/* Code and data as the Linux boot protocol wants them: __BOOT_CS, __BOOT_DS. */
#define SEL_CODE 0x10
#define SEL_DATA 0x18
#define SEL_TSS 0x20

#define VECTORS 32
#define VECTOR_NMI 2
#define VECTOR_MACHINE_CHECK 18
#define STUB_BYTES 16
/* #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX (SDM volume 3, 6.15; AMD APM 2, 8) */
#define TRAPS_WITH_ERROR 0x60227d00

#endif
