// SPDX-License-Identifier: GPL-2.0-only
/* Text -> a dump with a log in it; see dmesg_case.h. */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dmesg_case.h"

#define ROOT 0x1010000ULL /* the top table, in the image */
#define TABLES 0x2000000ULL
#define TABLES_END 0x2040000ULL
#define DATA_TOP 0x900000ULL
#define KERNEL_MAP 0xffffffff80000000ULL

static const struct area {
	const char *name;
	u64 virt, phys, len;
	u32 level; /* of the entries that map it */
} areas[AREAS] = {
	[AREA_IMAGE] = { "image", 0xffffffff9a000000, 0x1000000, 0x20000, 1 },
	[AREA_DESCS] = { "descs", 0xffff8d8000400000, 0x400000, 0x200000, 2 },
	[AREA_INFOS] = { "infos", 0xffff8d8040000000, 0x40000000, 0x200000, 3 },
	[AREA_DATA] = { "data", 0xffffb10000400000, 0, 0x10000, 1 },
};

/* In the image: variables, then struct printk_ringbuffer. */
static const char *const variables[] = {
	"prb",		"log_buf",	"log_buf_len", "log_first_idx",
	"log_next_idx", "logged_chars", "log_end",
};
#define PRB 0x2000u

/* Offsets that no kernel has: all must come from VMCOREINFO. */
static const struct {
	const char *key;
	u32 value;
} ring_layout[] = {
	{ "SIZE(printk_ringbuffer)", 128 },
	{ "OFFSET(printk_ringbuffer.desc_ring)", 16 },
	{ "OFFSET(printk_ringbuffer.text_data_ring)", 80 },
	{ "OFFSET(prb_desc_ring.count_bits)", 4 },
	{ "OFFSET(prb_desc_ring.descs)", 16 },
	{ "OFFSET(prb_desc_ring.infos)", 8 },
	{ "OFFSET(prb_desc_ring.head_id)", 24 },
	{ "OFFSET(prb_desc_ring.tail_id)", 40 },
	{ "SIZE(prb_desc)", 48 },
	{ "OFFSET(prb_desc.state_var)", 8 },
	{ "OFFSET(prb_desc.text_blk_lpos)", 24 },
	{ "SIZE(prb_data_blk_lpos)", 16 },
	{ "OFFSET(prb_data_blk_lpos.begin)", 8 },
	{ "OFFSET(prb_data_blk_lpos.next)", 0 },
	{ "SIZE(printk_info)", 96 },
	{ "OFFSET(printk_info.seq)", 8 },
	{ "OFFSET(printk_info.ts_nsec)", 16 },
	{ "OFFSET(printk_info.text_len)", 26 },
	{ "OFFSET(prb_data_ring.size_bits)", 0 },
	{ "OFFSET(prb_data_ring.data)", 8 },
	{ "OFFSET(atomic_long_t.counter)", 0 },
};
enum {
	DESC_SIZE = 48,
	DESC_STATE = 8,
	DESC_NEXT = 24,
	DESC_BEGIN = 32,
	INFO_SIZE = 96,
	INFO_SEQ = 8,
	INFO_TIME = 16,
	INFO_LEN = 26,
	LOG_SIZE = 24,
	LOG_LEN = 0,
	LOG_TEXT_LEN = 4,
	LOG_DICT_LEN = 6,
	LOG_TIME = 8,
};

#define ID_MASK MASK64(61, 0)
enum {
	RESERVED,
	COMMITTED,
	FINALIZED,
	REUSABLE
};
#define FAILED_LPOS 1u
#define EMPTY_LINE_LPOS 3u

struct reader {
	struct dmesg_case *c;
	const char *path;
	unsigned int line;
	char *rest;
};

static void die(const struct reader *r, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", r->path, r->line, what);
	exit(99);
}

static u64 num(const struct reader *r, const char *s)
{
	char *end;
	u64 v = strtoull(s, &end, 0);

	if (*end || end == s)
		die(r, "not a number");
	return v;
}

