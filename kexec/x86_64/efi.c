// SPDX-License-Identifier: GPL-2.0-only
/* What a kernel that firmware does not start needs to know of EFI. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pc.h"

#define EFI_MAP_MAX 4096

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
	struct efi_range *r = &m->arch->efi_runtime.map[i];
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
	struct efi_runtime *efi = &m->arch->efi_runtime;
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

void pc_read_efi(struct host *m)
{
	char *systab =
		sysroot_read(m->root, "sys/firmware/efi/systab", KIB(4), NULL);

	/* The running kernel's loader may have left the RSDP out. */
	if (systab && !m->arch->rsdp)
		m->arch->rsdp = systab_value(systab, "ACPI20");
	if (systab && !m->arch->rsdp)
		m->arch->rsdp = systab_value(systab, "ACPI");
	read_efi_runtime(m, systab);
	free(systab);
}
