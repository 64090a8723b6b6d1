// SPDX-License-Identifier: GPL-2.0-only
/*
 * A dead kernel, asked about itself: its memory through its page tables in the
 * dump, symbols out of its own kallsyms, layout by its own BTF; or both from a
 * vmlinux that is given by hand.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kept.h"
#include "kmem.h"
#include "structures.h"

#define BTF_MAX MIB(64)
#define BUILD_ID_MAX 64

struct dead_kernel {
	struct kernel k;
	struct kmem mem;
	struct vmcoreinfo v;
	struct kallsyms *kallsyms; /* these are read when first needed */
	struct btf_names *btf;
	struct vmlinux *vmlinux;
	u64 moved; /* by KASLR, from where vmlinux was linked to */
	struct pages *pages;
	char no_pages[256]; /* why there are none */
};

static int dead_read(struct kernel *k, u64 virt, void *buf, u32 len)
{
	struct dead_kernel *d = (struct dead_kernel *)k;
	int err = kmem_read(&d->mem, virt, buf, len);

	k->error = err ? d->mem.error : NULL;
	return err;
}

static bool dead_phys(struct kernel *k, u64 virt, u64 *phys)
{
	return kmem_phys(&((struct dead_kernel *)k)->mem, virt, phys);
}

static int own_symbols(struct dead_kernel *d, struct symbol *s, size_t n,
		       char *why, size_t why_len)
{
	int rc = 0;

	if (!d->kallsyms)
		rc = kallsyms_open(&d->kallsyms, &d->k, &d->v, why, why_len);
	if (!rc)
		return kallsyms_symbols(d->kallsyms, s, n, why, why_len);
	kallsyms_close(d->kallsyms);
	d->kallsyms = NULL;
	return rc;
}

static int dead_symbols(struct kernel *k, struct symbol *s, size_t n, char *why,
			size_t why_len)
{
	struct dead_kernel *d = (struct dead_kernel *)k;
	int rc;

	if (!d->vmlinux)
		return own_symbols(d, s, n, why, why_len);
	rc = vmlinux_symbols(d->vmlinux, s, n, why, why_len);
	for (size_t i = 0; !rc && i < n; i++)
		if (s[i].found)
			s[i].addr += d->moved;
	return rc;
}

static bool dead_symbol_at(struct kernel *k, u64 virt, char *buf, size_t len)
{
	struct dead_kernel *d = (struct dead_kernel *)k;

	if (d->vmlinux)
		return vmlinux_at(d->vmlinux, virt - d->moved, buf, len);
	return d->kallsyms && kallsyms_at(d->kallsyms, virt, buf, len);
}

static int read_btf(struct dead_kernel *d, u64 start, u64 end, char *why,
		    size_t why_len)
{
	size_t len = end - start;
	u8 *raw = malloc(len);
	int rc = -EIO;

	if (!raw) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	if (!kmem_read(&d->mem, start, raw, (u32)len))
		rc = btf_open(&d->btf, raw, len, why, why_len);
	else
		snprintf(why, why_len, "its BTF at 0x%llx: %s",
			 (unsigned long long)start, d->mem.error);
	free(raw);
	return rc;
}

/* At the first question. */
static int need_btf(struct dead_kernel *d, char *why, size_t why_len)
{
	struct symbol s[] = { { .name = "__start_BTF" },
			      { .name = "__stop_BTF" } };
	int rc = d->btf ? 0
			: d->k.symbols(&d->k, s, ARRAY_SIZE(s), why, why_len);

	if (d->btf || rc)
		return rc;
	if (s[0].addr && s[1].addr > s[0].addr &&
	    s[1].addr - s[0].addr <= BTF_MAX)
		return read_btf(d, s[0].addr, s[1].addr, why, why_len);
	snprintf(why, why_len,
		 "it has no BTF: a kernel without "
		 "CONFIG_DEBUG_INFO_BTF");
	return -ENOENT;
}

static int dead_members(struct kernel *k, struct member *m, size_t n, char *why,
			size_t why_len)
{
	struct dead_kernel *d = (struct dead_kernel *)k;
	char no_btf[256];
	int rc = d->vmlinux ? vmlinux_members(d->vmlinux, m, n, why, why_len)
			    : need_btf(d, why, why_len);

	/* A vmlinux that has symbols alone is of use, too. */
	if (rc && d->vmlinux && !need_btf(d, no_btf, sizeof(no_btf)))
		rc = 0;
	else if (rc || d->vmlinux)
		return rc;
	btf_find_members(d->btf, m, n);
	return rc;
}

static int dead_constants(struct kernel *k, struct constant *c, size_t n,
			  char *why, size_t why_len)
{
	struct dead_kernel *d = (struct dead_kernel *)k;
	int rc = need_btf(d, why, why_len);

	if (!rc)
		btf_find_constants(d->btf, c, n);
	else if (d->vmlinux)
		rc = vmlinux_constants(d->vmlinux, c, n, why, why_len);
	return rc;
}

/*
 * Only that kernel's own: by its build id, which VMCOREINFO has since 5.9. How
 * far KASLR moved it, the one symbol that both know tells.
 */
static int open_vmlinux(struct dead_kernel *d, const char *path,
			struct dump_error *e)
{
	struct symbol s = { .name = "_stext" };
	u8 id[BUILD_ID_MAX];
	char why[256] = "";
	size_t len;
	u64 stext;

