// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps of blocks by number: random programs of runs that are allocated, claimed, cut, asked for
 * and given back, against an array that says of each block whose run it is in.
 */
#include "random.h"
#include "test.h"

#define SIZE   64
#define MOST   150
#define ROUNDS 400
#define FREE   (-1)

/**
 * struct ref - what the heap must know
 * @n: blocks
 * @run: first block of the run a block is in, or FREE
 * @tag: of a run, by its first block
 */
struct ref {
	int n;
	int run[MOST];
	uint64_t tag[MOST];
};

static int runs_of(const struct ref *m)
{
	int runs = 0;

	for (int i = 0; i < m->n; i++)
		runs += m->run[i] == i;
	return runs;
}

/* Blocks in the run that @first begins. */
static int length_of(const struct ref *m, int first)
{
	int i = first;

	while (i < m->n && m->run[i] == first)
		i++;
	return i - first;
}

static bool all_free(const struct ref *m, int first, int count)
{
	for (int i = first; i < first + count; i++)
		if (i >= m->n || m->run[i] != FREE)
			return false;
	return true;
}

static void mark(struct ref *m, int first, int count, int run)
{
	for (int i = first; i < first + count; i++)
		m->run[i] = run;
}

static void alloc_step(struct world *w, struct ref *m)
{
	int count = 1 + (int)rnd(rnd(4) ? 6 : 63), first = 0;
	int64_t off = world_alloc(w, 0, (size_t)count * SIZE - rnd(SIZE));

	if (off < 0) {
		assert_int_equal(off, -ENOMEM);
		while (first < m->n && !all_free(m, first, count))
			first++;
		assert_int_equal(first, m->n);
		return;
	}
	assert_int_equal(off % SIZE, 0);
	first = (int)(off / SIZE);
	assert_true(all_free(m, first, count));
	mark(m, first, count, first);
	m->tag[first] = 0;
}

static void get_step(struct world *w, struct ref *m)
{
	int first = (int)rnd((uint32_t)m->n), count = (int)rnd(8);
	uint64_t off = (uint64_t)first * SIZE;
	bool can = count && all_free(m, first, count);

	assert_int_equal(mrig_heap_blocks_is_free(&w->heap, off, (uint64_t)count), can);
	assert_int_equal(mrig_heap_blocks_get(&w->heap, off, (uint64_t)count), can     ? 0
									       : count ? -ENOMEM
										       : -EINVAL);
	if (can) {
		mark(m, first, count, first);
		m->tag[first] = 0;
	}
}

static void split_step(struct world *w, struct ref *m)
{
	int at = (int)rnd((uint32_t)m->n), run = m->run[at];
	uint64_t off = (uint64_t)at * SIZE;

	assert_int_equal(mrig_heap_blocks_start(&w->heap, off), run == FREE ? -ENOENT : run * SIZE);
	assert_int_equal(mrig_heap_blocks_split(&w->heap, off), run == FREE ? -ENOENT : 0);
	if (run == FREE || run == at)
		return;
	m->tag[at] = m->tag[run];
	mark(m, at, run + length_of(m, run) - at, at);
}

static void free_step(struct world *w, struct ref *m)
{
	int first = (int)rnd((uint32_t)m->n);
	bool is = m->run[first] == first;

	assert_int_equal(w->ops->free(&w->heap, (uint64_t)first * SIZE), is ? 0 : -ENOENT);
	if (is)
		mark(m, first, length_of(m, first), FREE);
}

/* Blocks at the end of a run come and go. */
static void resize_step(struct world *w, struct ref *m)
{
	int first = (int)rnd((uint32_t)m->n), count = 1 + (int)rnd(10), had;
	int err = world_resize(w, (uint64_t)first * SIZE, (size_t)count * SIZE);

	if (m->run[first] != first) {
		assert_int_equal(err, -ENOENT);
		return;
	}
	had = length_of(m, first);
	if (count > had && !all_free(m, first + had, count - had)) {
		assert_int_equal(err, -ENOMEM);
		return;
	}
	assert_int_equal(err, 0);
	mark(m, first, had, FREE);
	mark(m, first, count, first);
}

static void tag_step(struct world *w, struct ref *m)
{
	int first = (int)rnd((uint32_t)m->n);
	uint64_t off = (uint64_t)first * SIZE, tag = 1 + rnd(1000), got = 0;
	bool is = m->run[first] == first;

	assert_int_equal(w->ops->get_tag(&w->heap, off, &got), is ? 0 : -ENOENT);
	assert_int_equal(got, is ? m->tag[first] : 0);
	assert_int_equal(w->ops->set_tag(&w->heap, off, tag), is ? 0 : -ENOENT);
	if (is)
		m->tag[first] = tag;
}

/* What is no block of the pool. */
static void stray_step(struct world *w, struct ref *m)
{
	uint64_t off = rnd(2) ? (uint64_t)rnd((uint32_t)m->n) * SIZE + 1 + rnd(SIZE - 1)
			      : ((uint64_t)m->n + rnd(100)) * SIZE;

	assert_int_equal(mrig_heap_blocks_split(&w->heap, off), -EINVAL);
	assert_int_equal(mrig_heap_blocks_start(&w->heap, off), -EINVAL);
	assert_int_equal(mrig_heap_blocks_get(&w->heap, off, 1), -EINVAL);
	assert_int_equal(mrig_heap_blocks_is_free(&w->heap, off, 1), -EINVAL);
	assert_int_equal(w->ops->free(&w->heap, off), -ENOENT);
}

static void compare(struct world *w, const struct ref *m)
{
	struct mrig_heap_info info;
	uint64_t used = 0;

	for (int i = 0; i < m->n; i++) {
		uint64_t off = (uint64_t)i * SIZE;

		used += m->run[i] == FREE ? 0 : SIZE;
		assert_int_equal(w->ops->usable(&w->heap, off),
				 m->run[i] == i ? length_of(m, i) * SIZE : -ENOENT);
		assert_int_equal(mrig_heap_blocks_start(&w->heap, off),
				 m->run[i] == FREE ? -ENOENT : m->run[i] * SIZE);
	}
	w->ops->info(&w->heap, &info);
	assert_int_equal(info.live_blocks, runs_of(m));
	assert_int_equal(info.allocated_bytes, used);
	assert_true(world_sound(w));
}

void model_program(void)
{
	static void (*const step[])(struct world * w, struct ref * m) = {
		alloc_step, alloc_step,	 split_step, split_step, get_step,
		free_step,  resize_step, tag_step,   stray_step, free_step,
	};
	struct ref m = { .n = 1 + (int)rnd(MOST) };
	const struct mrig_heap_cfg cfg = {
		.bytes = (uint64_t)m.n * SIZE,
		.block_size = SIZE,
		.stats = true,
		.tags = true,
	};
	struct world w;

	mark(&m, 0, m.n, FREE);
	assert_int_equal(world_open(&w, &mrig_heap_blocks, &cfg), 0);
	for (uint32_t i = 0; random_goes_on(i, ROUNDS); i++) {
		step[rnd(sizeof(step) / sizeof(step[0]))](&w, &m);
		if (i % 16 == 0)
			compare(&w, &m);
	}
	compare(&w, &m);
	world_close(&w);
}

static void random_programs(void **state)
{
	for (int round = 0; round < 100; round++)
		model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("blocks by number", tests);
}
