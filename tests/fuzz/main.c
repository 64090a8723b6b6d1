// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two programs from one source. With libFuzzer (FUZZING), the target is the
 * one named in FUZZ_TARGET. Without, every seed is run once through its
 * target: fuzz-replay [DIRECTORY-OF-SEEDS].
 */
#include <dirent.h>
#include <unistd.h>

#include "fuzz.h"

const struct fuzz_target fuzz_targets[] = {
	{ "notes", fuzz_notes },
	{ "dmar", fuzz_dmar },
	{ "ivrs", fuzz_ivrs },
	{ "regset", fuzz_regset },
	{ "iomem", fuzz_iomem },
	{ "kallsyms", fuzz_kallsyms },
	{ "symbols", fuzz_symbols },
	{ "structures", fuzz_structures },
	{ "pages", fuzz_pages },
	{ "btf", fuzz_btf },
	{ "kcore", fuzz_kcore },
	{ "dump", fuzz_dump },
	{ "split", fuzz_split },
	{ "cpio", fuzz_cpio },
	{ "report", fuzz_report },
	{ "walk", fuzz_walk },
	{ "amdvi", fuzz_amdvi },
	{ "smmuv3", fuzz_smmuv3 },
	{ "smmuv2", fuzz_smmuv2 },
	{ "iort", fuzz_iort },
	{ "viot", fuzz_viot },
	{ "fdt", fuzz_fdt },
	{ "quiesce", fuzz_quiesce },
	{ "dmesg", fuzz_dmesg },
	{ "sysfs", fuzz_sysfs },
	{ "vmlinux", fuzz_vmlinux },
	{ "machine", fuzz_machine },
	{ "options", fuzz_options },
	{ "cmdline", fuzz_cmdline },
	{ "bzimage", fuzz_bzimage },
	{ "kernel", fuzz_kernel },
	{ "plan", fuzz_plan },
	{ NULL, NULL },
};

#ifdef FUZZING

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	static const struct fuzz_target *t;
	const char *name = getenv("FUZZ_TARGET");

	for (t = t ? t : fuzz_targets; t->name && name && strcmp(t->name, name);
	     t++)
		;
	if (!name || !t->name) {
		fprintf(stderr, "FUZZ_TARGET names no target\n");
		_exit(2);
	}
	return t->run(data, len);
}

#else

#define SEED_MAX MIB(1)

static bool replay(const struct fuzz_target *t, const char *path)
{
	static u8 data[SEED_MAX];
	FILE *f = fopen(path, "r");
	size_t len;

	if (!f)
		return false;
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	/* Told first: what crashes is then the last line. */
	printf("# %s %s\n", t->name, strrchr(path, '/') + 1);
	fflush(stdout);
	t->run(data, len);
	return true;
}

/* All files of one target's directory; how many there were. */
static unsigned int replay_all(const struct fuzz_target *t, const char *seeds)
{
	char path[8192];
	unsigned int n = 0;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", seeds, t->name);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", seeds, t->name,
			 e->d_name);
		n += replay(t, path);
	}
	if (d)
		closedir(d);
	return n;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	unsigned int i, n, failed = 0;
	char seeds[4096];

	snprintf(seeds, sizeof(seeds), "%s/tests/fuzz/seeds",
		 srcdir ? srcdir : ".");
	for (i = 0; fuzz_targets[i].name; i++) {
		n = replay_all(&fuzz_targets[i], argc > 1 ? argv[1] : seeds);
		failed += !n;
		printf("%sok %u - %s, %u seeds\n", n ? "" : "not ", i + 1,
		       fuzz_targets[i].name, n);
	}
	printf("1..%u\n# %u tests, %u failed\n", i, i, failed);
	return failed != 0;
}

#endif