	if (vmlinux_open(&d->vmlinux, path, why, sizeof(why)))
		return dump_fail(e, EINVAL, "%s", why);
	len = vmcoreinfo_bytes(&d->v, "BUILD-ID", id, sizeof(id));
	if (len && !vmlinux_is(d->vmlinux, id, len))
		return dump_fail(e, ESTALE,
				 "its build id is not the dead kernel's");
	if (vmlinux_symbols(d->vmlinux, &s, 1, why, sizeof(why)))
		return dump_fail(e, EINVAL, "no symbols: %s", why);
	if (!s.found)
		return dump_fail(e, EINVAL, "no symbol _stext: stripped");
	if (!vmcoreinfo_hex(&d->v, "SYMBOL(_stext)", &stext))
		return dump_fail(e, EINVAL,
				 "VMCOREINFO does not say where _stext was");
	d->moved = stext - s.addr;
	d->k.symbols_source = d->k.members_source = path;
	return 0;
}

/* @k is to be closed in any case. */
static int open_dead(struct dead_kernel *k, struct dump *d, const char *vmlinux,
		     struct dump_error *e)
{
	*k = (struct dead_kernel){
		.k = { .read = dead_read,
		       .phys = dead_phys,
		       .symbols = dead_symbols,
		       .symbol_at = dead_symbol_at,
		       .members = dead_members,
		       .constants = dead_constants,
		       .memory_source = "memory",
		       .symbols_source = "kallsyms",
		       .members_source = "BTF",
		       .machine = dump_machine(d) },
	};
	if (!vmcoreinfo_find(d->notes, d->notes_len, &k->v))
		return dump_fail(e, ENOENT, "no VMCOREINFO note");
	if (kmem_open(&k->mem, d, &k->v))
		return dump_fail(e, ENOENT, "%s", k->mem.error);
	if (k->mem.arch)
		k->k.machine = k->mem.arch->machine;
	if (!vmlinux)
		return 0;
	e->path = vmlinux;
	return open_vmlinux(k, vmlinux, e);
}

static void close_dead(struct dead_kernel *k)
{
	pages_close(k->pages);
	kallsyms_close(k->kallsyms);
	vmlinux_close(k->vmlinux);
	btf_close(k->btf);
	free(k);
}

/* Opened at the first question, and kept with the dump. */
static int dead_of(struct dump *d, const char *vmlinux, struct dump_error *e,
		   struct dead_kernel **out)
{
	struct dead_kernel *k = d->kernel;
	int rc;

	e->path = "the kernel in the dump";
	*out = k;
	if (k)
		return 0;
	k = malloc(sizeof(*k));
	if (!k)
		return dump_fail(e, ENOMEM, "out of memory");
	rc = open_dead(k, d, vmlinux, e);
	if (rc) {
		close_dead(k);
		return rc;
	}
	e->path = "the kernel in the dump";
	d->kernel = *out = k;
	d->kernel_close = close_dead;
	return 0;
}

int dead_kernel_open(struct dump *d, const char *vmlinux, char *err,
		     size_t err_len)
{
	struct dump_error e = { NULL, err, err_len };
	struct dead_kernel *k;

	return dead_of(d, vmlinux, &e, &k);
}

int dump_kernel(struct dump *d, const char *vmlinux, char *err, size_t err_len)
{
	struct dump_error e = { NULL, err, err_len };
	struct dead_kernel *k;
	int rc = dead_of(d, vmlinux, &e, &k);

	if (rc)
		return rc;
	dump_forget(d);
	d->from_kernel = true;
	rc = kernel_facts(&k->k, &d->facts);
	return rc ? dump_fail(&e, -rc, "%s", strerror(-rc)) : 0;
}

struct pages *dump_pages(struct dump *d, const char *vmlinux, char *err,
			 size_t err_len)
{
	struct dump_error e = { NULL, err, err_len };
	struct dead_kernel *k;
	int rc;

	if (dead_of(d, vmlinux, &e, &k) || k->pages)
		return k ? k->pages : NULL;
	if (!*k->no_pages) {
		rc = pages_open(&k->pages, &k->k, d->mem, &k->v, &d->facts,
				k->no_pages, sizeof(k->no_pages));
		if (!rc) {
			pages_others(k->pages, mark_iommu_tables, d);
			return k->pages;
		}
		pages_close(k->pages);
		k->pages = NULL;
		if (!*k->no_pages)
			snprintf(k->no_pages, sizeof(k->no_pages), "%s",
				 strerror(-rc));
	}
	dump_fail(&e, ENOENT, "%s", k->no_pages);
	return NULL;
}

int dump_symbol(struct dump *d, const char *vmlinux, const char *name,
		u64 *virt, char *err, size_t err_len)
{
	struct dump_error e = { NULL, err, err_len };
	struct symbol s = { .name = name };
	char why[256] = "";
	struct dead_kernel *k;
	int rc = dead_of(d, vmlinux, &e, &k);

	*virt = 0;
	if (rc)
		return rc;
	e.path = name;
	if (dead_symbols(&k->k, &s, 1, why, sizeof(why)))
		return dump_fail(&e, ENOENT, "%s", why);
	if (!s.found || !s.addr)
		return dump_fail(&e, ENOENT, "no such symbol");
	*virt = s.addr;
	return 0;
}

const char *dump_virtual(struct dump *d, u64 virt, u64 *phys)
{
	struct vmcoreinfo v;
	struct kmem k;

	if (!vmcoreinfo_find(d->notes, d->notes_len, &v))
		return "no VMCOREINFO note says where the page tables are";
	if (kmem_open(&k, d, &v) || !kmem_phys(&k, virt, phys))
		return k.error;
	return NULL;
}
