// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of iommudump check that ask what happened: faults, what the purgatory
 * did and found, which sources and notes could not be read.
 */
#include <errno.h>
#include <string.h>
#include "rules.h"

#define ULL(v) ((unsigned long long)(v))

/* Of a unit's records, those that say that something was refused. */
static size_t refused(const struct check *c, const struct crash_unit *u)
{
	struct iommu_fault f;
	size_t n = 0, k;

	for (k = 0; k < u->fault_n; k++)
		n += !view_fault(c->d, u->unit, &u->fault[k], &f) || !f.notice;
	return n;
}

void ask_faults(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	struct check_finding *o;
	struct iommu_fault f;
	size_t i, k, n;

	for (i = 0; i < x->unit_n; i++) {
		const struct crash_unit *u = &x->unit[i];

		n = refused(c, u);
		if (!n)
			continue;
		o = found(c, CHECK_WARNING, u->unit,
			  "faults were pending, %llu: requests that the unit "
			  "refused",
			  ULL(n));
		for (k = 0; k < u->fault_n; k++)
			if (view_fault(c->d, u->unit, &u->fault[k], &f) &&
			    !f.notice)
				found_requester(c, o, u->unit, f.requester);
	}
}

/* The page tables of kept entries stay where the dead kernel had them. */
static void found_kept(struct check *c, u32 unit, const struct iommu_result *s)
{
	if (!s->kept)
		return;
	advise(found(c, CHECK_NOTE, unit,
		     "%u entr%s kept (copy): a device whose own mappings reach "
		     "page tables could change them until the crash kernel "
		     "took over",
		     s->kept, s->kept == 1 ? "y was" : "ies were"),
	       "load with --iommu=sink where no device has to go on with its "
	       "DMA");
}

void ask_quiesce(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	size_t i;

	for (i = 0; i < x->unit_n; i++) {
		const struct rec_action *a = &x->unit[i].action;
		const struct iommu_result *s = &a->result;
		const char *mode = iommu_mode_name(a->mode);
		u32 unit = x->unit[i].unit;

		found_kept(c, unit, s);
		if (!x->unit[i].has_action)
			found(c, CHECK_WARNING, unit,
			      "what the %s did with it is not recorded",
			      crash_actor(x));
		else if (s->outcome == IOMMU_LEFT)
			found(c, CHECK_SERIOUS, unit, "left as it was (%s): %s",
			      mode, iommu_err_text(s->err));
		else if (s->outcome == IOMMU_PARTLY)
			found(c, CHECK_WARNING, unit,
			      "switched (%s), but on the way: %s", mode,
			      iommu_err_text(s->err));
		else if (s->outcome == IOMMU_READ_ONLY)
			found(c, CHECK_NOTE, unit,
			      "only read (%s): DMA went on after the crash",
			      mode);
		else if (s->outcome != IOMMU_DONE)
			found(c, CHECK_WARNING, unit, "an unknown outcome, %u",
			      s->outcome);
	}
}

/* Of what was refused to be kept. */
static enum check_severity entry_severity(u32 err)
{
	return err == IOMMU_ERESERVATION ? CHECK_SERIOUS
	       : err == IOMMU_ESTALE	 ? CHECK_NOTE
					 : CHECK_WARNING;
}

void ask_refused(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	struct check_finding *o;
	u32 unit, err;
	size_t i;

	for (unit = 0; unit < c->d->facts.unit_n; unit++)
		for (err = 1; err < IOMMU_ERR_N; err++)
			for (i = 0, o = NULL; i < x->entry_n; i++) {
				const struct rec_entry *e = &x->entry[i];

				if (e->unit != unit || e->evidence.err != err)
					continue;
				if (!o)
					o = found(c, entry_severity(err), unit,
						  "the %s found an entry "
						  "bad: %s",
						  crash_actor(x),
						  iommu_err_text(err));
				found_requester(c, o, unit,
						e->evidence.requester);
			}
}

/* Errors of a lookup that say what an entry is, not that it can't be told. */
static bool malformed(u32 err)
{
	return err == IOMMU_ERESERVED || err == IOMMU_EADDRESS ||
	       err == IOMMU_ELOOP || err == IOMMU_EFORM || err == IOMMU_EWIDTH;
}

void ask_malformed(struct check *c)
{
	struct check_finding *o;
	u32 unit;
	size_t i;

	for (unit = 0; unit < c->d->facts.unit_n; unit++) {
		size_t unread = 0;

		for (i = 0, o = NULL; i < c->entry_n; i++) {
			const struct check_entry *e = &c->entry[i];

			if (e->unit != unit)
				continue;
			unread += !!e->err;
			if (e->err || e->kind != IOMMU_KIND_BLOCKED ||
			    !malformed(e->ev.err))
				continue;
			if (!o)
				o = found(c, CHECK_WARNING, unit,
					  "malformed entry at 0x%llx: %s",
					  ULL(e->ev.where),
					  iommu_err_text(e->ev.err));
			found_requester(c, o, unit, e->requester);
		}
		if (unread)
			undecided(c, unit, "entries that can't be read: %llu",
				  ULL(unread));
	}
}

