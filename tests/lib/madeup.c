// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/btf.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "madeup.h"

/* Members lie in this order, each behind the one before, in odd places. */
static const struct {
	const char *type, *name;
	u32 size;
	u8 bits;
} layout[] = {
	{ "uts_namespace", "name", 256, 0 },
	{ "new_utsname", "release", 65, 0 },
	{ "resource", "child", 8, 0 },
	{ "resource", "sibling", 8, 0 },
	{ "resource", "end", 8, 0 },
	{ "resource", "name", 8, 0 },
	{ "resource", "start", 8, 0 },
	{ "kobject", "name", 8, 0 },
	{ "kobject", "entry", 16, 0 },
	{ "kset", "list", 16, 0 },
	{ "device", "driver", 8, 0 },
	{ "device", "iommu_group", 8, 0 },
	{ "device", "kobj", 32, 0 },
	{ "device", "iommu", 8, 0 },
	{ "device_driver", "name", 8, 0 },
	{ "iommu_group", "id", 4, 0 },
	{ "iommu_group", "devices", 16, 0 },
	{ "iommu_group", "kobj", 32, 0 },
	{ "iommu_group", "default_domain", 8, 0 },
	{ "iommu_group", "domain", 8, 0 },
	{ "iommu_domain", "type", 4, 0 },
	{ "group_device", "dev", 8, 0 },
	{ "group_device", "list", 16, 0 },
	{ "dev_iommu", "iommu_dev", 8, 0 },
	{ "dev_iommu", "fwspec", 8, 0 },
	{ "dev_iommu", "priv", 8, 0 },
	{ "iommu_fwspec", "num_ids", 4, 0 },
	{ "iommu_fwspec", "ids", 0, 0 },
	{ "pci_bus", "number", 1, 0 },
	{ "pci_bus", "children", 16, 0 },
	{ "pci_bus", "devices", 16, 0 },
	{ "pci_bus", "node", 16, 0 },
	{ "pci_bus", "self", 8, 0 },
	{ "pci_dev", "hdr_type", 1, 0 },
	{ "pci_dev", "bus", 8, 0 },
	{ "pci_dev", "bus_list", 16, 0 },
	{ "pci_dev", "vendor", 2, 0 },
	{ "pci_dev", "device", 2, 0 },
	{ "pci_dev", "subsystem_vendor", 2, 0 },
	{ "pci_dev", "subsystem_device", 2, 0 },
	{ "pci_dev", "class", 4, 0 },
	{ "pci_dev", "subordinate", 8, 0 },
	{ "pci_dev", "pcie_cap", 1, 0 },
	{ "pci_dev", "pcie_flags_reg", 2, 0 },
	{ "pci_dev", "dma_alias_mask", 8, 0 },
	{ "pci_dev", "physfn", 8, 0 },
	{ "pci_dev", "is_virtfn", 1, 1 },
	{ "pci_dev", "ats_enabled", 1, 1 },
	{ "pci_dev", "sysdata", 8, 0 },
	{ "pci_dev", "dev", 128, 0 },
	{ "pci_sysdata", "vmd_dev", 8, 0 },
	{ "iommu_device", "dev", 8, 0 },
	{ "iommu_device", "list", 16, 0 },
	{ "dmar_drhd_unit", "reg_base_addr", 8, 0 },
	{ "dmar_drhd_unit", "segment", 2, 0 },
	{ "dmar_drhd_unit", "include_all", 1, 1 },
	{ "dmar_drhd_unit", "list", 16, 0 },
	{ "dmar_drhd_unit", "iommu", 8, 0 },
	{ "intel_iommu", "name", 13, 0 },
	{ "intel_iommu", "reg_size", 8, 0 },
	{ "intel_iommu", "reg_phys", 8, 0 },
	{ "intel_iommu", "root_entry", 8, 0 },
	{ "intel_iommu", "gcmd", 4, 0 },
	{ "intel_iommu", "ecap", 8, 0 },
	{ "intel_iommu", "cap", 8, 0 },
	{ "intel_iommu", "iommu", 32, 0 },
	{ "dmar_rmrr_unit", "devices_cnt", 4, 0 },
	{ "dmar_rmrr_unit", "devices", 8, 0 },
	{ "dmar_rmrr_unit", "end_address", 8, 0 },
	{ "dmar_rmrr_unit", "base_address", 8, 0 },
	{ "dmar_rmrr_unit", "list", 16, 0 },
	{ "dmar_dev_scope", "dev", 8, 0 },
	{ "dmar_dev_scope", "", 24, 0 },
	{ "device_domain_info", "segment", 4, 0 },
	{ "device_domain_info", "devfn", 1, 0 },
	{ "device_domain_info", "bus", 1, 0 },
	{ "amd_iommu", "index", 4, 0 },
	{ "amd_iommu", "features", 8, 0 },
	{ "amd_iommu", "list", 16, 0 },
	{ "amd_iommu", "mmio_phys", 8, 0 },
	{ "amd_iommu", "pci_seg", 8, 0 },
	{ "amd_iommu", "iommu", 32, 0 },
	{ "amd_iommu_pci_seg", "last_bdf", 2, 0 },
	{ "amd_iommu_pci_seg", "id", 2, 0 },
	{ "amd_iommu_pci_seg", "list", 16, 0 },
	{ "amd_iommu_pci_seg", "dev_table", 8, 0 },
	{ "amd_iommu_pci_seg", "alias_table", 8, 0 },
	{ "amd_iommu_pci_seg", "unity_map", 16, 0 },
	{ "unity_map_entry", "devid_end", 2, 0 },
	{ "unity_map_entry", "devid_start", 2, 0 },
	{ "unity_map_entry", "address_end", 8, 0 },
	{ "unity_map_entry", "address_start", 8, 0 },
	{ "unity_map_entry", "list", 16, 0 },
	{ "iommu_dev_data", "devid", 2, 0 },
};

