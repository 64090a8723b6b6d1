// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec(8) from its arguments to its system calls, which are written down and
 * answered as the case has it.
 *
 * KERNEL: bzImage, elf, or a wrapping of the bzImage (kexec_wrap.h); it is
 * the file K. Files I, G, X, P and B are initrds: a cpio archive, one in gzip,
 * something else, and the first through a pipe; B has over 2 GiB. ANSWERS: of one call after the other, 0 or an errno's name,
 * with commas between; @lockdown before them: the kernel is locked down;
 * @module: it has the module iommu_handover, whose file takes what is written;
 * @refusing: and there it takes nothing;
 * @LINE: that is the service's file, and what kexec tells the service is shown.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../lib/tree.h"
#include "../../purgatory/purgatory.h"
#include "handover_request.h"
#include "iommu_notes.h"
#include "job.h"
#include "kexec_fixture.h"
#include "kexec_job.h"
#include "kexec_wrap.h"

#define LARGE (GIB(2) + KIB(4))

static char *answers;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
uid_t __wrap_geteuid(void);

static long answer(void)
{
	static const struct {
		const char *name;
		int val;
	} names[] = {
		{ "0", 0 },
		{ "EPERM", EPERM },
		{ "ENOSYS", ENOSYS },
		{ "EINVAL", EINVAL },
		{ "ENOEXEC", ENOEXEC },
		{ "ENOTSUP", ENOTSUP },
		{ "ENOKEY", ENOKEY },
		{ "EKEYREJECTED", EKEYREJECTED },
		{ "ELIBBAD", ELIBBAD },
		{ "ENODATA", ENODATA },
		{ "EACCES", EACCES },
		{ "EBUSY", EBUSY },
		{ "EFBIG", EFBIG },
		{ "ENOMEM", ENOMEM },
		{ "EADDRNOTAVAIL", EADDRNOTAVAIL },
	};
	char *word = strsep(&answers, ",");

	for (size_t i = 0; word && i < ARRAY_SIZE(names); i++) {
		if (strcmp(word, names[i].name))
			continue;
		errno = names[i].val;
		return errno ? -1 : 0;
	}
	printf("a call without an answer: %s\n", word ? word : "none left");
	exit(2);
}

/* --- what the kernel would find --- */

static u64 hex8(const u8 *at)
{
	char text[9] = "";

	memcpy(text, at, 8);
	return strtoull(text, NULL, 16);
}

static void print_notes(const u8 *bytes, u64 len)
{
	struct note_reader r = { .buf = bytes, .len = len };
	struct note_head head;
	struct note n;
	u64 bad;

	while (note_next(&r, &n, &bad))
		printf(" %.*s 0x%x%s", (int)n.name_len, n.name, n.type,
		       note_check(&n, &head) == NOTE_VALID ? "" : " BAD");
	if (bad != ~0ULL)
		printf(" BAD at %llu", (unsigned long long)bad);
}

/* As init/initramfs.c takes it apart: from a multiple of 4, zeros between. */
static void print_archive(const u8 *bytes, u64 len, u64 at)
{
	u64 start = at;

	if (at == len)
		return;
	while (at < len && !bytes[at])
		at++;
	printf(" + %llu zeros +%s", (unsigned long long)(at - start),
	       at % 4 ? " MISALIGNED" : "");
	while (len - at >= 110 && !memcmp(bytes + at, "070701", 6)) {
		u64 mode = hex8(bytes + at + 14), size = hex8(bytes + at + 54);
		u64 name = hex8(bytes + at + 94);
		u64 body = align_up(at + 110 + name, 4);

		printf(" %s %llo links %llu", (const char *)bytes + at + 110,
		       (unsigned long long)mode,
		       (unsigned long long)hex8(bytes + at + 38));
		if (size)
			print_notes(bytes + body, size);
		printf(";");
		at = align_up(body + size, 4);
	}
	printf(at == len ? " end" : " JUNK");
}

static u8 *fd_bytes(int fd, u64 *len)
{
	struct stat st;
	u8 *bytes;

	if (fstat(fd, &st))
		return NULL;
	*len = (u64)st.st_size;
	bytes = malloc(*len + 1);
	if (pread(fd, bytes, *len, 0) != (ssize_t)*len)
		exit(2);
	return bytes;
}