void ask_digest(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	const struct rec_purgatory *p = &x->purgatory;

	/* The kernel's own purgatory verifies what the module ran for. */
	if (!x->present || p->flags & PURGATORY_MODULE)
		return;
	if (p->flags & PURGATORY_DIGEST_SKIPPED)
		found(c, CHECK_WARNING, REC_NONE,
		      "the crash kernel's image was not verified");
	else if (!(p->flags & PURGATORY_DIGEST_OK))
		found(c, CHECK_SERIOUS, REC_NONE,
		      p->step >= STEP_VERIFY
			      ? "the crash kernel's image is not what was "
				"loaded: something wrote into it"
			      : "the purgatory did not come as far as to "
				"verify "
				"the crash kernel's image");
}

void ask_purgatory(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	const struct rec_purgatory *p = &x->purgatory;
	size_t i;

	if (!x->present && c->d->facts.tool)
		found(c, CHECK_WARNING, REC_NONE,
		      "no note of the crash: the state is that of the load, "
		      "and nothing was closed");
	if (!x->present && !c->d->facts.tool && !c->d->live)
		found(c, CHECK_WARNING, REC_NONE,
		      "no IOMMU notes: what became of DMA is not known");
	if (x->present && p->flags & PURGATORY_PLAN_BAD)
		found(c, CHECK_SERIOUS, REC_NONE, "the %s refused its plan: %s",
		      crash_actor(x), plan_err_text(p->plan_err));
	for (i = 0; i < x->trap_n; i++)
		found(c, CHECK_SERIOUS, x->trap[i].unit,
		      "the CPU trapped in the %s: vector %u at 0x%llx",
		      crash_actor(x), x->trap[i].vector, ULL(x->trap[i].pc));
}

void ask_notes(struct check *c)
{
	const struct dump *d = c->d;

	if (d->problems.n)
		found(c, CHECK_WARNING, REC_NONE,
		      "%llu problem%s with the notes, the first at offset "
		      "0x%llx: %s",
		      ULL(d->problems.n), plural(d->problems.n),
		      ULL(d->problems.list[0].offset),
		      d->problems.list[0].rule);
	if (d->crash.dropped)
		found(c, CHECK_WARNING, REC_NONE,
		      "%u record%s found no room in the note of the crash",
		      d->crash.dropped, plural(d->crash.dropped));
}

/* What would have it read the next time. */
static const char *source_advice(const char *source, const char *why)
{
	static const struct {
		const char *begins, *advice;
	} sources[] = {
		{ "proc/iomem", "record as root" },
		{ "proc/kcore",
		  "record as root, on a kernel with CONFIG_PROC_KCORE" },
		{ "sys/kernel/debug/", "mount debugfs; the kernel needs "
				       "CONFIG_IOMMU_DEBUGFS and its "
				       "vendor's option" },
		{ "sys/kernel/iommu_groups",
		  "turn the IOMMU's driver on: intel_iommu=on, or not "
		  "amd_iommu=off" },
		{ "sys/class/iommu",
		  "turn the IOMMU's driver on: intel_iommu=on, or not "
		  "amd_iommu=off" },
		{ "sys/firmware/",
		  "look at the firmware: a table that is missing means that "
		  "the "
		  "IOMMU is turned off there, one that is damaged asks for an "
		  "update" },
		{ "kallsyms", "give the dead kernel's vmlinux with --vmlinux" },
		{ "BTF", "give the dead kernel's vmlinux with --vmlinux" },
		{ "memory",
		  "save dumps with a makedumpfile that knows the kernel, or "
		  "leave out fewer pages (-d)" },
	};
	size_t i;

	if (strstr(why, strerror(EACCES)) || strstr(why, strerror(EPERM)))
		return "record as root";
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		if (!strncmp(source, sources[i].begins,
			     strlen(sources[i].begins)))
			return sources[i].advice;
	return "see what is said to be wrong with it";
}

void ask_missing(struct check *c)
{
	const struct facts *f = &c->d->facts;
	size_t i;

	for (i = 0; i < f->missing_n; i++)
		advise(found(c, CHECK_NOTE, REC_NONE, "%s was not read: %s",
			     f->missing[i].source, f->missing[i].why),
		       source_advice(f->missing[i].source, f->missing[i].why));
}
