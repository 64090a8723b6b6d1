// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log before 5.10. Since 3.5 log_buf holds records, one behind the other:
 * struct printk_log ("log" before 3.11), text, dictionary, padding; a length
 * of 0 sends the reader to the buffer's start (Linux 5.9:
 * kernel/printk/printk.c, log_next). Before, it held characters.
 */
#include "dmesg.h"

/* LOG_BUF_LEN_MAX */
#define LOG_BUF_MAX BIT64(31)

struct log {
	struct dmesg *m;
	u64 buf, len;
	u64 head; /* sizeof(struct printk_log) */
	u64 ts_nsec, rec_len, text_len;
};

static bool log_layout(struct log *l)
{
	const struct dmesg_value now[] = {
		{ "SIZE(printk_log)", &l->head },
		{ "OFFSET(printk_log.ts_nsec)", &l->ts_nsec },
		{ "OFFSET(printk_log.len)", &l->rec_len },
		{ "OFFSET(printk_log.text_len)", &l->text_len },
	};
	const struct dmesg_value before[] = {
		{ "SIZE(log)", &l->head },
		{ "OFFSET(log.ts_nsec)", &l->ts_nsec },
		{ "OFFSET(log.len)", &l->rec_len },
		{ "OFFSET(log.text_len)", &l->text_len },
	};
	u64 size;

	if (vmcoreinfo_number(&l->m->info, before[0].key, &size))
		return dmesg_layout(l->m, before, ARRAY_SIZE(before));
	return dmesg_layout(l->m, now, ARRAY_SIZE(now));
}

static bool find_buffer(struct log *l)
{
	if (!dmesg_variable(l->m, "log_buf", 8, &l->buf) ||
	    !dmesg_variable(l->m, "log_buf_len", 4, &l->len))
		return false;
	if (l->len && l->len <= LOG_BUF_MAX)
		return true;
	return dmesg_problem(l->m, "log_buf_len is 0x%llx, at most 0x%llx",
			     (unsigned long long)l->len, LOG_BUF_MAX);
}

static bool bad_record(struct log *l, u64 at, u64 len, u64 text)
{
	return dmesg_problem(l->m,
			     "record at 0x%llx of log_buf: 0x%llx bytes, "
			     "0x%llx of them text, in a buffer of 0x%llx",
			     (unsigned long long)at, (unsigned long long)len,
			     (unsigned long long)text,
			     (unsigned long long)l->len);
}

/* Prints the record at *@at and goes to the next; false: there is no way on. */
static bool put_record(struct log *l, u64 *at)
{
	u64 ts, len, text, virt = l->buf + *at;

	if (l->head > l->len || *at > l->len - l->head)
		return bad_record(l, *at, l->head, 0);
	if (!dmesg_read(l->m, virt + l->rec_len, 2, &len, "record"))
		return false;
	if (!len) {
		*at = 0;
		return true;
	}
	if (!dmesg_read(l->m, virt + l->text_len, 2, &text, "record") ||
	    !dmesg_read(l->m, virt + l->ts_nsec, 8, &ts, "record"))
		return false;
	if (len < l->head || len > l->len - *at)
		return bad_record(l, *at, len, text);
	if (text > len - l->head) {
		bad_record(l, *at, len, text);
		text = len - l->head;
	}
	if (kmem_read(&l->m->mem, virt + l->head, l->m->text, (u32)text))
		dmesg_problem(l->m, "record at 0x%llx of log_buf: %s",
			      (unsigned long long)*at, l->m->mem.error);
	else
		dmesg_put(l->m, ts, (u32)text);
	*at += len;
	return true;
}

void dmesg_records(struct dmesg *m)
{
	struct log l = { .m = m };
	u64 at, end;
	bool wrapped;

	if (!log_layout(&l) || !find_buffer(&l) ||
	    !dmesg_variable(m, "log_first_idx", 4, &at) ||
	    !dmesg_variable(m, "log_next_idx", 4, &end))
		return;
	/* Once round at most: forward, back to 0, forward to the end. */
	wrapped = at < end;
	while (at != end && !dmesg_hopeless(m)) {
		u64 was = at;

		if (!put_record(&l, &at))
			return;
		if (at > was && (!wrapped || at <= end))
			continue;
		if (at || wrapped) {
			dmesg_problem(m,
				      "the records of log_buf lead past "
				      "log_next_idx, 0x%llx",
				      (unsigned long long)end);
			return;
		}
		wrapped = true;
	}
}

/* The reader may not see more than was written, nor more than is kept. */
void dmesg_characters(struct dmesg *m)
{
	struct log l = { .m = m };
	u64 end, at, left, part;

	if (!find_buffer(&l) || !dmesg_variable(m, "log_end", 4, &end))
		return;
	left = end < l.len ? end : l.len;
	for (at = (end - left) % l.len; left; at = (at + part) % l.len) {
		part = left < sizeof(m->text) ? left : sizeof(m->text);
		if (part > l.len - at)
			part = l.len - at;
		if (kmem_read(&m->mem, l.buf + at, m->text, (u32)part)) {
			dmesg_problem(m, "log_buf at 0x%llx: %s",
				      (unsigned long long)(l.buf + at),
				      m->mem.error);
			return;
		}
		dmesg_text(m, (u32)part);
		left -= part;
	}
}
