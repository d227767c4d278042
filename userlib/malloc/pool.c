// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The heap. Functions whose name ends in _locked are called with the lock held.
 */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memrig/malloc.h>
#include <memrig/memrig.h>
#include <mrig_engine.h>

#include "boot.h"
#include "lock.h"
#include "mrig_port_user.h"
#include "side.h"
#include "span.h"

/*
 * The size of each block, with the header an in-band heap puts before it, is a multiple of
 * POOL_ALIGN. So all blocks are aligned once the first is, and no space is lost on aligning them.
 */
#define INBAND_HEADER 4

static struct malloc_lock lock;
static bool ready;
static struct malloc_span span;
static struct mrig_heap heap;
static char *base;	/* of the heap in the span */
static size_t header;	/* bytes of each block that are not payload */
static size_t used_end; /* of the span: no byte from here on was ever given out */
static bool stats;

/* Built with -ftls-model=initial-exec: other models call malloc on a thread's first access. */
static __thread volatile bool inside;
static __thread bool forks_inside;
static __thread bool forks_locked;
static __thread unsigned int fork_depth;

/* ---- life ---------------------------------------------------------------------------- */

static void on_fault(const void *engine, unsigned int invariant, uint64_t offset)
{
	malloc_say("the heap is corrupted: somebody wrote over its headers, or freed twice", NULL,
		   0);
	abort();
}

/*
 * Handlers of signals may fork in the middle of a request, which then holds the lock and has not
 * noted yet what it uses, and in the middle of a fork, whose copy they share.
 */
static void fork_prepare(void)
{
	if (fork_depth++)
		return;
	forks_inside = inside;
	inside = true;
	forks_locked = malloc_lock_held(&lock);
	if (!forks_locked)
		malloc_lock(&lock);
	malloc_span_prepare(&span, forks_inside ? span.bytes : used_end);
}

static void fork_parent(void)
{
	if (--fork_depth)
		return;
	malloc_span_parent(&span);
	if (!forks_locked)
		malloc_unlock(&lock);
	inside = forks_inside;
}

/* The lock belongs to a thread of the parent's; if need be, the child goes on holding it. */
static void fork_child(void)
{
	malloc_span_child(&span);
	malloc_lock_child(&lock, --fork_depth || forks_locked);
	if (!fork_depth)
		inside = forks_inside;
}

/* Offset from base, or an error of the engine. */
static int64_t engine_alloc_locked(size_t align, size_t bytes)
{
	int64_t off = -EAGAIN;
	int i;

	for (i = 0; i <= MRIG_WANT_MAX && off == -EAGAIN; i++) {
		off = heap.ops->alloc(&heap, align, bytes);
		if (off == -EAGAIN && !malloc_side_feed(&heap))
			return -ENOMEM;
	}
	return off;
}

static int format(const struct malloc_conf *conf, size_t skip)
{
	bool inband = conf->placement == MEMRIG_PLACEMENT_INBAND;
	struct mrig_heap_cfg cfg = {
		.base = (uintptr_t)span.base + skip,
		.bytes = span.bytes - skip,
		.hardening = (uint8_t)conf->hardening,
	};
	void *control;
	size_t bytes;

	heap.ops = inband ? &mrig_heap_inband : &mrig_heap_oob;
	header = inband ? INBAND_HEADER : 0;
	base = span.base + skip;
	bytes = heap.ops->control_bytes(&cfg);
	if (!bytes)
		return -EINVAL;
	control = malloc_side_map(bytes);
	return control ? heap.ops->init(&heap, control, &cfg) : -ENOMEM;
}

/* An in-band heap begins with its lists: where blocks start behind them is seen, not computed. */
static int format_aligned(const struct malloc_conf *conf)
{
	int ret = format(conf, 0);
	int64_t off;

	if (ret)
		return ret;
	off = engine_alloc_locked(0, POOL_ALIGN - header);
	if (off < 0)
		return (int)off;
	if ((uintptr_t)(base + off) % POOL_ALIGN)
		return format(conf, POOL_ALIGN / 2);
	return heap.ops->free(&heap, (uint64_t)off);
}

static void open_locked(void)
{
	const char *text = secure_getenv(MALLOC_ENV);
	struct malloc_conf conf;
	int saved = errno, ret;
	char bad[64];

	if (!text && &memrig_malloc_conf)
		text = memrig_malloc_conf;
	if (!malloc_conf_parse(text, &conf, bad, sizeof(bad)))
		malloc_die("the settings are not understood at: ", bad, 0);
	stats = conf.stats;
	mrig_port_on_heap_fault(on_fault);
	malloc_span_open(&span, &conf);
	ret = format_aligned(&conf);
	if (ret)
		malloc_die("the memory is too small or too large for a heap", NULL, -ret);
	ret = pthread_atfork(fork_prepare, fork_parent, fork_child);
	if (ret)
		malloc_die("forks cannot be watched", NULL, ret);
	ready = true;
	errno = saved;
}

/*
 * False: serve it from the boot arena. The first call comes from the dynamic linker or the C
 * library's start, long before there are threads; the very first before there is an environment.
 */
static bool enter(void)
{
	if (inside) {
		if (ready)
			span.counts->nested++;
		return false;
	}
	if (!ready && !environ)
		return false;
	if (span.alive && !*span.alive)
		malloc_die("a child made by clone() without fork handlers is ended: it would share "
			   "its parent's heap",
			   NULL, 0);
	inside = true;
	malloc_lock(&lock);
	if (!ready)
		open_locked();
	return true;
}

