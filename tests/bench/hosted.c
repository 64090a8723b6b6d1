// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ratios that need no machine of their own. Each pair runs in turns, and the
 * best of its turns counts: what disturbs a turn only ever makes it slower.
 * Prints "NAME RATIO DETAILS" lines for tests/bench/run.
 */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../../answers/scan.h"
#include "../../iommu/vtd/vtd.h"
#include "../../iommu/vtd/tables.h"
#include "handover.h"
#include "image_digest.h"
#include "iommu.h"
#include "answers.h"

/* Many short turns, by the clock of the thread: the host may be busy. */
#define TURNS 15
#define SHA_TURNS 300
#define SHA_BYTES MIB(1)

static u64 clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (u64)t.tv_sec * 1000000000 + t.tv_nsec;
}

static u64 now_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static u64 wall_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void *pages(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED) {
		perror("bench: memory");
		exit(1);
	}
	return p;
}

/* --- the image's digest by the purgatory's own objects against OpenSSL --- */

static u64 sha_ours(const u8 *buf, const struct sha256_way *way, u8 *digest)
{
	static struct image_digest d;
	u64 start = now_ns();

	image_digest_init(&d, way);
	image_digest_region(&d, buf, SHA_BYTES);
	image_digest_final(&d, digest);
	return now_ns() - start;
}

static void openssl(const u8 *buf, size_t len, u8 *digest)
{
	if (!EVP_Digest(buf, len, digest, NULL, EVP_sha256(), NULL)) {
		fprintf(stderr, "bench: OpenSSL has no SHA-256\n");
		exit(1);
	}
}

static u64 sha_openssl(const u8 *buf)
{
	u8 digest[SHA256_DIGEST];
	u64 start = now_ns();

	openssl(buf, SHA_BYTES, digest);
	return now_ns() - start;
}

/* What handover.h says that the digest is. */
static void tree_openssl(const u8 *buf, u8 *digest)
{
	static u8 chunk[SHA_BYTES / HANDOVER_CHUNK][SHA256_DIGEST];

	for (size_t i = 0; i < ARRAY_SIZE(chunk); i++)
		openssl(buf + i * HANDOVER_CHUNK, HANDOVER_CHUNK, chunk[i]);
	openssl(chunk[0], sizeof(chunk), digest);
}

static void sha_pair(const char *name, const struct sha256_way *way,
		     const u8 *buf)
{
	u64 ours = ~0ULL, theirs = ~0ULL, t;
	u8 a[SHA256_DIGEST], b[SHA256_DIGEST];
	int i;

	tree_openssl(buf, b);
	for (i = 0; i < SHA_TURNS; i++) {
		t = sha_ours(buf, way, a);
		ours = t < ours ? t : ours;
		t = sha_openssl(buf);
		theirs = t < theirs ? t : theirs;
		if (memcmp(a, b, sizeof(a))) {
			fprintf(stderr, "bench: %s: wrong digest\n", name);
			exit(1);
		}
	}
	printf("digest-%s %.3f %.0f MB/s, OpenSSL %.0f MB/s\n", name,
	       (double)theirs / ours, SHA_BYTES * 1e3 / ours,
	       SHA_BYTES * 1e3 / theirs);
}

/* Each variant as where the CPU has none that is faster. */
static void sha(void)
{
	const struct sha256_variant *v;
	u8 *buf = pages(SHA_BYTES);
	u32 i, n;

	for (i = 0; i < SHA_BYTES; i++)
		buf[i] = i * 2654435761u >> 24;
	v = sha256_variants(&n);
	for (i = 0; i < n; i++) {
		struct sha256_way way = sha256_way(i);

		if (v[i].usable())
			sha_pair(v[i].name, &way, buf);
	}
	munmap(buf, SHA_BYTES);
}

/* --- walking a dense table against copying its bytes --- */

#define LEAVES 32768 /* level-1 tables: 64 GiB of 4 KiB pages */
#define ENTRIES (LEAVES * 512ULL)
#define TABLES (1 + LEAVES / 512 + LEAVES)
#define TABLES_BYTES (TABLES * PAGE_4K)
#define TABLES_START MIB(16)
#define WALK_TURNS 7

