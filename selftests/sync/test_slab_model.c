// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random programs on a k_mem_slab with waiting threads, against a model: a plain stack of free
 * blocks, a list of those handed out and a list of who waits. After each step the same threads must
 * have been handed the same blocks, and the figures must agree.
 *
 *	test_slab_model [SEED]
 */
#include "slab_waiters.h"

#define SIZE	24
#define MOST	12
#define WAITERS 6
#define STEPS	400

static unsigned int seed = 1;

struct model {
	struct k_mem_slab real;
	char *mem;
	int num, peak;
	int nr_free, free[MOST];
	int nr_live, live[MOST];
	int nr_waiting, queue[WAITERS];
	struct slab_waiter waiters[WAITERS];
	bool busy[WAITERS];
};

static unsigned int any(unsigned int n)
{
	return (unsigned int)rand_r(&seed) % n;
}

static void setup(struct model *m)
{
	memset(m, 0, sizeof(*m));
	m->num = 1 + (int)any(MOST);
	m->mem = aligned_alloc(8, MOST * SIZE);
	assert_int_equal(k_mem_slab_init(&m->real, m->mem, SIZE, (uint32_t)m->num), 0);
	for (int i = m->num; i--;)
		m->free[m->nr_free++] = i;
}

/* The model hands out a block; -1 if it has none. */
static int take(struct model *m)
{
	if (!m->nr_free)
		return -1;
	m->live[m->nr_live++] = m->free[--m->nr_free];
	if (m->peak < m->nr_live)
		m->peak = m->nr_live;
	return m->free[m->nr_free];
}

static void alloc_step(struct model *m)
{
	void *block = UNTOUCHED;
	int expected = take(m);
	int err = k_mem_slab_alloc(&m->real, &block, any(2) ? K_NO_WAIT : K_NSEC(1));

	if (expected >= 0) {
		assert_int_equal(err, 0);
		assert_ptr_equal(block, m->mem + expected * SIZE);
	} else {
		assert_true(err == -ENOMEM || err == -EAGAIN);
		assert_ptr_equal(block, err == -ENOMEM ? NULL : UNTOUCHED);
	}
}

static void wait_step(struct model *m)
{
	struct slab_waiter *w = m->waiters;
	int i = 0, at;

	while (i < WAITERS && m->busy[i])
		i++;
	if (i == WAITERS || m->nr_free)
		return;
	w[i] = (struct slab_waiter){ .slab = &m->real,
				     .prio = (int)any(3),
				     .timeout = any(2) ? K_FOREVER : K_HOURS(1) };
	slab_waiter_queue(&w[i]);
	for (at = m->nr_waiting++; at && w[m->queue[at - 1]].prio > w[i].prio; at--)
		m->queue[at] = m->queue[at - 1];
	m->queue[at] = i;
	m->busy[i] = true;
}

static void free_step(struct model *m)
{
	int i, block;

	if (!m->nr_live)
		return;
	i = (int)any((unsigned int)m->nr_live);
	block = m->live[i];
	assert_int_equal(mrig_mem_slab_free(&m->real, m->mem + block * SIZE), 0);
	if (m->nr_waiting) {
		struct slab_waiter *w = &m->waiters[m->queue[0]];

		assert_int_equal(slab_waiter_join(w), 0);
		assert_ptr_equal(w->block, m->mem + block * SIZE);
		m->busy[m->queue[0]] = false;
		memmove(m->queue, m->queue + 1, (size_t)--m->nr_waiting * sizeof(m->queue[0]));
		return;
	}
	m->live[i] = m->live[--m->nr_live];
	m->free[m->nr_free++] = block;
}

/* Free something at random: only what starts a live block may go through. */
static void wrong_free_step(struct model *m)
{
	int off = (int)any((unsigned int)(m->num + 2) * SIZE) - SIZE;
	int expected = -EALREADY;

	if (off < 0 || off >= m->num * SIZE)
		expected = -ENOENT;
	else if (off % SIZE)
		expected = -EINVAL;
	for (int i = 0; i < m->nr_live; i++) {
		if (m->live[i] * SIZE == off)
			return;
	}
	assert_int_equal(mrig_mem_slab_free(&m->real, m->mem + off), expected);
}

static void step(struct model *m, unsigned int what)
{
	if (what < 5)
		alloc_step(m);
	else if (what < 8)
		wait_step(m);
	else if (what < 14)
		free_step(m);
	else if (what < 15)
		wrong_free_step(m);
	else if (k_mem_slab_runtime_stats_reset_max(&m->real) == 0)
		m->peak = m->nr_live;
	slab_check(&m->real, (uint32_t)m->nr_live);
	assert_int_equal(k_mem_slab_max_used_get(&m->real), m->peak);
	assert_int_equal(slab_waiting(&m->real), m->nr_waiting);
}

static void random_programs(void **state)
{
	static struct model m;

	for (int program = 0; program < 30; program++) {
		setup(&m);
		for (int i = 0; i < STEPS; i++)
			step(&m, any(16));
		while (m.nr_live)
			step(&m, 8);
		assert_int_equal(m.real.lock.lock.word, 0);
		assert_int_equal(mrig_mem_slab_fini(&m.real), 0);
		free(m.mem);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
	};

	if (argc > 1)
		seed = (unsigned int)strtoul(argv[1], NULL, 0);
	print_message("# seed %u\n", seed);
	return RUN("slab model", tests);
}