/* --- memory --- */

static u8 *byte_at(struct dmesg_case *c, u64 phys)
{
	struct dump_case *d = &c->dump;
	u64 addr = align_down(phys, PAGE_4K);
	struct case_page *p;
	size_t i;

	for (i = 0; i < d->page_n && d->page[i].addr != addr; i++)
		;
	if (i == d->page_n) {
		if (i == CASE_PAGES)
			abort();
		p = array_grow(&d->page, &d->page_n, sizeof(*p));
		if (!p)
			abort();
		p->addr = addr;
	}
	return (u8 *)d->page[i].word + (phys - addr);
}

static u64 phys_of(enum area_name a, u64 off)
{
	if (off >= areas[a].len)
		abort();
	if (a != AREA_DATA)
		return areas[a].phys + off;
	return DATA_TOP - off / PAGE_4K * 2 * PAGE_4K + off % PAGE_4K;
}

static void put_bytes(struct dmesg_case *c, enum area_name a, u64 off,
		      const void *p, u64 len)
{
	const u8 *from = p;

	for (; len; len--)
		*byte_at(c, phys_of(a, off++)) = *from++;
}

static void put64(struct dmesg_case *c, enum area_name a, u64 off, u64 v)
{
	put_bytes(c, a, off, &v, sizeof(v));
}

static u64 get64(struct dmesg_case *c, enum area_name a, u64 off)
{
	u64 v;

	memcpy(&v, byte_at(c, phys_of(a, off)), sizeof(v));
	return v;
}

/* --- page tables --- */

static u64 *entry_of(struct dmesg_case *c, u64 table, u64 virt, u32 level)
{
	return (u64 *)byte_at(c, table + (virt >> (12 + 9 * (level - 1)) &
					  511) * 8);
}

static u64 *leaf_of(struct dmesg_case *c, u64 virt, u32 leaf)
{
	u64 table = ROOT, next;
	u32 level;

	for (level = c->five ? 5 : 4; level > leaf; level--) {
		next = *entry_of(c, table, virt, level) & MASK64(46, 12);
		if (!next) {
			next = c->tables;
			c->tables += PAGE_4K;
			*entry_of(c, table, virt, level) = next | c->sme | 0x63;
		}
		table = next;
	}
	return entry_of(c, table, virt, leaf);
}

static void map_area(struct dmesg_case *c, enum area_name name)
{
	const struct area *a = &areas[name];
	u64 off, step = BIT64(12 + 9 * (a->level - 1));
	/* NX and, in a large page, PS and PAT. */
	u64 bits = 0x63 | BIT64(63) | (a->level > 1 ? 0x80 | BIT64(12) : 0);

	for (off = 0; off < a->len; off += step)
		*leaf_of(c, a->virt + off, a->level) = phys_of(name, off) |
						       c->sme | bits;
}

static void map_all(struct dmesg_case *c)
{
	enum area_name a;

	for (a = 0; a < AREAS; a++)
		map_area(c, a);
}

/* --- VMCOREINFO --- */

static void info(struct dmesg_case *c, const char *key, const char *value)
{
	struct line *l;
	size_t i;

	for (i = 0; i < c->line_n; i++)
		if (!strcmp(c->line[i].key, key))
			break;
	if (i == c->line_n) {
		l = array_grow(&c->line, &c->line_n, sizeof(*l));
		if (!l)
			abort();
		l->key = strdup(key);
	}
	snprintf(c->line[i].value, sizeof(c->line[i].value), "%s", value);
}

static void info_number(struct dmesg_case *c, const char *key, const char *fmt,
			u64 value)
{
	char text[40];

	snprintf(text, sizeof(text), fmt, value);
	info(c, key, text);
}

static u64 variable(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variables); i++)
		if (!strcmp(variables[i], name))
			return 8 * i;
	return ~0ULL;
}

static void symbol(struct dmesg_case *c, const char *name, u64 value)
{
	char key[64];

	snprintf(key, sizeof(key), "SYMBOL(%s)", name);
	info_number(c, key, "%" PRIx64,
		    areas[AREA_IMAGE].virt + variable(name));
	put64(c, AREA_IMAGE, variable(name), value);
}