struct dense {
	struct mem m;
	u64 *words;
};

static int dense_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct span all = { TABLES_START, TABLES_BYTES };

	if (!span_holds(&all, phys, len))
		return IOMMU_EREAD;
	memcpy(buf, (u8 *)((struct dense *)m)->words + (phys - all.start), len);
	return IOMMU_OK;
}

/*
 * Page 0 is the root, then the level-2 tables, then the leaves. @scatter: no
 * two neighbours are contiguous, so that each entry is a run of its own.
 */
static void dense_fill(struct dense *d, bool scatter)
{
	u64 i, n = LEAVES / 512, pa;

	for (i = 0; i < n; i++)
		d->words[i] = (TABLES_START + (1 + i) * PAGE_4K) | SS_R | SS_W;
	for (i = 0; i < LEAVES; i++)
		d->words[512 + i] = (TABLES_START + (1 + n + i) * PAGE_4K) |
				    SS_R | SS_W;
	for (i = 0; i < ENTRIES; i++) {
		pa = scatter ? i * 0x9e3779b1 & 0xfffffff : i;
		d->words[(1 + n) * 512 + i] = pa << 12 | SS_R | SS_W;
	}
}

static const struct iommu_table dense_table = {
	.format = &vtd_second_stage,
	.root = TABLES_START,
	.levels = 3,
};

/* On the wall, since threads work at once; of the calling one; of all. */
struct took {
	u64 wall, cpu, all;
};

static struct took started(void)
{
	return (struct took){ wall_ns(), now_ns(),
			      clock_ns(CLOCK_PROCESS_CPUTIME_ID) };
}

static struct took since(const struct took *start)
{
	return (struct took){ wall_ns() - start->wall, now_ns() - start->cpu,
			      clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start->all };
}

static void least(struct took *best, struct took t)
{
	best->wall = t.wall < best->wall ? t.wall : best->wall;
	best->cpu = t.cpu < best->cpu ? t.cpu : best->cpu;
	best->all = t.all < best->all ? t.all : best->all;
}

static struct took walk(struct dense *d, u32 threads, u64 *runs)
{
	const struct iommu_config c = { .vendor = IOMMU_VENDOR_VTD,
					.on = true,
					.address_bits = 39,
					.levels_ok[3] = true };
	const struct took start = started();
	struct mem *mem[] = { &d->m, &d->m };
	u64 budget = 2 * TABLES;
	const struct scan s = { .config = &c,
				.table = &dense_table,
				.mem = mem,
				.threads = threads,
				.last = ~0ULL,
				.budget = &budget,
				.runs_max = ENTRIES };
	struct scanned found;
	int err = scan_table(&s, &found);
	struct took t = since(&start);

	if (err || found.errors || found.tables < TABLES) {
		fprintf(stderr,
			"bench: walk: %" PRIu64 " errors, %" PRIu64 " tables\n",
			found.errors, found.tables);
		exit(1);
	}
	*runs = found.runs.n;
	scanned_free(&found);
	return t;
}

static struct took copy(const struct dense *d, u8 *to)
{
	const struct took start = started();

	memcpy(to, d->words, TABLES_BYTES);
	__asm__ volatile("" : : "r"(to) : "memory");
	return since(&start);
}

static u64 rate(u64 ns)
{
	return TABLES_BYTES * 1000 / ns;
}

/*
 * The table is several times as large as any cache and copied as often as it
 * is walked, so that neither finds it there. What one thread does is compared
 * by the time it ran; what two do by the clock, so that it says nothing on a
 * machine that has other work.
 */
