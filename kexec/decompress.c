// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernels come in any of these compressions. Each library is fed the whole
 * file; what comes out may grow up to a limit, so that a bomb ends there.
 */
#include <bzlib.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include "decompress.h"

/* What an .xz or .lzma may ask for: xz -9 needs 65 MiB, large dictionaries more. */
#define LZMA_MEMORY MIB(768)
/* lz4 -l, the kernel's format: blocks of this size but for the last. */
#define LZ4_LEGACY_BLOCK MIB(8)
#define LZ4_LEGACY_MAGIC 0x184c2102u
/* properties, dictionary size, length */
#define LZMA_ALONE_HEADER 13

struct stream {
	const u8 *in;
	size_t in_len, at;
	u8 *out;
	size_t out_len, room, max;
	const char *why; /* it failed */
};

static const char truncated[] = "is truncated";
static const char damaged[] = "is damaged";
static const char too_large[] =
	"is larger than any kernel in such a file when decompressed";

/*
 * Grows the output until more than @want bytes are free. It may grow past the
 * limit by that much: decompress() checks the final length.
 */
static bool make_room(struct stream *s, size_t want)
{
	size_t room = s->room ? s->room : KIB(64), most = s->max + want + 1;
	u8 *more;

	if (s->room - s->out_len > want)
		return true;
	while (room - s->out_len <= want && room < most)
		room = 2 * room < most ? 2 * room : most;
	if (room - s->out_len <= want) {
		s->why = too_large;
		return false;
	}
	more = realloc(s->out, room);
	if (!more) {
		s->why = "finds no memory to be decompressed";
		return false;
	}
	s->out = more;
	s->room = room;
	return true;
}

static bool more_in(const struct stream *s, const void *magic, size_t len)
{
	return s->in_len - s->at >= len && !memcmp(s->in + s->at, magic, len);
}

/* --- gzip --- */

static void gzip(struct stream *s)
{
	z_stream z = { .next_in = (u8 *)s->in, .avail_in = (uInt)s->in_len };
	int err = inflateInit2(&z, 15 + 16 /* a gzip header */);

	while (err == Z_OK && make_room(s, 0)) {
		z.next_out = s->out + s->out_len;
		z.avail_out = (uInt)(s->room - s->out_len);
		err = inflate(&z, Z_NO_FLUSH);
		s->out_len = (size_t)(z.next_out - s->out);
		s->at = s->in_len - z.avail_in;
		/* further members count, other bytes behind are ignored */
		if (err == Z_STREAM_END && more_in(s, "\x1f\x8b", 2))
			err = inflateReset(&z);
	}
	inflateEnd(&z);
	if (!s->why && err != Z_STREAM_END)
		s->why = err == Z_BUF_ERROR && !z.avail_in ? truncated
							   : damaged;
}

/* --- xz, lzma --- */

static void run_lzma(struct stream *s, lzma_stream *z, lzma_ret err)
{
	z->next_in = s->in;
	z->avail_in = s->in_len;
	while (err == LZMA_OK && make_room(s, 0)) {
		z->next_out = s->out + s->out_len;
		z->avail_out = s->room - s->out_len;
		err = lzma_code(z, LZMA_RUN);
		s->out_len = s->room - z->avail_out;
	}
	lzma_end(z);
	if (s->why || err == LZMA_STREAM_END)
		return;
	s->why = err == LZMA_BUF_ERROR ? truncated
		 : err == LZMA_MEMLIMIT_ERROR
			 ? "asks for too large a dictionary"
			 : damaged;
}

static void xz(struct stream *s)
{
	lzma_stream z = LZMA_STREAM_INIT;

	run_lzma(s, &z, lzma_stream_decoder(&z, LZMA_MEMORY, 0));
}

static void lzma_alone(struct stream *s)
{
	lzma_stream z = LZMA_STREAM_INIT;

	run_lzma(s, &z, lzma_alone_decoder(&z, LZMA_MEMORY));
}

/* --- zstd --- */

static void zstd(struct stream *s)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();
	ZSTD_inBuffer in = { s->in, s->in_len, 0 };
	size_t left = 1;

	if (!z)
		s->why = "finds no memory to be decompressed";
	while (z && left && make_room(s, 0)) {
		ZSTD_outBuffer out = { s->out, s->room, s->out_len };

		left = ZSTD_decompressStream(z, &out, &in);
		s->out_len = out.pos;
		s->at = in.pos;
		if (ZSTD_isError(left)) {
			s->why = damaged;
		} else if (left && in.pos == in.size && out.pos < out.size) {
			s->why = truncated;
		} else if (!left && more_in(s, "\x28\xb5\x2f\xfd", 4)) {
			left = 1; /* another frame */
		}
		if (s->why)
			break;
	}
	ZSTD_freeDCtx(z);
}

/* --- lz4 --- */