/* --- the ring --- */

static void do_ring(struct reader *r)
{
	struct dmesg_case *c = r->c;
	u32 count_bits, size_bits;
	u64 at, desc0;
	size_t i;

	if (sscanf(r->rest, "%u %u", &count_bits, &size_bits) != 2)
		die(r, "ring COUNT_BITS SIZE_BITS");
	map_all(c);
	c->count = BIT64(count_bits);
	c->size = BIT64(size_bits);
	c->head_lpos = -c->size;
	desc0 = -(c->count + 1) & ID_MASK;
	c->head = c->tail = desc0;
	for (i = 0; i < ARRAY_SIZE(ring_layout); i++)
		info_number(c, ring_layout[i].key, "%" PRIu64,
			    ring_layout[i].value);
	symbol(c, "prb", areas[AREA_IMAGE].virt + PRB);
	put64(c, AREA_IMAGE, PRB + 16 + 16, areas[AREA_DESCS].virt);
	put64(c, AREA_IMAGE, PRB + 16 + 8, areas[AREA_INFOS].virt);
	put64(c, AREA_IMAGE, PRB + 80 + 8, areas[AREA_DATA].virt);
	put_bytes(c, AREA_IMAGE, PRB + 16 + 4, &count_bits, 4);
	put_bytes(c, AREA_IMAGE, PRB + 80, &size_bits, 4);
	/* prb_init: the last descriptor, reusable and without text */
	at = (c->count - 1) * DESC_SIZE;
	put64(c, AREA_DESCS, at + DESC_STATE, (u64)REUSABLE << 62 | desc0);
	put64(c, AREA_DESCS, at + DESC_BEGIN, FAILED_LPOS);
	put64(c, AREA_DESCS, at + DESC_NEXT, FAILED_LPOS);
	for (at = 0; at < c->size; at += PAGE_4K)
		byte_at(c, phys_of(AREA_DATA, at));
	for (at = 0; at < c->count * INFO_SIZE; at += PAGE_4K)
		byte_at(c, phys_of(AREA_INFOS, at));
}

static u64 desc_of(const struct dmesg_case *c, u64 id)
{
	return (id & (c->count - 1)) * DESC_SIZE;
}

static void set_state(struct dmesg_case *c, u64 id, u64 state)
{
	put64(c, AREA_DESCS, desc_of(c, id) + DESC_STATE, state << 62 | id);
}

/* data_push_tail: records whose text would be overwritten are given up. */
static void ring_free(struct dmesg_case *c, u64 next_lpos)
{
	u64 id, begin;

	for (id = c->tail; id != c->head; id = (id + 1) & ID_MASK) {
		begin = get64(c, AREA_DESCS, desc_of(c, id) + DESC_BEGIN);
		if (!(begin & 1) && begin - (next_lpos - c->size) >= c->size)
			set_state(c, id, REUSABLE);
	}
}

/* data_alloc and get_next_lpos */
static void ring_text(struct dmesg_case *c, u64 id, const u8 *text, u64 len)
{
	u64 begin = c->head_lpos, size = align_up(len + 8, 8);
	u64 next = begin + size, mask = c->size - 1;
	u64 last = c->fits ? next - 1 : next, at = begin;

	if ((begin & ~mask) != (last & ~mask)) {
		at = next & ~mask;
		next = at + size;
	}
	ring_free(c, next);
	put64(c, AREA_DATA, begin & mask, id);
	put64(c, AREA_DATA, at & mask, id);
	put_bytes(c, AREA_DATA, (at & mask) + 8, text, len);
	put64(c, AREA_DESCS, desc_of(c, id) + DESC_BEGIN, begin);
	put64(c, AREA_DESCS, desc_of(c, id) + DESC_NEXT, next);
	c->head_lpos = next;
}

