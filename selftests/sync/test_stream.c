// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The ring heap: what each call promises, who waits and who is served, bad input, a model. */
#include "asleep.h"
#include "memory.h"
#include "memrig_ring.h"

#define BYTES  1024
#define BLOCKS 32

static char mem[BYTES] __attribute__((aligned(64)));
static struct memrig_ring *ring;

static int up(void **state)
{
	return memrig_ring_create(&ring, mem, BYTES, 8, BLOCKS);
}

static int down(void **state)
{
	assert_int_equal(memrig_ring_destroy(ring), 0);
	mrig_handle_drop_all();
	assert_int_equal(mem_live, 0);
	return 0;
}

static struct memrig_ring_stats stats(void)
{
	struct memrig_ring_stats s;

	assert_int_equal(memrig_ring_stats(ring, &s), 0);
	return s;
}

static void create_refuses(void **state)
{
	struct memrig_ring *r;

	assert_int_equal(memrig_ring_create(NULL, mem, BYTES, 8, 4), -EINVAL);
	assert_int_equal(memrig_ring_create(&r, NULL, BYTES, 8, 4), -EINVAL);
	assert_int_equal(memrig_ring_create(&r, mem, 0, 8, 4), -EINVAL);
	assert_int_equal(memrig_ring_create(&r, mem, 7, 8, 4), -EINVAL);
	assert_int_equal(memrig_ring_create(&r, mem, SIZE_MAX, 8, 4), -EINVAL);
	assert_int_equal(memrig_ring_create(&r, mem, BYTES, 0, 4), -EINVAL);
	assert_int_equal(memrig_ring_create(&r, mem, BYTES, 24, 4), -EINVAL);
	assert_int_equal(memrig_ring_create(&r, mem + 8, 512, 16, 4), -EINVAL);
	assert_int_equal(memrig_ring_create(&r, mem, BYTES, 8, 0), -EINVAL);
	assert_int_equal(memrig_ring_create(&r, mem, BYTES, 8, UINT32_MAX), -EINVAL);
	assert_int_equal(memrig_ring_destroy(NULL), 0);
}

static void full_and_empty(void **state)
{
	void *p[BLOCKS];

	assert_int_equal(stats().largest, BYTES);
	p[0] = memrig_ring_alloc(ring, BYTES, K_NO_WAIT);
	assert_ptr_equal(p[0], mem);
	assert_int_equal(stats().live, 1);
	assert_int_equal(stats().largest, 0);
	assert_null(memrig_ring_alloc(ring, 1, K_NO_WAIT));
	assert_int_equal(memrig_ring_free(ring, p[0]), 0);
	assert_int_equal(stats().live, 0);
	for (int i = 0; i < BLOCKS; i++)
		assert_non_null(p[i] = memrig_ring_alloc(ring, 8, K_NO_WAIT));
	assert_null(memrig_ring_alloc(ring, 8, K_NO_WAIT));
	for (int i = 0; i < BLOCKS; i++)
		assert_int_equal(memrig_ring_free(ring, p[i]), 0);
	assert_int_equal(stats().max_used, BYTES);
}

static void in_turn_and_out_of_turn(void **state)
{
	void *a = memrig_ring_alloc(ring, 300, K_NO_WAIT);
	void *b = memrig_ring_alloc(ring, 300, K_NO_WAIT);
	void *c = memrig_ring_alloc(ring, 300, K_NO_WAIT);

	assert_int_equal(memrig_ring_free(ring, b), -EBUSY);
	assert_int_equal(memrig_ring_done(ring, b), 0);
	assert_int_equal(memrig_ring_done(ring, b), -EALREADY);
	assert_int_equal(memrig_ring_free(ring, b), -EALREADY);
	assert_null(memrig_ring_alloc(ring, 200, K_NO_WAIT));
	assert_int_equal(stats().live, 3);
	assert_int_equal(memrig_ring_free(ring, a), 0);
	assert_int_equal(stats().live, 1);
	/* not torn: it wraps as a whole */
	assert_ptr_equal(a = memrig_ring_alloc(ring, 600, K_NO_WAIT), mem);
	assert_true(stats().skipped > 0);
	assert_int_equal(memrig_ring_free(ring, c), 0);
	assert_int_equal(memrig_ring_free(ring, a), 0);
	assert_int_equal(memrig_ring_free(ring, a), -ENOENT);
}

