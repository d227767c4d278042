// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random programs on a k_heap with waiting threads, against a model: a bare heap of the same size
 * that sees the same requests, and a plain list of who waits. After each step the same threads must
 * have been served, with blocks at the same offsets.
 *
 *	test_model [SEED]
 */
#include "waiters.h"

#define BYTES	2048
#define BLOCKS	256
#define WAITERS 8
#define STEPS	300

static unsigned int seed = 1;

struct model {
	struct k_heap real;
	struct sys_heap twin;
	char *real_mem, *twin_mem;
	size_t nr_blocks, nr_waiting;
	ptrdiff_t blocks[BLOCKS];
	struct waiter waiters[WAITERS];
	bool busy[WAITERS];
	int queue[WAITERS];
};

static unsigned int any(unsigned int n)
{
	return (unsigned int)rand_r(&seed) % n;
}

static void setup(struct model *m)
{
	memset(m, 0, sizeof(*m));
	m->real_mem = aligned_alloc(64, BYTES);
	m->twin_mem = aligned_alloc(64, BYTES);
	assert_int_equal(k_heap_init(&m->real, m->real_mem, BYTES), 0);
	assert_int_equal(sys_heap_init(&m->twin, m->twin_mem, BYTES), 0);
}

static void keep(struct model *m, const char *real, const char *twin)
{
	assert_int_equal(!real, !twin);
	if (!real)
		return;
	assert_int_equal(real - m->real_mem, twin - m->twin_mem);
	assert_true(m->nr_blocks < BLOCKS);
	m->blocks[m->nr_blocks++] = real - m->real_mem;
}

static void alloc_step(struct model *m)
{
	size_t bytes = 1 + any(400), align = (size_t)8 << any(4);

	if (m->nr_blocks == BLOCKS - WAITERS)
		return;
	if (any(2))
		keep(m, k_heap_alloc(&m->real, bytes, K_NO_WAIT), sys_heap_alloc(&m->twin, bytes));
	else
		keep(m, k_heap_aligned_alloc(&m->real, align, bytes, K_NO_WAIT),
		     sys_heap_aligned_alloc(&m->twin, align, bytes));
}

/* A thread whose request fails now goes behind all that are not less urgent. */
static void wait_step(struct model *m)
{
	struct waiter *w = m->waiters;
	size_t at;
	void *twin;
	int i = 0;

	while (i < WAITERS && m->busy[i])
		i++;
	if (i == WAITERS)
		return;
	w[i] = (struct waiter){ .heap = &m->real,
				.call = ALIGNED,
				.align = (size_t)8 << any(4),
				.bytes = 100 + any(1200),
				.prio = (int)any(3),
				.timeout = any(2) ? K_FOREVER : K_HOURS(1) };
	twin = sys_heap_aligned_alloc(&m->twin, w[i].align, w[i].bytes);
	if (twin) {
		waiter_start(&w[i]);
		keep(m, waiter_join(&w[i]), twin);
		return;
	}
	waiter_queue(&w[i]);
	for (at = m->nr_waiting; at && w[m->queue[at - 1]].prio > w[i].prio; at--)
		m->queue[at] = m->queue[at - 1];
	m->queue[at] = i;
	m->nr_waiting++;
	m->busy[i] = true;
}

static void free_step(struct model *m)
{
	size_t i, left = 0;
	ptrdiff_t off;

	if (!m->nr_blocks)
		return;
	i = any((unsigned int)m->nr_blocks);
	off = m->blocks[i];
	m->blocks[i] = m->blocks[--m->nr_blocks];
	k_heap_free(&m->real, m->real_mem + off);
	sys_heap_free(&m->twin, m->twin_mem + off);
	for (i = 0; i < m->nr_waiting; i++) {
		struct waiter *w = &m->waiters[m->queue[i]];
		void *twin = sys_heap_aligned_alloc(&m->twin, w->align, w->bytes);

		if (!twin) {
			m->queue[left++] = m->queue[i];
			continue;
		}
		keep(m, waiter_join(w), twin);
		m->busy[m->queue[i]] = false;
	}
	m->nr_waiting = left;
}

static void random_programs(void **state)
{
	static struct model m;

	for (int program = 0; program < 8; program++) {
		setup(&m);
		for (int step = 0; step < STEPS || m.nr_waiting; step++) {
			unsigned int what = any(10);

			if (what < 4 && step < STEPS)
				alloc_step(&m);
			else if (what < 6 && step < STEPS)
				wait_step(&m);
			else
				free_step(&m);
			assert_int_equal(waiting(&m.real), (int)m.nr_waiting);
			assert_true(sys_heap_validate(&m.real.heap));
		}
		while (m.nr_blocks)
			free_step(&m);
		assert_int_equal(allocated(&m.real), 0);
		assert_int_equal(m.real.lock.lock.word, 0);
		free(m.real_mem);
		free(m.twin_mem);
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
	return RUN("model", tests);
}