/* The file, or that it is none; and of which given file it is an addition. */
static void print_fd(const char *what, int fd, char given)
{
	char link[64], name[256] = "";
	u64 len, given_len;
	u8 *bytes, *file;

	printf(" %s=", what);
	if (fd < 0) {
		printf("none");
		return;
	}
	bytes = fd_bytes(fd, &len);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (!bytes || readlink(link, name, sizeof(name) - 1) < 0)
		exit(2);
	if (strncmp(name, "/memfd:", 7)) {
		printf("%s", strrchr(name, '/') + 1);
	} else if (!strcmp(what, "initrd") && given) {
		FILE *f = fopen((char[]){ given, 0 }, "r");

		file = fd_bytes(fileno(f), &given_len);
		fclose(f);
		printf("memory: %s%c",
		       memcmp(bytes, file, given_len) ? "NOT " : "", given);
		print_archive(bytes, len, given_len);
		free(file);
	} else if (len >= 8 + strlen(WRAP_INITRD) &&
		   !memcmp(bytes, WRAP_UCODE "\0\0\0" WRAP_INITRD,
			   8 + strlen(WRAP_INITRD))) {
		printf("memory: the UKI's with microcode");
		print_archive(bytes, len, 8 + strlen(WRAP_INITRD));
	} else if (!memcmp(bytes, WRAP_INITRD, strlen(WRAP_INITRD))) {
		printf("memory: the UKI's");
		print_archive(bytes, len, strlen(WRAP_INITRD));
	} else if (!strcmp(what, "initrd")) {
		printf("memory: nothing");
		print_archive(bytes, len, 0);
	} else {
		printf("memory: %llu bytes", (unsigned long long)len);
	}
	free(bytes);
}

static char initrd_given;

long __wrap_syscall(long number, ...)
{
	va_list ap;
	long a[5];

	va_start(ap, number);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_kexec_load) {
		printf("kexec_load %ld segments flags 0x%lx\n", a[1], a[3]);
	} else if (number == SYS_kexec_file_load) {
		printf("kexec_file_load");
		print_fd("kernel", (int)a[0], 0);
		print_fd("initrd", (int)a[1], initrd_given);
		printf(" flags 0x%lx \"%s\"%s\n", a[4],
		       a[3] ? (char *)a[3] : "",
		       a[3] && strlen((char *)a[3]) + 1 != (size_t)a[2]
			       ? " LENGTH"
			       : "");
	} else if (number == SYS_reboot) {
		printf("reboot 0x%lx\n", a[2]);
	} else {
		return __real_syscall(number, a[0], a[1], a[2], a[3], a[4]);
	}
	return answer();
}

uid_t __wrap_geteuid(void)
{
	return 0;
}

/* --- the case --- */

static void put_file(const char *name, const void *bytes, size_t len)
{
	FILE *f = fopen(name, "w");

	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f))
		exit(2);
}

static void put_kernel(const struct file *image, const char *kind)
{
	struct file k;

	if (!strcmp(kind, "bzImage")) {
		put_file("K", image->data, image->len);
		return;
	}
	k = strcmp(kind, "elf") ? wrap(image, kind) : wrap_elf();
	put_file("K", k.data, k.len);
	free(k.data);
}

/* What a shell gives for <(...): its bytes come once. */
static void put_pipe(const char *name, const char *bytes, size_t len)
{
	char path[64];
	int ends[2];

	if (pipe(ends) || write(ends[1], bytes, len) != (ssize_t)len ||
	    close(ends[1]))
		exit(2);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	if (symlink(path, name))
		exit(2);
}

static void put_initrds(void)
{
	static const char cpio[] = "070701 and so on";
	struct file f = { .data = (u8 *)cpio, .len = sizeof(cpio) }, gz;

	gz = wrap(&f, "gzip");
	put_file("I", cpio, sizeof(cpio));
	put_file("G", gz.data, gz.len);
	put_file("X", "romfs", 5);
	free(gz.data);
	put_file("B", "070701", 6);
	if (truncate("B", LARGE))
		exit(2);
	put_pipe("P", cpio, sizeof(cpio));
}

static void put_lockdown(void)
{
	static const char text[] = "none [integrity] confidentiality\n";

	mkdir("sys", 0755);
	mkdir("sys/kernel", 0755);
	mkdir("sys/kernel/security", 0755);
	put_file("sys/kernel/security/lockdown", text, sizeof(text) - 1);
}

#define MODULE "dev/" HANDOVER_DEVICE

static void put_module(void)
{
	mkdir("dev", 0755);
	put_file(MODULE, "", 0);
}

static void put_refusing(void)
{
	mkdir("dev", 0755);
	if (symlink("/dev/full", MODULE))
		exit(2);
}

static void move(u64 *at, u64 by)
{
	if (*at)
		*at += by;
}

/* The last guard of the plan is the block itself. */
static void guard_block(const struct handover *h, u64 at, u64 len)
{
	struct span *guard =
		(void *)(uintptr_t)(h->plan.start + h->guard.offset);

	if (!h->guard.n || guard[h->guard.n - 1].start ||
	    !guard[h->guard.n - 1].len) {
		printf(" NO GUARD");
		return;
	}
	guard[h->guard.n - 1] = (struct span){ at, len };
}

