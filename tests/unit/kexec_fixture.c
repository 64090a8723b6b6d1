// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "../lib/tree.h"
#include "kexec_fixture.h"

void fixture_purgatory(u8 image[FIXTURE_PURGATORY])
{
	const struct purgatory_header h = {
		.magic = PURGATORY_MAGIC,
		.handover = FIXTURE_PURGATORY / 2,
		.handover_size = sizeof(struct handover),
		.image_size = FIXTURE_PURGATORY,
		.memory_size = FIXTURE_PURGATORY * 2,
		.align = 4096,
	};

	memcpy(image, &h, sizeof(h));
}

static int read_facts(struct fixture *x, struct error *e)
{
	const struct options *o = &x->options;
	struct gather_opts g = { .root = &x->root, .tables = o->panic };
	int err;

	if (o->mode == IOMMU_MODE_OFF)
		err = gather_iomem(&x->facts, &x->root);
	else
		err = gather(&x->facts, &g);
	if (err)
		return fail(e, "gathering");
	memmap_of_firmware(&x->firmware, &x->facts, &x->root);
	return host_read(&x->host, &x->root, o->panic, e);
}

int fixture_make(struct fixture *x, const char *tree, const char *image,
		 int argc, char **argv, struct error *e)
{
	struct plan_input in = {
		.options = &x->options,
		.facts = &x->facts,
		.host = &x->host,
		.kernel = &x->kernel,
		.initrd = &x->initrd,
		.firmware = &x->firmware,
		.purgatory = x->purgatory,
		.purgatory_len = sizeof(x->purgatory),
	};
	clock_t start;
	int err;

	memset(x, 0, sizeof(*x));
	fixture_purgatory(x->purgatory);
	x->root_path = tree_plant(tree);
	x->kernel.path = image;
	x->kernel.data = tree_hex_file(image, &x->kernel.len);
	if (sysroot_open(&x->root, x->root_path))
		return fail(e, "%s", x->root_path);
	if (options_parse(&x->options, argc, argv, e))
		return -1;
	if (x->options.initrd)
		x->initrd = (struct file){ x->options.initrd, x->initrd_bytes,
					   sizeof(x->initrd_bytes) };
	start = clock();
	err = read_facts(x, e) || plan_make(&x->plan, &in, e);
	x->ticks = clock() - start;
	return err ? -1 : 0;
}

void fixture_free(struct fixture *x)
{
	plan_free(&x->plan);
	options_free(&x->options);
	host_free(&x->host);
	memmap_free(&x->firmware);
	facts_free(&x->facts);
	sysroot_close(&x->root);
	tree_remove(x->root_path);
	free(x->kernel.data);
}

const struct segment *fixture_segment(struct fixture *x, const char *name)
{
	const struct segment *s = segments_find(&x->plan.segments, name);

	if (!s)
		abort();
	return s;
}

struct handover *fixture_handover(struct fixture *x)
{
	const struct segment *s = fixture_segment(x, "purgatory");
	const struct purgatory_header *h = (const void *)s->buf;

	return (struct handover *)(s->buf + h->handover);
}
