// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Message pools: what each call promises, who waits and who is served, bad input, a model. */
#include "asleep.h"
#include "memory.h"
#include "memrig_msgpool.h"

#define MESSAGES 6

static char mem[MESSAGES][64] __attribute__((aligned(64)));
static struct memrig_msgpool *pool;

static int up(void **state)
{
	return memrig_msgpool_create(&pool, "events", mem, 64, MESSAGES);
}

static int down(void **state)
{
	assert_int_equal(memrig_msgpool_destroy(pool), 0);
	assert_null(memrig_msgpool_find("events"));
	mrig_handle_drop_all();
	assert_int_equal(mem_live, 0);
	return 0;
}

static struct memrig_msgpool_stats stats(void)
{
	struct memrig_msgpool_stats s;

	assert_int_equal(memrig_msgpool_stats(pool, &s), 0);
	return s;
}

static void create_refuses(void **state)
{
	static const char *const bad[] = { "", "-a", "A", "a b",
					   "0123456789012345678901234567890123" };
	struct memrig_msgpool *p;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(memrig_msgpool_create(&p, bad[i], mem, 64, 2), -EINVAL);
	assert_int_equal(memrig_msgpool_create(NULL, "x", mem, 64, 2), -EINVAL);
	assert_int_equal(memrig_msgpool_create(&p, "x", NULL, 64, 2), -EINVAL);
	assert_int_equal(memrig_msgpool_create(&p, "x", mem, 0, 2), -EINVAL);
	assert_int_equal(memrig_msgpool_create(&p, "x", mem, 63, 2), -EINVAL);
	assert_int_equal(memrig_msgpool_create(&p, "x", mem[0] + 1, 64, 2), -EINVAL);
	assert_int_equal(memrig_msgpool_create(&p, "x", mem, 64, 0), -EINVAL);
	assert_int_equal(memrig_msgpool_create(&p, "x", mem, 64, UINT32_MAX), -EINVAL);
	assert_int_equal(memrig_msgpool_create(&p, "x", mem, SIZE_MAX - 7, 2), -EINVAL);
	assert_int_equal(memrig_msgpool_create(&p, "events", mem, 64, 2), -EEXIST);
	assert_int_equal(memrig_msgpool_destroy(NULL), 0);
	assert_null(memrig_msgpool_find("x"));
}

static void names(void **state)
{
	static char other[2][64] __attribute__((aligned(64)));
	struct memrig_msgpool *b, *c;

	assert_ptr_equal(memrig_msgpool_find("events"), pool);
	assert_null(memrig_msgpool_find("event"));
	assert_null(memrig_msgpool_find("events2"));
	assert_null(memrig_msgpool_find(NULL));
	assert_null(memrig_msgpool_find(""));
	assert_int_equal(memrig_msgpool_create(&b, "b", other, 64, 1), 0);
	assert_int_equal(memrig_msgpool_create(&c, NULL, other[1], 64, 1), 0);
	assert_null(memrig_msgpool_find(""));
	assert_ptr_equal(memrig_msgpool_find("b"), b);
	assert_string_equal(stats().name, "events");
	assert_int_equal(memrig_msgpool_destroy(b), 0);
	assert_int_equal(memrig_msgpool_destroy(c), 0);
	assert_null(memrig_msgpool_find("b"));
}

static void first_in_first_out(void **state)
{
	void *m[MESSAGES];

	for (int i = 0; i < MESSAGES; i++) {
		m[i] = memrig_msgpool_alloc(pool, K_NO_WAIT);
		assert_ptr_equal(m[i], mem[i]);
	}
	assert_null(memrig_msgpool_alloc(pool, K_NO_WAIT));
	assert_null(memrig_msgpool_get(pool, K_NO_WAIT));
	for (int i = 0; i < MESSAGES; i++)
		assert_int_equal(memrig_msgpool_put(pool, m[(i * 5) % MESSAGES]), 0);
	assert_int_equal(stats().queued, MESSAGES);
	for (int i = 0; i < MESSAGES; i++)
		assert_ptr_equal(memrig_msgpool_get(pool, K_NO_WAIT), m[(i * 5) % MESSAGES]);
	assert_int_equal(stats().max_queued, MESSAGES);
	assert_int_equal(stats().sent, MESSAGES);
	for (int i = 0; i < MESSAGES; i++)
		assert_int_equal(memrig_msgpool_free(pool, m[i]), 0);
	assert_int_equal(stats().used, 0);
	assert_int_equal(stats().max_used, MESSAGES);
}

