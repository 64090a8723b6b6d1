/* SPDX-License-Identifier: GPL-2.0-only */
/* The purgatory's image as the build made it; PURGATORY_BIN is its path. */
	.section .rodata
	.balign 16
	.globl purgatory_image, purgatory_image_end
	.type purgatory_image, @object
purgatory_image:
	.incbin PURGATORY_BIN
purgatory_image_end:
	.size purgatory_image, . - purgatory_image
	.section .note.GNU-stack, "", @progbits
