// SPDX-License-Identifier: GPL-2.0-only
/*
 * badplan FILE WHAT: hands /dev/iommu_handover the plan in FILE, which kexec wrote
 * there in its place, with something in it that would harm a kernel that is
 * locked down, and the checksum right. Prints "@@ plan WHAT" and what came of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "handover_request.h"
#include "iommu_notes.h"

static struct handover_request *request;
static u8 *block;

static void *array(const struct handover_array *a)
{
	return block + request->h.plan.start + a->offset;
}

static void none(void)
{
}

/* Registers of a local APIC, say: no RAM, and nothing that may be read. */
static void device_as_ram(void)
{
	struct span *ram = array(&request->h.ram);

	ram[request->h.ram.n - 1] = (struct span){ 1ULL << 40, PAGE_4K };
}

static void all_as_ram(void)
{
	struct span *ram = array(&request->h.ram);

	ram[0] = (struct span){ 0, 1ULL << 40 };
	request->h.ram.n = 1;
}

/* The last one, which is the block, is checked apart. */
static void no_guard(void)
{
	struct span *guard = array(&request->h.guard);

	guard[0] = guard[request->h.guard.n - 1];
	request->h.guard.n = 1;
}

static void short_guard(void)
{
	struct span *guard = array(&request->h.guard);

	guard[0].len -= PAGE_4K;
}

static void no_block_guard(void)
{
	request->h.guard.n--;
}

static void pool_elsewhere(void)
{
	request->h.arena.start = request->memsz;
}

static void scratch_elsewhere(void)
{
	request->h.scratch = request->memsz + PAGE_4K;
}

static void unit_elsewhere(void)
{
	struct handover_unit *unit = array(&request->h.units);

	unit->reg_phys = 0xfee00000;
}

/*
 * The module writes to a unit's root what the unit has there: a guard's length in
 * that place would be another one than was checked. What is one range of requesters
 * then are the zeros that the block's guard begins with.
 */
static void guard_over_root(void)
{
	struct handover *h = &request->h;
	struct handover_unit *unit = array(&h->units);
	struct span *guard;

	h->ranges.offset =
		h->guard.offset + (h->guard.n - 1) * sizeof(struct span);
	h->ranges.n = 1;
	unit->range = 0;
	unit->range_n = 1;
	unit->root = 1ULL << 40;
	h->guard.offset =
		h->units.offset + offsetof(struct handover_unit, range_n);
	h->guard.n = 2;
	guard = array(&h->guard);
	guard[1] = (struct span){ 0 };
	/* Where the last guard lies now there were ranges, and the first RAM. */
	h->ram.offset += sizeof(struct span);
	h->ram.n--;
}

static const struct {
	const char *what;
	void (*f)(void);
} known[] = {
	{ "as-it-was", none },
	{ "device-as-ram", device_as_ram },
	{ "all-as-ram", all_as_ram },
	{ "no-guard", no_guard },
	{ "short-guard", short_guard },
	{ "no-block-guard", no_block_guard },
	{ "pool-elsewhere", pool_elsewhere },
	{ "scratch-elsewhere", scratch_elsewhere },
	{ "unit-elsewhere", unit_elsewhere },
	{ "guard-over-root", guard_over_root },
};

static void put_checksum(void)
{
	struct handover *h = &request->h;

	h->crc = 0;
	h->crc = note_crc32(note_crc32(0, h, sizeof(*h)), block + h->plan.start,
			    h->plan.len);
}

static size_t take_request(const char *path)
{
	const size_t room = sizeof(*request) + HANDOVER_BLOCK_MAX;
	int fd = open(path, O_RDONLY);
	ssize_t n;

	request = malloc(room);
	n = fd < 0 || !request ? -1 : read(fd, request, room);
	if (n < (ssize_t)sizeof(*request) ||
	    request->bytes > (u64)n - sizeof(*request)) {
		fprintf(stderr, "badplan: %s: no request\n", path);
		exit(1);
	}
	block = (u8 *)(request + 1);
	return sizeof(*request) + request->bytes;
}

static void hand_in(const char *what, size_t len)
{
	char line[128] = "";
	int fd = open("/dev/" HANDOVER_DEVICE, O_RDWR);
	int err = write(fd, request, len) == (ssize_t)len ? 0 : errno;

	if (err && pread(fd, line, sizeof(line) - 1, 0) > 0)
		line[strcspn(line, "\n")] = 0;
	printf("@@ plan %s: %s\n", what, err ? line : "taken");
	close(fd);
}

int main(int argc, char **argv)
{
	size_t i = 0;

	if (argc != 3)
		return 1;
	while (i < ARRAY_SIZE(known) && strcmp(known[i].what, argv[2]))
		i++;
	if (i < ARRAY_SIZE(known)) {
		size_t len = take_request(argv[1]);

		known[i].f();
		put_checksum();
		hand_in(argv[2], len);
	}
	return i == ARRAY_SIZE(known);
}
