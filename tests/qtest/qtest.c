// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "qtest_pci.h"
#include "qtest.h"

#define REPLY_MS 10000 /* a reply that takes longer never comes */

const struct span qtest_ram[3] = {
	{ 0, KIB(640) },
	{ MIB(1), QTEST_RAM_LOW - MIB(1) },
	{ QTEST_HIGH_START, QTEST_RAM_HIGH },
};

static void fail(struct qtest *q, const char *what, ...)
	__attribute__((format(printf, 2, 3)));

/* The first failure is the one worth telling. */
static void fail(struct qtest *q, const char *what, ...)
{
	va_list ap;

	if (q->error[0])
		return;
	va_start(ap, what);
	vsnprintf(q->error, sizeof(q->error), what, ap);
	va_end(ap);
}

/* --- the protocol: a line there, a line back --- */

static void put_line(struct qtest *q, const char *line, size_t len)
{
	ssize_t n;

	while (len && !q->error[0]) {
		n = write(q->fd, line, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			fail(q, "qtest: QEMU does not listen: %s",
			     strerror(errno));
			return;
		}
		line += n;
		len -= n;
	}
}

/* Moves the next line of the reply to @out; false on error. */
static bool get_line(struct qtest *q, char *out, size_t size)
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };
	char *end;
	ssize_t n;

	while (!(end = memchr(q->line, '\n', q->have))) {
		if (q->have == sizeof(q->line))
			fail(q, "qtest: a reply without end");
		else if (poll(&p, 1, REPLY_MS) <= 0)
			fail(q, "qtest: no reply in %d ms", REPLY_MS);
		if (q->error[0])
			return false;
		n = read(q->fd, q->line + q->have, sizeof(q->line) - q->have);
		if (n <= 0) {
			fail(q, "qtest: QEMU has gone");
			return false;
		}
		q->have += n;
	}
	n = end - q->line;
	snprintf(out, size, "%.*s", (int)n, q->line);
	q->have -= n + 1;
	memmove(q->line, end + 1, q->have);
	return true;
}

static u64 command(struct qtest *q, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The value that the reply holds; interrupts that QEMU reports are skipped. */
static u64 command(struct qtest *q, const char *format, ...)
{
	char line[128], reply[256];
	va_list ap;
	int len;

	if (q->error[0])
		return ~0ULL;
	va_start(ap, format);
	len = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	put_line(q, line, len);
	do {
		if (!get_line(q, reply, sizeof(reply)))
			return ~0ULL;
	} while (!strncmp(reply, "IRQ ", 4));
	if (strncmp(reply, "OK", 2)) {
		fail(q, "qtest: '%.*s' gives '%s'", len - 1, line, reply);
		return ~0ULL;
	}
	return reply[2] ? strtoull(reply + 3, NULL, 0) : 0;
}

static char width_letter(u32 width)
{
	return width == 8 ? 'q' : width == 4 ? 'l' : width == 2 ? 'w' : 'b';
}

u64 qtest_get(struct qtest *q, u64 addr, u32 width)
{
	return command(q, "read%c 0x%" PRIx64 "\n", width_letter(width), addr);
}

void qtest_set(struct qtest *q, u64 addr, u32 width, u64 val)
{
	command(q, "write%c 0x%" PRIx64 " 0x%" PRIx64 "\n", width_letter(width),
		addr, val);
}

u32 qtest_config_read(struct qtest *q, u16 bdf, u8 off)
{
	if (q->machine->ecam)
		return qtest_get(
			q, q->machine->ecam + ((u64)bdf << 12) + (off & 0xfc),
			4);
	command(q, "outl 0xcf8 0x%x\n", 0x80000000u | bdf << 8 | (off & 0xfc));
	return command(q, "inl 0xcfc\n");
}

void qtest_config_write(struct qtest *q, u16 bdf, u8 off, u32 val)
{
	if (q->machine->ecam) {
		qtest_set(q, q->machine->ecam + ((u64)bdf << 12) + (off & 0xfc),
			  4, val);
		return;
	}
	command(q, "outl 0xcf8 0x%x\n", 0x80000000u | bdf << 8 | (off & 0xfc));
	command(q, "outl 0xcfc 0x%x\n", val);
}

/* --- memory: shared with QEMU --- */

void *qtest_at(struct qtest *q, u64 phys, u64 len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(q->machine->ram); i++)
		if (span_holds(&q->machine->ram[i].at, phys, len))
			return q->ram + q->machine->ram[i].file +
			       (phys - q->machine->ram[i].at.start);
	return NULL;
}