static void ring_put(struct dmesg_case *c, u64 ts, const u8 *text, u16 len,
		     u64 lpos)
{
	u64 id = (c->head + 1) & ID_MASK, info_at;

	if (((id - c->tail) & ID_MASK) == c->count)
		c->tail = (c->tail + 1) & ID_MASK;
	c->head = id;
	info_at = (id & (c->count - 1)) * INFO_SIZE;
	put64(c, AREA_INFOS, info_at + INFO_TIME, ts);
	put_bytes(c, AREA_INFOS, info_at + INFO_LEN, &len, 2);
	put64(c, AREA_DESCS, desc_of(c, id) + DESC_BEGIN, lpos);
	put64(c, AREA_DESCS, desc_of(c, id) + DESC_NEXT, lpos);
	if (!lpos)
		ring_text(c, id, text, len);
	set_state(c, id, FINALIZED);
}

static void do_state(struct reader *r)
{
	static const char *const names[] = { "reserved", "committed",
					     "finalized", "reusable" };
	u64 i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(r->rest, names[i])) {
			set_state(r->c, r->c->head, i);
			return;
		}
	die(r, "no such state");
}

static void do_fits(struct reader *r)
{
	r->c->fits = true;
}

/* --- log_buf --- */

static void do_log(struct reader *r)
{
	static const struct {
		const char *name;
		u32 value;
	} offsets[] = { { "ts_nsec", LOG_TIME },
			{ "len", LOG_LEN },
			{ "text_len", LOG_TEXT_LEN },
			{ "dict_len", LOG_DICT_LEN } };
	struct dmesg_case *c = r->c;
	char key[64], prefix[16];
	size_t i;

	if (sscanf(r->rest, "%" SCNi64 " %15s", &c->len, prefix) != 2)
		die(r, "log LEN PREFIX");
	map_all(c);
	snprintf(key, sizeof(key), "SIZE(%s)", prefix);
	info_number(c, key, "%" PRIu64, LOG_SIZE);
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		snprintf(key, sizeof(key), "OFFSET(%s.%s)", prefix,
			 offsets[i].name);
		info_number(c, key, "%" PRIu64, offsets[i].value);
	}
	symbol(c, "log_buf", areas[AREA_DATA].virt);
	symbol(c, "log_buf_len", c->len);
	symbol(c, "log_first_idx", 0);
	symbol(c, "log_next_idx", 0);
	for (i = 0; i < c->len; i += PAGE_4K)
		byte_at(c, phys_of(AREA_DATA, i));
}

/* log_next */
static void log_drop(struct dmesg_case *c)
{
	u64 len = get64(c, AREA_DATA, c->first + LOG_LEN) & 0xffff;

	if (!len) {
		c->first = 0;
		len = get64(c, AREA_DATA, LOG_LEN) & 0xffff;
	}
	c->first += len;
}

static bool log_has_room(const struct dmesg_case *c, u64 size, bool empty)
{
	u64 room = c->first - c->next;

	if (c->next > c->first || empty)
		room = c->len - c->next > c->first ? c->len - c->next
						   : c->first;
	return room >= size + LOG_SIZE;
}

/* log_store */
static void log_put(struct dmesg_case *c, u64 ts, const u8 *text, u16 len)
{
	static const char dict[] = "SUBSYSTEM=pci\0DEVICE=+pci:0000:00:04.0";
	static const u8 zeros[LOG_SIZE];
	u16 dict_len = sizeof(dict) - 1;
	u16 size = (u16)align_up(LOG_SIZE + len + dict_len, 4);
	bool empty = c->first == c->next && !c->end;

	while (!log_has_room(c, size, empty))
		log_drop(c);
	if (c->next + size + LOG_SIZE > c->len) {
		put_bytes(c, AREA_DATA, c->next, zeros, sizeof(zeros));
		c->next = 0;
	}
	put_bytes(c, AREA_DATA, c->next, zeros, sizeof(zeros));
	put_bytes(c, AREA_DATA, c->next + LOG_LEN, &size, 2);
	put_bytes(c, AREA_DATA, c->next + LOG_TEXT_LEN, &len, 2);
	put_bytes(c, AREA_DATA, c->next + LOG_DICT_LEN, &dict_len, 2);
	put64(c, AREA_DATA, c->next + LOG_TIME, ts);
	put_bytes(c, AREA_DATA, c->next + LOG_SIZE, text, len);
	put_bytes(c, AREA_DATA, c->next + LOG_SIZE + len, dict, dict_len);
	c->next += size;
	c->end++;
	put64(c, AREA_IMAGE, variable("log_first_idx"), c->first);
	put64(c, AREA_IMAGE, variable("log_next_idx"), c->next);
}

