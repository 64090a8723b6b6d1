// SPDX-License-Identifier: GPL-2.0-only
/*
 * edu - drive QEMU's "edu" PCI device from user space.
 *
 *   edu find                      print the device's address (domain:bus:dev.fn)
 *   edu arm BUSADDR PATTERN [..]  start a device-to-memory DMA to BUSADDR
 *   edu map IOVA PATTERN [..]     give the device one page of ours through VFIO at
 *                                 IOVA, hold it; print its physical address and that
 *                                 of a page that no device has
 *   edu hold IOVA                 give it pages of all kinds through VFIO: two huge ones
 *                                 at IOVA, one before that it may only read, others
 *                                 behind; print "@@ held" and keep them
 *   edu out NAME                  send standard input to the host's debug console
 *
 * Options after the positional arguments:
 *   bytes=N    length of the DMA (default 2048; QEMU aborts from 4096 up)
 *   preload=no do not put PATTERN into the device first (it takes a DMA of its own,
 *              which an IOMMU may refuse and report)
 *   preload=early  map only: before the device is given to VFIO, whose translation it has
 *              not used at all then
 *   aim=ADDR   map only: DMA to this bus address, not to IOVA (aim=none: no DMA)
 *   crash=yes  write 'c' to /proc/sysrq-trigger right after the command
 *   wait=yes   wait until the device says that it is done (and crash only then)
 *   sync=yes   just before the command, print "@@ sync PAGE" and wait until the host has
 *              written into that page
 *   also=ADDR  arm only: just before the command another edu writes to this bus
 *              address, and is done with it
 *
 * The device's registers are described in QEMU's docs/specs/edu.rst. It performs a
 * DMA 100 ms after the command register was written, which is what makes DMA in
 * flight across a panic reproducible.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __x86_64__
#include <sys/io.h>
#endif

#define EDU_VENDOR 0x1234u
#define EDU_DEVICE 0x11e8u

/* BAR 0 */
#define EDU_DMA_SRC 0x80
#define EDU_DMA_DST 0x88
#define EDU_DMA_CNT 0x90
#define EDU_DMA_CMD 0x98
#define EDU_CMD_RUN 1u
#define EDU_CMD_TO_RAM 2u
#define EDU_BUFFER \
	0x40000u /* the device's own memory, as its DMA engine sees it */

#define PCI_COMMAND 4
#define PCI_COMMAND_MEMORY_MASTER 6
#define DEBUGCON_PORT 0xe9
#define PAGE 4096u
#define HUGE (2u << 20)

struct options {
	unsigned int bytes;
	bool preload, early, crash, wait, fire, sync;
	bool aimed;
	uint64_t aim, also;
	volatile uint8_t *other; /* registers of the device for also */
};

static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "edu: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(ap);
	exit(1);
}

static unsigned long read_hex(const char *dir, const char *bdf,
			      const char *name)
{
	char path[512], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, bdf, name);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (!fgets(text, sizeof(text), f))
		text[0] = 0;
	fclose(f);
	return strtoul(text, NULL, 16);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die("%s", path);
	close(fd);
}

/* The first such device behind @after, by its address. */
static const char *find_after(const char *after, char bdf[256])
{
	static const char dir[] = "/sys/bus/pci/devices";
	struct dirent *e;
	DIR *d = opendir(dir);

	bdf[0] = 0;
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, after) <= 0 ||
		    (bdf[0] && strcmp(e->d_name, bdf) > 0) ||
		    read_hex(dir, e->d_name, "vendor") != EDU_VENDOR ||
		    read_hex(dir, e->d_name, "device") != EDU_DEVICE)
			continue;
		snprintf(bdf, 256, "%s", e->d_name);
	}
	if (d)
		closedir(d);
	if (bdf[0])
		return bdf;
	errno = ENODEV;
	die("no device %04x:%04x", EDU_VENDOR, EDU_DEVICE);
	return NULL;
}

static const char *find(void)
{
	static char bdf[256];

	return find_after("", bdf);
}

static volatile uint8_t *map_sysfs(const char *bdf)
{
	char path[512];
	uint16_t cmd;
	void *bar;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/enable", bdf);
	/* EBUSY: it has a driver, pci-stub, that keeps others off only */
	fd = open(path, O_WRONLY);
	if (fd < 0 || (write(fd, "1", 1) < 0 && errno != EBUSY))
		die("%s", path);
	close(fd);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
	fd = open(path, O_RDWR);
	if (fd < 0 || pread(fd, &cmd, 2, PCI_COMMAND) != 2)
		die("%s", path);
	cmd |= PCI_COMMAND_MEMORY_MASTER;
	if (pwrite(fd, &cmd, 2, PCI_COMMAND) != 2)
		die("%s", path);
	close(fd);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", bdf);
	fd = open(path, O_RDWR);
	if (fd < 0)
		die("%s", path);
	bar = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bar == MAP_FAILED)
		die("%s", path);
	return bar;
}

