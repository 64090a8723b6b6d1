// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMMUs of a flattened device tree: Devicetree Specification v0.4, and the
 * bindings iommu/arm,smmu.yaml, iommu/arm,smmu-v3.yaml, iommu/iommu.txt and
 * pci/pci-iommu.txt of the kernel (6.1), and iommu-addresses of
 * reserved-memory.yaml (6.3 on). libfdt sees to the blob's own form.
 */
#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arm.h"
#include "sources.h"

#define DT_VERSION 17 /* of the blob: Devicetree Specification, 5.2 */

struct parser {
	struct arm_iommus *a;
	const void *fdt;
	void (*tell)(void *arg, const char *line);
	void *arg;
	u32 next_segment;
	u32 lookups; /* of regions' phandles that are still done */
};

/* Between an SMMU and the CPU; more are a joke. */
#define BUSES_MAX 16u
/* Each goes through the whole tree. */
#define LOOKUPS_MAX 4096u

static const struct {
	const char *compatible;
	u32 version;
} kinds[] = {
	{ "arm,smmu-v3", 3 },  { "arm,smmu-v1", 2 },	{ "arm,smmu-v2", 2 },
	{ "arm,mmu-400", 2 },  { "arm,mmu-401", 2 },	{ "arm,mmu-500", 2 },
	{ "qcom,smmu-v2", 2 }, { "cavium,smmu-v2", 2 },
};

static void complain(const struct parser *p, int node, const char *why)
{
	const char *name = fdt_get_name(p->fdt, node, NULL);
	char line[256], clean[65];

	snprintf(clean, sizeof(clean), "%s", name ? name : "node");
	name_printable(clean);
	snprintf(line, sizeof(line), "offset 0x%x: %s: %s", (u32)node, clean,
		 why);
	p->tell(p->arg, line);
}

static u32 cell(const void *cells, u32 i)
{
	fdt32_t v;

	memcpy(&v, (const u8 *)cells + i * sizeof(v), sizeof(v));
	return fdt32_to_cpu(v);
}

/* A property of whole cells; NULL: none, or not of whole cells. */
static const void *cells_of(const struct parser *p, int node, const char *name,
			    u32 *n)
{
	int len;
	const void *v = fdt_getprop(p->fdt, node, name, &len);

	*n = v && len > 0 && len % 4 == 0 ? (u32)len / 4 : 0;
	return *n ? v : NULL;
}

static u64 number(const void *cells, u32 at, u32 n)
{
	return n == 2 ? (u64)cell(cells, at) << 32 | cell(cells, at + 1)
		      : cell(cells, at);
}

/* What @ranges of @n cells make of an address of @bus; false: nothing. */
static bool map_address(const struct parser *p, int bus, int parent,
			const void *ranges, u32 n, u64 *start, u64 len)
{
	int ac = fdt_address_cells(p->fdt, bus);
	int sc = fdt_size_cells(p->fdt, bus);
	int up = parent < 0 ? -1 : fdt_address_cells(p->fdt, parent);
	u64 from, size;
	u32 i, each;

	if (ac < 1 || ac > 2 || sc < 1 || sc > 2 || up < 1 || up > 2)
		return false;
	each = (u32)(ac + up + sc);
	for (i = 0; i + each <= n; i += each) {
		from = number(ranges, i, (u32)ac);
		size = number(ranges, i + (u32)(ac + up), (u32)sc);
		if (*start < from || len > size || *start - from > size - len)
			continue;
		*start = *start - from + number(ranges, i + (u32)ac, (u32)up);
		return true;
	}
	return false;
}

/*
 * Devicetree Specification, 2.3.8: an address that children of @bus have, as the
 * CPU has it. Without ranges none of them has one.
 */
static bool to_cpu(const struct parser *p, int bus, u64 *start, u64 len)
{
	const void *ranges;
	int parent, bytes;
	u32 buses = 0;

	for (; bus > 0; bus = parent) {
		ranges = fdt_getprop(p->fdt, bus, "ranges", &bytes);
		if (!ranges || bytes % 4 || ++buses > BUSES_MAX)
			return false;
		parent = fdt_parent_offset(p->fdt, bus);
		if (bytes && !map_address(p, bus, parent, ranges,
					  (u32)bytes / 4, start, len))
			return false;
	}
	return !bus;
}

/* The first register range. */
static int add_smmu(struct parser *p, int node, u32 version)
{
	int parent = fdt_parent_offset(p->fdt, node);
	int ac = parent < 0 ? -1 : fdt_address_cells(p->fdt, parent);
	int sc = parent < 0 ? -1 : fdt_size_cells(p->fdt, parent);
	struct arm_smmu *s;
	const void *reg;
	u64 base, len;
	u32 n;

	reg = cells_of(p, node, "reg", &n);
	if (ac < 1 || ac > 2 || sc < 1 || sc > 2 || !reg ||
	    n < (u32)(ac + sc)) {
		complain(p, node, "reg is not an address and a length");
		return 0;
	}
	base = number(reg, 0, (u32)ac);
	len = number(reg, (u32)ac, (u32)sc);
	if (!to_cpu(p, parent, &base, len)) {
		complain(p, node, "no bus maps its registers: left out");
		return 0;
	}
	s = array_grow(&p->a->smmu, &p->a->smmus, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct arm_smmu){ (u32)node, version, base, len };
	return 0;
}

