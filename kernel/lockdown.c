// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is this kernel locked down? It is a file of its own because the kernel's header
 * has, from 7.2 on, names of SHA-256 that include/sha256.h has, too.
 */
#include <linux/security.h>

bool keeps_devices_from_root(void);

bool keeps_devices_from_root(void)
{
	return security_locked_down(LOCKDOWN_DEV_MEM);
}
