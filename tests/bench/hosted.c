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

#include "../../iommu/dump/scan.h"
#include "../../iommu/vtd.h"
#include "../../iommu/vtd_tables.h"
#include "../../purgatory/sha256.h"
#include "iommu.h"

/* Many short turns, by the clock of the thread: the host may be busy. */
#define TURNS 15
#define SHA_TURNS 300
#define SHA_BYTES MIB(1)

static u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (u64)t.tv_sec * 1000000000 + t.tv_nsec;
}

static u64 wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000 + t.tv_nsec;
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

/* --- SHA-256: the purgatory's own objects against OpenSSL --- */

static u64 sha_ours(const u8 *buf, sha256_blocks_fn *blocks, u8 *digest)
{
	u64 start = now_ns();
	struct sha256 s;

	sha256_init(&s, blocks);
	sha256_update(&s, buf, SHA_BYTES);
	sha256_final(&s, digest);
	return now_ns() - start;
}

static u64 sha_openssl(const u8 *buf, u8 *digest)
{
	u64 start = now_ns();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) ||
	    !EVP_DigestUpdate(ctx, buf, SHA_BYTES) ||
	    !EVP_DigestFinal_ex(ctx, digest, NULL)) {
		fprintf(stderr, "bench: OpenSSL has no SHA-256\n");
		exit(1);
	}
	EVP_MD_CTX_free(ctx);
	return now_ns() - start;
}

static void sha_pair(const char *name, sha256_blocks_fn *blocks, const u8 *buf)
{
	u64 ours = ~0ULL, theirs = ~0ULL, t;
	u8 a[SHA256_DIGEST], b[SHA256_DIGEST];
	int i;

	for (i = 0; i < SHA_TURNS; i++) {
		t = sha_ours(buf, blocks, a);
		ours = t < ours ? t : ours;
		t = sha_openssl(buf, b);
		theirs = t < theirs ? t : theirs;
		if (memcmp(a, b, sizeof(a))) {
			fprintf(stderr, "bench: %s: wrong digest\n", name);
			exit(1);
		}
	}
	printf("%s %.3f %.0f MB/s, OpenSSL %.0f MB/s\n", name,
	       (double)theirs / ours, SHA_BYTES * 1e3 / ours,
	       SHA_BYTES * 1e3 / theirs);
}

static void sha(void)
{
	u8 *buf = pages(SHA_BYTES);
	u64 i;

	for (i = 0; i < SHA_BYTES; i++)
		buf[i] = i * 2654435761u >> 24;
	if (sha256_cpu_has())
		sha_pair("sha256-cpu", sha256_blocks_cpu, buf);
	if (sha256_vector())
		sha_pair("sha256-vector", sha256_vector(), buf);
	sha_pair("sha256-plain", sha256_plain(), buf);
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

/* By the clock on the wall: more than one thread works. */
static u64 walk(struct dense *d, u32 threads, u64 *runs)
{
	const struct iommu_config c = { .vendor = IOMMU_VENDOR_VTD,
					.on = true,
					.address_bits = 39,
					.levels_ok[3] = true };
	const struct iommu_table t = { .format = &vtd_second_stage,
				       .root = TABLES_START,
				       .levels = 3 };
	struct mem *mem[] = { &d->m, &d->m };
	u64 budget = 2 * TABLES, start = wall_ns(), end;
	const struct scan s = { .config = &c,
				.table = &t,
				.mem = mem,
				.threads = threads,
				.last = ~0ULL,
				.budget = &budget,
				.runs_max = ENTRIES };
	struct scanned found;
	int err = scan_table(&s, &found);

	end = wall_ns();
	if (err || found.errors || found.tables < TABLES) {
		fprintf(stderr,
			"bench: walk: %" PRIu64 " errors, %" PRIu64 " tables\n",
			found.errors, found.tables);
		exit(1);
	}
	*runs = found.run_n;
	scanned_free(&found);
	return end - start;
}

static u64 copy(const struct dense *d, u8 *to)
{
	u64 start = wall_ns();

	memcpy(to, d->words, TABLES_BYTES);
	__asm__ volatile("" : : "r"(to) : "memory");
	return wall_ns() - start;
}

/*
 * The table is several times as large as any cache and copied as often as it
 * is walked, so that neither finds it there.
 */
static void walks(const char *name, bool scatter)
{
	struct dense d = { .m.read = dense_read, .words = pages(TABLES_BYTES) };
	u64 best[2] = { ~0ULL, ~0ULL }, copied = ~0ULL, t, runs;
	u8 *to = pages(TABLES_BYTES);
	u32 i, n;

	dense_fill(&d, scatter);
	for (i = 0; i < WALK_TURNS; i++) {
		for (n = 0; n < 2; n++) {
			t = walk(&d, n + 1, &runs);
			best[n] = t < best[n] ? t : best[n];
		}
		t = copy(&d, to);
		copied = t < copied ? t : copied;
	}
	printf("walk-%s %.3f %.0f MB/s, memcpy %.0f MB/s, %.2f ns an entry, "
	       "%" PRIu64 " runs\n",
	       name, (double)copied / best[0], TABLES_BYTES * 1e3 / best[0],
	       TABLES_BYTES * 1e3 / copied, (double)best[0] / ENTRIES, runs);
	printf("walk-%s-two %.2f %.0f MB/s by two threads\n", name,
	       (double)best[0] / best[1], TABLES_BYTES * 1e3 / best[1]);
	munmap(to, TABLES_BYTES);
	munmap(d.words, TABLES_BYTES);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	sha();
	walks("dense", false);
	walks("scattered", true);
	return 0;
}
