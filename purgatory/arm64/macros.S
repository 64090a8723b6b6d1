/* SPDX-License-Identifier: GPL-2.0-only */
/* Macros that other files of assembly include. */
#include "layout.h"

/* Sets the flags: EQ at EL2. */
	.macro	at_el2 x
	mrs	\x, CurrentEL
	cmp	\x, #CURRENT_EL2
	.endm

/* Far enough for any offset in the image. */
	.macro	adr_far x, symbol
	adrp	\x, \symbol
	add	\x, \x, :lo12:\symbol
	.endm
