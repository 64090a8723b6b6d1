// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser of the ACPI VIOT table. Pure: bytes in, entries out. Every length is
 * checked against what holds it before anything behind it is looked at.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "acpi_viot.h"
#include "sources.h"

struct parser {
	struct acpi_table t;
	struct viot *v;
	u32 end; /* of the table */
};

static int add_unit(struct parser *p, const struct acpi_node *n)
{
	struct viot_unit *u;

	if (!acpi_node_holds(&p->t, n, VIOT_IOMMU_LEN))
		return 0;
	u = array_grow(&p->v->unit, &p->v->units, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->at = n->at;
	u->type = n->type;
	if (n->type == VIOT_IOMMU_PCI) {
		u->segment = le16(n->b + VIOT_IOMMU_SEGMENT_OFF);
		u->function = le16(n->b + VIOT_IOMMU_BDF_OFF);
	} else {
		u->base = le64(n->b + VIOT_IOMMU_BASE_OFF);
	}
	return 0;
}

static u32 unit_at(const struct viot *v, u32 at)
{
	for (size_t i = 0; i < v->units; i++)
		if (v->unit[i].at == at)
			return (u32)i;
	return REC_NONE;
}

/* False, with a line on the rule, when it is behind nothing, or runs backwards. */
static bool read_endpoint(struct parser *p, const struct acpi_node *n,
			  struct viot_endpoint *e)
{
	u32 output = le16(n->b + VIOT_OUTPUT_OFF);

	*e = (struct viot_endpoint){ .at = n->at, .type = n->type };
	e->unit = unit_at(p->v, output);
	e->first = le32(n->b + VIOT_ENDPOINT_OFF);
	if (e->unit == REC_NONE) {
		acpi_complain(&p->t,
			      "offset 0x%x: output node 0x%x is no IOMMU: left "
			      "out",
			      n->at, output);
		return false;
	}
	if (n->type == VIOT_MMIO_ENDPOINT) {
		e->base = le64(n->b + VIOT_MMIO_BASE_OFF);
		return true;
	}
	e->segment = le16(n->b + VIOT_RANGE_SEGMENT_OFF);
	e->segment_last = le16(n->b + VIOT_RANGE_SEGMENT_END_OFF);
	e->function = le16(n->b + VIOT_RANGE_BDF_OFF);
	e->function_last = le16(n->b + VIOT_RANGE_BDF_END_OFF);
	if (e->segment <= e->segment_last && e->function <= e->function_last)
		return true;
	acpi_complain(&p->t,
		      "offset 0x%x: PCI range of segments 0x%x to 0x%x, "
		      "functions 0x%x to 0x%x: left out",
		      n->at, e->segment, e->segment_last, e->function,
		      e->function_last);
	return false;
}

static int add_endpoint(struct parser *p, const struct acpi_node *n)
{
	struct viot_endpoint e, *slot;

	if (!acpi_node_holds(&p->t, n, VIOT_ENDPOINT_LEN) ||
	    !read_endpoint(p, n, &e))
		return 0;
	slot = array_grow(&p->v->endpoint, &p->v->endpoints, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = e;
	return 0;
}

static int add_node(struct parser *p, const struct acpi_node *n, bool units)
{
	switch (n->type) {
	case VIOT_IOMMU_PCI:
	case VIOT_IOMMU_MMIO:
		return units ? add_unit(p, n) : 0;
	case VIOT_PCI_RANGE:
	case VIOT_MMIO_ENDPOINT:
		return units ? 0 : add_endpoint(p, n);
	}
	if (units)
		acpi_complain(&p->t, "offset 0x%x: node of unknown type %u",
			      n->at, n->type);
	return 0;
}

int viot_parse(struct viot *v, const u8 *bytes, size_t len,
	       void (*tell)(void *arg, const char *line), void *arg)
{
	struct parser p = { .t = { bytes, tell, arg }, .v = v };
	u32 nodes, at, i, pass;
	struct acpi_node n;
	int rc = 0;

	memset(v, 0, sizeof(*v));
	p.end = acpi_table_len(&p.t, "VIOT", VIOT_LEN, len);
	if (!p.end)
		return 0;
	nodes = le16(bytes + VIOT_NODES_OFF);
	/* Endpoints name units that may come later: those first. */
	for (pass = 0; !rc && pass < 2; pass++) {
		at = le16(bytes + VIOT_NODES_AT_OFF);
		for (i = 0; !rc && i < nodes; i++, at += n.len) {
			if (!acpi_read_node(&p.t, p.end, at, VIOT_NODE_LEN,
					    VIOT_NODE_LENGTH_OFF, &n)) {
				nodes = i; /* those before it are sound */
				break;
			}
			rc = add_node(&p, &n, pass == 0);
		}
	}
	return rc;
}

void viot_free(struct viot *v)
{
	free(v->unit);
	free(v->endpoint);
	memset(v, 0, sizeof(*v));
}
