/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PURGATORY_ARM64_MAP_H
#define PURGATORY_ARM64_MAP_H

#include "base.h"

/*
 * Is @addr mapped to itself, as memory that is cached, writable and
 * executable, by the page table of four levels at @root? Reads the tables
 * where they lie.
 */
bool map_holds(u64 root, u64 addr);

/* Likewise each page of @s. */
bool map_holds_span(u64 root, const struct span *s);

#endif
