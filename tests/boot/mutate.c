// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutate ELFCOREHDR TIMES COMMAND: in a crash kernel, breaks the notes of the kernel
 * that died in its memory, a word or two at a time, or has an address in them, in
 * the ELF core header or in the tables that were left lead to where no memory is.
 * It puts the notes' checksums right, runs COMMAND, and puts all back. Prints how
 * often COMMAND was run. What becomes of it does not count: the kernel must not
 * stumble.
 */
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "iommu_notes.h"

#define REGIONS_MAX 64
#define PLACES_MAX 16384
#define PHDRS_MAX 8
/* Tables of ours lie in one piece of memory: so far apart at most. */
#define POOL_MAX MIB(4)
#define TABLE_ADDRESS 0x000ffffffffff000ULL

/*
 * Where no memory is: devices and holes of QEMU's machines (virt, q35), a
 * frame behind all memory, and one that no CPU reaches.
 */
static const u64 nowhere[] = {
	0,	    0x09000000, 0x09050000, 0x0b000000,	   0x20000000,
	0xb0000000, 0xfed90000, 0xfee00000, 0x3ffff000000, 1ULL << 43,
	1ULL << 51,
};

struct region {
	u8 *at;
	u64 phys, len;
};

/* An address that somebody follows: eight bytes of a region. */
struct place {
	size_t region;
	u64 off;
};

struct found {
	int fd;
	struct region r[REGIONS_MAX];
	size_t n;
	struct place at[PLACES_MAX];
	size_t places;
};

static u64 state = 0x9e3779b97f4a7c15ULL;

static u64 next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static u8 *map(int fd, u64 phys, u64 len)
{
	u64 off = phys % PAGE_4K;
	u8 *at = mmap(NULL, len + off, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      (off_t)(phys - off));

	if (at == MAP_FAILED) {
		perror("/dev/mem");
		exit(1);
	}
	return at + off;
}

static void add_region(struct found *f, u64 phys, u64 len)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->r[i].phys == phys)
			return;
	if (len && f->n < REGIONS_MAX)
		f->r[f->n++] =
			(struct region){ map(f->fd, phys, len), phys, len };
}

static void add_place(struct found *f, size_t region, const void *at)
{
	u64 off = (u64)((const u8 *)at - f->r[region].at);

	if (f->places < PLACES_MAX && off + 8 <= f->r[region].len)
		f->at[f->places++] = (struct place){ region, off };
}

/* --- what there is --- */

/* The headers themselves, and the segments with notes. */
static void find_notes(struct found *f, u64 phys)
{
	const Elf64_Ehdr *eh = (void *)map(f->fd, phys, PAGE_4K);
	const Elf64_Phdr *ph = (const void *)((const u8 *)eh + eh->e_phoff);

	add_region(f, phys, sizeof(*eh) + PHDRS_MAX * sizeof(*ph));
	for (u32 i = 0; i < eh->e_phnum; i++) {
		if (i < PHDRS_MAX)
			add_place(f, 0,
				  (const u8 *)eh + eh->e_phoff +
					  i * sizeof(*ph) +
					  offsetof(Elf64_Phdr, p_offset));
		if (ph[i].p_type == PT_NOTE)
			add_region(f, ph[i].p_offset, ph[i].p_memsz);
	}
}

/* The words that are set, and the tables of the same pool that they lead to. */
static void find_entries(struct found *f, u64 root)
{
	size_t first = f->n;

	add_region(f, root, PAGE_4K);
	for (size_t i = first; i < f->n; i++) {
		for (u64 off = 0; off < PAGE_4K; off += 8) {
			u64 word, to;

			memcpy(&word, f->r[i].at + off, sizeof(word));
			to = word & TABLE_ADDRESS;
			if (word)
				add_place(f, i, f->r[i].at + off);
			if (to >= root - root % POOL_MAX &&
			    to < root + POOL_MAX && f->n < first + 8)
				add_region(f, to, PAGE_4K);
		}
	}
}

static void find_in_record(struct found *f, size_t region,
			   const struct note_record *rec, const u8 *payload)
{
	struct rec_action action;
	struct rec_kept kept;

	if (rec->type == REC_KEPT) {
		note_struct(rec, payload, &kept, sizeof(kept));
		add_place(f, region, payload + offsetof(struct rec_kept, phys));
		add_region(f, kept.phys, kept.len);
	} else if (rec->type == REC_UNIT) {
		add_place(f, region,
			  payload + offsetof(struct rec_unit, reg_phys));
	} else if (rec->type == REC_ACTION) {
		note_struct(rec, payload, &action, sizeof(action));
		add_place(f, region,
			  payload + offsetof(struct rec_action,
					     result.root_after));
		find_entries(f, action.result.root_after & TABLE_ADDRESS);
	} else if (rec->type == REC_REGS) {
		for (u32 at = sizeof(struct rec_unit_ref);
		     at + sizeof(struct iommu_reg) <= rec->len;
		     at += sizeof(struct iommu_reg))
			add_place(f, region,
				  payload + at +
					  offsetof(struct iommu_reg, val));
	}
}