static uint64_t *own_page(void)
{
	uint64_t *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
			      0);

	if (page == MAP_FAILED || mlock(page, PAGE))
		die("page");
	return page;
}

static void fill(uint64_t *page, uint64_t pattern)
{
	for (unsigned int i = 0; i < PAGE / 8; i++)
		page[i] = pattern;
}

/* Documentation/admin-guide/mm/pagemap.rst: bits 0-54 are the page frame, bit 63 present */
static uint64_t phys_of(const void *p)
{
	uint64_t entry;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0 ||
	    pread(fd, &entry, 8, (off_t)((uintptr_t)p / PAGE * 8)) != 8)
		die("/proc/self/pagemap");
	close(fd);
	if (!(entry >> 63) || !(entry & ((1ull << 55) - 1)))
		die("page frame hidden");
	return (entry & ((1ull << 55) - 1)) * PAGE + (uintptr_t)p % PAGE;
}

static void put64(volatile uint8_t *bar, unsigned int reg, uint64_t v)
{
	*(volatile uint64_t *)(bar + reg) = v;
}

static uint64_t get64(volatile uint8_t *bar, unsigned int reg)
{
	return *(volatile uint64_t *)(bar + reg);
}

static void start(volatile uint8_t *bar, uint64_t src, uint64_t dst,
		  unsigned int bytes, unsigned int cmd)
{
	put64(bar, EDU_DMA_SRC, src);
	put64(bar, EDU_DMA_DST, dst);
	put64(bar, EDU_DMA_CNT, bytes);
	put64(bar, EDU_DMA_CMD, cmd);
}

static void finish(volatile uint8_t *bar)
{
	for (int i = 0; i < 5000; i++) {
		if (!(get64(bar, EDU_DMA_CMD) & EDU_CMD_RUN))
			return;
		usleep(1000);
	}
	errno = ETIMEDOUT;
	die("DMA");
}

/*
 * Let the host do its part, and wait for its word: in a page of ours, for no interrupt
 * may come where the tables have been overwritten that they are remapped by.
 */
static void meet_host(void)
{
	volatile uint64_t *word = own_page();

	*word = 0;
	printf("@@ sync 0x%llx\n", (unsigned long long)phys_of((void *)word));
	fflush(stdout);
	while (!*word)
		;
}

static void fire(volatile uint8_t *bar, uint64_t dst, const struct options *o)
{
	int trigger = o->crash ? open("/proc/sysrq-trigger", O_WRONLY) : -1;

	if (o->sync)
		meet_host();
	if (o->other) {
		start(o->other, EDU_BUFFER, o->also, o->bytes,
		      EDU_CMD_RUN | EDU_CMD_TO_RAM);
		finish(o->other);
	}
	if (o->fire)
		start(bar, EDU_BUFFER, dst, o->bytes,
		      EDU_CMD_RUN | EDU_CMD_TO_RAM);
	if (o->wait)
		finish(bar);
	if (trigger >= 0 && write(trigger, "c", 1) == 1)
		sleep(60);
}

/*
 * Put the pattern into the device through a page of ours that it reaches at @bus, and
 * have it written back, to be sure. Afterwards only the device holds the pattern, so
 * that it can come into memory by DMA alone.
 */
static bool preload(volatile uint8_t *bar, uint64_t *page, uint64_t bus,
		    uint64_t pattern, unsigned int bytes)
{
	bool there = false;

	for (int i = 0; i < 3 && !there; i++) {
		fill(page, pattern);
		start(bar, bus, EDU_BUFFER, bytes, EDU_CMD_RUN);
		finish(bar);
		fill(page, ~pattern);
		start(bar, EDU_BUFFER, bus, bytes,
		      EDU_CMD_RUN | EDU_CMD_TO_RAM);
		finish(bar);
		there = *(volatile uint64_t *)page == pattern;
	}
	fill(page, ~pattern);
	return there;
}

static void must_preload(volatile uint8_t *bar, uint64_t *page, uint64_t bus,
			 uint64_t pattern, unsigned int bytes)
{
	if (!preload(bar, page, bus, pattern, bytes))
		printf("@@ preload-failed\n");
}

