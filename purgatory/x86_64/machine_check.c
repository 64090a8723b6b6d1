/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machine checks: Intel SDM volume 3, chapter 16. Bad memory may be why the
 * kernel died, and reading more of it must not be the end: while CR4.MCE is
 * clear, as Linux leaves it, or MCIP set, a machine check shuts the CPU down.
 * Like other traps it never goes back to the instruction, which would fail
 * for ever; each costs a recovery point, so that they end.
 */
#include "cpu.h"
#include "start.h"

/* Banks hold what happened until the next kernel logs it: only read here. */
static void read_bank(struct trap *trap)
{
	u32 banks = rdmsr(MSR_MCG_CAP) & MCG_CAP_COUNT, i;

	for (i = 0; i < banks; i++) {
		u64 status = rdmsr(MSR_MC0_STATUS + 4 * i);

		if (!(status & MCI_STATUS_VAL) || !(status & MCI_STATUS_UC))
			continue;
		trap->error = status;
		if (status & MCI_STATUS_ADDRV)
			trap->address = rdmsr(MSR_MC0_ADDR + 4 * i);
		return;
	}
}

static bool has_mca(void)
{
	const u32 want = CPUID_1_EDX_MCE | CPUID_1_EDX_MCA;

	return (cpuid(1, 0).edx & want) == want;
}

void machine_check_enable(void)
{
	if (!has_mca())
		return;
	/* Left set by a machine check that the dead kernel died of. */
	wrmsr(MSR_MCG_STATUS, 0);
	write_cr4(read_cr4() | CR4_MCE);
}

/* The next kernel has no gate for it yet. */
void machine_check_disable(void)
{
	write_cr4(read_cr4() & ~CR4_MCE);
}

void machine_check_taken(struct trap *trap)
{
	trap->error = 0;
	trap->address = 0;
	read_bank(trap);
	wrmsr(MSR_MCG_STATUS, 0);
}
