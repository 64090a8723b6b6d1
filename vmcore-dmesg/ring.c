// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lockless ring of Linux 5.10 and later. Descriptors, one a record, hold a
 * state and two logical positions, which only grow and are taken modulo the
 * size of the text ring; a text that does not fit before the ring's end stands
 * at its start (Linux: kernel/printk/printk_ringbuffer.c, the comment on top,
 * desc_read, get_data; .h: DESC_*, FAILED_LPOS).
 */
#include "dmesg.h"

#define ID_MASK MASK64(61, 0)
#define STATE_MASK MASK64(63, 62)
enum state {
	STATE_RESERVED = 0, /* a writer is at it, or it was never used */
	STATE_COMMITTED = 1,
	STATE_FINALIZED = 2,
	STATE_REUSABLE = 3,
};

/* A record without text has an odd position, twice. */
#define LPOS_DATALESS BIT64(0)
/* log_buf_len is at most 2^31 (LOG_BUF_LEN_MAX), a descriptor 32 of it. */
#define SIZE_BITS_MAX 31u
#define COUNT_BITS_MAX 26u
#define ID_BYTES 8u /* in front of each text, whose record it is */

struct ring {
	struct dmesg *m;
	u64 base;
	/* inside struct printk_ringbuffer */
	u64 desc_ring, text_ring;
	u64 count_bits, descs, infos, head_id, tail_id;
	u64 size_bits, data;
	/* inside an element */
	u64 desc_size, state_var, lpos, begin, next, counter;
	u64 info_size, ts_nsec, text_len;
	/* the values */
	u64 count, size, descs_at, infos_at, data_at, head, tail;
};

static bool ring_layout(struct ring *r)
{
	const struct dmesg_value values[] = {
		{ "OFFSET(printk_ringbuffer.desc_ring)", &r->desc_ring },
		{ "OFFSET(printk_ringbuffer.text_data_ring)", &r->text_ring },
		{ "OFFSET(prb_desc_ring.count_bits)", &r->count_bits },
		{ "OFFSET(prb_desc_ring.descs)", &r->descs },
		{ "OFFSET(prb_desc_ring.infos)", &r->infos },
		{ "OFFSET(prb_desc_ring.head_id)", &r->head_id },
		{ "OFFSET(prb_desc_ring.tail_id)", &r->tail_id },
		{ "OFFSET(prb_data_ring.size_bits)", &r->size_bits },
		{ "OFFSET(prb_data_ring.data)", &r->data },
		{ "SIZE(prb_desc)", &r->desc_size },
		{ "OFFSET(prb_desc.state_var)", &r->state_var },
		{ "OFFSET(prb_desc.text_blk_lpos)", &r->lpos },
		{ "OFFSET(prb_data_blk_lpos.begin)", &r->begin },
		{ "OFFSET(prb_data_blk_lpos.next)", &r->next },
		{ "OFFSET(atomic_long_t.counter)", &r->counter },
		{ "SIZE(printk_info)", &r->info_size },
		{ "OFFSET(printk_info.ts_nsec)", &r->ts_nsec },
		{ "OFFSET(printk_info.text_len)", &r->text_len },
	};

	return dmesg_layout(r->m, values, ARRAY_SIZE(values));
}

static bool ring_values(struct ring *r)
{
	const u64 desc = r->base + r->desc_ring, text = r->base + r->text_ring;
	u64 count_bits, size_bits;

	if (!dmesg_read(r->m, desc + r->count_bits, 4, &count_bits,
			"count_bits") ||
	    !dmesg_read(r->m, desc + r->descs, 8, &r->descs_at, "descs") ||
	    !dmesg_read(r->m, desc + r->infos, 8, &r->infos_at, "infos") ||
	    !dmesg_read(r->m, desc + r->head_id + r->counter, 8, &r->head,
			"head_id") ||
	    !dmesg_read(r->m, desc + r->tail_id + r->counter, 8, &r->tail,
			"tail_id") ||
	    !dmesg_read(r->m, text + r->size_bits, 4, &size_bits,
			"size_bits") ||
	    !dmesg_read(r->m, text + r->data, 8, &r->data_at, "data"))
		return false;
	if (!count_bits || count_bits > COUNT_BITS_MAX)
		return dmesg_problem(r->m, "count_bits is %llu, at most %u",
				     (unsigned long long)count_bits,
				     COUNT_BITS_MAX);
	if (size_bits <= 3 || size_bits > SIZE_BITS_MAX)
		return dmesg_problem(r->m, "size_bits is %llu, at most %u",
				     (unsigned long long)size_bits,
				     SIZE_BITS_MAX);
	r->count = BIT64(count_bits);
	r->size = BIT64(size_bits);
	r->head &= ID_MASK;
	r->tail &= ID_MASK;
	return true;
}