/* Each 64 bytes behind the one before, from here. */
#define SYMBOLS_AT 0x1000u
#define SYMBOL_BYTES 64u
static const char *const symbols[] = {
	"iomem_resource",	  "init_uts_ns",      "pci_root_buses",
	"iommu_device_list",	  "iommu_group_kset", "dmar_drhd_units",
	"dmar_rmrr_units",	  "intel_iommu_sm",   "amd_iommu_list",
	"amd_iommu_pci_seg_list", "amd_iommu_efr",    "amd_iommu_efr2",
	"amd_iommu_guest_ir",
};

static bool is_without(const struct madeup *k, const char *what)
{
	for (size_t i = 0; i < k->withouts; i++)
		if (!strcmp(k->without[i], what))
			return true;
	return false;
}

static bool find_member(struct madeup *k, struct member *m)
{
	char what[128];
	u32 off = 5;

	snprintf(what, sizeof(what), "%s.%s", m->type, m->name);
	m->found = false;
	for (size_t i = 0; i < ARRAY_SIZE(layout); i++) {
		if (strcmp(layout[i].type, m->type))
			continue;
		if (strcmp(layout[i].name, m->name)) {
			off += layout[i].size + 3;
			continue;
		}
		if (!m->bits != !layout[i].bits || is_without(k, what))
			return false;
		m->off = *m->name ? off : 0;
		m->size = layout[i].size;
		m->bits = layout[i].bits;
		m->shift = m->bits ? 3 : 0;
		m->found = true;
	}
	return m->found;
}

static int madeup_members(struct kernel *kernel, struct member *m, size_t n,
			  char *why, size_t why_len)
{
	(void)why;
	(void)why_len;
	for (size_t i = 0; i < n; i++)
		find_member((struct madeup *)kernel, &m[i]);
	return 0;
}

static int madeup_symbols(struct kernel *kernel, struct symbol *s, size_t n,
			  char *why, size_t why_len)
{
	struct madeup *k = (struct madeup *)kernel;

	(void)why;
	(void)why_len;
	for (size_t i = 0; i < n; i++) {
		s[i].found = false;
		s[i].addr = 0;
		for (u32 j = 0; j < ARRAY_SIZE(symbols); j++) {
			if (strcmp(symbols[j], s[i].name) ||
			    is_without(k, s[i].name))
				continue;
			s[i].addr = SYMBOLS_AT + j * SYMBOL_BYTES;
			s[i].found = true;
		}
	}
	return 0;
}

static u8 *page_at(struct madeup *k, u64 addr, bool make)
{
	addr = align_down(addr, PAGE_4K);
	for (size_t i = 0; i < k->pages; i++)
		if (align_down(k->page[i], PAGE_4K) == addr)
			return make || !(k->page[i] & 1) ? k->bytes[i] : NULL;
	if (!make || k->pages >= MADEUP_PAGES)
		return NULL;
	k->page[k->pages] = addr;
	k->bytes[k->pages] = calloc(1, PAGE_4K);
	if (!k->bytes[k->pages])
		abort();
	return k->bytes[k->pages++];
}

static int madeup_read_mem(struct kernel *kernel, u64 virt, void *buf, u32 len)
{
	struct madeup *k = (struct madeup *)kernel;
	u8 *to = buf;

	if (virt + len < virt)
		return IOMMU_EREAD;
	for (u32 i = 0; i < len && k->mem; i++)
		if (mem_read(k->mem, virt + i, &to[i], 1))
			return IOMMU_EREAD;
	for (u32 i = 0; i < len && !k->mem; i++) {
		const u8 *page = page_at(k, virt + i, false);

		k->k.error = page ? NULL : "not in the dump";
		if (!page)
			return IOMMU_EREAD;
		to[i] = page[(virt + i) % PAGE_4K];
	}
	return IOMMU_OK;
}

