/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by entry.S and the C sources. Arm ARM DDI 0487J, chapter D19. */
#ifndef PURGATORY_ARM64_LAYOUT_H
#define PURGATORY_ARM64_LAYOUT_H

/* start.c asserts that these agree with handover.h. */
#define PURGATORY_IMAGE_MAGIC 0x56525550584b4d4f
#define HANDOVER_BYTES 224

/* CurrentEL */
#define CURRENT_EL2 (2 << 2)

/* HCR_EL2 */
#define HCR_AMO_BIT 5
#define HCR_E2H_BIT 34

/*
 * SCTLR_ELx while MMU and D-cache are off: the bits that are, or were in
 * Armv8.0, RES1, and the I-cache. The rest is clear: little endian, no
 * alignment check, writable memory may be executed, no pointer authentication.
 * With HCR_EL2.E2H, SCTLR_EL2 is like SCTLR_EL1.
 */
#define SCTLR_M_BIT 0
#define SCTLR_C_BIT 2
#define SCTLR_OFF_EL1 0x30d01800
#define SCTLR_OFF_EL2 0x30c51830

/* CTR_EL0.DminLine: log2 of the words of the smallest D-cache line */
#define CTR_DMINLINE_SHIFT 16
#define CTR_DMINLINE_BITS 4

#endif