static int arm(uint64_t dst, uint64_t pattern, struct options *o)
{
	volatile uint8_t *bar = map_sysfs(find());
	uint64_t *page = own_page();
	char other[256];

	if (o->also)
		o->other = map_sysfs(find_after(find(), other));
	finish(bar);
	if (o->preload)
		must_preload(bar, page, phys_of(page), pattern, o->bytes);
	printf("@@ armed %s 0x%llx 0x%llx %u\n", find(),
	       (unsigned long long)dst, (unsigned long long)pattern, o->bytes);
	fflush(stdout);
	fire(bar, dst, o);
	return 0;
}

static void bind_vfio(const char *bdf)
{
	char path[512];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override",
		 bdf);
	write_file(path, "vfio-pci");
	write_file("/sys/bus/pci/drivers_probe", bdf);
}

static int open_group(const char *bdf)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[512], link[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group",
		 bdf);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		die("%s", path);
	link[n] = 0;
	snprintf(path, sizeof(path), "/dev/vfio/%s", strrchr(link, '/') + 1);
	fd = open(path, O_RDWR);
	if (fd < 0 || ioctl(fd, VFIO_GROUP_GET_STATUS, &status))
		die("%s", path);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		die("%s: group has devices bound elsewhere", path);
	return fd;
}

static volatile uint8_t *map_vfio_bar(int device)
{
	struct vfio_region_info bar0 = { .argsz = sizeof(bar0),
					 .index = VFIO_PCI_BAR0_REGION_INDEX };
	struct vfio_region_info config = {
		.argsz = sizeof(config), .index = VFIO_PCI_CONFIG_REGION_INDEX
	};
	uint16_t cmd = PCI_COMMAND_MEMORY_MASTER;
	void *bar;

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &bar0) ||
	    ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &config))
		die("VFIO_DEVICE_GET_REGION_INFO");
	if (pwrite(device, &cmd, 2, (off_t)config.offset + PCI_COMMAND) != 2)
		die("VFIO config space");
	bar = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device,
		   (off_t)bar0.offset);
	if (bar == MAP_FAILED)
		die("VFIO BAR 0");
	return bar;
}

