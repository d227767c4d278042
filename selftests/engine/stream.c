// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs a program of heap operations, given as bytes, against an engine and the model, and compares
 * them after each step. Random tests and the fuzzer share it; any bytes are a valid program.
 *
 *	4 bytes		placement, hardening, statistics, tags; span size (2); search limit
 *	if bit 7 is set	in the first of them: two more for another engine, and its blocks
 *	then per step	operation, operands
 */
#include <stdio.h>
#include "model.h"
#include "stream.h"

struct stream {
	const uint8_t *at;
	const uint8_t *end;
	struct world w;
	struct model m;
	bool tags;
};

static uint8_t byte(struct stream *s)
{
	return s->at < s->end ? *s->at++ : 0;
}

static uint32_t word(struct stream *s)
{
	uint32_t lo = byte(s);

	return lo | (uint32_t)byte(s) << 8;
}

/* Mostly small, sometimes as large as the span, rarely absurd. */
static size_t size_of(struct stream *s)
{
	uint8_t kind = byte(s);

	if (kind < 160)
		return kind;
	if (kind < 250)
		return word(s);
	return kind < 253 ? s->w.bytes - (kind - 250) * 64 : (size_t)-1 - byte(s);
}

static struct model_block *pick(struct stream *s)
{
	uint32_t i = word(s);

	return s->m.n ? &s->m.b[i % s->m.n] : NULL;
}

/* A refusal for want of memory is a lie if a hole is large enough. */
static bool refusal_honest(struct stream *s, size_t bytes)
{
	struct mrig_heap_info info;

	s->w.ops->info(&s->w.heap, &info);
	if (info.largest_free >= bytes) {
		fprintf(stderr, "%zu bytes refused, largest free block has %llu\n", bytes,
			(unsigned long long)info.largest_free);
		return false;
	}
	return true;
}

static bool do_alloc(struct stream *s, size_t align)
{
	size_t bytes = size_of(s);
	int64_t off;

	if (s->m.n == MODEL_ROOM)
		return true;
	off = world_alloc(&s->w, align, bytes);
	if (off >= 0)
		return model_add(&s->m, &s->w, (uint64_t)off, align, bytes);
	switch (off) {
	case -EINVAL:
		return !bytes || align;
	case -ENOMEM:
		return align || refusal_honest(s, bytes);
	case -EAGAIN:
		return s->w.starve;
	case -ENOSPC:
		return !s->w.touchable;
	default:
		return false;
	}
}

/* 0, one bit, two bits, or nonsense. */
static size_t align_of(struct stream *s)
{
	uint8_t a = byte(s);
	size_t align = (size_t)1 << (a & 15);

	if (a & 0x40)
		align |= 8;
	if ((a & 0xa0) == 0xa0)
		align |= 0x30;
	return align;
}

static bool do_free(struct stream *s)
{
	struct model_block *b = pick(s);

	if (!b)
		return true;
	if (s->w.ops->free(&s->w.heap, b->off))
		return false;
	model_del(&s->m, b);
	return true;
}

/* A place where no live block starts. In-band that can be told of some places only. */
static bool do_wrong(struct stream *s)
{
	uint64_t off = word(s) * (uint64_t)(1 + (byte(s) & 7)), tag;

	if (s->w.touchable)
		off = off & 1 ? off | 1 : s->w.bytes + off;
	if (model_find(&s->m, off))
		return true;
	return s->w.ops->free(&s->w.heap, off) == -ENOENT &&
	       s->w.ops->resize(&s->w.heap, off, 64) == -ENOENT &&
	       s->w.ops->usable(&s->w.heap, off) == -ENOENT &&
	       s->w.ops->get_tag(&s->w.heap, off, &tag) == -ENOENT &&
	       s->w.ops->set_tag(&s->w.heap, off, 1) == -ENOENT;
}

