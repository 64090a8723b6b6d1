// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing and reading the notes; man/iommu-notes.5 is the prose. All words
 * are little endian, as is every machine this runs on. What is read comes
 * from a dump and is not trusted: no length is used before it is compared
 * with what is there.
 */
#include "iommu_notes.h"
#include "env.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little endian only");

#define NHDR_BYTES 12u
#define NHDR_DESCSZ 4u
#define CRC_OFFSET offsetof(struct note_head, crc)

/* CRC-32 (IEEE 802.3, reflected 0xedb88320) of each 4-bit value. */
static const u32 crc_nibble[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

u32 note_crc32(u32 crc, const void *data, u32 len)
{
	const u8 *p = data;

	crc = ~crc;
	while (len--) {
		crc ^= *p++;
		crc = crc >> 4 ^ crc_nibble[crc & 15];
		crc = crc >> 4 ^ crc_nibble[crc & 15];
	}
	return ~crc;
}

static u32 pad4(u32 len)
{
	return len + (-len & 3);
}

static void put32(u8 *p, u32 v)
{
	memcpy(p, &v, sizeof(v));
}

static u32 get32(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The bytes that records may fill end here. */
static u32 room_end(const struct note_writer *w)
{
	return (w->size - NOTE_TERMINATOR) & ~3u;
}

static void put_head(struct note_writer *w)
{
	struct note_head head = {
		.magic = NOTE_MAGIC,
		.version = NOTE_VERSION,
		.head_len = sizeof(head),
		.len = w->len - NOTE_HEADER_BYTES,
		.records = w->records,
		.dropped = w->dropped,
	};
	u8 *desc = w->buf + NOTE_HEADER_BYTES;

	memcpy(desc, &head, sizeof(head));
	put32(desc + CRC_OFFSET, note_crc32(0, desc, head.len));
}

int note_begin(struct note_writer *w, void *buf, u32 size, u32 type)
{
	memset(w, 0, sizeof(*w));
	if (size <
	    NOTE_HEADER_BYTES + sizeof(struct note_head) + NOTE_TERMINATOR + 3)
		return IOMMU_ENOSPACE;
	memset(buf, 0, size);
	w->buf = buf;
	w->size = size;
	w->len = NOTE_HEADER_BYTES + sizeof(struct note_head);
	put32(w->buf, sizeof(NOTE_NAME));
	put32(w->buf + NHDR_DESCSZ, room_end(w) - NOTE_HEADER_BYTES);
	put32(w->buf + 8, type);
	memcpy(w->buf + NHDR_BYTES, NOTE_NAME, sizeof(NOTE_NAME));
	put_head(w);
	return IOMMU_OK;
}

int note_record(struct note_writer *w, u16 type, const void *data, u32 data_len,
		u32 len)
{
	struct note_record rec = { .type = type, .len = len };
	u32 room;

	w->at = 0;
	w->end = 0;
	if (!w->buf)
		return IOMMU_ENOSPACE;
	room = room_end(w) - w->len;
	if (data_len > len || len > room || sizeof(rec) > room ||
	    pad4(len) > room - sizeof(rec)) {
		w->full = true;
		w->dropped++;
		return IOMMU_ENOSPACE;
	}
	put32(w->buf + NHDR_DESCSZ, room_end(w) - NOTE_HEADER_BYTES);
	memcpy(w->buf + w->len, &rec, sizeof(rec));
	w->at = w->len + sizeof(rec);
	w->end = w->at + len;
	w->len = w->at + pad4(len);
	w->records++;
	return data_len ? note_bytes(w, data, data_len) : IOMMU_OK;
}

int note_bytes(struct note_writer *w, const void *data, u32 len)
{
	if (len > w->end - w->at)
		return IOMMU_ENOSPACE;
	if (len)
		memcpy(w->buf + w->at, data, len);
	w->at += len;
	return IOMMU_OK;
}

void note_seal(struct note_writer *w)
{
	if (!w->buf)
		return;
	put_head(w);
	put32(w->buf + NHDR_DESCSZ, w->len - NOTE_HEADER_BYTES);
}

/* --- reading --- */

/* Longer ones than any that a kernel or a hypervisor writes. */
#define NAME_MAX_BYTES 64u

/* What follows zeros may be anything: is it a note, with a name in letters? */
static bool is_note(const u8 *p, u64 left)
{
	u64 room;
	u32 i, n;

	if (left < NHDR_BYTES)
		return false;
	n = get32(p);
	room = left - NHDR_BYTES;
	if (n < 2 || n > NAME_MAX_BYTES || align_up(n, 4) > room ||
	    get32(p + NHDR_DESCSZ) > room - align_up(n, 4))
		return false;
	p += NHDR_BYTES;
	for (i = 0; i < n - 1; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	return !p[n - 1];
}

/*
 * An empty name ends the notes: so the kernel's vmcore.c reads them. But a CPU
 * that could not write its note any more leaves zeros, and others follow.
 */
static bool pass_zeros(struct note_reader *r)
{
	u64 at = r->at;

	while (at < r->len && r->len - at >= NHDR_BYTES && !get32(r->buf + at))
		at += 4;
	if (at != r->at && !is_note(r->buf + at, r->len - at))
		return false;
	r->at = at;
	return true;
}

bool note_next(struct note_reader *r, struct note *n, u64 *bad)
{
	u64 left, name_room, desc_room;
	u32 name_len, desc_len;
	const u8 *p;

	*bad = ~0ULL;
	if (r->at >= r->len || r->len - r->at < NHDR_BYTES || !pass_zeros(r))
		return false;
	left = r->len - r->at;
	p = r->buf + r->at;
	name_len = get32(p);
	desc_len = get32(p + NHDR_DESCSZ);
	left -= NHDR_BYTES;
	name_room = align_up(name_len, 4);
	desc_room = align_up(desc_len, 4);
	/* The last note's padding may be cut off; its bytes may not. */
	if (name_room > left || desc_len > left - name_room) {
		*bad = r->at;
		return false;
	}
	n->type = get32(p + 8);
	n->name = (const char *)p + NHDR_BYTES;
	n->name_len = name_len;
	while (n->name_len && !n->name[n->name_len - 1])
		n->name_len--;
	n->desc = p + NHDR_BYTES + name_room;
	n->desc_len = desc_len;
	if (desc_room > left - name_room)
		desc_room = left - name_room;
	r->at += NHDR_BYTES + name_room + desc_room;
	return true;
}

enum note_state note_check(const struct note *n, struct note_head *head)
{
	static const u8 no_crc[4];
	u32 crc;

	memset(head, 0, sizeof(*head));
	if (n->name_len != sizeof(NOTE_NAME) - 1 ||
	    memcmp(n->name, NOTE_NAME, sizeof(NOTE_NAME) - 1))
		return NOTE_NOT_OURS;
	if (n->desc_len < sizeof(*head))
		return NOTE_SHORT;
	memcpy(head, n->desc, sizeof(*head));
	if (head->magic != NOTE_MAGIC)
		return NOTE_BAD_MAGIC;
	if (head->version != NOTE_VERSION)
		return NOTE_BAD_VERSION;
	if (head->head_len < sizeof(*head) || head->head_len & 3 ||
	    head->len < head->head_len || head->len > n->desc_len)
		return NOTE_SHORT;
	crc = note_crc32(0, n->desc, CRC_OFFSET);
	crc = note_crc32(crc, no_crc, sizeof(no_crc));
	crc = note_crc32(crc, n->desc + CRC_OFFSET + 4,
			 head->len - CRC_OFFSET - 4);
	return crc == head->crc ? NOTE_VALID : NOTE_BAD_CRC;
}

void note_records(struct note_record_reader *r, const struct note *n)
{
	struct note_head head;

	memcpy(&head, n->desc, sizeof(head));
	r->desc = n->desc;
	r->len = head.len;
	r->at = head.head_len;
}

bool note_record_next(struct note_record_reader *r, struct note_record *rec,
		      const u8 **payload)
{
	u32 left;

	if (r->at > r->len || r->len - r->at < sizeof(*rec))
		return false;
	memcpy(rec, r->desc + r->at, sizeof(*rec));
	left = r->len - r->at - sizeof(*rec);
	if (rec->len > left)
		return false;
	*payload = r->desc + r->at + sizeof(*rec);
	r->at += sizeof(*rec);
	r->at += left - rec->len < (-rec->len & 3) ? left : pad4(rec->len);
	return true;
}

u32 note_struct(const struct note_record *rec, const u8 *payload, void *out,
		u32 size)
{
	u32 n = rec->len < size ? rec->len : size;

	memset(out, 0, size);
	memcpy(out, payload, n);
	return n;
}

bool note_string(const struct note_record *rec, const u8 *payload, u32 *at,
		 const char **s, u32 *len)
{
	u16 n;

	if (*at > rec->len || rec->len - *at < sizeof(n))
		return false;
	memcpy(&n, payload + *at, sizeof(n));
	if (n > rec->len - *at - sizeof(n))
		return false;
	*s = (const char *)payload + *at + sizeof(n);
	*len = n;
	*at += sizeof(n) + n;
	return true;
}