static void do_chars(struct reader *r)
{
	struct dmesg_case *c = r->c;
	u64 i;

	c->len = strtoull(r->rest, NULL, 0);
	c->chars = true;
	map_all(c);
	symbol(c, "log_buf", areas[AREA_DATA].virt);
	symbol(c, "log_buf_len", c->len);
	symbol(c, "logged_chars", 0);
	symbol(c, "log_end", 0);
	for (i = 0; i < c->len; i += PAGE_4K)
		byte_at(c, phys_of(AREA_DATA, i));
}

static void chars_put(struct dmesg_case *c, const u8 *text, u64 len)
{
	for (; len; len--, c->end++)
		put_bytes(c, AREA_DATA, c->end % c->len, text++, 1);
	put64(c, AREA_IMAGE, variable("log_end"), c->end);
}

/* --- records --- */

static void put_record(struct reader *r, u64 ts, const u8 *text, u64 len,
		       u64 lpos)
{
	struct dmesg_case *c = r->c;

	if (c->size)
		ring_put(c, ts, text, (u16)len, lpos);
	else if (c->chars)
		chars_put(c, text, len);
	else if (c->len)
		log_put(c, ts, text, (u16)len);
	else
		die(r, "no log to put it into");
}

static u64 seconds(struct reader *r)
{
	u64 s, frac = 0;
	int n = 0;

	if (sscanf(r->rest, "%" SCNu64 ".%9" SCNu64 "%n", &s, &frac, &n) != 2)
		die(r, "not S.NNNNNNNNN");
	r->rest += n;
	if (*r->rest == ' ')
		r->rest++;
	return s * 1000000000 + frac;
}

static void do_put(struct reader *r)
{
	u64 ts = seconds(r), len = 0;
	u8 text[1024];
	char *s;

	for (s = r->rest; *s; s++) {
		unsigned int v = (u8)*s;

		if (*s == '\\' && s[1] == 'x' && sscanf(s + 2, "%2x", &v) == 1)
			s += 3;
		else if (*s == '\\' && s[1] == 'n') {
			v = '\n';
			s++;
		} else if (*s == '\\')
			s++;
		text[len++] = (u8)v;
	}
	put_record(r, ts, text, len, 0);
}

static void do_fill(struct reader *r)
{
	u64 ts = seconds(r);
	unsigned int n;
	u8 *text;
	char ch;

	if (sscanf(r->rest, "%u %c", &n, &ch) != 2)
		die(r, "fill SECONDS N C");
	text = malloc(n + 1);
	memset(text, ch, n);
	put_record(r, ts, text, n, 0);
	free(text);
}

static void do_empty(struct reader *r)
{
	put_record(r, seconds(r), NULL, 0, EMPTY_LINE_LPOS);
}

static void do_lost(struct reader *r)
{
	put_record(r, seconds(r), NULL, 0, FAILED_LPOS);
}

/* --- breaking it --- */

static void ring_ids(struct dmesg_case *c)
{
	if (!c->size)
		return;
	put64(c, AREA_IMAGE, PRB + 16 + 24, c->head);
	put64(c, AREA_IMAGE, PRB + 16 + 40, c->tail);
}

