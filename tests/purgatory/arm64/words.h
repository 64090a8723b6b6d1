/* SPDX-License-Identifier: GPL-2.0-only */
/* What rom.S and next.S share with cases.py. QEMU has a device tree at the start of RAM. */
#define PARAM 0x40205000
#define RESULT 0x40206000

/* Bits of the second word at PARAM. */
#define HOW_VHE 0
#define HOW_SERROR 1
#define HOW_PIE 2

#define TCR2_PIE (1 << 1)

#define HCR_AMO (1 << 5)
#define HCR_VSE (1 << 8)
#define HCR_TGE (1 << 27)
#define HCR_RW (1 << 31)
#define HCR_E2H (1 << 34)
