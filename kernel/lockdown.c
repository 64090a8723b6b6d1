// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is this kernel locked down? Apart from all else: from 7.2 on the kernel's header
 * has names of SHA-256 that are ours, too (include/sha256.h).
 */
#include <linux/security.h>

bool keeps_devices_from_root(void);

bool keeps_devices_from_root(void)
{
	return security_locked_down(LOCKDOWN_DEV_MEM);
}