static void do_set(struct reader *r)
{
	static const struct {
		const char *name;
		u32 at, len;
	} fields[] = {
		{ "head_id", 16 + 24, 8 },   { "tail_id", 16 + 40, 8 },
		{ "count_bits", 16 + 4, 4 }, { "size_bits", 80, 4 },
		{ "descs", 16 + 16, 8 },     { "infos", 16 + 8, 8 },
		{ "data", 80 + 8, 8 },
	};
	char name[32], value[32];
	size_t i;
	u64 v;

	if (sscanf(r->rest, "%31s %31s", name, value) != 2)
		die(r, "set NAME VALUE");
	v = num(r, value);
	ring_ids(r->c);
	if (variable(name) != ~0ULL) {
		put64(r->c, AREA_IMAGE, variable(name), v);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!strcmp(fields[i].name, name)) {
			put_bytes(r->c, AREA_IMAGE, PRB + fields[i].at, &v,
				  fields[i].len);
			if (i < 2)
				*(i ? &r->c->tail : &r->c->head) = v;
			return;
		}
	die(r, "nothing of that name");
}

static void do_desc(struct reader *r)
{
	char name[16], value[32];
	u64 n;

	if (sscanf(r->rest, "%" SCNu64 " %15s %31s", &n, name, value) != 3)
		die(r, "desc N FIELD VALUE");
	put64(r->c, AREA_DESCS,
	      n * DESC_SIZE + (name[0] == 's'	? DESC_STATE
			       : name[0] == 'b' ? DESC_BEGIN
						: DESC_NEXT),
	      num(r, value));
}

static void do_length(struct reader *r)
{
	u64 n, v;

	if (sscanf(r->rest, "%" SCNu64 " %" SCNi64, &n, &v) != 2)
		die(r, "length N VALUE");
	put_bytes(r->c, AREA_INFOS, n * INFO_SIZE + INFO_LEN, &v, 2);
}

static enum area_name area_at(struct reader *r, u64 *off, u64 *value)
{
	char name[16], at[32], val[32] = "0";
	enum area_name a;

	if (sscanf(r->rest, "%15s %31s %31s", name, at, val) < 2)
		die(r, "AREA OFFSET");
	*off = num(r, at);
	*value = num(r, val);
	for (a = 0; a < AREAS; a++)
		if (!strcmp(areas[a].name, name))
			return a;
	die(r, "no such area");
	return AREAS;
}

static void do_word(struct reader *r)
{
	u64 off, v = 0;
	enum area_name a = area_at(r, &off, &v);

	put64(r->c, a, off, v);
}

static void do_drop(struct reader *r)
{
	struct dump_case *d = &r->c->dump;
	u64 off, v, addr;
	enum area_name a = area_at(r, &off, &v);
	size_t i;

	addr = phys_of(a, off);
	byte_at(r->c, addr);
	for (i = 0; i < d->page_n; i++)
		if (d->page[i].addr == align_down(addr, PAGE_4K))
			d->page[i].drop = true;
}

static void do_unmap(struct reader *r)
{
	u64 off, v;
	enum area_name a = area_at(r, &off, &v);

	*leaf_of(r->c, areas[a].virt + off, areas[a].level) = 0x62;
}

static void do_info(struct reader *r)
{
	char *value = strchr(r->rest, '=');

	if (!value)
		die(r, "info KEY=VALUE");
	*value++ = 0;
	info(r->c, r->rest, value);
}

static void do_noinfo(struct reader *r)
{
	info(r->c, r->rest, "");
}

static void do_novmcoreinfo(struct reader *r)
{
	r->c->novmcoreinfo = true;
}

static void do_five(struct reader *r)
{
	r->c->five = true;
	info(r->c, "NUMBER(pgtable_l5_enabled)", "1");
}

static void do_sme(struct reader *r)
{
	r->c->sme = BIT64(strtoul(r->rest, NULL, 0));
	info_number(r->c, "NUMBER(sme_mask)", "%" PRIu64, r->c->sme);
}

static void do_headers(struct reader *r)
{
	r->c->headers = true;
	info(r->c, "SYMBOL(swapper_pg_dir)", "");
}

