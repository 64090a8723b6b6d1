/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reset by the firmware: PSCI SYSTEM_RESET (Arm DEN0022, section 5.10). Which
 * instruction reaches it the handover says. Where that is not known, or not
 * obeyed, the other one is tried: what does not know the call returns, what
 * does not exist traps, and start.c comes back here.
 */
#include "arm.h"

#define PSCI_SYSTEM_RESET 0x84000009u

static void try_conduit(struct arm *a, enum psci_conduit conduit)
{
	if (a->psci_done & 1u << conduit)
		return;
	a->psci_done |= 1u << conduit; /* not again, if it traps */
	a->psci(a, conduit, PSCI_SYSTEM_RESET);
}

void arm_reset(struct machine *m)
{
	struct arm *a = (struct arm *)m;
	/* Where there is an EL2 above us it is who answers SMC, too. */
	enum psci_conduit first =
		a->el2 || a->flags & HANDOVER_PSCI_SMC ? PSCI_SMC : PSCI_HVC;

	try_conduit(a, first);
	if (!a->el2)
		try_conduit(a, first == PSCI_SMC ? PSCI_HVC : PSCI_SMC);
}
