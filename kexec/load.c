// SPDX-License-Identifier: GPL-2.0-only
/* System calls, and why the kernel refuses them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "arch.h"
#include "load.h"

static_assert(SEGMENTS_MAX <= KEXEC_SEGMENT_MAX, "linux/kexec.h");

/* Newer than the headers that this builds with. */
#ifndef KEXEC_FILE_DEBUG
#define KEXEC_FILE_DEBUG 0x8 /* 6.12 has it, 6.1 not */
#endif
#ifndef KEXEC_FILE_NO_CMA
#define KEXEC_FILE_NO_CMA 0x10 /* 7.2 has it, 6.12 not */
#endif
#ifndef KEXEC_FILE_FORCE_DTB
#define KEXEC_FILE_FORCE_DTB 0x20 /* likewise */
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8u /* Linux 6.3 */
#endif

static bool file_has(const struct sysroot *root, const char *path,
		     const char *word)
{
	char *text = sysroot_read(root, path, 256, NULL);
	bool has = text && strstr(text, word);

	free(text);
	return has;
}

static bool locked_down(const struct sysroot *root)
{
	static const char lockdown[] = "sys/kernel/security/lockdown";

	return file_has(root, lockdown, "[integrity]") ||
	       file_has(root, lockdown, "[confidentiality]");
}

#define MODES_BY_MODULE                                                      \
	"every --iommu= but record and off needs the module iommu_handover " \
	"to be loaded"

/* EPERM has many causes: find out which. */
static const char *why_not_permitted(const struct sysroot *root, bool file_load)
{
	if (geteuid())
		return "kexec must run as root";
	if (file_has(root, "proc/sys/kernel/kexec_load_disabled", "1"))
		return "the sysctl kernel.kexec_load_disabled is 1";
	if (locked_down(root) && file_load)
		return "the kernel is locked down (Secure Boot?) and trusts no "
		       "signature of the image: sign it with a key that it "
		       "trusts, or enroll its key (mokutil --import)";
	if (locked_down(root))
		return "the kernel is locked down (Secure Boot?): it takes signed "
		       "images only, with -s or -a, where " MODES_BY_MODULE;
	return "no CAP_SYS_BOOT, or the sysctl kernel.kexec_load_limit_* is "
	       "used up";
}

static const char *why(int err, const struct sysroot *root)
{
	switch (err) {
	case EPERM:
		return why_not_permitted(root, false);
	case EACCES: /* ima_load_data() since Linux 5.0 */
		return "the integrity policy (IMA, Secure Boot) takes signed "
		       "images only, with -s or -a, where " MODES_BY_MODULE;
	case ENOSYS:
		return "the kernel has no such system call: -s, -a and -c choose "
		       "the other one; with kexec_file_load(2) " MODES_BY_MODULE;
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

/* Says why, and leaves @err as errno to the caller. */
static int failed(const char *what, int err, const struct sysroot *root,
		  struct error *e)
{
	fail(e, "%s: %s", what, why(err, root));
	errno = err;
	return -1;
}

static int kexec_load(u64 entry, u32 n, struct kexec_segment *s, u64 flags)
{
	return (int)syscall(SYS_kexec_load, entry, n, s,
			    flags | kexec_arch.load_flag);
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
	return failed("kexec_load", errno, root, e);
}

/* --- kexec_file_load(2) --- */

/* What verify_pefile_signature() and the keyrings return. */
static bool is_signature_error(int err)
{
	return err == ELIBBAD || err == EKEYREJECTED || err == ENOPKG ||
	       err == ENOKEY || err == EBADMSG || err == EMSGSIZE ||
	       err == ENODATA || err == EKEYEXPIRED || err == EKEYREVOKED;
}

static void why_file(int err, const struct sysroot *root, struct error *e)
{
	const char *text = NULL;

	if (is_signature_error(err))
		text = "the image's signature does not satisfy this kernel: "
		       "sign it with a key that the kernel trusts, or enroll "
		       "its key (mokutil --import)";
	else if (err == EPERM)
		text = why_not_permitted(root, true);
	else if (err == ENOSYS)
		text = "the kernel has no such system call: give -c or -a";
	else if (err == ENOEXEC || err == EINVAL)
		text = kexec_arch.file_refused;
	else if (err == EACCES)
		text = "the integrity policy (IMA) wants a signature on this "
		       "file";
	else if (err == EADDRNOTAVAIL || err == ENOMEM)
		text = "the memory for it is too small (crashkernel=?)";
	else if (err == EFBIG)
		text = "the kernel reads no file as large as this: give -c or "
		       "-a";
	else if (err == EBUSY)
		text = "another kexec is at work";
	fail(e, "kexec_file_load failed: %s%s%s", strerror(err),
	     text ? ": " : "", text ? text : "");
}

/*
 * @bytes as a file that has no name: only the kernel will read it. Kernels
 * from 6.3 on warn unless the flag says that it is not to be executed; older
 * ones refuse the flag.
 */
static int memory_file(const struct file *bytes, const char *name,
		       struct error *e)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC);
	for (size_t at = 0; fd >= 0 && at < bytes->len;) {
		ssize_t n = write(fd, bytes->data + at, bytes->len - at);

		if (n > 0) {
			at += (size_t)n;
		} else if (!n || errno != EINTR) {
			close(fd);
			fd = -1;
		}
	}
	if (fd < 0)
		fail(e, "%s: no memory for a copy: %s", name, strerror(errno));
	return fd;
}

