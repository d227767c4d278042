// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ring heap, message pool and tracking: each call, and what each of them refuses.
 */
#include <linux/slab.h>
#include <memrig/patterns.h>

#include "consumer.h"

#define BYTES 4096

static void bad_rings(void *mem)
{
	struct memrig_ring *r;

	EXPECT(memrig_ring_create(NULL, mem, BYTES, 8, 4) == -EINVAL);
	EXPECT(memrig_ring_create(&r, NULL, BYTES, 8, 4) == -EINVAL);
	EXPECT(memrig_ring_create(&r, mem, BYTES, 0, 4) == -EINVAL);
	EXPECT(memrig_ring_create(&r, mem, BYTES, 8, 0) == -EINVAL);
	EXPECT(memrig_ring_create(&r, mem + 4, BYTES - 8, 8, 4) == -EINVAL);
	EXPECT(memrig_ring_destroy(NULL) == 0);
}

static void ring(void)
{
	u8 *mem = kmalloc(BYTES, GFP_KERNEL), *a, *b, *c;
	struct memrig_ring_stats stats;
	struct memrig_ring *r;
	size_t bytes = 0;

	if (!EXPECT(mem))
		return;
	bad_rings(mem);
	if (!EXPECT(memrig_ring_create(&r, mem, BYTES, 8, 4) == 0))
		goto out;
	EXPECT(!memrig_ring_alloc(r, 0, K_FOREVER) && !memrig_ring_alloc(r, BYTES + 1, K_FOREVER));
	a = memrig_ring_alloc(r, 104, K_NO_WAIT);
	EXPECT(a == mem && memrig_ring_resize(r, a, 0) == -EINVAL);
	EXPECT(memrig_ring_resize(r, a + 8, 48) == -ENOENT);
	EXPECT(memrig_ring_resize(r, a, BYTES + 8) == -ENOMEM);
	EXPECT(memrig_ring_resize(r, a, 48) == 0);
	b = memrig_ring_alloc(r, 104, K_NO_WAIT);
	EXPECT(b == mem + 48 && memrig_ring_resize(r, a, 40) == -EBUSY);
	EXPECT(!memrig_ring_get(r, &bytes, K_NO_WAIT) && !memrig_ring_get(r, NULL, K_MSEC(2)));
	EXPECT(memrig_ring_commit(r, NULL) == -EINVAL && memrig_ring_commit(r, a + 8) == -ENOENT);
	EXPECT(memrig_ring_commit(r, a) == 0 && memrig_ring_commit(r, a) == -EALREADY);
	EXPECT(memrig_ring_resize(r, a, 40) == -EBUSY);
	EXPECT(memrig_ring_get(r, &bytes, K_NO_WAIT) == a && bytes == 48);
	c = memrig_ring_alloc(r, 16, K_NO_WAIT);
	EXPECT(memrig_ring_free(r, c) == -EBUSY && memrig_ring_done(r, NULL) == -EINVAL);
	EXPECT(memrig_ring_done(r, b) == 0 && memrig_ring_done(r, b) == -EALREADY);
	EXPECT(memrig_ring_destroy(r) == -EBUSY);
	EXPECT(memrig_ring_free(r, a) == 0 && memrig_ring_free(r, a) == -ENOENT);
	EXPECT(memrig_ring_stats(r, NULL) == -EINVAL);
	EXPECT(memrig_ring_stats(r, &stats) == 0 && stats.live == 1 && stats.blocks == 4);
	EXPECT(memrig_ring_free(r, c) == 0);
	EXPECT(memrig_ring_put(r, mem, 0, K_FOREVER) == -EINVAL);
	EXPECT(memrig_ring_read(r, NULL, 8, K_FOREVER) == -EINVAL);
	a = memrig_ring_alloc(r, BYTES, K_NO_WAIT);
	EXPECT(a && memrig_ring_put(r, &bytes, sizeof(bytes), K_NO_WAIT) == -ENOMEM);
	EXPECT(memrig_ring_put(r, &bytes, sizeof(bytes), K_MSEC(2)) == -ETIMEDOUT);
	EXPECT(memrig_ring_commit(r, a) == 0);
	EXPECT(memrig_ring_read(r, &bytes, sizeof(bytes), K_NO_WAIT) == -EMSGSIZE);
	EXPECT(memrig_ring_free(r, a) == 0);
	EXPECT(memrig_ring_destroy(r) == 0);
out:
	kfree(mem);
}

