/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of PCI devices by libpci, where it was there at build time. */
#ifndef NAMES_H
#define NAMES_H

#include "report.h"

/*
 * Of a device of a document, by its "ids" and "class": "Intel Corporation
 * 82574L Gigabit Network Connection" and "Ethernet controller". Nothing where
 * this machine's pci.ids does not know, or was not to be had.
 */
void write_model(FILE *f, struct json_object *d);
void write_kind(FILE *f, struct json_object *d);

#endif
