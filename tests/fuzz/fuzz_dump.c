// SPDX-License-Identifier: GPL-2.0-only
/* Dump files and their notes, down to what iommudump(8) asks of them. */
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"
#include "answers.h"

static bool each(void *arg, const struct view_entry *e)
{
	u32 *n = arg;

	FUZZ_RULE(e->domain.kind <= IOMMU_KIND_NESTED);
	return ++*n < 4096;
}

/* All questions, of a dump that may hold anything. */
static void ask(struct dump *d)
{
	struct span target = { 0x1000, 0x1000 };
	struct reach r;
	u32 out[16];
	u32 n, unit;
	size_t i;

	for (unit = 0; unit < d->facts.unit_n && unit < 4; unit++) {
		n = 0;
		view_entries(d, unit, VIEW_CRASH, each, &n);
		n = 0;
		view_entries(d, unit, VIEW_LOAD, each, &n);
		view_after(d, unit, 0x20);
	}
	for (i = 0; i < d->facts.device_n && i < 16; i++)
		FUZZ_RULE(view_requesters(d, i, out, ARRAY_SIZE(out)) <=
			  ARRAY_SIZE(out));
	memset(&r, 0, sizeof(r));
	if (!reach(d, &target, &r))
		FUZZ_RULE(r.hit_n <= REACH_HITS_MAX);
	reach_free(&r);
}

static int ask_files(const char *const *path, size_t n)
{
	char err[512] = "";
	struct dump d;
	u8 buf[64];

	memset(&d, 0, sizeof(d));
	if (dump_open_set(&d, path, n, err, sizeof(err))) {
		FUZZ_RULE(*err && !strchr(err, '\n'));
		return 0;
	}
	if (d.mem) {
		mem_read(d.mem, 0, buf, sizeof(buf));
		mem_read(d.mem, 0x1fc0, buf, sizeof(buf));
		mem_read(d.mem, ~0ULL - 16, buf, sizeof(buf));
	}
	ask(&d);
	/* And as if there were no notes. */
	if (!dump_kernel(&d, NULL, err, sizeof(err)))
		ask(&d);
	dump_close(&d);
	return 0;
}

static int open_and_ask(const u8 *data, size_t len)
{
	const char *path = fuzz_file(data, len);

	return ask_files(&path, 1);
}

/* Two parts of a split dump, the length of the first in front. */
int fuzz_split(const u8 *data, size_t len)
{
	const char *path[2];
	char second[32];
	u32 first;
	int fd;

	if (len < sizeof(first))
		return 0;
	memcpy(&first, data, sizeof(first));
	data += sizeof(first);
	len -= sizeof(first);
	first = first < len ? first : (u32)len;
	path[0] = fuzz_file(data, first);
	fd = memfd_create("fuzz", 0);
	if (fd < 0 ||
	    write(fd, data + first, len - first) != (ssize_t)(len - first))
		abort();
	snprintf(second, sizeof(second), "/proc/self/fd/%d", fd);
	path[1] = second;
	ask_files(path, 2);
	close(fd);
	return 0;
}

int fuzz_dump(const u8 *data, size_t len)
{
	return open_and_ask(data, len);
}

void fuzz_repair_notes(u8 *buf, size_t len)
{
	struct note_head head;
	size_t at;

	for (at = 0; at + sizeof(head) <= len; at += 4) {
		memcpy(&head, buf + at, sizeof(head));
		if (head.magic != NOTE_MAGIC || head.len > len - at)
			continue;
		head.crc = 0;
		memcpy(buf + at, &head, sizeof(head));
		head.crc = note_crc32(0, buf + at, head.len);
		memcpy(buf + at, &head, sizeof(head));
	}
}

int fuzz_notes(const u8 *data, size_t len)
{
	u8 *copy = fuzz_copy(data, len);

	fuzz_repair_notes(copy, len);
	open_and_ask(copy, len);
	free(copy);
	return 0;
}

/* Behind a first member's magic, as kexec appends notes to an initrd. */
int fuzz_cpio(const u8 *data, size_t len)
{
	static const char magic[] = "070701";
	u8 *copy = fuzz_copy(data, len);

	if (len >= strlen(magic)) {
		memcpy(copy, magic, strlen(magic));
		fuzz_repair_notes(copy, len);
		open_and_ask(copy, len);
	}
	free(copy);
	return 0;
}