static long kexec_file_load(int kernel, int initrd, const char *line, u64 flags)
{
	return syscall(SYS_kexec_file_load, kernel, initrd,
		       line ? strlen(line) + 1 : 0, line, flags);
}

static int call_file_load(const struct load_files *l, int kernel, int initrd)
{
	u64 flags = l->panic ? KEXEC_FILE_ON_CRASH : 0, wishes = 0;
	long rc;

	if (initrd < 0)
		flags |= KEXEC_FILE_NO_INITRAMFS;
	if (l->debug)
		wishes |= KEXEC_FILE_DEBUG;
	if (l->no_cma)
		wishes |= KEXEC_FILE_NO_CMA;
	if (l->force_dtb)
		wishes |= KEXEC_FILE_FORCE_DTB;
	rc = kexec_file_load(kernel, initrd, l->command_line, flags | wishes);
	/* An older kernel, without these flags, must not fail for them. */
	if (rc && errno == EINVAL && wishes)
		rc = kexec_file_load(kernel, initrd, l->command_line, flags);
	return rc ? errno : 0;
}

int load_files(const struct load_files *l, const struct sysroot *root,
	       struct error *e)
{
	int kernel = l->kernel, initrd = l->initrd, err;

	if (l->kernel_bytes.data)
		kernel = memory_file(&l->kernel_bytes, "kernel", e);
	if (l->initrd_bytes.data)
		initrd = memory_file(&l->initrd_bytes, "initrd", e);
	if (kernel < 0 || (initrd < 0 && l->initrd_bytes.data)) {
		err = ENOMEM;
	} else {
		err = call_file_load(l, kernel, initrd);
		if (err)
			why_file(err, root, e);
	}
	if (l->kernel_bytes.data && kernel >= 0)
		close(kernel);
	if (l->initrd_bytes.data && initrd >= 0)
		close(initrd);
	errno = err;
	return err ? -1 : 0;
}

/* --- which of the two --- */

bool load_goes_on(int err, bool file_load, const struct sysroot *root)
{
	if (!file_load)
		return err == ENOSYS || err == EACCES ||
		       (err == EPERM && locked_down(root));
	/*
	 * Like kexec-tools, not when a signature is refused; and where a file
	 * is larger than the kernel reads (KEXEC_FILE_SIZE_MAX).
	 */
	return err == ENOSYS || err == EINVAL || err == ENOEXEC ||
	       err == ENOTSUP || err == EFBIG;
}

int unload(bool panic, enum loader loader, const struct sysroot *root,
	   struct error *e)
{
	u64 flags = KEXEC_FILE_UNLOAD | (panic ? KEXEC_FILE_ON_CRASH : 0);
	long rc = -1;

	/* Both drop what the other one loaded. */
	errno = ENOSYS;
	if (loader != LOADER_KEXEC_LOAD)
		rc = kexec_file_load(-1, -1, NULL, flags);
	if (rc && errno == ENOSYS && loader != LOADER_FILE)
		rc = kexec_load(0, 0, NULL, panic ? KEXEC_ON_CRASH : 0);
	if (!rc)
		return 0;
	return failed("kexec unload failed", errno, root, e);
}

int boot_loaded(bool sync_first, struct error *e)
{
	if (sync_first)
		sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	if (errno == EINVAL)
		return fail(e, "nothing is loaded to boot");
	return fail(e, "reboot(KEXEC): %s%s", strerror(errno),
		    errno == EPERM ? root_needed() : "");
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

	/* A kernel that was built without kexec has no such file. */
	if (!text && errno == ENOENT &&
	    !faccessat(root->dirfd, "sys/kernel", F_OK, 0))
		return 0;
	if (!text)
		return fail(e, "/%s: %s", path, strerror(errno));
	is = *text == '1';
	free(text);
	return is;
}