static void bad_input(void **state)
{
	int (*const call[])(struct memrig_msgpool *, void *) = { memrig_msgpool_put,
								 memrig_msgpool_free };
	struct memrig_msgpool_stats s;
	char *m = memrig_msgpool_alloc(pool, K_FOREVER), other[8];

	assert_null(memrig_msgpool_alloc(NULL, K_FOREVER));
	assert_null(memrig_msgpool_get(NULL, K_FOREVER));
	assert_null(memrig_msgpool_get(pool, K_MSEC(-1)));
	assert_null(memrig_msgpool_get(pool, K_MSEC(2)));
	assert_int_equal(memrig_msgpool_stats(NULL, &s), -EINVAL);
	assert_int_equal(memrig_msgpool_stats(pool, NULL), -EINVAL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(call[i](NULL, m), -EINVAL);
		assert_int_equal(call[i](pool, NULL), -EINVAL);
		assert_int_equal(call[i](pool, m + 8), -EINVAL);
		assert_int_equal(call[i](pool, other), -ENOENT);
		assert_int_equal(call[i](pool, mem[MESSAGES]), -ENOENT);
		assert_int_equal(call[i](pool, mem[3]), -EALREADY);
	}
	assert_int_equal(memrig_msgpool_destroy(pool), -EBUSY);
	assert_int_equal(memrig_msgpool_put(pool, m), 0);
	assert_int_equal(memrig_msgpool_put(pool, m), -EBUSY);
	assert_int_equal(memrig_msgpool_free(pool, m), -EBUSY);
	assert_int_equal(memrig_msgpool_destroy(pool), -EBUSY);
	assert_ptr_equal(memrig_msgpool_get(pool, K_FOREVER), m);
	assert_int_equal(memrig_msgpool_free(pool, m), 0);
	assert_int_equal(memrig_msgpool_free(pool, m), -EALREADY);
}

/* Absolute ones: in the past they are over, in the future the call waits until then. */
static void absolute_timeouts(void **state)
{
	k_timeout_t past[] = { K_TIMEOUT_ABS_TICKS(0), K_TIMEOUT_ABS_MS(1),
			       K_TIMEOUT_ABS_TICKS(k_uptime_ticks()) };
	int64_t until = k_uptime_get() + 20;
	void *m[MESSAGES];

	for (size_t i = 0; i < COUNT(past); i++)
		assert_null(memrig_msgpool_get(pool, past[i]));
	assert_null(memrig_msgpool_get(pool, K_TIMEOUT_ABS_MS(until)));
	assert_true(k_uptime_get() >= until);
	/* What is there is had, however late it is. */
	for (size_t i = 0; i < MESSAGES; i++)
		assert_non_null(m[i] = memrig_msgpool_alloc(pool, past[i % COUNT(past)]));
	for (size_t i = 0; i < COUNT(past); i++)
		assert_null(memrig_msgpool_alloc(pool, past[i]));
	until = k_uptime_get() + 20;
	assert_null(memrig_msgpool_alloc(pool, K_TIMEOUT_ABS_MS(until)));
	assert_true(k_uptime_get() >= until);
	for (size_t i = 0; i < MESSAGES; i++)
		assert_int_equal(memrig_msgpool_free(pool, m[i]), 0);
}

/* A thread that waits once, with a priority. */
struct party {
	void *(*call)(struct memrig_msgpool *pool, k_timeout_t timeout);
	int prio;
	k_timeout_t timeout;
	void *result;
	int tid;
	pthread_t thread;
};

static void *party_main(void *arg)
{
	struct party *p = arg;

	k_thread_priority_set(NULL, p->prio);
	about_to_wait(&p->tid);
	p->result = p->call(pool, p->timeout);
	return NULL;
}

static void start(struct party *p)
{
	p->tid = 0;
	assert_int_equal(pthread_create(&p->thread, NULL, party_main, p), 0);
	/* the order below depends on it */
	until_asleep(&p->tid);
}

