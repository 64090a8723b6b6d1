// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console of the purgatory: a PL011, or an 8250 in memory, where the
 * running kernel's driver says that it is (Documentation/ABI/testing/sysfs-tty).
 */
#include <stdio.h>
#include <string.h>
#include "arm64.h"

/* include/uapi/linux/serial_core.h, linux/serial.h */
#define PORT_8250_LAST 29
#define PORT_AMBA 32
#define UPIO_MEM 2
#define UPIO_MEM32 3

struct port {
	u64 base, type, io, shift;
};

static bool read_number(const struct host *m, const char *tty, const char *file,
			int base, u64 *val)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/class/tty/%.32s/%s", tty, file);
	return host_number(m->root, path, base, val);
}

/* Numbers are as the kernel prints them: iomem_base as 0x%llX. */
static bool read_port(const struct host *m, const char *tty, struct port *p)
{
	return read_number(m, tty, "iomem_base", 0, &p->base) && p->base &&
	       read_number(m, tty, "type", 10, &p->type) && p->type &&
	       read_number(m, tty, "io_type", 10, &p->io) &&
	       read_number(m, tty, "iomem_reg_shift", 10, &p->shift);
}

static int take_port(struct handover *ho, const char *tty, const struct port *p,
		     struct error *e)
{
	bool memory = p->io == UPIO_MEM || p->io == UPIO_MEM32;

	ho->serial_base = p->base;
	ho->flags |= HANDOVER_SERIAL_MMIO;
	if (p->type == PORT_AMBA) {
		ho->flags |= HANDOVER_SERIAL_PL011;
		return 0;
	}
	if (p->type <= PORT_8250_LAST && memory && p->shift == 2) {
		ho->flags |= HANDOVER_SERIAL_REG32;
		return 0;
	}
	if (p->type <= PORT_8250_LAST && p->io == UPIO_MEM && !p->shift)
		return 0;
	return fail(e,
		    "--serial=%s: neither a PL011 nor an 8250 in memory with "
		    "registers 1 or 4 bytes apart (type %llu, io_type %llu)",
		    tty, (unsigned long long)p->type,
		    (unsigned long long)p->io);
}

int arm64_set_serial(struct handover *ho, const struct host *m,
		     const char *name, u32 baud, struct error *e)
{
	static const char *const usual[] = { "ttyAMA0", "ttyS0" };
	struct port p;

	if (baud)
		return fail(e,
			    "--serial-baud=%u: not on this architecture, "
			    "the port's clock is not known: it stays as it "
			    "is set up",
			    baud);
	if (name && (strchr(name, '/') || !read_port(m, name, &p)))
		return fail(e,
			    "--serial=%s: /sys/class/tty has no serial port "
			    "in memory of that name",
			    name);
	for (size_t i = 0; !name && i < ARRAY_SIZE(usual); i++)
		if (read_port(m, usual[i], &p))
			name = usual[i];
	if (!name)
		return fail(e, "--console-serial: neither ttyAMA0 nor ttyS0 "
			       "is a serial port in memory: name another one "
			       "with --serial=");
	return take_port(ho, name, &p, e);
}

u32 arm64_console_spans(const struct handover *ho,
			struct span out[CONSOLE_SPANS_MAX])
{
	if (!(ho->flags & HANDOVER_CONSOLE_SERIAL))
		return 0;
	out[0] = (struct span){ ho->serial_base, PAGE_4K };
	return 1;
}
