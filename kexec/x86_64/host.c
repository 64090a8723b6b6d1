// SPDX-License-Identifier: GPL-2.0-only
#include <asm/bootparam.h>
#include <cpuid.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>
#include "host.h"

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
	int fd = openat(m->root->dirfd, "proc/cpuinfo", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	char *flags, *mhz;

	if (fd >= 0)
		close(fd);
	if (len < 0) {
		lines_add(&m->warnings,
			  "/proc/cpuinfo: unreadable: taking no CPU feature "
			  "for granted");
		/* Rather refuse encrypted memory than write garbage. */
		m->sme = true;
		return;
	}
	buf[len] = 0;
	mhz = strstr(buf, "\ncpu MHz");
	mhz = mhz ? strchr(mhz, ':') : NULL;
	if (mhz)
		m->ticks_per_ms = (u64)(strtod(mhz + 1, NULL) * 1000);
	flags = strstr(buf, "\nflags");
	if (!flags)
		return;
	flags[1 + strcspn(flags + 1, "\n")] = 0;
	m->page_1g = has_word(flags, "pdpe1gb");
	m->sme = has_word(flags, "sme");
}

void host_read_arch(struct host *m)
{
	read_cpuinfo(m);
	/* Of a captured machine only the clock that it told is known. */
	if (m->root->live)
		m->ticks_per_ms = tsc_per_ms();
	if (m->boot_params_len < sizeof(struct boot_params)) {
		free(m->boot_params);
		m->boot_params = NULL;
		m->boot_params_len = 0;
		return;
	}
	memcpy(&m->rsdp,
	       m->boot_params + offsetof(struct boot_params, acpi_rsdp_addr),
	       sizeof(m->rsdp));
}