static void leave(void)
{
	malloc_unlock(&lock);
	inside = false;
}

/* ---- requests ------------------------------------------------------------------------ */

/* @bytes is at most PTRDIFF_MAX. */
static size_t padded(size_t bytes)
{
	return ((bytes + header + POOL_ALIGN - 1) & ~(size_t)(POOL_ALIGN - 1)) - header;
}

static bool in_heap(const void *p, uint64_t *off)
{
	*off = (uintptr_t)p - (uintptr_t)base;
	return *off < span.bytes - (size_t)(base - span.base);
}

static void note_end_locked(uint64_t off, size_t bytes)
{
	size_t end = (size_t)(base - span.base) + (size_t)off + bytes + 2 * POOL_ALIGN;

	if (end > used_end)
		used_end = end;
}

static void note_size_locked(int64_t before, int64_t now)
{
	struct malloc_counts *counts = span.counts;

	counts->live_bytes += (uint64_t)(now - before);
	if (counts->live_bytes > counts->peak_bytes)
		counts->peak_bytes = counts->live_bytes;
}

static void note_alloc_locked(uint64_t off, size_t bytes)
{
	struct malloc_counts *counts = span.counts;

	counts->allocs++;
	note_end_locked(off, bytes);
	if (!stats)
		return;
	note_size_locked(0, heap.ops->usable(&heap, off));
	if (++counts->live_blocks > counts->peak_blocks)
		counts->peak_blocks = counts->live_blocks;
}

static void note_failure_locked(size_t bytes)
{
	span.counts->failures++;
	if (bytes > span.counts->largest_failure)
		span.counts->largest_failure = bytes;
}

/* Before a block goes: its size, for the statistics. */
static int64_t size_locked(uint64_t off)
{
	return stats ? heap.ops->usable(&heap, off) : 0;
}

static int64_t alloc_locked(size_t align, size_t bytes)
{
	size_t whole = padded(bytes);
	int64_t off;

	if (align > POOL_ALIGN)
		return engine_alloc_locked(align, whole);
	off = engine_alloc_locked(0, whole);
	if (off < 0 || (uintptr_t)(base + off) % POOL_ALIGN == 0)
		return off;
	heap.ops->free(&heap, (uint64_t)off);
	return engine_alloc_locked(POOL_ALIGN, whole);
}

void *malloc_pool_alloc(size_t align, size_t bytes)
{
	int64_t off = -ENOMEM;

	if (!enter())
		return malloc_boot_alloc(align, bytes);
	if (bytes <= PTRDIFF_MAX)
		off = alloc_locked(align, bytes ? bytes : 1);
	if (off >= 0)
		note_alloc_locked((uint64_t)off, bytes);
	else
		note_failure_locked(bytes);
	span.counts->side_bytes = malloc_side_bytes();
	span.counts->boot_bytes = malloc_boot_used();
	leave();
	return off < 0 ? NULL : base + off;
}

/* What is freed in vain may be a mistake of the program: it is told once. */
static void refuse_locked(bool foreign)
{
	static bool told;

	if (foreign) {
		span.counts->foreign++;
		return;
	}
	span.counts->refused++;
	if (!told)
		malloc_say("a pointer that is no block was passed to free() or realloc(); ignored",
			   NULL, 0);
	told = true;
}

void malloc_pool_free(void *p)
{
	uint64_t off;
	int64_t size;

	if (malloc_boot_owns(p) || !enter())
		return;
	if (!in_heap(p, &off)) {
		refuse_locked(true);
	} else {
		size = size_locked(off);
		if (heap.ops->free(&heap, off)) {
			refuse_locked(false);
		} else {
			span.counts->frees++;
			if (stats) {
				note_size_locked(size, 0);
				span.counts->live_blocks--;
			}
		}
	}
	leave();
}

/* A shrink for which there is no bookkeeping keeps the larger block. */
static bool resize_locked(uint64_t off, size_t bytes, size_t usable)
{
	int ret = -EAGAIN;
	int i;

	for (i = 0; i <= MRIG_WANT_MAX && ret == -EAGAIN; i++) {
		ret = heap.ops->resize(&heap, off, padded(bytes));
		if (ret == -EAGAIN && !malloc_side_feed(&heap))
			return bytes <= usable;
	}
	if (ret)
		return false;
	note_end_locked(off, bytes);
	if (stats)
		note_size_locked((int64_t)usable, heap.ops->usable(&heap, off));
	return true;
}

int malloc_pool_resize(void *p, size_t bytes, size_t *usable)
{
	int64_t size = -ENOENT;
	int ret = -ENOMEM;
	uint64_t off;

	*usable = 0;
	if (!enter())
		return -ENOMEM;
	if (in_heap(p, &off))
		size = heap.ops->usable(&heap, off);
	if (size < 0) {
		refuse_locked(!in_heap(p, &off));
		ret = -EINVAL;
	} else {
		*usable = (size_t)size;
		if (bytes <= PTRDIFF_MAX && resize_locked(off, bytes, *usable))
			ret = 0;
	}
	leave();
	return ret;
}

size_t malloc_pool_usable(const void *p)
{
	int64_t size = -ENOENT;
	uint64_t off;

	if (!enter())
		return 0;
	if (in_heap(p, &off))
		size = heap.ops->usable(&heap, off);
	leave();
	return size < 0 ? 0 : (size_t)size;
}
