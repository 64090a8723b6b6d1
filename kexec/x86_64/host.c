// SPDX-License-Identifier: GPL-2.0-only
/* What is read of a PC alone: CPU, boot parameters, EFI. */
#include <asm/bootparam.h>
#include <cpuid.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>
#include "cmdline_words.h"
#include "pc.h"

/* text lies above, the linear map below (__START_KERNEL_map) */
#define KERNEL_MAP 0xffffffff80000000ULL
#define NS_PER_MS 1000000
#define MEASURE_NS (2 * NS_PER_MS)

static u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (u64)t.tv_sec * 1000000000 + (u64)t.tv_nsec;
}

static u64 measure_tsc(void)
{
	u64 start = now_ns(), tsc = __rdtsc(), ns;

	do
		ns = now_ns() - start;
	while (ns < MEASURE_NS);
	return (__rdtsc() - tsc) * NS_PER_MS / ns;
}

/* CPUID 15H: TSC = crystal * EBX / EAX (Intel SDM vol. 2A, CPUID) */
static u64 tsc_per_ms(void)
{
	u32 den = 0, num = 0, hz = 0, unused;

	if (__get_cpuid(0x15, &den, &num, &hz, &unused) && den && num && hz)
		return (u64)hz * num / den / 1000;
	return measure_tsc();
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += len)
		if ((at == text || at[-1] == ' ') &&
		    (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

/*
 * The first CPU speaks for all. Only the beginning is read: the kernel makes
 * this file CPU by CPU, which takes long on a machine with hundreds.
 */
static void read_cpuinfo(struct host *m)
{
	char buf[8192];
	char *flags, *mhz;

	if (!sysroot_head(m->root, "proc/cpuinfo", buf, sizeof(buf))) {
		lines_add(&m->warnings,
			  "/proc/cpuinfo: unreadable: taking no CPU feature "
			  "for granted");
		/* Rather refuse encrypted memory than write garbage. */
		m->arch->sme = true;
		return;
	}
	mhz = strstr(buf, "\ncpu MHz");
	mhz = mhz ? strchr(mhz, ':') : NULL;
	if (mhz)
		m->ticks_per_ms = (u64)(strtod(mhz + 1, NULL) * 1000);
	flags = strstr(buf, "\nflags");
	if (!flags)
		return;
	flags[1 + strcspn(flags + 1, "\n")] = 0;
	if (has_word(flags, "pdpe1gb"))
		m->page_max = GIB(1);
	m->arch->sme = has_word(flags, "sme");
}

static void read_boot_params(struct host *m)
{
	struct host_arch *a = m->arch;
	size_t len = 0;

	a->boot_params = (u8 *)sysroot_read(
		m->root, "sys/kernel/boot_params/data", KIB(64), &len);
	if (len < sizeof(struct boot_params)) {
		free(a->boot_params);
		a->boot_params = NULL;
		return;
	}
	memcpy(&a->rsdp,
	       a->boot_params + offsetof(struct boot_params, acpi_rsdp_addr),
	       sizeof(a->rsdp));
}

int pc_host_read(struct host *m)
{
	m->arch = calloc(1, sizeof(*m->arch));
	if (!m->arch)
		return -1;
	m->page_max = MIB(2);
	read_cpuinfo(m);
	/* A captured machine's counter can't be measured: /proc/cpuinfo has it. */
	if (m->root->live)
		m->ticks_per_ms = tsc_per_ms();
	read_boot_params(m);
	m->arch->efi = !faccessat(m->root->dirfd, "sys/firmware/efi", F_OK, 0);
	if (m->arch->efi)
		pc_read_efi(m);
	return 0;
}

void pc_host_free(struct host *m)
{
	free(m->arch->boot_params);
	free(m->arch->efi_runtime.map);
	free(m->arch);
}

void pc_kcore_segment(struct host *m, u64 virt, u64 phys, u64 len)
{
	if (virt >= KERNEL_MAP) {
		m->layout.text = (struct span){ phys, len };
		m->layout.text_virt = virt;
	} else if (!m->layout.page_offset) {
		m->layout.page_offset = virt - phys;
	}
}

u32 pc_machine_flags(const struct host *m)
{
	(void)m;
	return 0;
}

int pc_layout(struct kernel_layout *l, const struct host *m,
	      const struct facts *f, struct error *e)
{
	(void)f;
	(void)e;
	*l = m->layout;
	return 0;
}

const struct obstacle *pc_obstacle(const struct host *m)
{
	static const struct obstacle sme = {
		"mem_encrypt=on (SME)",
		"the crash kernel would read our notes as if they were "
		"encrypted, the purgatory the IOMMU's tables as if they were "
		"not",
	};
	char value[16];

	return m->arch->sme &&
			       cmdline_last(m->cmdline, "mem_encrypt", value,
					    sizeof(value)) &&
			       !strcmp(value, "on")
		       ? &sme
		       : NULL;
}

static bool older_than(const char *release, u32 major, u32 minor)
{
	char *end;
	unsigned long a = strtoul(release, &end, 10), b = 0;

	if (*end == '.')
		b = strtoul(end + 1, NULL, 10);
	return a < major || (a == major && b < minor);
}

void pc_warn_of_running(const struct host *m, struct lines *warnings)
{
	if (older_than(m->release, 5, 6))
		lines_add(warnings,
			  "this kernel is %s: before 5.6 one may use the low "
			  "1 MiB, which the crash kernel overwrites",
			  m->release);
}