static int open_container(const char *bdf, int *group)
{
	int container = open("/dev/vfio/vfio", O_RDWR);

	if (container < 0)
		die("/dev/vfio/vfio");
	bind_vfio(bdf);
	*group = open_group(bdf);
	if (ioctl(*group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		die("VFIO_SET_IOMMU");
	return container;
}

#define READ_WRITE (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

static void map_dma(int container, void *memory, uint64_t iova, uint64_t len,
		    uint32_t flags)
{
	struct vfio_iommu_type1_dma_map dma = { .argsz = sizeof(dma),
						.iova = iova,
						.vaddr = (uintptr_t)memory,
						.size = len,
						.flags = flags };

	if (ioctl(container, VFIO_IOMMU_MAP_DMA, &dma))
		die("VFIO_IOMMU_MAP_DMA at 0x%llx", (unsigned long long)iova);
}

/*
 * QEMU 7.2's AMD-Vi takes what comes from behind a bridge for DMA of 00:00.0: that one
 * passes for the while.
 */
static bool set_other(const char *type)
{
	int fd = open("/sys/bus/pci/devices/0000:00:00.0/iommu_group/type",
		      O_WRONLY);
	bool done = fd >= 0 && write(fd, type, strlen(type)) > 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static void preload_as_other(volatile uint8_t *bar, uint64_t *page,
			     uint64_t pattern, unsigned int bytes)
{
	if (access("/sys/class/iommu/ivhd0", F_OK) || !set_other("identity") ||
	    !preload(bar, page, phys_of(page), pattern, bytes) ||
	    !set_other("DMA"))
		printf("@@ preload-failed\n");
	else
		printf("@@ preloaded-as 0000:00:00.0\n");
}

static int map(uint64_t iova, uint64_t pattern, const struct options *o)
{
	const char *bdf = find();
	uint64_t *page = own_page();
	volatile uint8_t *bar;
	int group, device, container;

	if (o->early)
		must_preload(map_sysfs(bdf), page, phys_of(page), pattern,
			     o->bytes);
	container = open_container(bdf, &group);
	fill(page, pattern);
	map_dma(container, page, iova, PAGE, READ_WRITE);
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (device < 0)
		die("VFIO_GROUP_GET_DEVICE_FD");
	bar = map_vfio_bar(device);
	if (o->preload && !preload(bar, page, iova, pattern, o->bytes))
		preload_as_other(bar, page, pattern, o->bytes);
	printf("@@ mapped %s 0x%llx 0x%llx\n@@ unmapped 0x%llx\n", bdf,
	       (unsigned long long)iova, (unsigned long long)phys_of(page),
	       (unsigned long long)phys_of(own_page()));
	printf("@@ armed %s 0x%llx 0x%llx %u\n", bdf,
	       (unsigned long long)(o->aimed ? o->aim : phys_of(page)),
	       (unsigned long long)pattern, o->bytes);
	fflush(stdout);
	fire(bar, o->aimed ? o->aim : iova, o);
	if (!o->wait)
		pause();
	return 0;
}

static int hold(uint64_t iova)
{
	int group, container = open_container(find(), &group);
	uint64_t behind = iova + 2 * HUGE;
	void *huge = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (huge == MAP_FAILED)
		die("huge pages");
	memset(huge, 0, 2 * HUGE);
	map_dma(container, huge, iova, 2 * HUGE, READ_WRITE);
	map_dma(container, own_page(), iova - PAGE, PAGE,
		VFIO_DMA_MAP_FLAG_READ);
	/* neighbours in physical memory too, with a hole before them */
	map_dma(container, huge, behind + PAGE, 4 * PAGE, READ_WRITE);
	map_dma(container, own_page(), behind + 6 * PAGE, PAGE,
		VFIO_DMA_MAP_FLAG_WRITE);
	map_dma(container, own_page(), 5 * iova, PAGE, READ_WRITE);
	puts("@@ held");
	fflush(stdout);
	pause();
	return 0;
}

#ifdef __x86_64__
/* one record on the debug console: a line with name and length, then the bytes */
static int out(const char *name)
{
	size_t len = 0, room = 1u << 16;
	char *data = malloc(room), head[200];
	ssize_t n;

	while (data && (n = read(0, data + len, room - len)) > 0) {
		len += (size_t)n;
		if (len == room)
			data = realloc(data, room *= 2);
	}
	if (!data || ioperm(DEBUGCON_PORT, 1, 1))
		die("debug console");
	snprintf(head, sizeof(head), "@@file %s %zu\n", name, len);
	outsb(DEBUGCON_PORT, head, strlen(head));
	outsb(DEBUGCON_PORT, data, len);
	return 0;
}
#else /* no I/O ports */
static int out(const char *name)
{
	errno = ENOSYS;
	die("%s", name);
	return 1;
}
#endif

static bool yes(const char *v)
{
	return !strcmp(v, "yes");
}

static void parse(struct options *o, char **argv)
{
	for (; *argv; argv++) {
		char *v = strchr(*argv, '=');

		if (!v++)
			goto bad;
		if (!strncmp(*argv, "bytes=", 6))
			o->bytes = (unsigned int)strtoul(v, NULL, 0);
		else if (!strcmp(*argv, "preload=early"))
			o->preload = false, o->early = true;
		else if (!strncmp(*argv, "preload=", 8))
			o->preload = yes(v);
		else if (!strncmp(*argv, "crash=", 6))
			o->crash = yes(v);
		else if (!strncmp(*argv, "wait=", 5))
			o->wait = yes(v);
		else if (!strncmp(*argv, "sync=", 5))
			o->sync = yes(v);
		else if (!strncmp(*argv, "also=", 5))
			o->also = strtoull(v, NULL, 0);
		else if (!strcmp(*argv, "aim=none"))
			o->fire = false;
		else if (!strncmp(*argv, "aim=", 4))
			o->aimed = true, o->aim = strtoull(v, NULL, 0);
		else
			goto bad;
	}
	if (o->bytes >= 1 && o->bytes < PAGE)
		return;
bad:
	errno = EINVAL;
	die("%s", *argv ? *argv : "bytes=");
}

int main(int argc, char **argv)
{
	struct options o = { .bytes = 2048, .preload = true, .fire = true };

	if (argc == 2 && !strcmp(argv[1], "find"))
		return puts(find()) < 0;
	if (argc == 3 && !strcmp(argv[1], "hold"))
		return hold(strtoull(argv[2], NULL, 0));
	if (argc == 3 && !strcmp(argv[1], "out"))
		return out(argv[2]);
	if (argc >= 4 && (!strcmp(argv[1], "arm") || !strcmp(argv[1], "map"))) {
		uint64_t addr = strtoull(argv[2], NULL, 0),
			 pattern = strtoull(argv[3], NULL, 0);

		parse(&o, argv + 4);
		return argv[1][0] == 'a' ? arm(addr, pattern, &o)
					 : map(addr, pattern, &o);
	}
	fprintf(stderr,
		"usage: edu find | out NAME | hold IOVA | arm BUSADDR PATTERN "
		"[OPTION=VALUE ...] |"
		" map IOVA PATTERN [OPTION=VALUE ...]\n");
	return 1;
}
