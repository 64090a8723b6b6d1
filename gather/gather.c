// SPDX-License-Identifier: GPL-2.0-only
/* The order in which everything is gathered. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sources.h"

#if defined(__x86_64__)
#define HOST_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define HOST_MACHINE EM_AARCH64
#endif

static const struct gather_vendor *const vendors[] = {
	&gather_vtd, &gather_amdvi, &gather_smmuv3, &gather_smmuv2,
	&gather_virtio
};

static int read_release(struct gather *g)
{
	char *text =
		sysroot_read(g->root, "proc/sys/kernel/osrelease", 256, NULL);
	char *end;

	if (!text) {
		facts_missing(g->f, "proc/sys/kernel/osrelease", "%s",
			      strerror(errno));
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	/* One line of text. */
	for (end = text; *end >= ' ' && *end <= '~'; end++)
		;
	*end = '\0';
	g->f->release = text;
	return 0;
}

static const struct gather_vendor *vendor_of(const struct fact_unit *u)
{
	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++)
		if (vendors[i]->id == u->vendor)
			return vendors[i];
	return NULL;
}

/* Registers and roots. */
static int gather_state(struct gather *g)
{
	int rc = 0;

	for (u32 i = 0; !rc && i < g->f->unit_n; i++) {
		const struct gather_vendor *v = vendor_of(&g->f->unit[i]);

		if (v)
			rc = gather_module_registers(g, i, v->base);
	}
	for (size_t i = 0; !rc && i < ARRAY_SIZE(vendors); i++)
		if (vendors[i]->state)
			rc = vendors[i]->state(g);
	return rc ? rc : gather_kernel(g);
}

static int gather_iommus(struct gather *g)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(vendors); i++)
		rc = vendors[i]->units(g);
	if (!rc)
		rc = gather_devices(g, vendors, ARRAY_SIZE(vendors));
	for (size_t i = 0; !rc && i < ARRAY_SIZE(vendors); i++)
		rc = vendors[i]->extra_devices(g);
	if (!rc)
		rc = gather_state(g);
	facts_fit_registers(g->f);
	for (u32 i = 0; !rc && g->o->tables && i < g->f->unit_n; i++)
		if (!gather_module_tables(g, i, &rc))
			rc = gather_tables(g, i);
	return rc;
}

int gather(struct facts *f, const struct gather_opts *o)
{
	struct gather g = { .o = o, .root = o->root, .f = f };
	int rc;

	memset(f, 0, sizeof(*f));
	f->machine = HOST_MACHINE;
	f->time = (u64)time(NULL);
	rc = read_release(&g);
	if (!rc)
		rc = gather_iomem(f, o->root);
	if (!rc)
		rc = pci_read(&g.pci, o->root, f);
	if (!rc)
		rc = gather_iommus(&g);
	kcore_close(g.kcore);
	dmar_free(&g.dmar);
	ivrs_free(&g.ivrs);
	arm_free(&g.arm);
	viot_free(&g.viot);
	pci_free(&g.pci);
	return rc;
}