u64 qtest_read64(struct qtest *q, u64 phys)
{
	u64 val = ~0ULL;
	void *at = qtest_at(q, phys, sizeof(val));

	if (at)
		memcpy(&val, at, sizeof(val));
	else
		fail(q, "qtest: 0x%" PRIx64 " is no RAM", phys);
	return val;
}

void qtest_write64(struct qtest *q, u64 phys, u64 val)
{
	void *at = qtest_at(q, phys, sizeof(val));

	if (at)
		memcpy(at, &val, sizeof(val));
	else
		fail(q, "qtest: 0x%" PRIx64 " is no RAM", phys);
}

static int ram_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	const void *at = qtest_at(((struct qtest_mem *)m)->q, phys, len);

	if (!at)
		return IOMMU_EREAD;
	memcpy(buf, at, len);
	return IOMMU_OK;
}

static int ram_write(struct mem *m, u64 phys, const void *buf, u32 len)
{
	void *at = qtest_at(((struct qtest_mem *)m)->q, phys, len);

	if (!at)
		return IOMMU_EREAD;
	memcpy(at, buf, len);
	return IOMMU_OK;
}

void qtest_clear_ram(struct qtest *q)
{
	if (fallocate(q->ram_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		      q->machine->ram_len))
		fail(q, "RAM can't be cleared: %s", strerror(errno));
}

u64 qtest_pattern(struct qtest *q)
{
	/* Odd multiples of a constant never meet again, nor look like tables. */
	q->pattern += 2 * 0x9e3779b97f4a7c15ULL;
	return q->pattern;
}

static u64 phys_of(struct qtest *q, u64 file)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(q->machine->ram); i++)
		if (file >= q->machine->ram[i].file &&
		    file - q->machine->ram[i].file < q->machine->ram[i].at.len)
			return q->machine->ram[i].at.start +
			       (file - q->machine->ram[i].file);
	return ~0ULL;
}

/* Only pages that were ever touched are looked at: the file is sparse. */
u32 qtest_find(struct qtest *q, u64 word, u64 *where)
{
	off_t at = 0, end, i;
	u32 found = 0;
	u64 here;

	while ((at = lseek(q->ram_fd, at, SEEK_DATA)) >= 0) {
		end = lseek(q->ram_fd, at, SEEK_HOLE);
		for (i = at; i + 8 <= end; i += 8) {
			memcpy(&here, q->ram + i, 8);
			if (here != word || found++)
				continue;
			*where = phys_of(q, i);
		}
		at = end;
	}
	return found;
}

/* --- registers --- */

static u32 unit_read32(struct mmio *r, u32 off)
{
	struct qtest_mmio *v = (struct qtest_mmio *)r;

	return qtest_get(v->q, v->base + off, 4);
}

static u64 unit_read64(struct mmio *r, u32 off)
{
	struct qtest_mmio *v = (struct qtest_mmio *)r;

	return qtest_get(v->q, v->base + off, 8);
}

static void unit_write32(struct mmio *r, u32 off, u32 val)
{
	struct qtest_mmio *v = (struct qtest_mmio *)r;

	qtest_set(v->q, v->base + off, 4, val);
}

static void unit_write64(struct mmio *r, u32 off, u64 val)
{
	struct qtest_mmio *v = (struct qtest_mmio *)r;

	qtest_set(v->q, v->base + off, 8, val);
}

