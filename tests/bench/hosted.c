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

/* --- walking a dense table against copying its pages --- */

#define LEAVES 4096 /* level-1 tables: 8 GiB of 4 KiB pages */
#define TABLES (1 + LEAVES / 512 + LEAVES)
#define TABLES_START MIB(16)

struct dense {
	struct mem m;
	u64 *words;
};

static int dense_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct span all = { TABLES_START, TABLES * PAGE_4K };

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
	for (i = 0; i < LEAVES * 512ULL; i++) {
		pa = scatter ? i * 0x9e3779b1 & 0xfffffff : i;
		d->words[(1 + n) * 512 + i] = pa << 12 | SS_R | SS_W;
	}
}

static u64 walk(struct dense *d, u64 *runs)
{
	static struct iommu_iter it;
	const struct iommu_config c = { .vendor = IOMMU_VENDOR_VTD,
					.on = true,
					.address_bits = 39,
					.levels_ok[3] = true };
	const struct iommu_table t = { .format = &vtd_second_stage,
				       .root = TABLES_START,
				       .levels = 3 };
	struct iommu_evidence ev;
	struct iommu_run run;
	u64 start = now_ns();
	int err;

	iommu_iter_start(&it, &d->m, &c, &t, TABLES + 1);
	*runs = 0;
	while (!(err = iommu_iter_next(&it, &run, &ev)))
		++*runs;
	if (err != IOMMU_ENOTPRESENT || it.tables != TABLES) {
		fprintf(stderr, "bench: walk: %s after %" PRIu64 " tables\n",
			iommu_err_text(err), it.tables);
		exit(1);
	}
	return now_ns() - start;
}

/* As a walker would, a page at a time, and every word looked at once. */
static u64 copy(struct dense *d)
{
	u64 page[512], start = now_ns(), i, j, sum = 0;

	for (i = 0; i < TABLES; i++) {
		dense_read(&d->m, TABLES_START + i * PAGE_4K, page, PAGE_4K);
		for (j = 0; j < 512; j++)
			sum += page[j];
	}
	__asm__ volatile("" : : "r"(sum));
	return now_ns() - start;
}

static void walk_pair(const char *name, bool scatter)
{
	struct dense d = { .m.read = dense_read,
			   .words = pages(TABLES * PAGE_4K) };
	u64 ours = ~0ULL, theirs = ~0ULL, t, runs;
	int i;

	dense_fill(&d, scatter);
	for (i = 0; i < TURNS; i++) {
		t = walk(&d, &runs);
		ours = t < ours ? t : ours;
		t = copy(&d);
		theirs = t < theirs ? t : theirs;
	}
	printf("%s %.1f %.1f ns an entry, %" PRIu64 " runs of %u entries\n",
	       name, (double)ours / theirs, (double)ours / (LEAVES * 512.0),
	       runs, LEAVES * 512);
	munmap(d.words, TABLES * PAGE_4K);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	sha();
	walk_pair("walk-contiguous", false);
	walk_pair("walk-scattered", true);
	return 0;
}
