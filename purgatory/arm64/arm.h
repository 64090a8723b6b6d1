/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What console.c and reset.c need of an arm64 machine, as hooks: the real
 * ones are in machine.c, tests have their own.
 */
#ifndef PURGATORY_ARM64_ARM_H
#define PURGATORY_ARM64_ARM_H

#include "../console.h"

enum psci_conduit {
	PSCI_SMC,
	PSCI_HVC,
	PSCI_CONDUITS,
};

struct arm {
	struct machine m; /* first: the hooks cast */
	/* One call of the firmware; comes back when it was not obeyed. */
	void (*psci)(struct arm *a, enum psci_conduit conduit, u32 function);
	bool el2;      /* HVC would come to ourselves */
	u32 flags;     /* of the handover: HANDOVER_PSCI_* */
	u32 psci_done; /* bit by enum psci_conduit: tried */
};

/* For struct machine: its consoles, and its reset. */
#define ARM_CONSOLES 1
extern const struct console_device arm_consoles[ARM_CONSOLES];
void arm_reset(struct machine *m);

#endif
