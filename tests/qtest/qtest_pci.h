/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef QTEST_PCI_H
#define QTEST_PCI_H

#include "qtest.h"

u32 qtest_config_read(struct qtest *q, u16 bdf, u8 off);
void qtest_config_write(struct qtest *q, u16 bdf, u8 off, u32 val);

/*
 * What firmware would do: numbers the buses, opens windows, gives every edu
 * device its BAR, and notes where each sits and what its DMA carries.
 */
void qtest_pci_setup(struct qtest *q);

#endif
