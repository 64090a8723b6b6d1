// SPDX-License-Identifier: GPL-2.0-only
/*
 * The running kernel, asked about itself: its memory through kcore, symbols
 * out of it or through kallsyms, layout by its own BTF or a vmlinux that is given by hand.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources.h"
#include "vmcoreinfo.h"

#define BTF_SOURCE "sys/kernel/btf/vmlinux"
#define BTF_MAX MIB(256)

struct running {
	struct kernel k;
	struct gather *g;
};

static int running_read(struct kernel *k, u64 virt, void *buf, u32 len)
{
	int err = kcore_read_virt(((struct running *)k)->g->kcore, virt, buf,
				  len);

	k->error = err ? "not readable" : NULL;
	return err;
}

static bool running_phys(struct kernel *k, u64 virt, u64 *phys)
{
	return kcore_phys(((struct running *)k)->g->kcore, virt, phys);
}

static int running_symbols(struct kernel *k, struct symbol *s, size_t n,
			   char *why, size_t why_len)
{
	const struct gather *g = ((struct running *)k)->g;
	struct vmcoreinfo v;
	int rc;

	/* The kernel formats 10 MB of /proc/kallsyms; its own table has 2. */
	if (kcore_vmcoreinfo(g->kcore, &v) &&
	    !kallsyms_memory(k, &v, s, n, why, why_len))
		return 0;
	rc = kallsyms_find(g->root, s, n);
	if (rc)
		snprintf(why, why_len, "%s", strerror(-rc));
	return rc;
}

static int running_members(struct kernel *k, struct member *m, size_t n,
			   char *why, size_t why_len)
{
	const struct gather *g = ((struct running *)k)->g;
	size_t len;
	char *raw;
	int rc;

	if (g->o->vmlinux)
		return members_dwarf(g->root, g->o->vmlinux, m, n, why,
				     why_len);
	raw = sysroot_read(g->root, BTF_SOURCE, BTF_MAX, &len);
	if (!raw) {
		rc = -errno;
		snprintf(why, why_len, "%s", strerror(errno));
		return rc;
	}
	rc = members_btf(raw, len, m, n, why, why_len);
	free(raw);
	return rc;
}

int gather_kernel(struct gather *g)
{
	struct running r = {
		.k = {
			.read = running_read,
			.phys = running_phys,
			.symbols = running_symbols,
			.members = running_members,
			.memory_source = "proc/kcore",
			.symbols_source = "proc/kallsyms",
			.members_source = g->o->vmlinux ? g->o->vmlinux
							: BTF_SOURCE,
		},
		.g = g,
	};

	if (!kernel_state_wanted(g->f) || !gather_kcore(g))
		return 0;
	return kernel_state(&r.k, g->f);
}