static void lz4_frame(struct stream *s)
{
	LZ4F_dctx *z = NULL;
	size_t left = 1;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&z, LZ4F_VERSION)))
		s->why = "finds no memory to be decompressed";
	while (!s->why && left && make_room(s, 0)) {
		size_t in = s->in_len - s->at, out = s->room - s->out_len;

		left = LZ4F_decompress(z, s->out + s->out_len, &out,
				       s->in + s->at, &in, NULL);
		if (LZ4F_isError(left))
			s->why = damaged;
		else if (left && !in && !out)
			s->why = truncated;
		s->at += in;
		s->out_len += out;
	}
	LZ4F_freeDecompressionContext(z);
}

static u32 le32(const u8 *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24;
}

/* Blocks, each behind its length, to the end of the file. */
static void lz4_legacy(struct stream *s)
{
	while (s->in_len - s->at >= 4) {
		u32 len = le32(s->in + s->at);
		int n;

		s->at += 4;
		if (len == LZ4_LEGACY_MAGIC)
			continue;
		if (!len)
			break; /* padding */
		if (len > s->in_len - s->at) {
			s->why = truncated;
			return;
		}
		if (!make_room(s, LZ4_LEGACY_BLOCK))
			return;
		n = LZ4_decompress_safe((const char *)s->in + s->at,
					(char *)s->out + s->out_len, (int)len,
					LZ4_LEGACY_BLOCK);
		if (n < 0) {
			s->why = damaged;
			return;
		}
		s->at += len;
		s->out_len += (size_t)n;
	}
}

/* --- bzip2 --- */

static void bzip2(struct stream *s)
{
	bz_stream z = { .next_in = (char *)s->in,
			.avail_in = (unsigned int)s->in_len };
	int err = BZ2_bzDecompressInit(&z, 0, 0);

	while (err == BZ_OK && make_room(s, 0)) {
		z.next_out = (char *)s->out + s->out_len;
		z.avail_out = (unsigned int)(s->room - s->out_len);
		err = BZ2_bzDecompress(&z);
		s->out_len = (size_t)((u8 *)z.next_out - s->out);
		s->at = s->in_len - z.avail_in;
		if (err == BZ_OK && !z.avail_in && z.avail_out)
			break;
		if (err == BZ_STREAM_END && more_in(s, "BZh", 3)) {
			BZ2_bzDecompressEnd(&z);
			z = (bz_stream){ .next_in = (char *)s->in + s->at,
					 .avail_in = z.avail_in };
			err = BZ2_bzDecompressInit(&z, 0, 0);
		}
	}
	BZ2_bzDecompressEnd(&z);
	if (!s->why && err != BZ_STREAM_END)
		s->why = err == BZ_OK ? truncated : damaged;
}

/* --- which --- */

static const struct codec {
	const char *name;
	const char *magic;
	u32 len;
	void (*run)(struct stream *s);
} codecs[] = {
	{ "gzip", "\x1f\x8b", 2, gzip },
	{ "xz",
	  "\xfd"
	  "7zXZ\0",
	  6, xz },
	{ "zstd", "\x28\xb5\x2f\xfd", 4, zstd },
	{ "lz4", "\x04\x22\x4d\x18", 4, lz4_frame },
	{ "lz4", "\x02\x21\x4c\x18", 4, lz4_legacy },
	{ "bzip2", "BZh", 3, bzip2 },
};
static const struct codec lzma = { "lzma", "", 0, lzma_alone };

/*
 * .lzma has no magic: properties of lc 3, lp 0, pb 2, which everything
 * writes; a dictionary of a power of two; a length below 1 TiB or unknown.
 */
static bool is_lzma(const u8 *p, size_t len)
{
	u64 size = 0;
	u32 dict;

	if (len < LZMA_ALONE_HEADER || p[0] != 0x5d)
		return false;
	dict = le32(p + 1);
	for (int i = 7; i >= 0; i--)
		size = size << 8 | p[5 + i];
	return dict && !(dict & (dict - 1)) &&
	       (size == ~0ULL || size < BIT64(40));
}

static const struct codec *codec_of(const u8 *data, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++)
		if (len >= codecs[i].len &&
		    !memcmp(data, codecs[i].magic, codecs[i].len))
			return &codecs[i];
	return is_lzma(data, len) ? &lzma : NULL;
}

const char *compression_of(const u8 *data, size_t len)
{
	const struct codec *c = codec_of(data, len);

	return c ? c->name : NULL;
}

int decompress(struct file *out, const char *path, const u8 *data, size_t len,
	       size_t max, struct error *e)
{
	const struct codec *c = codec_of(data, len);
	struct stream s = { .in = data, .in_len = len, .max = max };

	*out = (struct file){ .path = path };
	if (!c)
		return fail(e, "kernel %s: unknown compression", path);
	c->run(&s);
	if (!s.why && !s.out_len)
		s.why = "holds nothing";
	if (!s.why && s.out_len > max)
		s.why = too_large;
	if (s.why) {
		free(s.out);
		return fail(e, "kernel %s: its %s stream %s", path, c->name,
			    s.why);
	}
	out->data = s.out;
	out->len = s.out_len;
	return 0;
}
