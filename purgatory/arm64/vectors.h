/* SPDX-License-Identifier: GPL-2.0-only */
/* What VBAR_ELx is set to, and where an exception then goes. */
#ifndef PURGATORY_ARM64_VECTORS_H
#define PURGATORY_ARM64_VECTORS_H

#include "base.h"

/* 16 of them, all alike: they end in trap_entry(). */
extern u8 trap_vectors[];

/*
 * With ESR_ELx, ELR_ELx and FAR_ELx, on a stack of its own, everything masked.
 * There is no way back but a recovery point (../trap.h).
 */
void trap_entry(u64 esr, u64 elr, u64 far) __attribute__((noreturn));

#endif