/* Regions are added behind, when a note leads to them. */
static void find_places(struct found *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct note_reader r = { .buf = f->r[i].at,
					 .len = f->r[i].len };
		struct note_record_reader records;
		struct note_record rec;
		struct note_head head;
		const u8 *payload;
		struct note n;
		u64 bad;

		while (i && note_next(&r, &n, &bad)) {
			if (note_check(&n, &head) != NOTE_VALID)
				continue;
			note_records(&records, &n);
			while (note_record_next(&records, &rec, &payload))
				find_in_record(f, i, &rec, payload);
		}
	}
}

/* --- breaking it --- */

/* Of all notes of ours whose head still makes sense. */
static void put_checksums(u8 *buf, u64 len)
{
	struct note_reader r = { .buf = buf, .len = len };
	struct note_head head;
	struct note n;
	u64 bad;

	while (note_next(&r, &n, &bad)) {
		u8 *desc = buf + (n.desc - buf);

		if (note_check(&n, &head) != NOTE_BAD_CRC)
			continue;
		head.crc = 0;
		memcpy(desc, &head, sizeof(head));
		head.crc = note_crc32(0, desc, head.len);
		memcpy(desc, &head, sizeof(head));
	}
}

static void mutate_words(u8 *buf, u64 len)
{
	static const u32 bad[] = { 0, 1, 0xff, 0xffff, 0x7fffffff, 0xffffffff };

	/* Most of a crash note is room: what is used comes first. */
	if (len > 1024)
		len = 1024;
	for (u64 k = 1 + next_random() % 2; k; k--) {
		u64 at = next_random() % (len / 4) * 4;
		u64 pick = next_random() % 8;
		u32 word = pick < 6 ? bad[pick] : (u32)next_random();

		memcpy(buf + at, &word, sizeof(word));
	}
}

/* Bits that are no part of an address, as of an entry that is valid, stay. */
static void mutate_address(u8 *at)
{
	u64 word, pick = next_random() % ARRAY_SIZE(nowhere);

	memcpy(&word, at, sizeof(word));
	word = (word & ~TABLE_ADDRESS) | nowhere[pick];
	memcpy(at, &word, sizeof(word));
}

/*
 * Region by region, and in each one place after the other: those that come first
 * in a header, a note or a table are those that are looked at.
 */
static const struct place *next_place(const struct found *f)
{
	static size_t next[REGIONS_MAX], turn;

	for (;;) {
		size_t region = turn++ % f->n;

		for (size_t k = 0; k < f->places; k++) {
			size_t i = (next[region] + k) % f->places;

			if (f->at[i].region != region)
				continue;
			next[region] = i + 1;
			return &f->at[i];
		}
	}
}

/* One mutation, during which COMMAND runs. */
static bool mutate(const struct found *f, const char *command)
{
	const struct place *p = next_place(f);
	bool address = next_random() % 2;
	const struct region *one =
		&f->r[address ? p->region : next_random() % f->n];
	u8 *good = malloc(one->len), *copy = malloc(one->len);
	bool ran;

	memcpy(good, one->at, one->len);
	memcpy(copy, good, one->len);
	if (address)
		mutate_address(copy + p->off);
	else
		mutate_words(copy, one->len);
	put_checksums(copy, one->len);
	memcpy(one->at, copy, one->len);
	ran = system(command) != -1;
	memcpy(one->at, good, one->len);
	free(good);
	free(copy);
	return ran;
}

int main(int argc, char **argv)
{
	struct found f = { .fd = open("/dev/mem", O_RDWR) };
	unsigned long times, ran = 0;

	if (argc != 4 || f.fd < 0) {
		fprintf(stderr, "mutate: no /dev/mem, or wrong arguments\n");
		return 1;
	}
	find_notes(&f, strtoull(argv[1], NULL, 0));
	find_places(&f);
	if (!f.places)
		return 1;
	printf("@@ mutate %zu regions %zu addresses\n", f.n, f.places);
	fflush(stdout);
	for (times = strtoul(argv[2], NULL, 10); times; times--)
		ran += mutate(&f, argv[3]);
	printf("@@ mutated %lu\n", ran);
	return 0;
}