static void bad_input(void **state)
{
	struct memrig_ring_stats s;
	char other[8], buf[8];
	char *p;

	assert_null(memrig_ring_alloc(NULL, 8, K_FOREVER));
	assert_null(memrig_ring_alloc(ring, 0, K_FOREVER));
	assert_null(memrig_ring_alloc(ring, BYTES + 1, K_FOREVER));
	assert_null(memrig_ring_alloc(ring, SIZE_MAX, K_FOREVER));
	assert_null(memrig_ring_get(NULL, NULL, K_FOREVER));
	assert_null(memrig_ring_get(ring, NULL, K_NO_WAIT));
	assert_null(memrig_ring_get(ring, NULL, K_MSEC(-1)));
	assert_int_equal(memrig_ring_put(NULL, other, 8, K_FOREVER), -EINVAL);
	assert_int_equal(memrig_ring_put(ring, NULL, 8, K_FOREVER), -EINVAL);
	assert_int_equal(memrig_ring_put(ring, other, 0, K_FOREVER), -EINVAL);
	assert_int_equal(memrig_ring_put(ring, mem, BYTES + 1, K_FOREVER), -EINVAL);
	assert_int_equal(memrig_ring_read(NULL, buf, 8, K_FOREVER), -EINVAL);
	assert_int_equal(memrig_ring_read(ring, NULL, 8, K_FOREVER), -EINVAL);
	assert_int_equal(memrig_ring_read(ring, buf, 8, K_NO_WAIT), -ENOMSG);
	assert_int_equal(memrig_ring_read(ring, buf, 8, K_MSEC(2)), -ETIMEDOUT);
	assert_int_equal(memrig_ring_stats(NULL, &s), -EINVAL);
	assert_int_equal(memrig_ring_stats(ring, NULL), -EINVAL);
	p = memrig_ring_alloc(ring, BYTES, K_NO_WAIT);
	assert_int_equal(memrig_ring_put(ring, other, 8, K_NO_WAIT), -ENOMEM);
	assert_int_equal(memrig_ring_put(ring, other, 8, K_MSEC(2)), -ETIMEDOUT);
	assert_null(memrig_ring_alloc(ring, 8, K_MSEC(2)));
	for (int i = 0; i < 3; i++) {
		int (*call[])(struct memrig_ring *, void *) = { memrig_ring_free, memrig_ring_done,
								memrig_ring_commit };

		assert_int_equal(call[i](NULL, p), -EINVAL);
		assert_int_equal(call[i](ring, NULL), -EINVAL);
		assert_int_equal(call[i](ring, p + 8), -ENOENT);
		assert_int_equal(call[i](ring, other), -ENOENT);
		assert_int_equal(call[i](ring, (void *)-8), -ENOENT);
	}
	assert_int_equal(memrig_ring_resize(NULL, p, 8), -EINVAL);
	assert_int_equal(memrig_ring_resize(ring, NULL, 8), -EINVAL);
	assert_int_equal(memrig_ring_resize(ring, p, 0), -EINVAL);
	assert_int_equal(memrig_ring_resize(ring, p + 8, 8), -ENOENT);
	assert_int_equal(memrig_ring_resize(ring, p, BYTES + 1), -ENOMEM);
	assert_int_equal(memrig_ring_commit(ring, p), 0);
	assert_int_equal(memrig_ring_commit(ring, p), -EALREADY);
	assert_int_equal(memrig_ring_resize(ring, p, 8), -EBUSY);
	assert_int_equal(memrig_ring_read(ring, buf, 8, K_FOREVER), -EMSGSIZE);
	assert_int_equal(stats().ready, 1);
	assert_int_equal(memrig_ring_destroy(ring), -EBUSY);
	assert_int_equal(memrig_ring_free(ring, p), 0);
	assert_int_equal(stats().ready, 0);
}

static void streams_in_order(void **state)
{
	char *a = memrig_ring_alloc(ring, 100, K_NO_WAIT), *b, *c, buf[100];
	size_t bytes;

	b = memrig_ring_alloc(ring, 100, K_NO_WAIT);
	c = memrig_ring_alloc(ring, 100, K_NO_WAIT);
	assert_int_equal(memrig_ring_resize(ring, c, 40), 0);
	assert_int_equal(memrig_ring_resize(ring, b, 40), -EBUSY);
	assert_int_equal(memrig_ring_commit(ring, c), 0);
	assert_null(memrig_ring_get(ring, &bytes, K_NO_WAIT));
	assert_int_equal(memrig_ring_commit(ring, a), 0);
	assert_ptr_equal(memrig_ring_get(ring, &bytes, K_NO_WAIT), a);
	assert_int_equal(bytes, 100);
	assert_null(memrig_ring_get(ring, &bytes, K_NO_WAIT));
	/* given up: nobody waits for it */
	assert_int_equal(memrig_ring_done(ring, b), 0);
	assert_int_equal(memrig_ring_commit(ring, b), -EALREADY);
	memset(c, 'c', 40);
	assert_int_equal(memrig_ring_read(ring, buf, sizeof(buf), K_NO_WAIT), 40);
	assert_int_equal(buf[39], 'c');
	assert_int_equal(stats().live, 3);
	assert_int_equal(memrig_ring_free(ring, a), 0);
	assert_int_equal(stats().live, 0);
}