static u64 unit_now_us(struct mmio *r)
{
	struct timespec t;

	(void)r;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- edu (docs/specs/edu.rst of QEMU) --- */

#define EDU_DMA_SRC 0x80
#define EDU_DMA_DST 0x88
#define EDU_DMA_COUNT 0x90
#define EDU_DMA_CMD 0x98
#define EDU_CMD_RUN BIT64(0)
#define EDU_CMD_TO_RAM BIT64(1)
#define EDU_INTERNAL 0x40000 /* its buffer, in its own addresses */
#define EDU_WAIT_MS 2000

static u64 now_ms(void)
{
	return unit_now_us(NULL) / 1000;
}

/*
 * The device waits 100 ms of virtual time; with a halted processor and
 * -icount sleep=off those pass at once.
 */
static void edu_dma(struct qtest *q, const struct edu *e, u64 src, u64 dst,
		    u32 len, u64 cmd)
{
	u64 start = now_ms();

	/* QEMU aborts on a count as large as the buffer. */
	if (len >= EDU_BUFFER) {
		fail(q, "edu: %u bytes are too many", len);
		return;
	}
	qtest_set(q, e->bar + EDU_DMA_SRC, 8, src);
	qtest_set(q, e->bar + EDU_DMA_DST, 8, dst);
	qtest_set(q, e->bar + EDU_DMA_COUNT, 8, len);
	qtest_set(q, e->bar + EDU_DMA_CMD, 8, cmd | EDU_CMD_RUN);
	while (!q->error[0] &&
	       qtest_get(q, e->bar + EDU_DMA_CMD, 8) & EDU_CMD_RUN)
		if (now_ms() - start > EDU_WAIT_MS)
			fail(q, "edu: DMA does not end");
}

/* GCMD.TE alone, so that neither root pointer nor IOTLB change. */
static u32 vtd_pass(struct qtest *q, bool on, u32 before)
{
	u32 gsts = qtest_get(q, QTEST_VTD_BASE + 0x1c, 4);

	if (!on)
		before |= gsts & ~BIT64(31);
	if (gsts & BIT64(31) || !on) /* without the one-shot commands */
		qtest_set(q, QTEST_VTD_BASE + 0x18, 4,
			  (on ? gsts & ~BIT64(31) : before) & 0x96ffffff);
	return gsts & BIT64(31);
}

/*
 * The device's buffer can only be reached by DMA. Translation is turned off
 * for that moment, so that the tables under test need no page for it.
 */
static void edu_direct(struct qtest *q, const struct edu *e, u64 src, u64 dst,
		       u32 len, u64 cmd)
{
	u32 before = q->machine->pass(q, true, 0);

	edu_dma(q, e, src, dst, len, cmd);
	if (before)
		q->machine->pass(q, false, before);
}

void edu_write(struct qtest *q, const struct edu *e, u64 iova, const void *buf,
	       u32 len)
{
	u8 *bounce = qtest_at(q, q->machine->bounce, PAGE_4K);

	if (len > PAGE_4K)
		len = PAGE_4K;
	memcpy(bounce, buf, len);
	edu_direct(q, e, q->machine->bounce, EDU_INTERNAL, len, 0);
	memset(bounce, 0, PAGE_4K);
	edu_dma(q, e, EDU_INTERNAL, iova, len, EDU_CMD_TO_RAM);
}

void edu_again(struct qtest *q, const struct edu *e, u64 iova, u32 len)
{
	edu_dma(q, e, EDU_INTERNAL, iova, len, EDU_CMD_TO_RAM);
}

void edu_read(struct qtest *q, const struct edu *e, u64 iova, void *buf,
	      u32 len)
{
	u8 *bounce = qtest_at(q, q->machine->bounce, PAGE_4K);

	if (len > PAGE_4K)
		len = PAGE_4K;
	/* What a refused read leaves in the buffer must not be old data. */
	memset(bounce, 0xee, len);
	edu_direct(q, e, q->machine->bounce, EDU_INTERNAL, len, 0);
	edu_dma(q, e, iova, EDU_INTERNAL, len, 0);
	edu_direct(q, e, EDU_INTERNAL, q->machine->bounce, len, EDU_CMD_TO_RAM);
	memcpy(buf, bounce, len);
	memset(bounce, 0, PAGE_4K);
}

struct edu *qtest_edu(struct qtest *q, enum qtest_place place)
{
	unsigned int i;

	for (i = 0; i < q->edus; i++)
		if (q->edu[i].place == place)
			return &q->edu[i];
	fail(q, "no edu device at place %d", place);
	return &q->edu[0];
}

/* --- the machine --- */

/* A BIOS that halts: the last 16 bytes hold the first instruction. */
static const u8 hlt_rom[KIB(64)] = {
	[KIB(64) - 16] = 0xfa, 0xf4, 0xeb, 0xfd /* cli; hlt; jmp back */
};

#define EDU "edu,dma_mask=0xffffffffffffffff"

static const char *const q35_args[] = {
	"-machine", "q35,accel=tcg,max-ram-below-4g=2G,memory-backend=ram",
	"-device",  EDU ",addr=0x14",
	"-device",  "pcie-root-port,id=rp1,addr=5,chassis=1",
	"-device",  EDU ",bus=rp1",
	"-device",  "pcie-root-port,id=rp2,addr=6,chassis=2",
	"-device",  "pcie-pci-bridge,id=br,bus=rp2",
	"-device",  EDU ",bus=br,addr=3",
	NULL,
};

const struct qtest_machine qtest_q35 = {
	.qemu = "qemu-system-x86_64",
	.model = "intel-iommu",
	.unit_option = "-device",
	.unit = "intel-iommu",
	.unit_base = QTEST_VTD_BASE,
	.unit_len = QTEST_VTD_LEN,
	.window = QTEST_PCI_WINDOW,
	.window_end = QTEST_PCI_WINDOW_END,
	.bounce = QTEST_RAM_LOW - PAGE_4K, /* the top of the low RAM */
	.ram_len = QTEST_RAM_LOW + QTEST_RAM_HIGH,
	.ram = { { { 0, KIB(640) }, 0 },
		 { { MIB(1), QTEST_RAM_LOW - MIB(1) }, MIB(1) },
		 { { QTEST_HIGH_START, QTEST_RAM_HIGH }, QTEST_RAM_LOW } },
	.rom = hlt_rom,
	.rom_len = sizeof(hlt_rom),
	.args = q35_args,
	.pass = vtd_pass,
};

/* wfi; b back. The machine starts at the beginning of its flash. */
static const u32 wfi_rom[] = { 0xd503207f, 0x17ffffff };

static const char *const virt_args[] = {
	"-machine",
	"virt,accel=tcg,iommu=smmuv3,highmem=off,memory-backend=ram",
	"-cpu",
	"cortex-a57",
	"-device",
	EDU ",addr=0x14",
	"-device",
	"pcie-root-port,id=rp1,addr=5,chassis=1",
	"-device",
	EDU ",bus=rp1",
	"-device",
	"pcie-root-port,id=rp2,addr=6,chassis=2",
	"-device",
	"pcie-pci-bridge,id=br,bus=rp2",
	"-device",
	EDU ",bus=br,addr=3",
	NULL,
};

/* CR0.SMMUEN, and GBPA, so that all passes meanwhile. */
static u32 smmu_pass(struct qtest *q, bool on, u32 before)
{
	u64 cr0 = QTEST_SMMU_BASE + 0x20;
	u32 was = qtest_get(q, cr0, 4);

	if (on) {
		qtest_set(q, QTEST_SMMU_BASE + 0x44, 4, 0x80000000);
		qtest_set(q, cr0, 4, was & ~1u);
	} else {
		qtest_set(q, cr0, 4, before);
	}
	return on && was & 1 ? was : 0;
}

const struct qtest_machine qtest_virt = {
	.qemu = "qemu-system-aarch64",
	.model = "arm-smmuv3",
	.unit_option = "-global",
	.unit = "",
	.unit_base = QTEST_SMMU_BASE,
	.unit_len = QTEST_SMMU_LEN,
	.ecam = QTEST_VIRT_ECAM,
	.window = QTEST_VIRT_WINDOW,
	.window_end = QTEST_VIRT_WINDOW_END,
	.bounce = QTEST_VIRT_RAM + QTEST_VIRT_RAM_LEN - PAGE_4K,
	.ram_len = QTEST_VIRT_RAM_LEN,
	.ram = { { { QTEST_VIRT_RAM, QTEST_VIRT_RAM_LEN }, 0 } },
	.rom = wfi_rom,
	.rom_len = sizeof(wfi_rom),
	.args = virt_args,
	.pass = smmu_pass,
};

bool qtest_available(const struct qtest_machine *m, const char **why)
{
	static char missing[64];
	const char *path = getenv("PATH");
	char file[512];
	size_t len;

	snprintf(missing, sizeof(missing), "%s is not installed", m->qemu);
	*why = missing;
	while (path && *path) {
		len = strcspn(path, ":");
		snprintf(file, sizeof(file), "%.*s/%s", (int)len, path,
			 m->qemu);
		if (!access(file, X_OK))
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

static int rom_file(const struct qtest_machine *m)
{
	int fd = memfd_create("bios", 0);

	if (fd >= 0 && write(fd, m->rom, m->rom_len) != (ssize_t)m->rom_len) {
		close(fd);
		return -1;
	}
	return fd;
}

#define ARGS_MAX 48

static void run_qemu(const struct qtest_machine *m, int fd, int ram_fd,
		     int bios_fd, const char *iommu)
{
	char ram[128], bios[32], size[32], unit[96];
	const char *argv[ARGS_MAX] = {
		m->qemu,  "-nodefaults", "-display",   "none",
		"-m",	  size,		 "-object",    ram,
		"-bios",  bios,		 "-icount",    "shift=0,sleep=off",
		"-qtest", "stdio",	 "-qtest-log", "none",
	};
	unsigned int n = 16, i;

	snprintf(size, sizeof(size), "%" PRIu64 "M", m->ram_len >> 20);
	snprintf(ram, sizeof(ram),
		 "memory-backend-file,id=ram,size=%s,share=on,"
		 "mem-path=/proc/self/fd/%d",
		 size, ram_fd);
	snprintf(bios, sizeof(bios), "/proc/self/fd/%d", bios_fd);
	snprintf(unit, sizeof(unit), "%s%s%s", m->unit,
		 *iommu && *m->unit ? "," : "", iommu);
	if (*unit) {
		argv[n++] = m->unit_option;
		argv[n++] = unit;
	}
	for (i = 0; m->args[i] && n < ARGS_MAX - 1; i++)
		argv[n++] = m->args[i];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(fd, 0) == 0 && dup2(fd, 1) == 1)
		execvp(m->qemu, (char *const *)argv);
	_exit(127);
}

static bool map_ram(struct qtest *q)
{
	q->ram_fd = memfd_create("ram", 0);
	if (q->ram_fd < 0 || ftruncate(q->ram_fd, q->machine->ram_len)) {
		fail(q, "RAM: %s", strerror(errno));
		return false;
	}
	q->ram = mmap(NULL, q->machine->ram_len, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_NORESERVE, q->ram_fd, 0);
	if (q->ram == MAP_FAILED)
		fail(q, "RAM: %s", strerror(errno));
	return q->ram != MAP_FAILED;
}

static void seams(struct qtest *q)
{
	q->mem.mem.read = ram_read;
	q->mem.mem.write = ram_write;
	q->mem.q = q;
	q->unit.mmio.read32 = unit_read32;
	q->unit.mmio.read64 = unit_read64;
	q->unit.mmio.write32 = unit_write32;
	q->unit.mmio.write64 = unit_write64;
	q->unit.mmio.now_us = unit_now_us;
	q->unit.mmio.len = q->machine->unit_len;
	q->unit.q = q;
	q->unit.base = q->machine->unit_base;
}

bool qtest_start(struct qtest *q, const struct qtest_machine *m,
		 const char *iommu)
{
	int pair[2], bios = -1;

	memset(q, 0, sizeof(*q));
	q->machine = m;
	q->fd = q->ram_fd = -1;
	seams(q);
	signal(SIGPIPE, SIG_IGN);
	if (!map_ram(q))
		return false;
	bios = rom_file(m);
	if (bios < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		fail(q, "socket or BIOS: %s", strerror(errno));
		return false;
	}
	q->pid = fork();
	if (q->pid == 0)
		run_qemu(m, pair[1], q->ram_fd, bios, iommu);
	close(pair[1]);
	close(bios);
	q->fd = pair[0];
	if (q->pid < 0)
		fail(q, "fork: %s", strerror(errno));
	qtest_pci_setup(q);
	return !q->error[0];
}

void qtest_stop(struct qtest *q)
{
	if (q->pid > 0) {
		kill(q->pid, SIGKILL);
		waitpid(q->pid, NULL, 0);
	}
	if (q->fd >= 0)
		close(q->fd);
	if (q->ram_fd >= 0)
		close(q->ram_fd);
	if (q->ram && q->ram != MAP_FAILED)
		munmap(q->ram, q->machine->ram_len);
	q->pid = 0;
}
