// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutate ELFCOREHDR TIMES COMMAND: in a crash kernel, breaks the notes of the kernel
 * that died in its memory, a word or two at a time, puts their checksums right,
 * runs COMMAND, and puts the notes back. Prints how often COMMAND was run. What
 * becomes of it does not count: the kernel must not stumble.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "iommu_notes.h"

#define SPANS_MAX 64

struct region {
	u8 *at;
	u64 len;
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

/* The segments with notes, and the headers themselves. */
static size_t find_regions(int fd, u64 phys, struct region *r)
{
	const Elf64_Ehdr *eh = (void *)map(fd, phys, PAGE_4K);
	const Elf64_Phdr *ph = (const void *)((const u8 *)eh + eh->e_phoff);
	size_t n = 0;

	r[n++] = (struct region){ (u8 *)eh, sizeof(*eh) + 8 * sizeof(*ph) };
	for (u32 i = 0; i < eh->e_phnum && n < SPANS_MAX; i++)
		if (ph[i].p_type == PT_NOTE && ph[i].p_memsz)
			r[n++] = (struct region){ map(fd, ph[i].p_offset,
						      ph[i].p_memsz),
						  ph[i].p_memsz };
	return n;
}

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

static void mutate(u8 *buf, u64 len)
{
	static const u32 bad[] = { 0, 1, 0xff, 0xffff, 0x7fffffff, 0xffffffff };

	for (u64 k = 1 + next_random() % 2; k; k--) {
		u64 at = next_random() % (len / 4) * 4;
		u64 pick = next_random() % 8;
		u32 word = pick < 6 ? bad[pick] : (u32)next_random();

		memcpy(buf + at, &word, sizeof(word));
	}
	put_checksums(buf, len);
}

int main(int argc, char **argv)
{
	struct region r[SPANS_MAX];
	int fd = open("/dev/mem", O_RDWR);
	unsigned long times, ran = 0;
	size_t n;

	if (argc != 4 || fd < 0) {
		fprintf(stderr, "mutate: no /dev/mem, or wrong arguments\n");
		return 1;
	}
	n = find_regions(fd, strtoull(argv[1], NULL, 0), r);
	for (times = strtoul(argv[2], NULL, 10); times; times--) {
		struct region *one = &r[next_random() % n];
		u8 *good = malloc(one->len), *copy = malloc(one->len);

		memcpy(good, one->at, one->len);
		memcpy(copy, good, one->len);
		/* Most of a crash note is room: what is used comes first. */
		mutate(copy, one->len > 1024 ? 1024 : one->len);
		memcpy(one->at, copy, one->len);
		ran += system(argv[3]) != -1;
		memcpy(one->at, good, one->len);
		free(good);
		free(copy);
	}
	printf("@@ mutated %lu\n", ran);
	return 0;
}
