// SPDX-License-Identifier: GPL-2.0-only
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
#include "host.h"

#define CPU_DIR "sys/devices/system/cpu"
#define CMDLINE_MAX KIB(64)
#define KCORE_PHDRS_MAX 4096
#define EFI_MAP_MAX 4096
/* kcore's text lies above, the linear map below (x86_64 __START_KERNEL_map) */
#define KERNEL_MAP 0xffffffff80000000ULL

static char *read_line(const struct sysroot *root, const char *path, size_t max)
{
	char *text = sysroot_read(root, path, max, NULL);

	if (text)
		text[strcspn(text, "\n")] = 0;
	return text;
}

bool host_number(const struct sysroot *root, const char *path, int base,
		 u64 *val)
{
	char *text = read_line(root, path, 256);
	bool ok;

	if (text)
		text[strcspn(text, " \t")] = 0;
	ok = text && parse_u64(text, base, val);
	free(text);
	return ok;
}

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
	char *text = read_line(m->root, "sys/kernel/vmcoreinfo", 256);
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

static void take_kcore_segment(struct host *m, const Elf64_Phdr *p)
{
	/* p_paddr is all ones for what has no fixed place (vmalloc) */
	if (p->p_type != PT_LOAD || p->p_paddr == ~0ULL)
		return;
	if (p->p_vaddr >= KERNEL_MAP) {
		m->text = (struct span){ p->p_paddr, p->p_memsz };
		m->text_virt = p->p_vaddr;
	} else if (!m->page_offset) {
		m->page_offset = p->p_vaddr - p->p_paddr;
	}
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
			take_kcore_segment(m, &p[j]);
		at += (u64)len;
		i += n;
	}
	return m->text.len && m->page_offset;
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

/* "NAME=0x..." of /sys/firmware/efi/systab; 0 when it has none. */
static u64 systab_value(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, name, len) && at[len] == '=')
			return strtoull(at + len + 1, NULL, 16);
	}
	return 0;
}

static bool read_efi_range(struct host *m, u32 i)
{
	struct efi_range *r = &m->efi_runtime.map[i];
	const struct {
		const char *name;
		u64 *val;
	} fields[] = {
		{ "type", &r->type },		{ "phys_addr", &r->phys },
		{ "virt_addr", &r->virt },	{ "num_pages", &r->pages },
		{ "attribute", &r->attribute },
	};

	for (size_t j = 0; j < ARRAY_SIZE(fields); j++) {
		char path[128];

		snprintf(path, sizeof(path),
			 "sys/firmware/efi/runtime-map/%u/%s", i,
			 fields[j].name);
		if (!host_number(m->root, path, 0, fields[j].val))
			return false;
	}
	return true;
}

/*
 * What a kernel that is not started by firmware needs to call it: the
 * runtime map, whose virtual addresses can be set only once per boot
 * (UEFI 2.10, 8.4).
 */
static void read_efi_runtime(struct host *m, const char *systab)
{
	struct efi_runtime *efi = &m->efi_runtime;
	size_t n = 0;
	char **name = sysroot_list(m->root, "sys/firmware/efi/runtime-map", &n);

	if (name)
		sysroot_list_free(name, n);
	if (!host_number(m->root, "sys/firmware/efi/fw_vendor", 0,
			 &efi->fw_vendor) ||
	    !host_number(m->root, "sys/firmware/efi/config_table", 0,
			 &efi->config_table) ||
	    !n || n > EFI_MAP_MAX)
		return;
	efi->smbios = systab_value(systab, "SMBIOS");
	efi->map = calloc(n, sizeof(*efi->map));
	for (u32 i = 0; efi->map && i < n; i++) {
		if (!read_efi_range(m, i)) {
			efi->map_n = 0;
			return;
		}
		efi->map_n = i + 1;
	}
}

static void read_efi(struct host *m)
{
	char *systab =
		sysroot_read(m->root, "sys/firmware/efi/systab", KIB(4), NULL);

	/* The running kernel's loader need not have told the RSDP. */
	if (systab && !m->rsdp)
		m->rsdp = systab_value(systab, "ACPI20");
	if (systab && !m->rsdp)
		m->rsdp = systab_value(systab, "ACPI");
	read_efi_runtime(m, systab);
	free(systab);
}

int host_read(struct host *m, const struct sysroot *root, bool crash,
	      struct error *e)
{
	*m = (struct host){ .root = root };
	m->release = read_line(root, "proc/sys/kernel/osrelease", 256);
	m->cmdline = read_line(root, "proc/cmdline", CMDLINE_MAX);
	if (!m->cmdline)
		m->cmdline = strdup("");
	m->efi = !faccessat(root->dirfd, "sys/firmware/efi", F_OK, 0);
	m->boot_params = (u8 *)sysroot_read(root, "sys/kernel/boot_params/data",
					    KIB(64), &m->boot_params_len);
	host_read_arch(m);
	if (m->efi)
		read_efi(m);
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
	free(m->boot_params);
	free(m->efi_runtime.map);
	lines_free(&m->warnings);
	*m = (struct host){ 0 };
}