static bool bad_block(struct ring *r, u64 id, u64 begin, u64 next)
{
	return dmesg_problem(r->m,
			     "record 0x%llx: its text from 0x%llx to 0x%llx is "
			     "no block of a ring of 0x%llx bytes",
			     (unsigned long long)id, (unsigned long long)begin,
			     (unsigned long long)next,
			     (unsigned long long)r->size);
}

/*
 * Where a block of text lies. The block after one that ends with the ring
 * begins with the next wrap; kernels before 6.19 never let one end there.
 */
static bool find_block(struct ring *r, u64 id, u64 begin, u64 next, u64 *at,
		       u64 *len)
{
	const u64 index = r->size - 1;
	u64 wraps = (next & ~index) - (begin & ~index);

	if ((begin | next) % ID_BYTES)
		return bad_block(r, id, begin, next);
	*at = begin & index;
	if (!wraps && next > begin) {
		*len = next - begin;
	} else if (wraps == r->size && !(next & index)) {
		*len = r->size - *at;
	} else if (wraps == r->size) {
		*at = 0;
		*len = next & index;
	} else {
		return bad_block(r, id, begin, next);
	}
	return true;
}

/* Reads a record's text into m->text; what of it is missing gets a line. */
static bool read_text(struct ring *r, u64 id, u64 desc, u32 *len)
{
	u64 begin, next, at = 0, block = 0, owner;

	if (!dmesg_read(r->m, desc + r->lpos + r->begin, 8, &begin,
			"descriptor") ||
	    !dmesg_read(r->m, desc + r->lpos + r->next, 8, &next, "descriptor"))
		return false;
	if (begin & next & LPOS_DATALESS) {
		*len = 0;
		return true;
	}
	if (!find_block(r, id, begin, next, &at, &block) ||
	    !dmesg_read(r->m, r->data_at + at, ID_BYTES, &owner, "text"))
		return false;
	if (owner != id)
		return dmesg_problem(r->m,
				     "record 0x%llx: its text at 0x%llx is of "
				     "record 0x%llx",
				     (unsigned long long)id,
				     (unsigned long long)(r->data_at + at),
				     (unsigned long long)owner);
	if (*len > block - ID_BYTES) {
		dmesg_problem(r->m,
			      "record 0x%llx: %u bytes of text in a block of "
			      "%llu: cut",
			      (unsigned long long)id, *len,
			      (unsigned long long)(block - ID_BYTES));
		*len = (u32)(block - ID_BYTES);
	}
	at += r->data_at + ID_BYTES;
	if (!kmem_read(&r->m->mem, at, r->m->text, *len))
		return true;
	return dmesg_problem(r->m, "record 0x%llx: text at 0x%llx: %s",
			     (unsigned long long)id, (unsigned long long)at,
			     r->m->mem.error);
}

/*
 * Does the descriptor hold a record? Around the head there may be some that a
 * CPU had not yet taken into use: with the record of one turn before, given
 * back, or with nothing.
 */
static bool has_record(struct ring *r, u64 id, u64 state_var)
{
	u64 state = field(STATE_MASK, state_var), was = state_var & ID_MASK;

	if (was == id)
		return state == STATE_COMMITTED || state == STATE_FINALIZED;
	if (!state_var ||
	    (state == STATE_REUSABLE && was == ((id - r->count) & ID_MASK)))
		return false;
	return dmesg_problem(r->m,
			     "record 0x%llx: its descriptor is of record "
			     "0x%llx, state %llu",
			     (unsigned long long)id, (unsigned long long)was,
			     (unsigned long long)state);
}

static void put_record(struct ring *r, u64 id)
{
	u64 at = id & (r->count - 1), state_var, ts_nsec, text_len;
	u64 desc = r->descs_at + at * r->desc_size;
	u64 info = r->infos_at + at * r->info_size;
	u32 len;

	if (!dmesg_read(r->m, desc + r->state_var + r->counter, 8, &state_var,
			"descriptor") ||
	    !has_record(r, id, state_var) ||
	    !dmesg_read(r->m, info + r->ts_nsec, 8, &ts_nsec, "printk_info") ||
	    !dmesg_read(r->m, info + r->text_len, 2, &text_len, "printk_info"))
		return;
	len = (u32)text_len;
	if (read_text(r, id, desc, &len))
		dmesg_put(r->m, ts_nsec, len);
}

void dmesg_ring(struct dmesg *m)
{
	struct ring r = { .m = m };
	u64 n, i;

	if (!ring_layout(&r) || !dmesg_variable(m, "prb", 8, &r.base) ||
	    !ring_values(&r))
		return;
	n = ((r.head - r.tail) & ID_MASK) + 1;
	if (n > r.count) {
		dmesg_problem(m,
			      "records 0x%llx to 0x%llx do not fit into %llu "
			      "descriptors: the last ones only",
			      (unsigned long long)r.tail,
			      (unsigned long long)r.head,
			      (unsigned long long)r.count);
		n = r.count;
	}
	for (i = 0; i < n && !dmesg_hopeless(m); i++)
		put_record(&r, (r.head - (n - 1) + i) & ID_MASK);
}