static bool do_resize(struct stream *s)
{
	struct model_block *b = pick(s);
	size_t bytes = size_of(s);
	uint64_t usable;
	int err;

	if (!b)
		return true;
	usable = b->usable;
	err = world_resize(&s->w, b->off, bytes);
	if (!err)
		return bytes && model_resized(&s->m, &s->w, b, bytes);
	if (err == -EINVAL)
		return !bytes;
	/* a shrink always succeeds; a failure changes nothing */
	if (bytes <= usable || (int64_t)usable != s->w.ops->usable(&s->w.heap, b->off))
		return false;
	return err == -ENOMEM || (err == -EAGAIN && s->w.starve);
}

static bool do_tag(struct stream *s)
{
	struct model_block *b = pick(s);
	uint64_t tag = word(s), got;

	if (!b)
		return true;
	if (!s->tags)
		return s->w.ops->set_tag(&s->w.heap, b->off, tag) == -EINVAL;
	if (s->w.ops->get_tag(&s->w.heap, b->off, &got) || got != b->tag)
		return false;
	b->tag = tag;
	return !s->w.ops->set_tag(&s->w.heap, b->off, tag);
}

static bool step(struct stream *s)
{
	uint8_t op = byte(s);

	s->w.starve = (op & 0xf0) == 0xf0;
	switch (op & 7) {
	case 0:
	case 1:
		return do_alloc(s, 0);
	case 2:
		return do_alloc(s, align_of(s));
	case 3:
	case 4:
		return do_free(s);
	case 5:
		return do_resize(s);
	case 6:
		return do_wrong(s);
	default:
		return do_tag(s);
	}
}

/* An engine that is not sys_heap. */
static const struct mrig_heap_ops *other(struct stream *s, struct mrig_heap_cfg *cfg)
{
	uint8_t which = byte(s), shape = byte(s);
	int n = 0;

	while (mrig_heap_engines[n])
		n++;
	cfg->block_size = (uint64_t)8 << (shape & 7);
	/* everything is looked at after each step: not too many */
	while (cfg->bytes / cfg->block_size > 512)
		cfg->block_size *= 2;
	if (shape & 8 && mrig_heap_engines[2 + which % (n - 2)] == &mrig_heap_slab)
		cfg->block_size *= 3;
	cfg->num_blocks = shape & 16 ? 1 + (shape >> 5) * 9 : 0;
	return mrig_heap_engines[2 + which % (n - 2)];
}

static bool open_world(struct stream *s)
{
	const struct mrig_heap_ops *ops;
	uint8_t kind = byte(s);
	struct mrig_heap_cfg cfg = {
		.hardening = (kind >> 1 & 7) % 5,
		.stats = kind & 0x10,
		.tags = kind & 0x20,
		.bytes = word(s) + 24,
		.max_blocks = kind & 0x40 ? 40 : 0,
	};

	cfg.search_limit = byte(s);
	ops = kind & 1 ? &mrig_heap_oob : &mrig_heap_inband;
	if (kind & 0x80)
		ops = other(s, &cfg);
	s->tags = cfg.tags && ops != &mrig_heap_inband;
	return !world_open(&s->w, ops, &cfg);
}

bool stream_run(const uint8_t *data, size_t size)
{
	static struct stream s;
	bool ok = true;

	memset(&s, 0, sizeof(s));
	s.at = data;
	s.end = data + size;
	if (!open_world(&s))
		return true;
	while (ok && s.at < s.end)
		ok = step(&s) && world_sound(&s.w) && model_agrees(&s.m, &s.w);
	while (ok && s.m.n) {
		ok = !s.w.ops->free(&s.w.heap, s.m.b[s.m.n / 2].off);
		model_del(&s.m, &s.m.b[s.m.n / 2]);
	}
	ok = ok && world_sound(&s.w) && model_agrees(&s.m, &s.w) && !world_faults();
	if (!ok)
		fprintf(stderr, "%s: failed before byte %zu\n", s.w.ops->name,
			(size_t)(s.at - data));
	world_close(&s.w);
	return ok;
}
