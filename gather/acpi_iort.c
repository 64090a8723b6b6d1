// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser of the ACPI IORT table. Pure: bytes in, entries out. Every length is
 * checked against what holds it before anything behind it is looked at.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "acpi_iort.h"
#include "sources.h"

struct parser {
	struct acpi_table t;
	struct arm_iommus *a;
	u32 end; /* of the table */
};

struct iort_node {
	struct acpi_node node;
	u32 mappings;
	const u8 *mapping;
};

/* The node at @at; false, with a line on the rule, when it can't be one. */
static bool read_node(struct parser *p, u32 at, struct iort_node *n)
{
	const struct acpi_node *h = &n->node;
	u32 mappings_at;

	memset(n, 0, sizeof(*n));
	if (!acpi_read_node(&p->t, p->end, at, NODE_LEN, NODE_LENGTH_OFF,
			    &n->node))
		return false;
	n->mappings = le32(h->b + NODE_MAPPINGS_OFF);
	mappings_at = le32(h->b + NODE_MAPPINGS_AT_OFF);
	if (n->mappings &&
	    (mappings_at > h->len ||
	     n->mappings > (h->len - mappings_at) / MAPPING_LEN)) {
		acpi_complain(&p->t,
			      "offset 0x%x: %u ID mappings at 0x%x of a node "
			      "of %u bytes: left out",
			      at, n->mappings, mappings_at, h->len);
		n->mappings = 0;
	}
	if (n->mappings)
		n->mapping = h->b + mappings_at;
	return true;
}

/* Two pages, but where the second one is not where it should be. */
static u64 smmuv3_len(const struct iort_node *n)
{
	return le32(n->node.b + SMMUV3_MODEL_OFF) == SMMUV3_CAVIUM_CN99XX
		       ? SMMUV3_PAGE_LEN
		       : 2 * SMMUV3_PAGE_LEN;
}

