// SPDX-License-Identifier: GPL-2.0-only
/* What kexec reads of the running kernel, on any architecture. */
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include "arch.h"

#define CPU_DIR "sys/devices/system/cpu"
#define CMDLINE_MAX KIB(64)
#define KCORE_PHDRS_MAX 4096

static int add_note(struct host *m, u64 start, u64 len)
{
	struct span *more = realloc(m->note, (m->note_n + 1) * sizeof(*more));

	if (!more)
		return -1;
	m->note = more;
	m->note[m->note_n++] = (struct span){ start, len };
	return 0;
}

static bool is_cpu(const char *name)
{
	return !strncmp(name, "cpu", 3) && isdigit((unsigned char)name[3]);
}

/*
 * One note area a CPU, whatever the numbering: CPUs that are not there have
 * no directory, or no crash_notes in it.
 */
static int read_cpu_notes(struct host *m)
{
	u64 addr, size = 0;
	size_t n = 0;
	char **name = sysroot_list(m->root, CPU_DIR, &n);
	int err = 0;

	for (size_t i = 0; name && i < n && !err; i++) {
		char path[128];

		snprintf(path, sizeof(path), CPU_DIR "/%s/crash_notes",
			 name[i]);
		if (!is_cpu(name[i]) || !host_number(m->root, path, 16, &addr))
			continue;
		snprintf(path, sizeof(path), CPU_DIR "/%s/crash_notes_size",
			 name[i]);
		/* Every CPU's has the size of the first. */
		if (!size && !host_number(m->root, path, 10, &size))
			size = 1024; /* kernels without the file */
		err = add_note(m, addr, size);
	}
	if (name)
		sysroot_list_free(name, n);
	if (!m->note_n)
		lines_add(&m->warnings,
			  "/" CPU_DIR ": no CPU has crash_notes: the dump will "
			  "have no registers");
	return err;
}

/* "0x1234000 1024": both hexadecimal, kernel/ksysfs.c vmcoreinfo_show */
static int read_vmcoreinfo(struct host *m)
{
	char *text = host_line(m->root, "sys/kernel/vmcoreinfo", 256);
	u64 addr, size;
	char *gap = text ? strchr(text, ' ') : NULL;
	int err = 0;

	if (gap)
		*gap++ = 0;
	if (gap && parse_u64(text, 16, &addr) && parse_u64(gap, 16, &size))
		err = add_note(m, addr, size);
	else
		lines_add(&m->warnings,
			  "/sys/kernel/vmcoreinfo: missing: makedumpfile can't "
			  "filter the dump");
	free(text);
	return err;
}

/*
 * The addresses that KASLR chose. Only the headers are read; since Linux
 * 4.19 they hold physical addresses too (fs/proc/kcore.c).
 */
static bool read_kcore(struct host *m, int fd)
{
	Elf64_Phdr p[64];
	Elf64_Ehdr eh;
	u64 at;

	if (pread(fd, &eh, sizeof(eh), 0) != sizeof(eh) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG) ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_phentsize != sizeof(*p))
		return false;
	at = eh.e_phoff;
	for (u32 i = 0; i < eh.e_phnum && i < KCORE_PHDRS_MAX;) {
		u32 n = eh.e_phnum - i;
		ssize_t len;

		if (n > ARRAY_SIZE(p))
			n = ARRAY_SIZE(p);
		len = pread(fd, p, n * sizeof(*p), (off_t)at);
		if (len != (ssize_t)(n * sizeof(*p)))
			return false;
		for (u32 j = 0; j < n; j++)
			/* p_paddr is all ones for what has no fixed place */
			if (p[j].p_type == PT_LOAD && p[j].p_paddr != ~0ULL)
				kexec_arch.kcore_segment(m, p[j].p_vaddr,
							 p[j].p_paddr,
							 p[j].p_memsz);
		at += (u64)len;
		i += n;
	}
	return !kexec_arch.kcore_has_text ||
	       (m->layout.text.len && m->layout.page_offset);
}

static void read_kernel_layout(struct host *m)
{
	int fd = openat(m->root->dirfd, "proc/kcore", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		lines_add(&m->warnings,
			  "/proc/kcore: %s: the dump will not say where the "
			  "kernel was mapped",
			  strerror(errno));
	else if (!read_kcore(m, fd))
		lines_add(&m->warnings,
			  "/proc/kcore: no segments for kernel text and RAM: "
			  "the dump will not say where the kernel was mapped");
	if (fd >= 0)
		close(fd);
}

int host_read(struct host *m, const struct sysroot *root, bool crash,
	      struct error *e)
{
	*m = (struct host){ .root = root };
	m->release = host_line(root, "proc/sys/kernel/osrelease", 256);
	m->cmdline = host_line(root, "proc/cmdline", CMDLINE_MAX);
	if (!m->cmdline)
		m->cmdline = strdup("");
	if (kexec_arch.host_read(m))
		return fail(e, "out of memory");
	if (root->live && getrandom(m->seed, sizeof(m->seed), GRND_NONBLOCK) ==
				  (ssize_t)sizeof(m->seed))
		m->seed_len = sizeof(m->seed);
	if (crash) {
		read_kernel_layout(m);
		if (read_cpu_notes(m) || read_vmcoreinfo(m))
			return fail(e, "out of memory");
	}
	return m->cmdline ? 0 : fail(e, "out of memory");
}

void host_free(struct host *m)
{
	free(m->release);
	free(m->cmdline);
	free(m->note);
	if (m->arch)
		kexec_arch.host_free(m);
	lines_free(&m->warnings);
	*m = (struct host){ 0 };
}
