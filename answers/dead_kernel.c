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

#include "answers.h"
#include "structures.h"
#include "kmem.h"

#define BTF_MAX MIB(64)
#define BUILD_ID_MAX 64

struct dead {
	struct kernel k;
	struct kmem mem;
	struct vmcoreinfo v;
	u8 *btf; /* read when first needed */
	size_t btf_len;
	struct vmlinux *vmlinux;
	u64 moved; /* by KASLR, from where vmlinux was linked to */
};

static int dead_read(struct kernel *k, u64 virt, void *buf, u32 len)
{
	struct dead *d = (struct dead *)k;
	int err = kmem_read(&d->mem, virt, buf, len);

	k->error = err ? d->mem.error : NULL;
	return err;
}

static bool dead_phys(struct kernel *k, u64 virt, u64 *phys)
{
	return kmem_phys(&((struct dead *)k)->mem, virt, phys);
}

static int dead_symbols(struct kernel *k, struct symbol *s, size_t n, char *why,
			size_t why_len)
{
	struct dead *d = (struct dead *)k;
	int rc;

	if (!d->vmlinux)
		return kallsyms_memory(k, &d->v, s, n, why, why_len);
	rc = vmlinux_symbols(d->vmlinux, s, n, why, why_len);
	for (size_t i = 0; !rc && i < n; i++)
		if (s[i].found)
			s[i].addr += d->moved;
	return rc;
}

static int read_btf(struct dead *d, char *why, size_t why_len)
{
	struct symbol s[] = { { .name = "__start_BTF" },
			      { .name = "__stop_BTF" } };
	int rc = d->k.symbols(&d->k, s, ARRAY_SIZE(s), why, why_len);

	if (rc)
		return rc;
	if (!s[0].addr || s[1].addr <= s[0].addr ||
	    s[1].addr - s[0].addr > BTF_MAX) {
		snprintf(why, why_len,
			 "it has no BTF: a kernel without "
			 "CONFIG_DEBUG_INFO_BTF");
		return -ENOENT;
	}
	d->btf_len = s[1].addr - s[0].addr;
	d->btf = malloc(d->btf_len);
	if (!d->btf) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	if (!kmem_read(&d->mem, s[0].addr, d->btf, (u32)d->btf_len))
		return 0;
	snprintf(why, why_len, "its BTF at 0x%llx: %s",
		 (unsigned long long)s[0].addr, d->mem.error);
	free(d->btf);
	d->btf = NULL;
	return -EIO;
}

static int btf_members(struct dead *d, struct member *m, size_t n, char *why,
		       size_t why_len)
{
	int rc = d->btf ? 0 : read_btf(d, why, why_len);

	return rc ? rc : members_btf(d->btf, d->btf_len, m, n, why, why_len);
}

static int dead_members(struct kernel *k, struct member *m, size_t n, char *why,
			size_t why_len)
{
	struct dead *d = (struct dead *)k;
	char no_btf[256];
	int rc;

	if (!d->vmlinux)
		return btf_members(d, m, n, why, why_len);
	rc = vmlinux_members(d->vmlinux, m, n, why, why_len);
	/* One that has symbols alone is of use, too. */
	if (rc && !btf_members(d, m, n, no_btf, sizeof(no_btf)))
		rc = 0;
	return rc;
}

static int dead_constants(struct kernel *k, struct constant *c, size_t n,
			  char *why, size_t why_len)
{
	struct dead *d = (struct dead *)k;
	int rc = d->btf ? 0 : read_btf(d, why, why_len);

	return rc ? rc : constants_btf(d->btf, d->btf_len, c, n, why, why_len);
}

/*
 * Only that kernel's own: by its build id, which VMCOREINFO has since 5.9. How
 * far KASLR moved it, the one symbol that both know tells.
 */
static int open_vmlinux(struct dead *d, const char *path, struct dump_error *e)
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
static int open_dead(struct dead *k, struct dump *d, const char *vmlinux,
		     struct dump_error *e)
{
	*k = (struct dead){
		.k = { .read = dead_read,
		       .phys = dead_phys,
		       .symbols = dead_symbols,
		       .members = dead_members,
		       .constants = dead_constants,
		       .memory_source = "memory",
		       .symbols_source = "kallsyms",
		       .members_source = "BTF",
		       .machine = dump_machine(d) },
	};
	e->path = "the kernel in the dump";
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

static void close_dead(struct dead *k)
{
	vmlinux_close(k->vmlinux);
	free(k->btf);
}

int dump_kernel(struct dump *d, const char *vmlinux, char *err, size_t err_len)
{
	struct dump_error e = { NULL, err, err_len };
	struct dead k;
	int rc = open_dead(&k, d, vmlinux, &e);

	if (!rc) {
		dump_forget(d);
		d->from_kernel = true;
		e.path = "the kernel in the dump";
		rc = kernel_facts(&k.k, &d->facts);
		if (rc)
			dump_fail(&e, -rc, "%s", strerror(-rc));
	}
	close_dead(&k);
	return rc;
}

struct dump_pages {
	struct dead k;
	struct pages *p;
};

int dump_pages_open(struct dump_pages **out, struct dump *d,
		    const char *vmlinux, char *err, size_t err_len)
{
	struct dump_error e = { NULL, err, err_len };
	struct dump_pages *dp = calloc(1, sizeof(*dp));
	char why[256] = "";
	int rc;

	*out = dp;
	if (!dp)
		return dump_fail(&e, ENOMEM, "out of memory");
	rc = open_dead(&dp->k, d, vmlinux, &e);
	if (rc)
		return rc;
	e.path = "the kernel in the dump";
	rc = pages_open(&dp->p, &dp->k.k, d->mem, &dp->k.v, &d->facts, why,
			sizeof(why));
	return rc ? dump_fail(&e, -rc, "%s", why) : 0;
}

void dump_pages_close(struct dump_pages *dp)
{
	if (!dp)
		return;
	pages_close(dp->p);
	close_dead(&dp->k);
	free(dp);
}

struct pages *dump_pages(struct dump_pages *dp)
{
	return dp->p;
}

int dump_symbol(struct dump *d, const char *vmlinux, const char *name,
		u64 *virt, char *err, size_t err_len)
{
	struct dump_error e = { NULL, err, err_len };
	struct symbol s = { .name = name };
	char why[256] = "";
	struct dead k;
	int rc = open_dead(&k, d, vmlinux, &e);

	if (!rc) {
		e.path = name;
		if (dead_symbols(&k.k, &s, 1, why, sizeof(why)))
			rc = dump_fail(&e, ENOENT, "%s", why);
		else if (!s.found || !s.addr)
			rc = dump_fail(&e, ENOENT, "no such symbol");
	}
	*virt = s.addr;
	close_dead(&k);
	return rc;
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
