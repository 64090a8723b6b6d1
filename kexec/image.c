// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "image.h"

const struct image_format *image_format(const struct file *file)
{
	for (const struct image_format *f = image_formats; f->name; f++)
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
			    "known: no bzImage (\"HdrS\" at offset 0x202), no "
			    "ELF file, nothing that is unwrapped",
			    file->path);
	if (!f->parse)
		return fail(e, "kernel %s: %s: %s", file->path, f->name,
			    f->refused);
	return f->parse(image, file, e);
}

void image_free(struct image *image)
{
	free(image->laid_out);
	image->laid_out = NULL;
}
