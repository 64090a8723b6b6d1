/* SPDX-License-Identifier: GPL-2.0-only */
/* Need SSSE3; and SSSE3, BMI1 and BMI2. sha256_vector() chooses. */
#ifndef PURGATORY_X86_64_SHA256_SSSE3_H
#define PURGATORY_X86_64_SHA256_SSSE3_H

#include "sha256.h"

sha256_blocks_fn sha256_blocks_ssse3;
sha256_blocks_fn sha256_blocks_ssse3_bmi2;

#endif