static void messages(void)
{
	u8 *mem = kmalloc(BYTES, GFP_KERNEL), *msg;
	struct memrig_msgpool_stats stats;
	struct memrig_msgpool *pool, *other;

	if (!EXPECT(mem))
		return;
	EXPECT(memrig_msgpool_create(NULL, NULL, mem, 64, 1) == -EINVAL);
	EXPECT(memrig_msgpool_create(&pool, NULL, NULL, 64, 1) == -EINVAL);
	EXPECT(memrig_msgpool_create(&pool, NULL, mem, 0, 1) == -EINVAL);
	if (!EXPECT(memrig_msgpool_create(&pool, "stream", mem, 64, 1) == 0))
		goto out;
	EXPECT(memrig_msgpool_create(&other, "stream", mem, 64, 1) == -EEXIST);
	EXPECT(!memrig_msgpool_find("nobody"));
	msg = memrig_msgpool_alloc(pool, K_NO_WAIT);
	EXPECT(msg == mem && !memrig_msgpool_alloc(pool, K_NO_WAIT));
	EXPECT(!memrig_msgpool_alloc(pool, K_MSEC(2)));
	EXPECT(memrig_msgpool_put(pool, NULL) == -EINVAL);
	EXPECT(memrig_msgpool_put(pool, msg + 8) == -EINVAL);
	EXPECT(memrig_msgpool_put(pool, &stats) == -ENOENT);
	EXPECT(memrig_msgpool_put(pool, msg) == 0 && memrig_msgpool_put(pool, msg) == -EBUSY);
	EXPECT(memrig_msgpool_free(pool, msg) == -EBUSY);
	EXPECT(memrig_msgpool_stats(pool, NULL) == -EINVAL);
	EXPECT(memrig_msgpool_stats(pool, &stats) == 0 && !strcmp(stats.name, "stream"));
	EXPECT(stats.queued == 1 && stats.used == 1 && stats.sent == 1 && stats.size == 64);
	EXPECT(memrig_msgpool_get(pool, K_NO_WAIT) == msg);
	EXPECT(memrig_msgpool_destroy(pool) == -EBUSY);
	EXPECT(memrig_msgpool_free(pool, msg) == 0);
	EXPECT(memrig_msgpool_free(pool, msg) == -EALREADY);
	EXPECT(memrig_msgpool_destroy(pool) == 0);
out:
	kfree(mem);
}

static int of_this_file(const struct memrig_track_block *block, void *arg)
{
	EXPECT(!strcmp(block->file, __FILE__) && block->bytes >= 100);
	return ++*(int *)arg == 2 ? -EINTR : 0;
}

static void track(void)
{
	static const struct memrig_allocator no_functions;
	struct memrig_track_stats stats;
	struct memrig_tracker t;
	u8 *p, *q, *r;
	int seen = 0;

	EXPECT(memrig_track_init(NULL, NULL) == -EINVAL);
	EXPECT(memrig_track_init(&t, &no_functions) == -EINVAL);
	EXPECT(memrig_track_init(&t, NULL) == 0);
	if (!EXPECT(memrig_system_heap_add(BYTES) == 0))
		return;
	p = memrig_track_alloc(&t, 100, __FILE__, __LINE__);
	q = memrig_track_calloc(&t, 10, 20, __FILE__, __LINE__);
	r = memrig_track_realloc(&t, NULL, 300, __FILE__, __LINE__);
	EXPECT(p && q && !q[199] && r);
	EXPECT(!memrig_track_calloc(&t, SIZE_MAX, 2, __FILE__, __LINE__));
	EXPECT(!memrig_track_alloc(&t, 2 * BYTES, __FILE__, __LINE__));
	r = memrig_track_realloc(&t, r, 400, __FILE__, __LINE__);
	EXPECT(r && !memrig_track_realloc(&t, &t, 400, __FILE__, __LINE__));
	EXPECT(memrig_track_each(&t, NULL, NULL) == -EINVAL);
	EXPECT(memrig_track_each(&t, of_this_file, &seen) == -EINTR && seen == 2);
	EXPECT(memrig_track_each(&t, of_this_file, &seen) == 0 && seen == 5);
	EXPECT(memrig_track_stats(&t, NULL) == -EINVAL);
	EXPECT(memrig_track_stats(&t, &stats) == 0 && stats.live == 3 && stats.bytes == 700);
	EXPECT(stats.fails == 2 && stats.strays == 1 && stats.allocs == 3);
	EXPECT(memrig_track_free(&t, NULL) == 0 && memrig_track_free(NULL, p) == -EINVAL);
	EXPECT(memrig_track_free(&t, p) == 0 && memrig_track_free(&t, p) == -ENOENT);
	EXPECT(memrig_track_free(&t, q) == 0);
	EXPECT(!memrig_track_realloc(&t, r, 0, __FILE__, __LINE__));
	EXPECT(memrig_track_fini(&t) == 0 && memrig_track_fini(NULL) == 0);

	/* the tracker that is always there */
	p = TRACKED_MALLOC(100);
	EXPECT(p && memrig_track_stats(&memrig_tracker, &stats) == 0 && stats.live == 1);
	TRACKED_FREE(p);
	EXPECT(memrig_track_fini(&memrig_tracker) == 0);
	EXPECT(memrig_system_heap_sub(BYTES) == 0);
}

const struct test stream_tests[] = {
	{ "memrig_ring: each call", ring },
	{ "memrig_msgpool: each call", messages },
	{ "memrig_track: each call", track },
	{ }
};
