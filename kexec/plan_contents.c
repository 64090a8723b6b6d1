// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contents of segments that depend on where the others lie, and what the
 * purgatory is handed: command line, boot parameters, page tables, digest.
 */
#include <stdlib.h>
#include <string.h>
#include "cmdline.h"
#include "identity.h"
#include "image_digest.h"
#include "plan_work.h"

/* Reading old tables takes longer than a register's answer. */
#define CHECK_BUDGET_FACTOR 10
#define US_PER_MS 1000
/* --- struct handover, but for addresses --- */

int set_handover(struct work *w, struct error *e)
{
	const struct options *o = w->o;
	struct handover *ho = w->ho;

	*ho = (struct handover){
		.magic = HANDOVER_MAGIC,
		.version = HANDOVER_VERSION,
		.size = sizeof(*ho),
		.mode = w->plan->decisions.mode,
		.ticks_per_ms = w->in->host->ticks_per_ms,
		.budget_us = (u32)o->timeout_ms * US_PER_MS,
		.check_budget_us =
			(u32)o->timeout_ms * CHECK_BUDGET_FACTOR * US_PER_MS,
	};
	if (o->console_serial && !w->plan->file_load)
		ho->flags |= HANDOVER_CONSOLE_SERIAL;
	if (o->console_vga && !w->plan->file_load)
		ho->flags |= HANDOVER_CONSOLE_VGA;
	if (o->no_checks)
		ho->flags |= HANDOVER_SKIP_DIGEST;
	if (o->halt_on_digest)
		ho->flags |= HANDOVER_HALT_ON_DIGEST;
	if (w->plan->panic)
		ho->flags |= HANDOVER_PANIC;
	ho->flags |= kexec_arch.machine_flags(w->in->host);
	if (w->plan->file_load)
		ho->flags |= HANDOVER_MODULE;
	if (o->console_vga && !kexec_arch.has_vga)
		return fail(e, "--console-vga: this architecture has none");
	if (!o->console_serial || w->plan->file_load)
		return 0;
	return kexec_arch.set_serial(ho, w->in->host, o->serial,
				     (u32)o->serial_baud, e);
}

/* --- what depends on places --- */

static int fill_cmdline(struct work *w, u64 elfcorehdr, struct error *e)
{
	const struct host *m = w->in->host;
	char own[64];
	struct cmdline_request r = {
		.running = w->o->reuse_cmdline ? m->cmdline : NULL,
		.append = w->o->append,
		.crash = w->plan->panic,
		.mode = w->plan->decisions.mode,
		.vendors = facts_vendors(w->facts),
		.iommu_idle = kexec_arch.iommu_idle(w->facts),
		.elfcorehdr = elfcorehdr,
		.own = own,
		.max = w->image.cmdline_max,
	};

	kexec_arch.own_parameter(&w->image, m, own, sizeof(own));
	w->plan->command_line = cmdline_make(&r, &w->plan->notices, e);
	return w->plan->command_line ? 0 : -1;
}

static int fill_boot(struct work *w, const struct segment *handover,
		     struct error *e)
{
	struct segment *s =
		segments_find(&w->plan->segments, kexec_arch.boot_name);
	struct boot b = boot_of(w);

	/*
	 * The next kernel keeps off the handover segment: the notes are in it,
	 * and the tables that hold DMA. After kexec -e without an IOMMU mode
	 * nothing in it is needed any more.
	 */
	if (w->plan->panic || w->plan->decisions.mode != IOMMU_MODE_OFF) {
		memmap_cut(&w->map, handover->mem, handover->memsz, MEMORY_RAM);
		memmap_add(&w->map, handover->mem, handover->memsz,
			   MEMORY_RESERVED);
		memmap_tidy(&w->map);
		if (w->map.failed)
			return fail(e, "out of memory");
		b.keep = (struct span){ handover->mem, handover->memsz };
	}
	return kexec_arch.boot_build(&b, s->buf, s->bufsz, s->mem, e);
}

static int fill_identity(struct work *w, struct error *e)
{
	struct segment *s = segments_find(&w->plan->segments, "pgtable");
	struct identity_request r = identity_of(w);
	struct identity id;

	if (kexec_arch.identity_build(&id, &r, s->mem, e))
		return -1;
	memcpy(s->buf, id.bytes, s->bufsz);
	free(id.bytes);
	memcpy(w->ho->pgtable, id.root, sizeof(id.root));
	return 0;
}

static u32 digest_regions(const struct work *w, struct span *region)
{
	const struct segments *all = &w->plan->segments;
	u32 n = 0;

	for (u32 i = 0; i < all->n; i++)
		if (all->s[i].digest)
			region[n++] = (struct span){ all->s[i].mem,
						     all->s[i].digest };
	return n;
}

int fill_segments(struct work *w, struct error *e)
{
	struct segments *all = &w->plan->segments;
	struct segment *handover = segments_find(all, "handover");
	struct segment *kernel = segments_find(all, "kernel");
	struct span region[SEGMENTS_MAX];
	u32 n;
	u64 header = w->plan->panic && kexec_arch.elfcorehdr_parameter
			     ? handover->mem
			     : 0;

	if (fill_cmdline(w, header, e) || fill_boot(w, handover, e) ||
	    fill_identity(w, e))
		return -1;
	warn_of_table_form(w);
	n = digest_regions(w, region);
	if (handover_build(&w->handover, handover->buf, handover->mem, region,
			   n, w->ho, e))
		return -1;
	w->ho->entry = kernel->mem + w->image.entry;
	w->ho->entry_arg = segments_find(all, kexec_arch.boot_name)->mem;
	w->plan->entry = segments_find(all, "purgatory")->mem;
	return 0;
}

/* --- sealing --- */

static const struct segment *segment_at(const struct plan *p, u64 mem)
{
	for (u32 i = 0; i < p->segments.n; i++)
		if (p->segments.s[i].mem == mem)
			return &p->segments.s[i];
	return NULL;
}

void plan_seal(struct plan *p)
{
	struct segment *purgatory = segments_find(&p->segments, "purgatory");
	struct segment *seg = segments_find(&p->segments, "handover");
	const struct purgatory_header *h = (void *)purgatory->buf;
	struct handover *ho = (void *)(purgatory->buf + h->handover);
	const u8 *plan = seg->buf + (ho->plan.start - seg->mem);
	const struct span *region = (const void *)(plan + ho->regions.offset);
	struct sha256_way way = sha256_way(0);
	struct image_digest digest;

	image_digest_init(&digest, &way);
	for (u32 i = 0; i < ho->regions.n; i++)
		image_digest_region(&digest,
				    segment_at(p, region[i].start)->buf,
				    region[i].len);
	image_digest_final(&digest, ho->digest);
	ho->crc = 0;
	ho->crc = note_crc32(note_crc32(0, ho, sizeof(*ho)), plan,
			     (u32)ho->plan.len);
}
