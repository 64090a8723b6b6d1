/* SPDX-License-Identifier: GPL-2.0-only */
/* What iommudump report --html puts into its page, as it stands in the tree. */
	.section .rodata
	.globl page_css, page_css_end, page_js, page_js_end
	.type page_css, @object
page_css:
	.incbin "iommudump/page.css"
page_css_end:
	.size page_css, . - page_css
	.type page_js, @object
page_js:
	.incbin "iommudump/page.js"
page_js_end:
	.size page_js, . - page_js
	.section .note.GNU-stack, "", @progbits
