// SPDX-License-Identifier: GPL-2.0-only
/* What kexec(8) is given: its command line, the kernel's, kernel images. */
#include <getopt.h>
#include <unistd.h>

#include "../../kexec/arch.h"
#include "../../kexec/cmdline.h"
#include "../../kexec/cmdline_words.h"
#include "../../kexec/kernel_file.h"
#include "../../kexec/options.h"
#include "fuzz.h"

#define ARGS_MAX 32

/* One argument a line. */
int fuzz_options(const u8 *data, size_t len)
{
	char *text = fuzz_text(data, len), *save, *word;
	char name[] = "kexec", *argv[ARGS_MAX + 2] = { name };
	struct options o;
	struct error e = { "" };
	int argc = 1;

	for (word = strtok_r(text, "\n", &save); word && argc <= ARGS_MAX;
	     word = strtok_r(NULL, "\n", &save))
		argv[argc++] = word;
	optind = 0;
	opterr = 0;
	memset(&o, 0, sizeof(o));
	if (!options_parse(&o, argc, argv, &e))
		FUZZ_RULE(o.mode < IOMMU_MODE_N);
	FUZZ_RULE(!strchr(e.text, '\n'));
	options_free(&o);
	free(text);
	return 0;
}

/* lib/ctype.c: the no-break space of ISO 8859-1 is one, too */
static bool kernel_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

/*
 * Cuts one parameter off *@line as lib/cmdline.c next_arg() does; *@val NULL
 * when it has none.
 */
static char *kernel_arg(char **line, char **val)
{
	char *at = *line, *param, *equals = NULL, *last;
	bool whole = *at == '"', in_quote = whole;

	at += whole;
	param = at;
	for (; *at && (in_quote || !kernel_space((unsigned char)*at)); at++) {
		if (*at == '=' && at > param && !equals)
			equals = at;
		if (*at == '"')
			in_quote = !in_quote;
	}
	*line = *at ? at + 1 : at;
	last = at > param ? at - 1 : NULL;
	*at = 0;
	*val = equals ? equals + 1 : NULL;
	if (equals)
		*equals = 0;
	if (equals && **val == '"') {
		(*val)++;
		if (*last == '"')
			*last = 0;
	}
	if (whole && last && *last == '"')
		*last = 0;
	return param;
}

/* The crash kernel finds our ELF core header, and no other. */
static void check_elfcorehdr(const char *made, u64 ours)
{
	char *copy = strdup(made), *line = copy, *param, *val;
	u32 found = 0;

	while (*line) {
		if (kernel_space((unsigned char)*line)) {
			line++;
			continue;
		}
		param = kernel_arg(&line, &val);
		if (!val && !strcmp(param, "--"))
			break;
		if (!val || strcmp(param, "elfcorehdr"))
			continue;
		FUZZ_RULE(strtoull(val, NULL, 0) == ours);
		found++;
	}
	FUZZ_RULE(found == 1);
	free(copy);
}

/* First line: the running kernel's; second: what is appended. */
int fuzz_cmdline(const u8 *data, size_t len)
{
	char *text = fuzz_text(data, len), *append = strchr(text, '\n'), *made;
	struct cmdline_request r = { .running = text,
				     .crash = true,
				     .elfcorehdr = MIB(256),
				     .max = 2047 };
	struct lines told = { 0 };
	struct error e = { "" };

	if (append)
		*append++ = 0;
	r.append = append;
	r.mode = len ? data[len - 1] % IOMMU_MODE_AUTO : IOMMU_MODE_COPY;
	made = cmdline_make(&r, &told, &e);
	FUZZ_RULE(made || *e.text);
	if (made) {
		FUZZ_RULE(strlen(made) <= r.max);
		check_elfcorehdr(made, r.elfcorehdr);
		/* Such a line would let loose what the purgatory closed. */
		if (r.mode > IOMMU_MODE_RECORD)
			FUZZ_RULE(!kexec_arch.iommu_off(made, 0));
	}
	free(made);
	lines_free(&told);
	free(text);
	return 0;
}

int fuzz_bzimage(const u8 *data, size_t len)
{
	struct file f = { "bzImage", fuzz_copy(data, len), len };
	struct image image;
	struct error e = { "" };

	memset(&image, 0, sizeof(image));
	if (image_parse(&image, &f, &e))
		FUZZ_RULE(*e.text);
	else
		FUZZ_RULE(
			(image.laid_out || (image.offset <= len &&
					    image.len <= len - image.offset)) &&
			image.align && image.memsz >= image.len &&
			image.entry < image.memsz);
	image_free(&image);
	free(f.data);
	return 0;
}

/* Wrappings around a kernel, and what is in them. */
int fuzz_kernel(const u8 *data, size_t len)
{
	struct kernel_file k = { .file = { "K", fuzz_copy(data, len), len },
				 .max = MIB(1) };
	struct error e = { "" };
	struct image image;

	memset(&image, 0, sizeof(image));
	if (kernel_unwrap(&k, &e) || image_parse(&image, &k.file, &e))
		FUZZ_RULE(*e.text && !strchr(e.text, '\n'));
	else
		FUZZ_RULE(image.memsz >= image.len);
	FUZZ_RULE(!k.cmdline || k.uki);
	image_free(&image);
	kernel_file_free(&k);
	return 0;
}

/* The first byte says which file of the machine the rest is. */
int fuzz_machine(const u8 *data, size_t len)
{
	static const char *const paths[] = {
		"proc/cmdline",
		"sys/kernel/vmcoreinfo",
		"sys/kernel/boot_params/data",
		"proc/kcore",
		"sys/firmware/efi/systab",
		"proc/cpuinfo",
		"sys/devices/system/cpu/cpu0/crash_notes",
	};
	struct error e = { "" };
	struct host m;
	const char *path = paths[len ? data[0] % ARRAY_SIZE(paths) : 0];
	const struct sysroot *root =
		fuzz_root(path, len ? data + 1 : data, len ? len - 1 : 0);

	memset(&m, 0, sizeof(m));
	if (host_read(&m, root, true, &e))
		FUZZ_RULE(*e.text);
	host_free(&m);
	return 0;
}
