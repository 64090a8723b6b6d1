/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In front of all freestanding code: what it refers to is part of the same
 * image. Without this, compilers for arm64 reach data of another file through
 * a global offset table, which nobody relocates between two kernels.
 */
#ifndef __ASSEMBLER__
#pragma GCC visibility push(hidden)
#endif