/* What the module would find: as in kernel/arm.c. */
static void print_staged(struct handover_request *r, const u8 *bytes)
{
	const struct span nowhere = { 0 };
	struct handover *h = &r->h;
	u8 *block = aligned_alloc(PAGE_4K, r->memsz);
	u64 at = (u64)(uintptr_t)block;
	struct checked_plan pl;
	u32 crc = h->crc, len = (u32)h->plan.len, err;

	memset(block, 0, r->memsz);
	memcpy(block, bytes, r->bytes);
	h->crc = 0;
	if (note_crc32(note_crc32(0, h, sizeof(*h)), block + h->plan.start,
		       len) != crc)
		printf(" CHECKSUM");
	h->plan.start += at;
	move(&h->note.start, at);
	move(&h->arena.start, at);
	move(&h->scratch, at);
	guard_block(h, at, r->memsz);
	h->crc = note_crc32(0, h, sizeof(*h));
	h->crc = note_crc32(h->crc, (void *)(uintptr_t)h->plan.start, len);
	err = plan_check(&pl, h, &nowhere);
	printf(" mode %s, plan %s, %u units, flags 0x%x, notes",
	       iommu_mode_name(h->mode), plan_err_text(err), pl.units_n,
	       h->flags);
	print_notes(block + r->load.start, r->load.len);
	free(block);
}

static void print_requests(void)
{
	static const char *const action[] = { "nothing", "stage", "commit",
					      "disarm" };
	struct handover_request r;
	struct stat st;
	FILE *f = !lstat(MODULE, &st) && S_ISREG(st.st_mode)
			  ? fopen(MODULE, "r")
			  : NULL;

	while (f && fread(&r, sizeof(r), 1, f) == 1) {
		u8 *bytes = malloc(r.bytes + 1);

		printf("module: %s",
		       r.action < ARRAY_SIZE(action) ? action[r.action] : "?");
		if (r.bytes && fread(bytes, r.bytes, 1, f) == 1)
			print_staged(&r, bytes);
		printf("\n");
		free(bytes);
	}
	if (f)
		fclose(f);
}

/* @text: the file's first line, ended by the comma before the answers. */
/* The list of cases divides words at blanks: '_' is one here. */
static void put_wish(const char *text)
{
	size_t len = strcspn(text, ",");
	char *line = strndup(text, len);

	for (char *at = line; (at = strchr(at, '_'));)
		*at = ' ';
	mkdir("run", 0755);
	mkdir("etc", 0755);
	put_file("etc/kdump-iommu.conf", line, len);
	free(line);
}

/* What the service would read afterwards. */
static void print_state(void)
{
	char line[1024];
	FILE *f = fopen("run/kexec-iommu/crash", "r");

	while (f && fgets(line, sizeof(line), f))
		printf("crash: %s", line);
	if (f)
		fclose(f);
}

int show_job(int argc, char **argv)
{
	u8 purgatory[FIXTURE_PURGATORY] = { 0 };
	const struct purgatory_image p = { purgatory, sizeof(purgatory) };
	struct file image = { 0 };
	char *root = tree_plant(argv[0]);
	struct options o;
	struct error e;
	int rc = 1;

	setvbuf(stdout, NULL, _IONBF, 0);
	fixture_purgatory(purgatory);
	image.data = tree_hex_file("bzimage.hex", &image.len);
	if (chdir(root))
		return 2;
	put_kernel(&image, argv[1]);
	put_initrds();
	answers = argv[2];
	if (!strncmp(answers, "@lockdown,", 10)) {
		put_lockdown();
		answers += 10;
	}
	if (!strncmp(answers, "@module,", 8)) {
		put_module();
		answers += 8;
	}
	if (!strncmp(answers, "@refusing,", 10)) {
		put_refusing();
		answers += 10;
	}
	if (*answers == '@') {
		put_wish(answers + 1);
		answers += strcspn(answers, ",") + 1;
	}
	if (options_parse(&o, argc - 2, argv + 2, &e)) {
		printf("error: %s\n", e.text);
	} else {
		initrd_given = o.initrd ? *o.initrd : 0;
		if (initrd_given == 'P')
			initrd_given = 'I'; /* of the same bytes */
		rc = job_run(&o, ".", &p);
	}
	print_state();
	print_requests();
	printf("exit %d%s%s\n", rc, answers && *answers ? ", not asked: " : "",
	       answers ? answers : "");
	options_free(&o);
	free(image.data);
	if (chdir("/"))
		return 2;
	tree_remove(root);
	return 0;
}