static void walks(struct dense *d, const char *name)
{
	struct took best[2], copied, t;
	u8 *to = pages(TABLES_BYTES);
	u64 runs;
	u32 i, n;

	memset(best, 0xff, sizeof(best));
	memset(&copied, 0xff, sizeof(copied));
	for (i = 0; i < WALK_TURNS; i++) {
		for (n = 0; n < 2; n++) {
			t = walk(d, n + 1, &runs);
			least(&best[n], t);
		}
		least(&copied, copy(d, to));
	}
	printf("walk-%s %.3f %" PRIu64 " MB/s, memcpy %" PRIu64
	       " MB/s, %" PRIu64 " runs\n",
	       name, (double)copied.cpu / best[0].cpu, rate(best[0].cpu),
	       rate(copied.cpu), runs);
	printf("walk-%s-entry %.2f ns\n", name, (double)best[0].cpu / ENTRIES);
	printf("walk-%s-two %.2f %" PRIu64
	       " MB/s by two threads, which need %.2f times the CPU of one; "
	       "of that the clock gave %.0f %%\n",
	       name, (double)best[0].wall / best[1].wall, rate(best[1].wall),
	       (double)best[1].all / best[0].all,
	       100.0 * best[0].all / best[0].wall);
	munmap(to, TABLES_BYTES);
}

/* --- questions, when the index is made --- */

#define QUESTIONS 2000
#define ROOT_TABLE 0x1000
#define CONTEXT_TABLE 0x2000

/* A machine with one unit and one device, which has the table. */
static int machine_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	static const u64 root[] = { CONTEXT_TABLE | 1, 0 };
	static const u64 context[] = { TABLES_START | 1, 0x101 };
	const void *from = phys < CONTEXT_TABLE ? root : context;
	u64 at = phys & (PAGE_4K - 1);

	if (phys >= TABLES_START)
		return dense_read(m, phys, buf, len);
	memset(buf, 0, len);
	if (at < sizeof(root))
		memcpy(buf, (const u8 *)from + at,
		       len < sizeof(root) - at ? len : sizeof(root) - at);
	return IOMMU_OK;
}

static void machine(struct dump *d, struct dense *dense)
{
	static struct iommu_reg reg[4];
	static struct fact_unit unit = { .name = (char *)"dmar0",
					 .vendor = IOMMU_VENDOR_VTD,
					 .regs = IOMMU_REGS(reg) };
	static struct fact_device device = { .name = (char *)"0000:00:00.0" };

	iommu_reg_put(&unit.regs, VTD_CAP, 8, 0x00d2008c222f0686);
	iommu_reg_put(&unit.regs, VTD_ECAP, 8, 0xf00f5e);
	iommu_reg_put(&unit.regs, VTD_GSTS, 4, GCMD_TE);
	iommu_reg_put(&unit.regs, VTD_RTADDR, 8, ROOT_TABLE);
	dense->m.read = machine_read;
	*d = (struct dump){ .facts = { .unit = &unit,
				       .unit_n = 1,
				       .device = &device,
				       .device_n = 1 },
			    .mem = mem_cache(&dense->m, NULL, true) };
	if (!d->mem)
		exit(1);
}

static void questions(struct dense *dense)
{
	const struct reach_wanted all = { .range = NULL };
	u64 start = wall_ns(), made, slowest = 0, sum = 0, found = 0, i, t;
	struct reach_index *ix;
	struct reach r;
	struct dump d;

	machine(&d, dense);
	ix = reach_index(&d, &all);
	made = wall_ns() - start;
	for (i = 0; ix && i < QUESTIONS; i++) {
		struct span at = { (i * 0x9e3779b97f4a7c15 >> 28) & ~0xfffULL,
				   PAGE_4K };

		start = now_ns();
		if (reach_ask(ix, &at, &r))
			exit(1);
		t = now_ns() - start;
		slowest = t > slowest ? t : slowest;
		sum += t;
		found += r.table_n;
		reach_free(&r);
	}
	if (!found) {
		fprintf(stderr, "bench: reach finds nothing\n");
		exit(1);
	}
	printf("reach-ask %.4f ms, in the mean %.4f; %" PRIu64 " of %d found; "
	       "index made in %.1f s\n",
	       slowest / 1e6, (double)sum / QUESTIONS / 1e6, found, QUESTIONS,
	       made / 1e9);
	reach_index_free(ix);
	mem_cache_close(d.mem);
}

int main(void)
{
	struct dense d = { .m.read = dense_read };

	setvbuf(stdout, NULL, _IOLBF, 0);
	sha();
	d.words = pages(TABLES_BYTES);
	dense_fill(&d, false);
	walks(&d, "dense");
	dense_fill(&d, true);
	walks(&d, "scattered");
	questions(&d);
	return 0;
}
