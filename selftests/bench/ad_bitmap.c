// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Anchor: first fit over a bitmap of 16-byte granules, sized free, bookkeeping outside the region.
 * The scheme of general-purpose pools over special memory: it packs well and is linear in the
 * region.
 */
#include <stdlib.h>

#include "adapter.h"

#define SHIFT 4
#define WORD  64

static struct bitmap {
	char *base;
	size_t granules;
	uint64_t *word;
} bitmap;

static void *bitmap_init(void *mem, size_t size, const struct bench_level *level)
{
	bitmap.base = mem;
	bitmap.granules = size >> SHIFT;
	free(bitmap.word);
	bitmap.word = calloc(bitmap.granules / WORD + 2, sizeof(*bitmap.word));
	return bitmap.word ? &bitmap : NULL;
}

static void set_range(uint64_t *word, size_t start, size_t len, int value)
{
	while (len) {
		size_t o = start % WORD, k = WORD - o < len ? WORD - o : len;
		uint64_t mask = (k == WORD ? ~0UL : ((1UL << k) - 1)) << o;

		if (value)
			word[start / WORD] |= mask;
		else
			word[start / WORD] &= ~mask;
		start += k;
		len -= k;
	}
}

/* First bit at or after @i that differs from all bits of @inverse, or @end. */
static size_t next_bit(const uint64_t *word, size_t i, size_t end, uint64_t inverse)
{
	while (i < end) {
		uint64_t x = (word[i / WORD] ^ inverse) >> (i % WORD);

		if (x) {
			i += (size_t)__builtin_ctzl(x);
			return i < end ? i : end;
		}
		i = (i | (WORD - 1)) + 1;
	}
	return end;
}

static void *first_fit(struct bitmap *b, size_t align, size_t bytes)
{
	size_t len = (bytes + (1 << SHIFT) - 1) >> SHIFT, i = 0;
	size_t mask = (align >> SHIFT) ? (align >> SHIFT) - 1 : 0;

	for (;;) {
		size_t end;

		i = next_bit(b->word, i, b->granules, ~0UL);
		i = (i + mask) & ~mask;
		if (i + len > b->granules)
			return NULL;
		end = next_bit(b->word, i, i + len, 0);
		if (end == i + len) {
			set_range(b->word, i, len, 1);
			return b->base + (i << SHIFT);
		}
		i = end + 1;
	}
}

static intptr_t bitmap_alloc(void *heap, size_t bytes)
{
	return (intptr_t)first_fit(heap, 1, bytes);
}

static intptr_t bitmap_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)first_fit(heap, align, bytes);
}

static void bitmap_free(void *heap, intptr_t handle, size_t bytes)
{
	struct bitmap *b = heap;

	set_range(b->word, (size_t)((char *)handle - b->base) >> SHIFT,
		  (bytes + (1 << SHIFT) - 1) >> SHIFT, 0);
}

const struct bench_adapter bench_adapter = {
	.name = "bitmap",
	.flags = BENCH_NOREALLOC | BENCH_NOTOUCH,
	.min_align = 16,
	.init = bitmap_init,
	.alloc = bitmap_alloc,
	.aligned = bitmap_aligned,
	.free = bitmap_free,
};
