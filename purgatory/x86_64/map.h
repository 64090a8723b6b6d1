/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PURGATORY_X86_64_MAP_H
#define PURGATORY_X86_64_MAP_H

#include "base.h"

/*
 * Is @addr mapped to itself, writable, by the page table at @root with 4 or
 * 5 @levels? Reads the tables where they lie.
 */
bool map_holds(u64 root, u32 levels, u64 addr);

/* Likewise each page of @s. */
bool map_holds_span(u64 root, u32 levels, const struct span *s);

#endif
