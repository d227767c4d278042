// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Objects that are known by a pointer: what each call says of one that has ended, of one that is
 * something else, and of one that somebody waits for; and whose memory is used again when.
 */
#include <memrig/patterns.h>
#include "asleep.h"
#include "memory.h"

static char mem[4096] __attribute__((aligned(64)));
static struct memrig_smart *smart;
static struct memrig_prio *prio;
static struct memrig_ring *ring;
static struct memrig_msgpool *pool;

static int up(void **state)
{
	assert_int_equal(memrig_smart_create(&smart, 0), 0);
	assert_int_equal(memrig_smart_add_tier(smart, mem, 64, 4), 0);
	assert_int_equal(memrig_prio_create(&prio), 0);
	assert_int_equal(memrig_prio_add(prio, 0, mem + 1024, 1024, NULL), 0);
	assert_int_equal(memrig_ring_create(&ring, mem + 2048, 512, 8, 4), 0);
	assert_int_equal(memrig_msgpool_create(&pool, "ended", mem + 3072, 64, 2), 0);
	return 0;
}

static void end_all(void)
{
	assert_int_equal(memrig_smart_destroy(smart), 0);
	assert_int_equal(memrig_prio_destroy(prio), 0);
	assert_int_equal(memrig_ring_destroy(ring), 0);
	assert_int_equal(memrig_msgpool_destroy(pool), 0);
}

static int all_given_back(void **state)
{
	mrig_handle_drop_all();
	assert_int_equal(mem_live, 0);
	return 0;
}

static int down(void **state)
{
	end_all();
	return all_given_back(state);
}

static void no_smart(struct memrig_smart *s)
{
	struct memrig_smart_stats tier;
	struct memrig_span_stats span;

	assert_int_equal(memrig_smart_destroy(s), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(s, mem, 64, 4), -EINVAL);
	assert_int_equal(memrig_smart_add_heap(s, mem, 1024, NULL), -EINVAL);
	assert_int_equal(memrig_smart_remove(s, mem), -EINVAL);
	assert_int_equal(memrig_smart_tier(s, 0, &tier), -EINVAL);
	assert_int_equal(memrig_smart_heap(s, 0, &span), -EINVAL);
	assert_null(memrig_smart_alloc(s, 8));
	assert_null(memrig_smart_aligned_alloc(s, 8, 8));
	assert_null(memrig_smart_calloc(s, 1, 8));
	assert_null(memrig_smart_realloc(s, NULL, 8));
	assert_null(memrig_smart_realloc(s, mem, 8));
	assert_null(memrig_smart_realloc(s, mem, 0));
	assert_int_equal(memrig_smart_free(s, mem), -EINVAL);
	assert_int_equal(memrig_smart_usable_size(s, mem), 0);
}

static void no_prio(struct memrig_prio *p)
{
	struct memrig_prio_stats level;

	assert_int_equal(memrig_prio_destroy(p), -EINVAL);
	assert_int_equal(memrig_prio_add(p, 0, mem, 1024, NULL), -EINVAL);
	assert_int_equal(memrig_prio_remove(p, mem), -EINVAL);
	assert_int_equal(memrig_prio_level(p, 0, &level), -EINVAL);
	assert_null(memrig_prio_alloc(p, 0, 8));
	assert_null(memrig_prio_aligned_alloc(p, 0, 8, 8));
	assert_null(memrig_prio_realloc(p, 0, NULL, 8));
	assert_null(memrig_prio_realloc(p, 0, mem, 8));
	assert_null(memrig_prio_realloc(p, 0, mem, 0));
	assert_int_equal(memrig_prio_free(p, mem), -EINVAL);
}

static void no_ring(struct memrig_ring *r)
{
	struct memrig_ring_stats stats;
	size_t bytes;
	char buf[8];

	assert_int_equal(memrig_ring_destroy(r), -EINVAL);
	assert_null(memrig_ring_alloc(r, 8, K_FOREVER));
	assert_null(memrig_ring_get(r, &bytes, K_FOREVER));
	assert_int_equal(memrig_ring_resize(r, mem, 8), -EINVAL);
	assert_int_equal(memrig_ring_commit(r, mem), -EINVAL);
	assert_int_equal(memrig_ring_free(r, mem), -EINVAL);
	assert_int_equal(memrig_ring_done(r, mem), -EINVAL);
	assert_int_equal(memrig_ring_put(r, buf, 8, K_FOREVER), -EINVAL);
	assert_int_equal(memrig_ring_read(r, buf, 8, K_FOREVER), -EINVAL);
	assert_int_equal(memrig_ring_stats(r, &stats), -EINVAL);
}

