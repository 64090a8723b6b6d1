// SPDX-License-Identifier: GPL-2.0-only
/* Where members are, from the running kernel's own BTF. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"

#define BTF_FILE "sys/kernel/btf/vmlinux"
#define BTF_MAX MIB(256)

/* Only whole bytes; bit fields are none of our members. */
static void match_members(const struct btf *btf, const struct btf_type *t,
			  struct member *m, size_t n)
{
	const char *type = btf__name_by_offset(btf, t->name_off);
	const struct btf_member *member = btf_members(t);

	for (u32 i = 0; i < btf_vlen(t); i++, member++) {
		const char *name = btf__name_by_offset(btf, member->name_off);
		u32 bit = btf_member_bit_offset(t, i);
		long long size;

		for (size_t j = 0; name && j < n; j++) {
			if (m[j].found || strcmp(m[j].type, type) ||
			    strcmp(m[j].name, name) || bit % 8 ||
			    btf_member_bitfield_size(t, i))
				continue;
			size = btf__resolve_size(btf, member->type);
			if (size <= 0)
				continue;
			m[j].off = bit / 8;
			m[j].size = (u32)size;
			m[j].found = true;
		}
	}
}

int members_btf(const struct sysroot *root, struct member *m, size_t n,
		char *why, size_t why_len)
{
	const char *last = NULL;
	struct btf *btf = NULL;
	size_t len;
	char *raw;
	int rc = 0;

	raw = sysroot_read(root, BTF_FILE, BTF_MAX, &len);
	if (!raw) {
		rc = -errno;
		snprintf(why, why_len, "%s: %s", BTF_FILE, strerror(errno));
		return rc;
	}
	btf = btf__new(raw, (u32)len);
	free(raw);
	if (!btf) {
		rc = -errno;
		snprintf(why, why_len, "%s: no valid BTF: %s", BTF_FILE,
			 strerror(errno));
		return rc;
	}
	for (size_t i = 0; i < n; i++) {
		int id;

		if (last && !strcmp(last, m[i].type))
			continue;
		last = m[i].type;
		id = btf__find_by_name_kind(btf, last, BTF_KIND_STRUCT);
		if (id > 0)
			match_members(btf, btf__type_by_id(btf, (u32)id), m, n);
	}
	btf__free(btf);
	return 0;
}
