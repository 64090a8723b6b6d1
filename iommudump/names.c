// SPDX-License-Identifier: GPL-2.0-only
/* Names of PCI devices: libpci looks them up in this machine's pci.ids. */
#include "names.h"

#ifdef HAVE_LIBPCI
#include <pci/pci.h>
#include <stdlib.h>

static void hush(char *message, ...)
{
	(void)message;
}

/*
 * Its file is read at the first name; it stays until the program ends. Names
 * take no access to this machine's PCI, so there is no pci_init(), which ends
 * the program where there is none, and would have set these functions.
 */
static struct pci_access *names(void)
{
	static struct pci_access *a;

	if (!a) {
		a = need(pci_alloc());
		a->warning = hush;
		a->debug = hush;
	}
	return a;
}

static const char *name(int what, int a, int b)
{
	static char buf[256];

	return pci_lookup_name(names(), buf, sizeof(buf),
			       what | PCI_LOOKUP_NO_NUMBERS, a, b);
}

void write_model(FILE *f, struct json_object *d)
{
	char *end;
	int vendor = (int)strtoul(get_text(d, "ids"), &end, 16);
	int device = *end ? (int)strtoul(end + 1, NULL, 16) : 0;
	const char *s = vendor ? name(PCI_LOOKUP_VENDOR, vendor, 0) : NULL;

	if (!s)
		return;
	fputs(s, f);
	s = name(PCI_LOOKUP_DEVICE, vendor, device);
	if (s)
		fprintf(f, " %s", s);
}

void write_kind(FILE *f, struct json_object *d)
{
	/* the last two digits are the programming interface */
	int class = (int)(strtoul(get_text(d, "class"), NULL, 16) >> 8);
	const char *s = name(PCI_LOOKUP_CLASS, class, 0);

	if (s)
		fputs(s, f);
}
#else
void write_model(FILE *f, struct json_object *d)
{
	(void)f;
	(void)d;
}

void write_kind(FILE *f, struct json_object *d)
{
	(void)f;
	(void)d;
}
#endif