static bool disabled(const struct parser *p, int node)
{
	const char *s = fdt_getprop(p->fdt, node, "status", NULL);

	return s && strcmp(s, "okay") && strcmp(s, "ok");
}

/* The SMMU that a phandle names; *at the node, whatever it is. */
static u32 smmu_of(const struct parser *p, u32 phandle, int *at)
{
	*at = fdt_node_offset_by_phandle(p->fdt, phandle);
	for (size_t i = 0; *at >= 0 && i < p->a->smmus; i++)
		if (p->a->smmu[i].at == (u32)*at)
			return (u32)i;
	return REC_NONE;
}

static int add_route(struct parser *p, int node, const struct arm_route *r,
		     const char *name)
{
	struct arm_route *slot;

	if ((u64)r->first + r->count > BIT64(32) ||
	    (u64)r->stream + r->count > BIT64(32)) {
		complain(p, node, "an id beyond 32 bits: left out");
		return 0;
	}
	slot = array_grow(&p->a->route, &p->a->routes, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = *r;
	slot->at = (u32)node;
	if (name && !(slot->name = strdup(name)))
		return -ENOMEM;
	if (name)
		name_printable(slot->name);
	return 0;
}

/*
 * iommu-map: (first, phandle, stream, count)... of a PCI host bridge, for those
 * bits of an id that iommu-map-mask has.
 */
static int add_map(struct parser *p, int node)
{
	u32 n, i, dn, segment = p->next_segment;
	const void *map = cells_of(p, node, "iommu-map", &n), *domain;
	const void *mask = cells_of(p, node, "iommu-map-mask", &dn);
	int at, rc = 0;

	domain = cells_of(p, node, "linux,pci-domain", &dn);
	if (domain)
		segment = cell(domain, 0);
	else
		p->next_segment++;
	if (n % 4)
		complain(p, node, "iommu-map is not of four cells each");
	for (i = 0; !rc && map && i + 4 <= n; i += 4) {
		struct arm_route r = {
			.mask = mask ? cell(mask, 0) : ~0u,
			.first = cell(map, i),
			.smmu = smmu_of(p, cell(map, i + 1), &at),
			.stream = cell(map, i + 2),
			.count = cell(map, i + 3),
			.segment = segment,
		};

		if (r.smmu != REC_NONE)
			rc = add_route(p, node, &r, NULL);
	}
	return rc;
}

/* iommus: (phandle, as many cells as that one's #iommu-cells)... */
static int add_streams(struct parser *p, int node)
{
	const char *name = fdt_get_name(p->fdt, node, NULL);
	u32 n, i, width, used;
	const void *v = cells_of(p, node, "iommus", &n), *cells;
	int at, rc = 0;

	for (i = 0; !rc && v && i < n; i += 1 + width) {
		struct arm_route r = { .smmu = smmu_of(p, cell(v, i), &at),
				       .count = 1 };

		cells = at < 0 ? NULL : cells_of(p, at, "#iommu-cells", &used);
		width = cells ? cell(cells, 0) : ~0u;
		if (width > 4 || i + 1 + width > n) {
			complain(p, node, "iommus does not fit its SMMU");
			return 0;
		}
		if (r.smmu == REC_NONE || !width)
			continue;
		r.stream = cell(v, i + 1);
		rc = add_route(p, node, &r, name ? name : "node");
	}
	return rc;
}

/* --- memory that a device goes on with --- */

/* Address and size of what stands at @i, as the children of @bus have them. */
static u32 range_at(const struct parser *p, int bus, const void *cells, u32 n,
		    u32 i, u64 *start, u64 *len)
{
	int ac = bus < 0 ? -1 : fdt_address_cells(p->fdt, bus);
	int sc = bus < 0 ? -1 : fdt_size_cells(p->fdt, bus);

	if (ac < 1 || ac > 2 || sc < 1 || sc > 2 || n - i < (u32)(ac + sc))
		return 0;
	*start = number(cells, i, (u32)ac);
	*len = number(cells, i + (u32)ac, (u32)sc);
	return (u32)(ac + sc);
}

/* -1: no such node, or too many were looked for. */
static int find_phandle(struct parser *p, u32 phandle)
{
	if (!p->lookups)
		return -1;
	p->lookups--;
	return fdt_node_offset_by_phandle(p->fdt, phandle);
}

/* Streams of the component at @node, which were just added. */
static int add_reserved(struct parser *p, int node, u64 start, u64 len)
{
	struct arm_reserved *s;

	for (size_t i = 0; i < p->a->routes; i++) {
		const struct arm_route *r = &p->a->route[i];

		if (r->at != (u32)node || !r->name)
			continue;
		s = array_grow(&p->a->reserved, &p->a->reserveds, sizeof(*s));
		if (!s)
			return -ENOMEM;
		*s = (struct arm_reserved){ (u32)node, start,	  len,
					    r->smmu,   r->stream, r->count };
	}
	return 0;
}

/*
 * iommu-addresses: (phandle of a device, address, size)..., with cells as where
 * that device stands. Linux maps those that are the region's own addresses.
 */
static int add_region(struct parser *p, int node, int region)
{
	u32 phandle = fdt_get_phandle(p->fdt, node), n, i, used, reg_n;
	const void *v = cells_of(p, region, "iommu-addresses", &n);
	const void *reg = cells_of(p, region, "reg", &reg_n);
	u64 start, len, iova, size;
	int device;

	if (!v || !reg ||
	    !range_at(p, fdt_parent_offset(p->fdt, region), reg, reg_n, 0,
		      &start, &len))
		return 0;
	for (i = 0; i < n; i += 1 + used) {
		device = find_phandle(p, cell(v, i));
		used = device < 0
			       ? 0
			       : range_at(p, fdt_parent_offset(p->fdt, device),
					  v, n, i + 1, &iova, &size);
		if (!used) {
			complain(p, region,
				 "iommu-addresses does not fit its device");
			return 0;
		}
		if (phandle && cell(v, i) == phandle && iova == start &&
		    size == len)
			return add_reserved(p, node, start, len);
	}
	return 0;
}

/* memory-region: phandles. */
static int add_regions(struct parser *p, int node)
{
	u32 n, i;
	const void *v = cells_of(p, node, "memory-region", &n);
	int region, rc = 0;

	for (i = 0; !rc && v && i < n && i < ARM_RESERVED_MAX; i++) {
		region = find_phandle(p, cell(v, i));
		if (region >= 0)
			rc = add_region(p, node, region);
	}
	return rc;
}

static int each_node(struct parser *p, int (*visit)(struct parser *, int))
{
	int node, depth = 0, rc = 0;

	for (node = fdt_next_node(p->fdt, -1, &depth); !rc && node >= 0;
	     node = fdt_next_node(p->fdt, node, &depth))
		rc = visit(p, node);
	return rc;
}

static int visit_smmu(struct parser *p, int node)
{
	if (disabled(p, node))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!fdt_node_check_compatible(p->fdt, node,
					       kinds[i].compatible))
			return add_smmu(p, node, kinds[i].version);
	/* nvidia_smmu_impl_init() (Linux 6.1) writes to each of them alike. */
	if (!fdt_node_check_compatible(p->fdt, node, "nvidia,smmu-500"))
		complain(p, node,
			 "several SMMUs that are programmed as one: left out");
	return 0;
}

