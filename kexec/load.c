// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "load.h"

#ifdef __x86_64__
#define KEXEC_ARCH KEXEC_ARCH_X86_64
#else
#define KEXEC_ARCH KEXEC_ARCH_AARCH64
#endif
static_assert(SEGMENTS_MAX <= KEXEC_SEGMENT_MAX, "linux/kexec.h");

static bool file_has(const struct sysroot *root, const char *path,
		     const char *word)
{
	char *text = sysroot_read(root, path, 256, NULL);
	bool has = text && strstr(text, word);

	free(text);
	return has;
}

/* EPERM has many causes: find out which. */
static const char *why_not_permitted(const struct sysroot *root)
{
	static const char lockdown[] = "sys/kernel/security/lockdown";

	if (geteuid())
		return "kexec must run as root";
	if (file_has(root, "proc/sys/kernel/kexec_load_disabled", "1"))
		return "the sysctl kernel.kexec_load_disabled is 1";
	if (file_has(root, lockdown, "[integrity]") ||
	    file_has(root, lockdown, "[confidentiality]"))
		return "the kernel is locked down (Secure Boot?): it takes "
		       "signed images only";
	return "no CAP_SYS_BOOT, or the sysctl kernel.kexec_load_limit_* is "
	       "used up";
}

static const char *why(int err, const struct sysroot *root)
{
	switch (err) {
	case EPERM:
		return why_not_permitted(root);
	case ENOSYS:
		return "the kernel has no kexec_load";
	case EBUSY:
		return "another kexec is at work";
	case EADDRNOTAVAIL:
		return "a segment lies outside the memory that may be used";
	case EINVAL:
		return "the kernel refused the segments (do they exceed half "
		       "of all memory?)";
	default:
		return strerror(err);
	}
}

static int kexec_load(u64 entry, u32 n, struct kexec_segment *s, u64 flags)
{
	return (int)syscall(SYS_kexec_load, entry, n, s, flags | KEXEC_ARCH);
}

int load_segments(const struct segments *all, u64 entry, bool panic,
		  const struct sysroot *root, struct error *e)
{
	struct kexec_segment s[SEGMENTS_MAX];

	for (u32 i = 0; i < all->n; i++)
		s[i] = (struct kexec_segment){
			.buf = all->s[i].buf,
			.bufsz = all->s[i].bufsz,
			.mem = (void *)all->s[i].mem,
			.memsz = all->s[i].memsz,
		};
	if (!kexec_load(entry, all->n, s, panic ? KEXEC_ON_CRASH : 0))
		return 0;
	return fail(e, "kexec_load: %s", why(errno, root));
}

int unload(bool panic, const struct sysroot *root, struct error *e)
{
	/* This also drops what kexec_file_load(2) loaded. */
	if (!kexec_load(0, 0, NULL, panic ? KEXEC_ON_CRASH : 0))
		return 0;
	return fail(e, "kexec unload failed: %s", why(errno, root));
}

int boot_loaded(bool sync_first, struct error *e)
{
	if (sync_first)
		sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	if (errno == EINVAL)
		return fail(e, "nothing is loaded to boot");
	return fail(e, "reboot(KEXEC): %s", strerror(errno));
}

int shut_down(struct error *e)
{
	execlp("shutdown", "shutdown", "-r", "now", NULL);
	return fail(e, "shutdown: %s", strerror(errno));
}

int loaded(bool panic, const struct sysroot *root, struct error *e)
{
	const char *path = panic ? "sys/kernel/kexec_crash_loaded"
				 : "sys/kernel/kexec_loaded";
	char *text = sysroot_read(root, path, 64, NULL);
	int is;

	if (!text)
		return fail(e, "/%s: %s", path, strerror(errno));
	is = *text == '1';
	free(text);
	return is;
}