static void no_pool(struct memrig_msgpool *p)
{
	struct memrig_msgpool_stats stats;

	assert_int_equal(memrig_msgpool_destroy(p), -EINVAL);
	assert_null(memrig_msgpool_alloc(p, K_FOREVER));
	assert_null(memrig_msgpool_get(p, K_FOREVER));
	assert_int_equal(memrig_msgpool_put(p, mem), -EINVAL);
	assert_int_equal(memrig_msgpool_free(p, mem), -EINVAL);
	assert_int_equal(memrig_msgpool_stats(p, &stats), -EINVAL);
}

static void ended_ones_are_refused(void **state)
{
	end_all();
	no_smart(smart);
	no_prio(prio);
	no_ring(ring);
	no_pool(pool);
	assert_null(memrig_msgpool_find("ended"));
}

static void other_kinds_are_refused(void **state)
{
	no_smart((struct memrig_smart *)prio);
	no_prio((struct memrig_prio *)ring);
	no_ring((struct memrig_ring *)pool);
	no_pool((struct memrig_msgpool *)smart);
}

/* Those that ended last keep their memory, the one that ended first gives its away. */
static void memory_rests(void **state)
{
	struct memrig_prio *ended[MRIG_HANDLE_REST + 1], *p;
	long before = mem_live;

	for (size_t i = 0; i < COUNT(ended); i++)
		assert_int_equal(memrig_prio_create(&ended[i]), 0);
	for (size_t i = 0; i < MRIG_HANDLE_REST; i++)
		assert_int_equal(memrig_prio_destroy(ended[i]), 0);
	assert_int_equal(memrig_prio_create(&p), 0);
	for (size_t i = 0; i < COUNT(ended); i++)
		assert_ptr_not_equal(p, ended[i]);
	assert_int_equal(memrig_prio_destroy(ended[MRIG_HANDLE_REST]), 0);
	for (size_t i = 0; i < COUNT(ended); i++)
		no_prio(ended[i]);
	assert_int_equal(memrig_prio_destroy(p), 0);
	assert_int_equal(memrig_ring_create((struct memrig_ring **)&p, mem, 512, 8, 4), 0);
	assert_ptr_equal(p, ended[0]);
	no_prio(p);
	assert_int_equal(memrig_ring_destroy((struct memrig_ring *)p), 0);
	assert_int_equal(mem_live, before + MRIG_HANDLE_REST + 2);
}

static int make_ring(void)
{
	struct memrig_ring *r;
	int err = memrig_ring_create(&r, mem, 512, 8, 4);

	return err ? err : memrig_ring_destroy(r);
}

/* What never was an object leaves nothing behind. */
static void failures_leave_nothing(void **state)
{
	assert_int_equal(mem_starve(make_ring), 3);
}

static void *reads(void *arg)
{
	char buf[8];

	about_to_wait(arg);
	return (void *)(intptr_t)memrig_ring_read(ring, buf, 8, K_FOREVER);
}

static void *receives(void *arg)
{
	about_to_wait(arg);
	return memrig_msgpool_get(pool, K_FOREVER);
}

/* An object that somebody waits for cannot end. */
static void not_under_a_waiter(void **state)
{
	int reads_as = 0, receives_as = 0;
	pthread_t reader, receiver;
	void *ret, *msg, *block;

	/* Until both wait, something lives: the objects cannot end too early. */
	block = memrig_ring_alloc(ring, 8, K_NO_WAIT);
	msg = memrig_msgpool_alloc(pool, K_NO_WAIT);
	assert_true(block && msg);
	pthread_create(&reader, NULL, reads, &reads_as);
	pthread_create(&receiver, NULL, receives, &receives_as);
	until_asleep(&reads_as);
	until_asleep(&receives_as);
	assert_int_equal(memrig_ring_done(ring, block), 0);
	assert_int_equal(memrig_msgpool_free(pool, msg), 0);
	assert_int_equal(memrig_ring_destroy(ring), -EBUSY);
	assert_int_equal(memrig_msgpool_destroy(pool), -EBUSY);
	assert_int_equal(memrig_ring_put(ring, "1234567", 8, K_NO_WAIT), 0);
	pthread_join(reader, &ret);
	assert_int_equal((intptr_t)ret, 8);
	msg = memrig_msgpool_alloc(pool, K_NO_WAIT);
	assert_int_equal(memrig_msgpool_put(pool, msg), 0);
	pthread_join(receiver, &ret);
	assert_ptr_equal(ret, msg);
	assert_int_equal(memrig_msgpool_free(pool, msg), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ended_ones_are_refused, up, all_given_back),
		cmocka_unit_test_setup_teardown(other_kinds_are_refused, up, down),
		cmocka_unit_test_setup_teardown(memory_rests, NULL, all_given_back),
		cmocka_unit_test_setup_teardown(failures_leave_nothing, NULL, all_given_back),
		cmocka_unit_test_setup_teardown(not_under_a_waiter, up, down),
	};

	return RUN("ended", tests);
}