/* A thread that puts or reads once, with a priority. */
struct party {
	bool puts;
	int prio;
	size_t bytes;
	k_timeout_t timeout;
	char buf[BYTES];
	int64_t result;
	bool done;
	int tid;
	pthread_t thread;
};

static void *party_main(void *arg)
{
	struct party *p = arg;

	k_thread_priority_set(NULL, p->prio);
	about_to_wait(&p->tid);
	p->result = p->puts ? memrig_ring_put(ring, p->buf, p->bytes, p->timeout)
			    : memrig_ring_read(ring, p->buf, p->bytes, p->timeout);
	__atomic_store_n(&p->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void start(struct party *p)
{
	p->tid = 0;
	assert_int_equal(pthread_create(&p->thread, NULL, party_main, p), 0);
	/* the order below depends on it */
	until_asleep(&p->tid);
}

static bool done(struct party *p)
{
	return __atomic_load_n(&p->done, __ATOMIC_ACQUIRE);
}

static void join(struct party *p, int64_t result)
{
	pthread_join(p->thread, NULL);
	assert_int_equal(p->result, result);
}

/* Absolute ones: in the past they are over, in the future the call waits until then. */
static void absolute_timeouts(void **state)
{
	k_timeout_t past[] = { K_TIMEOUT_ABS_TICKS(0), K_TIMEOUT_ABS_MS(1),
			       K_TIMEOUT_ABS_TICKS(k_uptime_ticks()) };
	char buf[BYTES] = "";
	int64_t until;

	for (size_t i = 0; i < COUNT(past); i++) {
		assert_null(memrig_ring_get(ring, NULL, past[i]));
		assert_int_equal(memrig_ring_read(ring, buf, 8, past[i]), -ETIMEDOUT);
	}
	until = k_uptime_get() + 20;
	assert_int_equal(memrig_ring_read(ring, buf, 8, K_TIMEOUT_ABS_MS(until)), -ETIMEDOUT);
	assert_true(k_uptime_get() >= until);
	assert_int_equal(memrig_ring_put(ring, buf, BYTES, past[0]), 0);
	for (size_t i = 0; i < COUNT(past); i++) {
		assert_null(memrig_ring_alloc(ring, 8, past[i]));
		assert_int_equal(memrig_ring_put(ring, buf, 8, past[i]), -ETIMEDOUT);
	}
	until = k_uptime_get() + 20;
	assert_int_equal(memrig_ring_put(ring, buf, 8, K_TIMEOUT_ABS_MS(until)), -ETIMEDOUT);
	assert_true(k_uptime_get() >= until);
	/* What is there is had, however late it is. */
	assert_int_equal(memrig_ring_read(ring, buf, BYTES, past[1]), BYTES);
}

static void producers_wait_in_order(void **state)
{
	struct party big = { .puts = true, .prio = 2, .bytes = 1000, .timeout = K_FOREVER };
	struct party late = { .puts = true, .prio = 2, .bytes = 8, .timeout = K_FOREVER };
	struct party urgent = { .puts = true, .prio = 1, .bytes = 16, .timeout = K_FOREVER };
	void *a = memrig_ring_alloc(ring, 512, K_NO_WAIT),
	     *b = memrig_ring_alloc(ring, 512, K_NO_WAIT);
	char buf[BYTES];

	start(&big);
	start(&late);
	/* nobody overtakes, even who could be served */
	assert_int_equal(memrig_ring_free(ring, a), 0);
	nap(20000);
	assert_false(done(&big) || done(&late));
	assert_null(memrig_ring_alloc(ring, 8, K_NO_WAIT));
	start(&urgent);
	assert_false(done(&urgent));
	assert_int_equal(memrig_ring_free(ring, b), 0);
	join(&urgent, 0);
	assert_int_equal(memrig_ring_read(ring, buf, BYTES, K_FOREVER), 16);
	join(&big, 0);
	join(&late, 0);
	assert_int_equal(memrig_ring_read(ring, buf, BYTES, K_FOREVER), 1000);
	assert_int_equal(memrig_ring_read(ring, buf, BYTES, K_FOREVER), 8);
}

static void who_gives_up_lets_others_pass(void **state)
{
	struct party big = { .puts = true, .bytes = 1000, .timeout = K_MSEC(1000) };
	struct party small = { .puts = true, .bytes = 8, .timeout = K_FOREVER };
	void *a = memrig_ring_alloc(ring, 512, K_NO_WAIT);
	char buf[8];

	start(&big);
	start(&small);
	assert_false(done(&small));
	join(&big, -ETIMEDOUT);
	join(&small, 0);
	assert_int_equal(memrig_ring_free(ring, a), 0);
	assert_int_equal(memrig_ring_read(ring, buf, 8, K_NO_WAIT), 8);
}

static void consumers_wait_in_order(void **state)
{
	struct party first = { .prio = 5, .bytes = BYTES, .timeout = K_FOREVER };
	struct party second = { .prio = 5, .bytes = BYTES, .timeout = K_HOURS(1) };
	struct party narrow = { .prio = 5, .bytes = 4, .timeout = K_FOREVER };
	struct party urgent = { .prio = 4, .bytes = BYTES, .timeout = K_FOREVER };

	start(&first);
	start(&second);
	start(&urgent);
	assert_int_equal(memrig_ring_put(ring, "1", 1, K_NO_WAIT), 0);
	join(&urgent, 1);
	assert_int_equal(memrig_ring_put(ring, "22", 2, K_NO_WAIT), 0);
	join(&first, 2);
	start(&narrow);
	assert_int_equal(memrig_ring_put(ring, "333", 3, K_NO_WAIT), 0);
	join(&second, 3);
	assert_memory_equal(second.buf, "333", 3);
	assert_int_equal(memrig_ring_put(ring, "55555", 5, K_NO_WAIT), 0);
	join(&narrow, -EMSGSIZE);
	assert_int_equal(memrig_ring_read(ring, narrow.buf, BYTES, K_NO_WAIT), 5);
}

/* Against a queue of sizes: what is put comes out, in order and whole. */
static void random_streams(void **state)
{
	size_t queue[BLOCKS], first = 0, n = 0;
	unsigned int seed = 3, puts = 0;
	char buf[BYTES];

	for (int step = 0; step < 40000; step++) {
		size_t bytes = 1 + rand_r(&seed) % 200;

		if (rand_r(&seed) % 2) {
			int err;

			memset(buf, (int)puts, bytes);
			err = memrig_ring_put(ring, buf, bytes, K_NO_WAIT);
			assert_true(!err || err == -ENOMEM);
			assert_true(!err || n == BLOCKS || stats().largest < bytes);
			if (err)
				continue;
			queue[(first + n++) % BLOCKS] = bytes;
			puts++;
		} else if (n) {
			bytes = queue[first];
			assert_int_equal(memrig_ring_read(ring, buf, BYTES, K_NO_WAIT), bytes);
			for (size_t i = 0; i < bytes; i++)
				assert_int_equal((unsigned char)buf[i], (unsigned char)(puts - n));
			first = (first + 1) % BLOCKS;
			n--;
		}
		assert_int_equal(stats().live, n);
		assert_int_equal(stats().ready, n);
	}
	while (n--)
		assert_true(memrig_ring_read(ring, buf, BYTES, K_NO_WAIT) > 0);
}

static int create(void)
{
	return memrig_ring_create(&ring, mem, BYTES, 8, BLOCKS);
}

static void without_memory(void **state)
{
	assert_int_equal(mem_starve(create), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_refuses),
		cmocka_unit_test_setup_teardown(full_and_empty, up, down),
		cmocka_unit_test_setup_teardown(in_turn_and_out_of_turn, up, down),
		cmocka_unit_test_setup_teardown(bad_input, up, down),
		cmocka_unit_test_setup_teardown(streams_in_order, up, down),
		cmocka_unit_test_setup_teardown(absolute_timeouts, up, down),
		cmocka_unit_test_setup_teardown(producers_wait_in_order, up, down),
		cmocka_unit_test_setup_teardown(who_gives_up_lets_others_pass, up, down),
		cmocka_unit_test_setup_teardown(consumers_wait_in_order, up, down),
		cmocka_unit_test_setup_teardown(random_streams, up, down),
		cmocka_unit_test_teardown(without_memory, down),
	};

	return RUN("memrig_ring", tests);
}