static int visit_device(struct parser *p, int node)
{
	const char *type = fdt_getprop(p->fdt, node, "device_type", NULL);
	int rc;

	if (disabled(p, node))
		return 0;
	rc = add_streams(p, node);
	if (!rc)
		rc = add_regions(p, node);
	if (!rc && type && !strcmp(type, "pci"))
		rc = add_map(p, node);
	return rc;
}

/* False where libfdt's own check would not end: a property that ends where it begins. */
static bool tags_go_on(const void *blob)
{
	int at = 0, next;

	while (fdt_next_tag(blob, at, &next) != FDT_END) {
		if (next <= at)
			return false;
		at = next;
	}
	return true;
}

int dt_check(const void *blob, size_t len)
{
	int rc;

	if (len < sizeof(struct fdt_header))
		return -FDT_ERR_TRUNCATED;
	/* Kernels give no older ones; libfdt 1.6.1 trips over names before 16. */
	if (fdt_version(blob) < DT_VERSION)
		return -FDT_ERR_BADVERSION;
	rc = fdt_check_header(blob);
	if (rc)
		return rc;
	if (fdt_totalsize(blob) > len)
		return -FDT_ERR_TRUNCATED;
	return tags_go_on(blob) ? fdt_check_full(blob, len)
				: -FDT_ERR_BADSTRUCTURE;
}

int dt_parse(struct arm_iommus *a, const u8 *bytes, size_t len,
	     void (*tell)(void *arg, const char *line), void *arg)
{
	struct parser p = { a, bytes, tell, arg, 0, LOOKUPS_MAX };
	int rc = dt_check(bytes, len);
	char line[96];

	if (rc) {
		snprintf(line, sizeof(line), "no device tree: %s",
			 fdt_strerror(rc));
		tell(arg, line);
		return 0;
	}
	rc = each_node(&p, visit_smmu);
	return rc ? rc : each_node(&p, visit_device);
}