static void *join(struct party *p)
{
	pthread_join(p->thread, NULL);
	return p->result;
}

static void handed_to_who_waits(void **state)
{
	struct party first = { .call = memrig_msgpool_alloc, .prio = 3, .timeout = K_FOREVER };
	struct party second = first, urgent = first, never = first;
	void *m[MESSAGES];

	urgent.prio = 2;
	never.prio = 1;
	never.timeout = K_MSEC(30);
	for (int i = 0; i < MESSAGES; i++)
		m[i] = memrig_msgpool_alloc(pool, K_NO_WAIT);
	start(&never);
	assert_null(join(&never));
	start(&first);
	start(&second);
	start(&urgent);
	assert_int_equal(memrig_msgpool_free(pool, m[0]), 0);
	assert_ptr_equal(join(&urgent), m[0]);
	assert_int_equal(memrig_msgpool_free(pool, m[1]), 0);
	assert_ptr_equal(join(&first), m[1]);
	assert_int_equal(memrig_msgpool_free(pool, m[2]), 0);
	assert_ptr_equal(join(&second), m[2]);
	first.call = memrig_msgpool_get;
	urgent.call = memrig_msgpool_get;
	start(&first);
	start(&urgent);
	assert_int_equal(memrig_msgpool_put(pool, m[3]), 0);
	assert_ptr_equal(join(&urgent), m[3]);
	assert_int_equal(memrig_msgpool_put(pool, m[4]), 0);
	assert_ptr_equal(join(&first), m[4]);
	for (int i = 0; i < MESSAGES; i++)
		assert_int_equal(memrig_msgpool_free(pool, m[i]), 0);
}

/* Against a state per message and a plain queue. */
static void random_programs(void **state)
{
	enum { FREE, HELD, SENT } what[MESSAGES] = { 0 };
	int queue[MESSAGES], n = 0;
	unsigned int seed = 9;

	for (int step = 0; step < 40000; step++) {
		int i = rand_r(&seed) % MESSAGES, act = rand_r(&seed) % 4;
		static const int errs[] = { -EALREADY, 0, -EBUSY };
		char *m;

		if (act == 0) {
			m = memrig_msgpool_alloc(pool, K_NO_WAIT);
			for (i = 0; i < MESSAGES && what[i] != FREE; i++)
				;
			assert_int_equal(!m, i == MESSAGES);
			if (!m)
				continue;
			i = (int)((char(*)[64])m - mem);
			assert_int_equal(what[i], FREE);
			what[i] = HELD;
		} else if (act == 1) {
			assert_int_equal(memrig_msgpool_free(pool, mem[i]), errs[what[i]]);
			if (what[i] == HELD)
				what[i] = FREE;
		} else if (act == 2) {
			assert_int_equal(memrig_msgpool_put(pool, mem[i]), errs[what[i]]);
			if (what[i] != HELD)
				continue;
			what[i] = SENT;
			queue[n++] = i;
		} else {
			m = memrig_msgpool_get(pool, K_NO_WAIT);
			assert_ptr_equal(m, n ? mem[queue[0]] : NULL);
			if (!n)
				continue;
			what[queue[0]] = HELD;
			memmove(queue, queue + 1, (size_t)--n * sizeof(*queue));
		}
	}
	while (memrig_msgpool_get(pool, K_NO_WAIT))
		;
	for (int i = 0; i < MESSAGES; i++)
		memrig_msgpool_free(pool, mem[i]);
	assert_int_equal(stats().used, 0);
}

static int create(void)
{
	return memrig_msgpool_create(&pool, "events", mem, 64, MESSAGES);
}

static void without_memory(void **state)
{
	assert_int_equal(mem_starve(create), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(create_refuses, up, down),
		cmocka_unit_test_setup_teardown(names, up, down),
		cmocka_unit_test_setup_teardown(first_in_first_out, up, down),
		cmocka_unit_test_setup_teardown(bad_input, up, down),
		cmocka_unit_test_setup_teardown(absolute_timeouts, up, down),
		cmocka_unit_test_setup_teardown(handed_to_who_waits, up, down),
		cmocka_unit_test_setup_teardown(random_programs, up, down),
		cmocka_unit_test_teardown(without_memory, down),
	};

	return RUN("memrig_msgpool", tests);
}