static int add_smmu(struct parser *p, const struct iort_node *n)
{
	bool v3 = n->node.type == IORT_SMMUV3;
	struct arm_smmu *s;

	if (!acpi_node_holds(&p->t, &n->node, v3 ? SMMUV3_LEN : SMMUV2_LEN))
		return 0;
	s = array_grow(&p->a->smmu, &p->a->smmus, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->at = n->node.at;
	s->version = v3 ? 3 : 2;
	s->base = le64(n->node.b + SMMU_BASE_OFF);
	s->len = v3 ? smmuv3_len(n) : le64(n->node.b + SMMUV2_SPAN_OFF);
	return 0;
}

static u32 smmu_at(const struct arm_iommus *a, u32 at)
{
	for (size_t i = 0; i < a->smmus; i++)
		if (a->smmu[i].at == at)
			return (u32)i;
	return REC_NONE;
}

/* One mapping that ends at an SMMU; false: elsewhere (an ITS), or malformed. */
static bool read_mapping(struct parser *p, const struct iort_node *n, u32 i,
			 struct arm_route *r)
{
	const u8 *b = n->mapping + (size_t)i * MAPPING_LEN;
	u64 count = (u64)le32(b + MAPPING_COUNT_OFF) + 1;

	*r = (struct arm_route){ .at = (u32)(b - p->t.b), .mask = ~0u };
	r->smmu = smmu_at(p->a, le32(b + MAPPING_REFERENCE_OFF));
	if (r->smmu == REC_NONE)
		return false;
	if (le32(b + MAPPING_FLAGS_OFF) & MAPPING_SINGLE)
		count = 1;
	r->first = le32(b + MAPPING_BASE_OFF);
	r->stream = le32(b + MAPPING_OUTPUT_OFF);
	if (r->first + count > BIT64(32) || r->stream + count > BIT64(32) ||
	    count > ~0u) {
		acpi_complain(&p->t,
			      "offset 0x%x: ID mapping of %llu ids goes beyond "
			      "32 bits: left out",
			      r->at, (unsigned long long)count);
		return false;
	}
	r->count = (u32)count;
	return true;
}

static int add_routes(struct parser *p, const struct iort_node *n, u32 segment,
		      const char *name)
{
	struct arm_route r, *slot;

	for (u32 i = 0; i < n->mappings; i++) {
		if (!read_mapping(p, n, i, &r))
			continue;
		slot = array_grow(&p->a->route, &p->a->routes, sizeof(*slot));
		if (!slot)
			return -ENOMEM;
		r.segment = segment;
		*slot = r;
		if (name && !(slot->name = strdup(name)))
			return -ENOMEM;
		if (name)
			name_printable(slot->name);
	}
	return 0;
}

/* Its object name is a path: the last part says enough. */
static int add_component(struct parser *p, const struct iort_node *n)
{
	char name[64], *last;

	if (!acpi_node_holds(&p->t, &n->node, COMPONENT_NAME_OFF + 1))
		return 0;
	snprintf(name, sizeof(name), "%.*s",
		 (int)(n->node.len - COMPONENT_NAME_OFF),
		 (const char *)n->node.b + COMPONENT_NAME_OFF);
	last = strrchr(name, '.');
	return add_routes(p, n, 0, last ? last + 1 : name);
}

static int add_reserved(struct parser *p, const struct iort_node *n,
			u32 range_at)
{
	const u8 *b = n->node.b + range_at;
	struct arm_reserved *s;
	struct arm_route r;

	for (u32 i = 0; i < n->mappings && i < ARM_RESERVED_MAX; i++) {
		if (!read_mapping(p, n, i, &r))
			continue;
		s = array_grow(&p->a->reserved, &p->a->reserveds, sizeof(*s));
		if (!s)
			return -ENOMEM;
		*s = (struct arm_reserved){ n->node.at + range_at,
					    le64(b),
					    le64(b + 8),
					    r.smmu,
					    r.stream,
					    r.count };
	}
	return 0;
}

/* Section 3.1.1.5: memory ranges, each for all of the node's streams. */
static int add_rmr(struct parser *p, const struct iort_node *n)
{
	u32 ranges, at, i;
	int rc = 0;

	if (!acpi_node_holds(&p->t, &n->node, RMR_LEN))
		return 0;
	ranges = le32(n->node.b + RMR_RANGES_OFF);
	at = le32(n->node.b + RMR_RANGES_AT_OFF);
	if (ranges > ARM_RESERVED_MAX || n->mappings > ARM_RESERVED_MAX ||
	    at > n->node.len || ranges > (n->node.len - at) / RMR_RANGE_LEN) {
		acpi_complain(&p->t,
			      "offset 0x%x: RMR of %u ranges at 0x%x and %u "
			      "mappings in %u bytes: left out",
			      n->node.at, ranges, at, n->mappings, n->node.len);
		return 0;
	}
	for (i = 0; !rc && i < ranges; i++)
		rc = add_reserved(p, n, at + i * RMR_RANGE_LEN);
	return rc;
}

static int add_node(struct parser *p, const struct iort_node *n, bool units)
{
	if (units)
		return n->node.type == IORT_SMMUV2 ||
				       n->node.type == IORT_SMMUV3
			       ? add_smmu(p, n)
			       : 0;
	switch (n->node.type) {
	case IORT_COMPONENT:
		return add_component(p, n);
	case IORT_ROOT_COMPLEX:
		if (!acpi_node_holds(&p->t, &n->node, ROOT_COMPLEX_LEN))
			return 0;
		return add_routes(
			p, n, le32(n->node.b + ROOT_COMPLEX_SEGMENT_OFF), NULL);
	case IORT_RMR:
		return add_rmr(p, n);
	}
	return 0;
}

int iort_parse(struct arm_iommus *a, const u8 *bytes, size_t len,
	       void (*tell)(void *arg, const char *line), void *arg)
{
	struct parser p = { .t = { bytes, tell, arg }, .a = a };
	u32 nodes, at, i, pass;
	struct iort_node n;
	int rc = 0;

	p.end = acpi_table_len(&p.t, "IORT", IORT_LEN, len);
	if (!p.end)
		return 0;
	nodes = le32(bytes + IORT_NODES_OFF);
	/* Mappings name SMMUs that may come later: those first. */
	for (pass = 0; !rc && pass < 2; pass++) {
		at = le32(bytes + IORT_NODES_AT_OFF);
		for (i = 0; !rc && i < nodes; i++, at += n.node.len) {
			if (!read_node(&p, at, &n)) {
				nodes = i; /* those before it are sound */
				break;
			}
			rc = add_node(&p, &n, pass == 0);
		}
	}
	return rc;
}

void arm_free(struct arm_iommus *a)
{
	for (size_t i = 0; i < a->routes; i++)
		free(a->route[i].name);
	free(a->smmu);
	free(a->route);
	free(a->reserved);
	memset(a, 0, sizeof(*a));
}
