// SPDX-License-Identifier: GPL-2.0-only
/* What is read of an arm64 machine alone: its device tree, PSCI, counter. */
#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "arm64.h"

#define FDT_PATH "sys/firmware/fdt"
#define FADT_PATH "sys/firmware/acpi/tables/FACP"
/* ACPI 6.5, 5.2.9 FADT: ARM_BOOT_ARCH */
#define FADT_ARM_BOOT_ARCH 129
#define FADT_PSCI BIT64(0)
#define FADT_PSCI_HVC BIT64(1)

/* CNTFRQ_EL0; Linux lets user space read it. */
static u64 counter_per_ms(void)
{
	u64 hz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz / 1000;
}

static void read_dtb(struct host *m)
{
	struct file *f = &m->arch->dtb;

	f->path = "/" FDT_PATH;
	f->data = (u8 *)sysroot_read(m->root, FDT_PATH, MIB(8), &f->len);
	if (!f->data)
		lines_add(&m->warnings, "/" FDT_PATH ": %s", strerror(errno));
}

/* Devicetree binding arm/psci.yaml */
static u32 psci_of_dtb(const struct file *f)
{
	const char *method;
	int len, node;

	if (!f->data || dt_check(f->data, f->len))
		return 0;
	node = fdt_path_offset(f->data, "/psci");
	method = node < 0 ? NULL : fdt_getprop(f->data, node, "method", &len);
	if (!method || len != 4)
		return 0;
	if (!memcmp(method, "smc", 4))
		return HANDOVER_PSCI_SMC;
	return !memcmp(method, "hvc", 4) ? HANDOVER_PSCI_HVC : 0;
}

static u32 psci_of_fadt(const struct host *m)
{
	size_t len = 0;
	u8 *t = (u8 *)sysroot_read(m->root, FADT_PATH, KIB(64), &len);
	u32 psci = 0;

	if (t && len >= FADT_ARM_BOOT_ARCH + 2 &&
	    t[FADT_ARM_BOOT_ARCH] & FADT_PSCI)
		psci = t[FADT_ARM_BOOT_ARCH] & FADT_PSCI_HVC
			       ? HANDOVER_PSCI_HVC
			       : HANDOVER_PSCI_SMC;
	free(t);
	return psci;
}

int arm64_host_read(struct host *m)
{
	m->arch = calloc(1, sizeof(*m->arch));
	if (!m->arch)
		return -1;
	/* a granule of 4 KiB has them on every CPU */
	m->page_max = GIB(1);
	m->page_size = (u32)sysconf(_SC_PAGESIZE);
	m->ticks_per_ms = counter_per_ms();
	read_dtb(m);
	m->arch->psci = psci_of_dtb(&m->arch->dtb);
	if (!m->arch->psci)
		m->arch->psci = psci_of_fadt(m);
	return 0;
}

void arm64_host_free(struct host *m)
{
	free(m->arch->dtb.data);
	free(m->arch);
}

void arm64_kcore_segment(struct host *m, u64 virt, u64 phys, u64 len)
{
	struct host_arch *a = m->arch;

	(void)len;
	for (u32 i = 0; i < a->maps; i++)
		if (a->map[i] == virt - phys)
			return;
	if (a->maps < LINEAR_MAPS_MAX)
		a->map[a->maps++] = virt - phys;
}

/* How to ask the firmware for a reset. */
u32 arm64_machine_flags(const struct host *m)
{
	return m->arch->psci;
}

/* A kernel that encrypts its memory can't be left by kexec yet (7.2). */
const struct obstacle *arm64_obstacle(const struct host *m)
{
	(void)m;
	return NULL;
}

void arm64_warn_of_running(const struct host *m, struct lines *warnings)
{
	(void)m;
	(void)warnings;
}
