/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the variants of SHA-256 are made of; sha256_cpu.c says which CPU may
 * call them.
 */
#ifndef PURGATORY_ARM64_SHA256_ARM_H
#define PURGATORY_ARM64_SHA256_ARM_H

#include "sha256.h"

/* With the instructions of FEAT_SHA256; in two lanes. */
sha256_blocks_fn sha256_blocks_sha2;
sha256_lanes_fn sha256_lanes_sha2;

#endif