static const struct {
	const char *name;
	void (*run)(struct reader *r);
} lines[] = {
	{ "ring", do_ring },	   { "log", do_log },
	{ "chars", do_chars },	   { "put", do_put },
	{ "fill", do_fill },	   { "empty", do_empty },
	{ "lost", do_lost },	   { "state", do_state },
	{ "fits", do_fits },	   { "desc", do_desc },
	{ "length", do_length },   { "set", do_set },
	{ "word", do_word },	   { "drop", do_drop },
	{ "unmap", do_unmap },	   { "info", do_info },
	{ "noinfo", do_noinfo },   { "novmcoreinfo", do_novmcoreinfo },
	{ "five", do_five },	   { "sme", do_sme },
	{ "headers", do_headers },
};

static void take_line(struct reader *r, char *text)
{
	char *name = text;
	size_t i;

	text[strcspn(text, "\n")] = 0;
	if (!*text || *text == '#')
		return;
	r->rest = text + strcspn(text, " ");
	if (*r->rest)
		*r->rest++ = 0;
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(lines[i].name, name)) {
			lines[i].run(r);
			return;
		}
	die(r, "unknown line");
}

static void common_info(struct dmesg_case *c)
{
	info(c, "OSRELEASE", "6.1.0-test");
	info(c, "PAGESIZE", "4096");
	info_number(c, "SYMBOL(swapper_pg_dir)", "%" PRIx64,
		    areas[AREA_IMAGE].virt + ROOT - areas[AREA_IMAGE].phys);
	info_number(c, "NUMBER(phys_base)", "%" PRId64,
		    areas[AREA_IMAGE].phys -
			    (areas[AREA_IMAGE].virt - KERNEL_MAP));
}

/* The last line has no end, as CRASHTIME of real ones. */
static void join_info(struct dmesg_case *c)
{
	size_t i, at = 0;

	for (i = 0; i < c->line_n; i++)
		if (*c->line[i].value)
			at += (size_t)snprintf(c->vmcoreinfo + at,
					       sizeof(c->vmcoreinfo) - at,
					       "%s%s=%s", at ? "\n" : "",
					       c->line[i].key,
					       c->line[i].value);
	if (!c->novmcoreinfo)
		c->dump.vmcoreinfo = c->vmcoreinfo;
}

static int by_addr(const void *a, const void *b)
{
	const struct case_page *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

int dmesg_case_read(struct dmesg_case *c, const char *path)
{
	struct reader r = { .c = c, .path = path };
	FILE *f = fopen(path, "r");
	char text[1024];

	memset(c, 0, sizeof(*c));
	c->dump.nonotes = true;
	c->tables = TABLES;
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	common_info(c);
	while (fgets(text, sizeof(text), f)) {
		r.line++;
		take_line(&r, text);
	}
	fclose(f);
	ring_ids(c);
	join_info(c);
	qsort(c->dump.page, c->dump.page_n, sizeof(*c->dump.page), by_addr);
	return 0;
}

static u64 virt_of(u64 phys)
{
	enum area_name a;
	u64 off;

	for (a = 0; a < AREAS; a++)
		for (off = 0; off < areas[a].len; off += PAGE_4K)
			if (phys_of(a, off) == phys)
				return areas[a].virt + off;
	return 0;
}

struct bytes dmesg_case_write(struct dmesg_case *c, enum case_format f)
{
	struct bytes b = case_write(&c->dump, f);
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	u32 i;

	if (!c->headers || f != CASE_ELF)
		return b;
	memcpy(&eh, b.p, sizeof(eh));
	for (i = 0; i < eh.e_phnum; i++) {
		memcpy(&ph, b.p + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		ph.p_vaddr = virt_of(ph.p_paddr);
		memcpy(b.p + eh.e_phoff + i * sizeof(ph), &ph, sizeof(ph));
	}
	return b;
}

void dmesg_case_free(struct dmesg_case *c)
{
	size_t i;

	for (i = 0; i < c->line_n; i++)
		free(c->line[i].key);
	free(c->line);
	case_free(&c->dump);
}
