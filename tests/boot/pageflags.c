// SPDX-License-Identifier: GPL-2.0-only
/*
 * pageflags DISK TRIGGER: what the running kernel says of each page, written
 * to DISK past the page cache; then the kernel dies by a "c" to TRIGGER.
 *
 * DISK gets a page with "pageflags", the number of pages and their size, all
 * of 8 bytes, then /proc/kpageflags and /proc/kpagecount, 8 bytes a page.
 * Memory is asked for before the kernel is, and nothing is between: what is
 * read is what the dump holds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROOM (32u << 20) /* of each file: 4 Mi pages */
#define HEAD 4096u

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int must_open(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		fail(path);
	return fd;
}

static size_t read_all(int fd, unsigned char *to)
{
	size_t len = 0;
	ssize_t n;

	while (len < ROOM && (n = read(fd, to + len, ROOM - len)) > 0)
		len += (size_t)n;
	return len;
}

int main(int argc, char **argv)
{
	uint64_t head[3] = { 0, 0, (uint64_t)sysconf(_SC_PAGESIZE) };
	int disk, trigger, flags, counts;
	unsigned char *at;
	size_t len, total;

	if (argc != 3)
		return 2;
	disk = must_open(argv[1], O_WRONLY | O_DIRECT);
	trigger = must_open(argv[2], O_WRONLY);
	flags = must_open("/proc/kpageflags", O_RDONLY);
	counts = must_open("/proc/kpagecount", O_RDONLY);
	at = mmap(NULL, HEAD + 2 * (size_t)ROOM, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (at == MAP_FAILED)
		fail("memory");
	memcpy(head, "kpgflags", 8);
	len = read_all(flags, at + HEAD);
	head[1] = len / 8;
	memcpy(at, head, sizeof(head));
	total = HEAD + len + read_all(counts, at + HEAD + len);
	total = (total + HEAD - 1) / HEAD * HEAD;
	if (write(disk, at, total) != (ssize_t)total)
		fail(argv[1]);
	if (write(trigger, "c", 1) != 1)
		fail(argv[2]);
	return 1;
}
