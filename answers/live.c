// SPDX-License-Identifier: GPL-2.0-only
/* The running system, asked as a dump is. */
#include <errno.h>
#include <string.h>
#include "answers.h"

int dump_open_live(struct dump *d, const struct gather_opts *o, char *err,
		   size_t err_len)
{
	struct dump_error e = { o->root->path, err, err_len };
	struct mem *kcore;
	int rc;

	memset(d, 0, sizeof(*d));
	d->format = "live";
	d->live = true;
	rc = gather(&d->facts, o);
	if (rc) {
		dump_close(d);
		return dump_fail(&e, -rc, "%s", strerror(-rc));
	}
	kcore = kcore_open(o->root);
	if (!kcore) {
		facts_missing(&d->facts, "proc/kcore", "%s", strerror(errno));
		return 0;
	}
	/* One command is one look: each page is read once, as it is now. */
	d->mem = mem_cache(kcore, kcore_close, false);
	if (!d->mem) {
		kcore_close(kcore);
		dump_close(d);
		return dump_fail(&e, ENOMEM, "out of memory");
	}
	return 0;
}
