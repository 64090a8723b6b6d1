// SPDX-License-Identifier: GPL-2.0-only
/* What is known of pages whose struct page says nothing: a hash by frame. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

#define MARKS_FIRST 4096u
/* 128 GiB of such pages, in a hash of 1 GiB. */
#define MARKS_MAX (1u << 25)
#define NAMES_MAX MIB(16)

static struct mark *slot(const struct marks *m, u64 frame)
{
	/* Fibonacci hashing: neighbours spread. */
	size_t i = (size_t)(frame * 0x9e3779b97f4a7c15ULL >> 20) &
		   (m->room - 1);

	while (m->slot[i].frame && m->slot[i].frame != frame + 1)
		i = (i + 1) & (m->room - 1);
	return &m->slot[i];
}

static bool grow(struct marks *m)
{
	struct marks bigger = *m;

	bigger.room = m->room ? 2 * m->room : MARKS_FIRST;
	bigger.slot = calloc(bigger.room, sizeof(*bigger.slot));
	if (!bigger.slot) {
		m->rc = -ENOMEM;
		return false;
	}
	for (size_t i = 0; i < m->room; i++)
		if (m->slot[i].frame)
			*slot(&bigger, m->slot[i].frame - 1) = m->slot[i];
	free(m->slot);
	*m = bigger;
	return true;
}

bool mark(struct pages *p, u64 phys, u32 kind, u32 name)
{
	struct marks *m = &p->marks;
	struct mark *s;

	if (m->n >= MARKS_MAX) {
		m->full = true;
		return false;
	}
	if (2 * (m->n + 1) > m->room && !grow(m))
		return false;
	s = slot(m, phys >> p->shift);
	if (s->frame)
		return false;
	*s = (struct mark){ (phys >> p->shift) + 1, kind, name };
	m->n++;
	return true;
}

bool pages_mark(struct pages *p, u64 phys, u64 len, u32 kind)
{
	u64 page = BIT64(p->shift), at = align_down(phys, page);
	bool first = mark(p, at, kind, 0);

	while (len && at + page > at && at + page - phys < len && p->work) {
		p->work--;
		at += page;
		mark(p, at, kind, 0);
	}
	return first;
}

const struct mark *marked(const struct pages *p, u64 frame)
{
	const struct mark *s;

	if (!p->marks.room)
		return NULL;
	s = slot(&p->marks, frame);
	return s->frame ? s : NULL;
}

void mark_virtual(struct pages *p, u64 virt, u64 len, u32 kind, u32 name)
{
	u64 page = BIT64(p->shift), at = align_down(virt, page), phys;
	u64 end = virt + len;

	for (; at < end && at >= align_down(virt, page) && p->work;
	     at += page) {
		p->work--;
		if (p->k->phys(p->k, at, &phys))
			mark(p, phys, kind, name);
	}
}

u32 mark_name(struct pages *p, const char *name)
{
	struct marks *m = &p->marks;
	size_t len = strlen(name) + 1, room = m->names_room;
	u32 at = (u32)m->names_len;
	char *bigger;

	if (!m->names_len)
		at = 1; /* behind the empty one */
	if (at + len > NAMES_MAX)
		return 0;
	while (room < at + len)
		room = room ? 2 * room : 1024;
	if (room != m->names_room) {
		bigger = realloc(m->names, room);
		if (!bigger)
			return 0;
		m->names = bigger;
		m->names_room = room;
	}
	m->names[0] = '\0';
	memcpy(m->names + at, name, len);
	m->names_len = at + len;
	return at;
}

void marks_free(struct marks *m)
{
	free(m->slot);
	free(m->names);
	*m = (struct marks){ 0 };
}
