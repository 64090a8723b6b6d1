// SPDX-License-Identifier: GPL-2.0-only
/* Which of the formats a kernel image has. */
#include <stdlib.h>
#include "arch.h"

const struct image_format *image_format(const struct file *file)
{
	for (const struct image_format *f = kexec_arch.formats; f->name; f++)
		if (f->is(file))
			return f;
	return NULL;
}

int image_parse(struct image *image, const struct file *file, struct error *e)
{
	const struct image_format *f = image_format(file);

	*image = (struct image){ .file = file };
	if (!f)
		return fail(e,
			    "kernel %s: not a kernel of any format that is "
			    "known: %s, no ELF file, nothing that is unwrapped",
			    file->path, kexec_arch.formats_lack);
	if (!f->parse)
		return fail(e, "kernel %s: %s: %s", file->path, f->name,
			    f->refused);
	if (!f->parse(image, file, e))
		return 0;
	image_free(image);
	return -1;
}

void image_free(struct image *image)
{
	free(image->laid_out);
	image->laid_out = NULL;
}
