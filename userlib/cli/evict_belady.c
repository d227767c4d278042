// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The optimum: evict the page whose next use is furthest away (Belady 1966). Fewer misses are
 * impossible; write-backs are not minimised.
 *
 * The resident pages stand in a heap with the furthest next use on top. A use moves a page down:
 * its next use is later than the one that has just come, which was the nearest of all; so every
 * change of a key goes towards the top.
 */
#include <stdlib.h>
#include <string.h>

#include "evict_play.h"
#include "util.h"

#define OUT UINT32_MAX

/**
 * struct heap - resident pages
 * @page: in heap order
 * @at: by page, its place in the heap, OUT: not resident
 * @use: by page, its next use
 * @dirty: by page
 * @nr: resident pages
 */
struct heap {
	uint32_t *page;
	uint32_t *at;
	uint32_t *use;
	uint8_t *dirty;
	uint32_t nr;
};

static void put(struct heap *heap, uint32_t at, uint32_t page)
{
	heap->page[at] = page;
	heap->at[page] = at;
}

static void rise(struct heap *heap, uint32_t at)
{
	uint32_t page = heap->page[at];

	for (; at && heap->use[heap->page[(at - 1) / 2]] < heap->use[page]; at = (at - 1) / 2)
		put(heap, at, heap->page[(at - 1) / 2]);
	put(heap, at, page);
}

static void sink(struct heap *heap, uint32_t at)
{
	uint32_t page = heap->page[at], child;

	for (; (child = 2 * at + 1) < heap->nr; at = child) {
		if (child + 1 < heap->nr &&
		    heap->use[heap->page[child + 1]] > heap->use[heap->page[child]])
			child++;
		if (heap->use[heap->page[child]] <= heap->use[page])
			break;
		put(heap, at, heap->page[child]);
	}
	put(heap, at, page);
}

static void evict_top(struct heap *heap, struct evict_result *result)
{
	uint32_t page = heap->page[0];

	heap->at[page] = OUT;
	result->evictions++;
	result->writebacks += heap->dirty[page];
	heap->nr--;
	if (heap->nr) {
		put(heap, 0, heap->page[heap->nr]);
		sink(heap, 0);
	}
}

static void use(struct heap *heap, uint32_t page, bool write, uint32_t next, uint32_t frames,
		struct evict_result *result)
{
	if (heap->at[page] == OUT) {
		result->misses++;
		if (heap->nr == frames)
			evict_top(heap, result);
		heap->dirty[page] = false;
		put(heap, heap->nr++, page);
	}
	heap->dirty[page] |= write;
	heap->use[page] = next;
	rise(heap, heap->at[page]);
}

int evict_belady(const struct page_trace *trace, const uint32_t *next, uint32_t frames,
		 struct evict_result *result)
{
	struct heap heap = { .page = malloc(frames * sizeof(uint32_t)),
			     .at = malloc(trace->pages * sizeof(uint32_t)),
			     .use = malloc(trace->pages * sizeof(uint32_t)),
			     .dirty = malloc(trace->pages) };
	bool good = heap.page && heap.at && heap.use && heap.dirty;
	size_t i;

	memset(result, 0, sizeof(*result));
	if (good)
		memset(heap.at, 0xff, trace->pages * sizeof(uint32_t));
	for (i = 0; good && i < trace->nr; i++)
		use(&heap, trace->refs[i] & ~PAGE_WRITE, trace->refs[i] & PAGE_WRITE, next[i],
		    frames, result);
	free(heap.page);
	free(heap.at);
	free(heap.use);
	free(heap.dirty);
	return good ? 0 : fail("no memory for %u frames", frames);
}
