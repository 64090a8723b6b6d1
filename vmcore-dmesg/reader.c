// SPDX-License-Identifier: GPL-2.0-only
/* What the three readers share: looking up, saying what is wrong, printing. */
#include <stdarg.h>
#include "dmesg.h"

#define PROBLEMS_MAX 65536u
/* Of a structure; the kernel's own are below 200 bytes. */
#define LAYOUT_MAX 4096u
#define NSEC_PER_SEC 1000000000ULL

bool dmesg_problem(struct dmesg *m, const char *fmt, ...)
{
	va_list ap;

	if (m->problems++ >= DMESG_PROBLEMS_SHOWN)
		return false;
	fprintf(m->err, "vmcore-dmesg: %s: ", m->path);
	va_start(ap, fmt);
	vfprintf(m->err, fmt, ap);
	va_end(ap);
	fputc('\n', m->err);
	return false;
}

bool dmesg_hopeless(const struct dmesg *m)
{
	return m->problems >= PROBLEMS_MAX;
}

bool dmesg_layout(struct dmesg *m, const struct dmesg_value *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!vmcoreinfo_number(&m->info, v[i].key, v[i].val))
			return dmesg_problem(m, "VMCOREINFO: no %s", v[i].key);
		if (*v[i].val > LAYOUT_MAX)
			return dmesg_problem(
				m,
				"VMCOREINFO: %s=%llu: no structure is that "
				"large",
				v[i].key, (unsigned long long)*v[i].val);
	}
	return true;
}

bool dmesg_read(struct dmesg *m, u64 virt, u32 len, u64 *val, const char *what)
{
	*val = 0;
	if (!kmem_read(&m->mem, virt, val, len))
		return true;
	return dmesg_problem(m, "%s at 0x%llx: %s", what,
			     (unsigned long long)virt, m->mem.error);
}

bool dmesg_variable(struct dmesg *m, const char *name, u32 len, u64 *val)
{
	char key[64];
	u64 virt;

	snprintf(key, sizeof(key), "SYMBOL(%s)", name);
	if (!vmcoreinfo_hex(&m->info, key, &virt))
		return dmesg_problem(m, "VMCOREINFO: no %s", key);
	return dmesg_read(m, virt, len, val, name);
}

/*
 * ASCII, whatever the user's locale is. Of white space only what a line needs:
 * a terminal that gets a carriage return, or an escape sequence, would show
 * another log than the kernel's.
 */
static bool as_it_is(u8 c)
{
	return (c >= ' ' && c <= '~') || c == '\t' || c == '\n';
}

void dmesg_text(struct dmesg *m, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++) {
		if (as_it_is(m->text[i]))
			fputc(m->text[i], m->out);
		else
			fprintf(m->out, "\\x%02x", m->text[i]);
	}
}

void dmesg_put(struct dmesg *m, u64 ts_nsec, u32 len)
{
	m->records++;
	fprintf(m->out, "[%5llu.%06llu] ",
		(unsigned long long)(ts_nsec / NSEC_PER_SEC),
		(unsigned long long)(ts_nsec % NSEC_PER_SEC / 1000));
	dmesg_text(m, len);
	fputc('\n', m->out);
}
