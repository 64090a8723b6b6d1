// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel module's file: include/handover_request.h says what is written
 * to it. For loads by kexec_file_load(2), which bring no purgatory of ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "handover_request.h"
#include "module_file.h"

int module_open(const struct sysroot *root)
{
	return openat(root->dirfd, "dev/" HANDOVER_DEVICE, O_RDWR | O_CLOEXEC);
}

/* Its line: what is armed, or why a request was refused. */
void module_line(int fd, char *line, size_t size)
{
	ssize_t n = pread(fd, line, size - 1, 0);

	line[n > 0 ? n : 0] = 0;
	line[strcspn(line, "\n")] = 0;
}

static int ask(int fd, const void *request, size_t len, struct error *e)
{
	char line[128];
	int err;

	if (write(fd, request, len) == (ssize_t)len)
		return 0;
	err = errno;
	module_line(fd, line, sizeof(line));
	return fail(e, "/dev/" HANDOVER_DEVICE ": %s: %s", strerror(err), line);
}

int module_stage(int fd, const struct module_block *b, struct error *e)
{
	size_t len = sizeof(struct handover_request) + b->bytes_n;
	struct handover_request *r = malloc(len);
	int err;

	if (!r)
		return fail(e, "out of memory");
	*r = (struct handover_request){ .magic = HANDOVER_REQUEST_MAGIC,
					.version = HANDOVER_VERSION,
					.action = HANDOVER_STAGE,
					.bytes = b->bytes_n,
					.memsz = b->memsz,
					.load = b->load,
					.h = b->handover };
	memcpy(r + 1, b->bytes, b->bytes_n);
	err = ask(fd, r, len, e);
	free(r);
	return err;
}

static int act(int fd, u32 action, struct error *e)
{
	struct handover_request r = { .magic = HANDOVER_REQUEST_MAGIC,
				      .version = HANDOVER_VERSION,
				      .action = action };

	return ask(fd, &r, sizeof(r), e);
}

int module_commit(int fd, struct error *e)
{
	return act(fd, HANDOVER_COMMIT, e);
}

int module_disarm(int fd, struct error *e)
{
	return act(fd, HANDOVER_DISARM, e);
}
