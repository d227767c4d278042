// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Buffer manager and priority heap: each call, and what each of them refuses.
 */
#include <linux/slab.h>
#include <memrig/patterns.h>

#include "consumer.h"

#define BYTES 4096

static void smart_parts(struct memrig_smart *s, u8 *mem)
{
	struct memrig_smart_stats tier;
	struct memrig_span_stats heap;

	EXPECT(memrig_smart_add_tier(s, NULL, 64, 2) == -EINVAL);
	EXPECT(memrig_smart_add_tier(s, mem, 0, 2) == -EINVAL);
	EXPECT(memrig_smart_add_heap(s, NULL, BYTES, NULL) == -EINVAL);
	EXPECT(memrig_smart_add_tier(s, mem, 64, 2) == 0);
	EXPECT(memrig_smart_add_heap(s, mem, BYTES, NULL) == -EINVAL);
	EXPECT(memrig_smart_add_heap(s, mem + BYTES, BYTES, NULL) == 0);
	EXPECT(memrig_smart_tier(s, 0, NULL) == -EINVAL);
	EXPECT(memrig_smart_tier(s, 1, &tier) == -ENOENT);
	EXPECT(memrig_smart_heap(s, 0, NULL) == -EINVAL);
	EXPECT(memrig_smart_heap(s, 1, &heap) == -ENOENT);
	EXPECT(memrig_smart_heap(s, 0, &heap) == 0 && heap.mem == mem + BYTES && heap.out_of_band);
}

static void smart(void)
{
	u8 *mem = kmalloc(2 * BYTES, GFP_KERNEL), *p, *q, *wide;
	struct memrig_smart *s;

	EXPECT(memrig_smart_create(NULL, 0) == -EINVAL && memrig_smart_destroy(NULL) == 0);
	if (!EXPECT(mem) || !EXPECT(memrig_smart_create(&s, 0) == 0))
		goto out;
	smart_parts(s, mem);
	EXPECT(!memrig_smart_alloc(s, 0) && !memrig_smart_alloc(s, 2 * BYTES));
	EXPECT(!memrig_smart_alloc(NULL, 8) && !memrig_smart_calloc(s, SIZE_MAX, 2));
	p = memrig_smart_calloc(s, 5, 8);
	q = memrig_smart_alloc(s, 64);
	wide = memrig_smart_aligned_alloc(s, 256, 40);
	EXPECT(p && !p[39] && memrig_smart_usable_size(s, p) == 64);
	EXPECT(wide >= mem + BYTES && IS_ALIGNED((uintptr_t)wide, 256));
	EXPECT(memrig_smart_usable_size(s, wide) >= 40 && !memrig_smart_usable_size(s, wide + 8));
	EXPECT(memrig_smart_remove(NULL, mem) == -EINVAL && memrig_smart_remove(s, &s) == -ENOENT);
	EXPECT(memrig_smart_remove(s, mem) == -EBUSY);
	EXPECT(memrig_smart_remove(s, mem + BYTES) == -EBUSY);
	EXPECT(memrig_smart_free(s, NULL) == -EINVAL && memrig_smart_free(s, p + 8) == -EINVAL);
	EXPECT(memrig_smart_free(s, &s) == -ENOENT);
	EXPECT(memrig_smart_free(s, p) == 0 && memrig_smart_free(s, p) == -EALREADY);
	EXPECT(!memrig_smart_realloc(s, q, 0) && memrig_smart_free(s, wide) == 0);
	EXPECT(memrig_smart_remove(s, mem) == 0 && memrig_smart_remove(s, mem + BYTES) == 0);
	EXPECT(memrig_smart_destroy(s) == 0);
out:
	kfree(mem);
}

static void prio(void)
{
	u8 *mem = kmalloc(2 * BYTES, GFP_KERNEL), *p, *q;
	struct memrig_prio_stats level;
	struct memrig_prio *h;

	EXPECT(memrig_prio_create(NULL) == -EINVAL && memrig_prio_destroy(NULL) == 0);
	if (!EXPECT(mem) || !EXPECT(memrig_prio_create(&h) == 0))
		goto out;
	EXPECT(memrig_prio_add(h, MEMRIG_PRIO_LOW, NULL, BYTES, NULL) == -EINVAL);
	EXPECT(memrig_prio_add(h, MEMRIG_PRIO_LOW, mem, BYTES, NULL) == 0);
	EXPECT(memrig_prio_add(h, MEMRIG_PRIO_HIGH, mem + 64, BYTES, NULL) == -EINVAL);
	EXPECT(memrig_prio_add(h, MEMRIG_PRIO_HIGH, mem + BYTES, BYTES, NULL) == 0);
	p = memrig_prio_aligned_alloc(h, MEMRIG_PRIO_HIGH, 256, 100);
	q = memrig_prio_alloc(h, MEMRIG_PRIO_HIGH, 3000);
	if (!EXPECT(p >= mem + BYTES && IS_ALIGNED((uintptr_t)p, 256) && q >= mem + BYTES))
		goto out;
	memset(p, 'x', 100);
	EXPECT(!memrig_prio_realloc(h, MEMRIG_PRIO_HIGH, p, BYTES + 1));
	p = memrig_prio_realloc(h, MEMRIG_PRIO_HIGH, p, 3000);
	EXPECT(p >= mem && p < mem + BYTES && p[99] == 'x');
	EXPECT(!memrig_prio_alloc(h, MEMRIG_PRIO_HIGH, 0));
	EXPECT(memrig_prio_level(h, 0, NULL) == -EINVAL);
	EXPECT(memrig_prio_level(h, 2, &level) == -ENOENT);
	EXPECT(memrig_prio_level(h, 0, &level) == 0 && level.floor == MEMRIG_PRIO_HIGH);
	EXPECT(memrig_prio_level(h, 1, &level) == 0 && level.floor == MEMRIG_PRIO_LOW);
	EXPECT(level.span.mem == mem && level.span.use.live == 1);
	EXPECT(memrig_prio_remove(NULL, mem) == -EINVAL);
	EXPECT(memrig_prio_remove(h, mem + 64) == -ENOENT && memrig_prio_remove(h, mem) == -EBUSY);
	EXPECT(memrig_prio_free(h, NULL) == -EINVAL && memrig_prio_free(h, &h) == -ENOENT);
	EXPECT(!memrig_prio_realloc(h, MEMRIG_PRIO_LOW, p, 0));
	EXPECT(memrig_prio_free(h, p) == -ENOENT && memrig_prio_destroy(h) == -EBUSY);
	EXPECT(memrig_prio_remove(h, mem) == 0 && memrig_prio_free(h, q) == 0);
	EXPECT(memrig_prio_destroy(h) == 0);
out:
	kfree(mem);
}

const struct test smart_tests[] = {
	{ "memrig_smart: each call", smart },
	{ "memrig_prio: each call", prio },
	{ }
};