/* Physical addresses are others, so that no one mistakes the two. */
static bool madeup_phys(struct kernel *kernel, u64 virt, u64 *phys)
{
	(void)kernel;
	if (virt >= 0x40000000)
		return false;
	*phys = virt + 0x80000000;
	return true;
}

void madeup_init(struct madeup *k)
{
	memset(k, 0, sizeof(*k));
	k->k = (struct kernel){
		.read = madeup_read_mem,
		.phys = madeup_phys,
		.symbols = madeup_symbols,
		.members = madeup_members,
		.memory_source = "memory",
		.symbols_source = "symbols",
		.members_source = "types",
		.machine = EM_X86_64,
	};
}

void madeup_free(struct madeup *k)
{
	for (size_t i = 0; i < k->pages; i++)
		free(k->bytes[i]);
	facts_free(&k->facts);
}

bool madeup_symbol(size_t i, struct symbol *s)
{
	if (i >= ARRAY_SIZE(symbols))
		return false;
	*s = (struct symbol){ .name = symbols[i],
			      .addr = SYMBOLS_AT + i * SYMBOL_BYTES,
			      .found = true };
	return true;
}

/* Sizes are all that is asked of a member's type. */
static int btf_bytes(struct btf *b, u32 size, int byte, int index)
{
	if (size == 1 || size == 2 || size == 4 || size == 8) {
		char name[8];

		snprintf(name, sizeof(name), "u%u", size * 8);
		return btf__add_int(b, name, size, 0);
	}
	return btf__add_array(b, index, byte, size);
}

struct btf *madeup_btf(void)
{
	struct btf *b = btf__new_empty();
	int byte = btf__add_int(b, "u8", 1, 0), type[ARRAY_SIZE(layout)];

	for (size_t i = 0; i < ARRAY_SIZE(layout); i++)
		type[i] = btf_bytes(b, layout[i].size, byte, byte);
	for (size_t i = 0; i < ARRAY_SIZE(layout);) {
		const char *name = layout[i].type;
		size_t end = i;
		u32 size = 5, off = 5;

		for (; end < ARRAY_SIZE(layout) &&
		       !strcmp(layout[end].type, name);
		     end++)
			size = *layout[end].name ? size + layout[end].size + 3
						 : layout[end].size;
		btf__add_struct(b, name, size);
		for (; i < end; i++) {
			bool bits = layout[i].bits;

			if (*layout[i].name)
				btf__add_field(b, layout[i].name, type[i],
					       off * 8 + (bits ? 3 : 0),
					       layout[i].bits);
			off += layout[i].size + 3;
		}
	}
	return b;
}

/* --- the text --- */

static bool split_member(const char *word, struct member *m, char *buf,
			 size_t len)
{
	char *dot;

	snprintf(buf, len, "%s", word);
	dot = strchr(buf, '.');
	if (!dot)
		return false;
	*dot = '\0';
	*m = (struct member){ .type = buf, .name = dot + 1 };
	return true;
}

/* With or without bits, as it is. */
static bool any_member(struct madeup *k, struct member *m)
{
	m->bits = 0;
	if (find_member(k, m))
		return true;
	m->bits = 1;
	return find_member(k, m);
}

static bool number(struct madeup *k, const char *word, u64 *val)
{
	struct symbol s = { .name = word };
	char *end;

	*val = strtoull(word, &end, 0);
	if (end != word && !*end)
		return true;
	for (size_t i = 0; i < k->names; i++)
		if (!strcmp(k->name[i].name, word)) {
			*val = k->name[i].addr;
			return true;
		}
	madeup_symbols(&k->k, &s, 1, NULL, 0);
	*val = s.addr;
	return s.found;
}

/* NUMBER|NAME|SYMBOL[+TYPE.MEMBER|+NUMBER]... */
static bool address(struct madeup *k, const char *word, u64 *val)
{
	char text[256], buf[128], *save, *part;
	struct member m;
	u64 more;

	snprintf(text, sizeof(text), "%s", word);
	part = strtok_r(text, "+", &save);
	if (!part || !number(k, part, val))
		return false;
	while ((part = strtok_r(NULL, "+", &save))) {
		if (number(k, part, &more))
			*val += more;
		else if (split_member(part, &m, buf, sizeof(buf)) &&
			 any_member(k, &m))
			*val += m.off;
		else
			return false;
	}
	return true;
}

static void put(struct madeup *k, u64 at, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		u8 *page = page_at(k, at + i, true);

		if (page)
			page[(at + i) % PAGE_4K] = ((const u8 *)bytes)[i];
	}
}

static bool do_set(struct madeup *k, char **w, size_t n)
{
	char buf[128];
	struct member m;
	u64 at, val, old = 0;

	if (n != 4 || !address(k, w[1], &at) ||
	    !split_member(w[2], &m, buf, sizeof(buf)) || !any_member(k, &m) ||
	    !address(k, w[3], &val) || m.size > 8)
		return false;
	if (m.bits) {
		madeup_read_mem(&k->k, at + m.off, &old, 1);
		val = (old & ~BIT64(m.shift)) | val << m.shift;
	}
	put(k, at + m.off, &val, m.size);
	return true;
}

static bool do_text(struct madeup *k, char **w, size_t n)
{
	u64 at;

	if (n < 3 || !address(k, w[1], &at))
		return false;
	for (size_t i = 2; i < n; i++) {
		put(k, at, w[i], strlen(w[i]));
		at += strlen(w[i]);
		put(k, at++, i + 1 < n ? " " : "", 1);
	}
	return true;
}

static bool do_word(struct madeup *k, char **w, size_t n)
{
	u64 at, val;

	if (n < 3 || !address(k, w[1], &at))
		return false;
	for (size_t i = 2; i < n; i++, at += 8) {
		if (!address(k, w[i], &val))
			return false;
		put(k, at, &val, sizeof(val));
	}
	return true;
}

static bool do_list(struct madeup *k, char **w, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		u64 at, next;

		if (!address(k, w[i], &at) ||
		    !address(k, w[i + 1 < n ? i + 1 : 1], &next))
			return false;
		put(k, at, &next, sizeof(next));
		put(k, next + sizeof(next), &at, sizeof(at));
	}
	return n > 1;
}

static bool do_at(struct madeup *k, char **w, size_t n)
{
	u64 at;

	if (n != 3 || k->names >= MADEUP_NAMES || !address(k, w[2], &at))
		return false;
	snprintf(k->name[k->names].name, sizeof(k->name[0].name), "%s", w[1]);
	k->name[k->names++].addr = at;
	return true;
}

static bool do_hole(struct madeup *k, char **w, size_t n)
{
	u64 at;

	if (n != 2 || !address(k, w[1], &at) || !page_at(k, at, true))
		return false;
	for (size_t i = 0; i < k->pages; i++)
		if (k->page[i] == align_down(at, PAGE_4K))
			k->page[i] |= 1;
	return true;
}

static bool do_without(struct madeup *k, char **w, size_t n)
{
	if (n != 2 || k->withouts >= ARRAY_SIZE(k->without))
		return false;
	snprintf(k->without[k->withouts++], sizeof(k->without[0]), "%s", w[1]);
	return true;
}

static bool do_known(struct madeup *k, char **w, size_t n)
{
	struct facts *f = &k->facts;
	struct fact_unit *u;
	u64 vendor, reg;

	if (n != 4 || !address(k, w[2], &vendor) || !address(k, w[3], &reg))
		return false;
	u = array_grow(&f->unit, &f->unit_n, sizeof(*u));
	if (!u)
		abort();
	u->name = strdup(w[1]);
	u->vendor = (u32)vendor;
	u->reg_phys = reg;
	return true;
}

static bool line(struct madeup *k, char *text)
{
	static const struct {
		const char *name;
		bool (*take)(struct madeup *k, char **w, size_t n);
	} lines[] = {
		{ "at", do_at },       { "set", do_set },
		{ "text", do_text },   { "word", do_word },
		{ "list", do_list },   { "hole", do_hole },
		{ "known", do_known }, { "without", do_without },
	};
	char *w[64], *save;
	size_t n = 0;

	text[strcspn(text, "#\n")] = '\0';
	for (char *s = strtok_r(text, " \t", &save); s && n < ARRAY_SIZE(w);
	     s = strtok_r(NULL, " \t", &save))
		w[n++] = s;
	for (size_t i = 0; n && i < ARRAY_SIZE(lines); i++)
		if (!strcmp(lines[i].name, w[0]))
			return lines[i].take(k, w, n);
	return !n;
}

bool madeup_read(struct madeup *k, const char *path)
{
	FILE *in = fopen(path, "r");
	char text[1024], include[512];
	unsigned int number_of = 0;
	bool ok = in;

	if (!in)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	while (ok && fgets(text, sizeof(text), in)) {
		number_of++;
		if (sscanf(text, "include %500s", include) == 1) {
			ok = madeup_read(k, include);
			continue;
		}
		ok = line(k, text);
		if (!ok)
			fprintf(stderr, "%s:%u: not understood\n", path,
				number_of);
	}
	if (in)
		fclose(in);
	return ok;
}
