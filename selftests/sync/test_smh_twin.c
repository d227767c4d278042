// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random programs on the shared_multi_heap pool, against its twin: the engine without lock and
 * growth, over memory of the same shape, that is fed by hand. Each call must do the same to both,
 * regions that come and go included.
 *
 *	test_smh_twin [SEED]
 */
#include "memory.h"
#include "smh_pool.h"

#define REGIONS 5
#define BYTES	4096
#define LIVE	200
#define STEPS	4000

static unsigned int seed = 1;
static char mem[REGIONS][BYTES] __attribute__((aligned(4096)));
static char far[REGIONS][BYTES] __attribute__((aligned(4096)));

/**
 * struct twin - what the engine is told
 * @smh: pool
 * @slots: its array
 * @region: regions
 * @heap: their heaps
 * @there: which of them are in the pool
 */
static struct twin {
	struct mrig_smh smh;
	struct mrig_member *slots[REGIONS];
	struct mrig_smh_region region[REGIONS];
	struct mrig_heap heap[REGIONS];
	bool there[REGIONS];
} twin;

static ptrdiff_t live[LIVE];
static unsigned int nr_live;

static unsigned int pick(unsigned int n)
{
	return (unsigned int)rand_r(&seed) % n;
}

static const struct memrig_smh_opts outside = {
	.span = { .flags = MEMRIG_SPAN_OOB, .hardening = 1 }, .node = -1
};

static uint64_t attrs(int i)
{
	static const uint64_t sets[REGIONS] = { 1, 2, 1 | 4, 2 | 8, 1ULL << 40 };

	return sets[i];
}

/* A region comes to both, or leaves both if nothing lives in it. */
static void toggle(int i)
{
	struct shared_multi_heap_region r = { mrig_ctz64(attrs(i)), (uintptr_t)mem[i], BYTES };
	struct memrig_smh_opts opts = outside;
	int err;

	if (twin.there[i]) {
		err = memrig_smh_remove(mem[i]);
		assert_int_equal(mrig_smh_remove(&twin.smh, &twin.region[i]), err);
		if (!err)
			mrig_span_close(&twin.heap[i]);
		twin.there[i] = err;
		return;
	}
	opts.attrs = attrs(i);
	assert_int_equal(memrig_smh_add(&r, NULL, &opts), 0);
	assert_int_equal(mrig_span_open(&twin.heap[i], far[i], BYTES, false, &opts.span), 0);
	twin.region[i] = (struct mrig_smh_region){
		.member = { .heap = &twin.heap[i], .addr = (uintptr_t)far[i], .bytes = BYTES },
		.attrs = attrs(i),
		.node = -1
	};
	assert_int_equal(mrig_smh_add(&twin.smh, &twin.region[i]), 0);
	twin.there[i] = true;
}

static void feed(void)
{
	struct mrig_heap *heap = twin.smh.set.hungry->heap;
	struct mrig_want want;

	heap->ops->want(heap, &want);
	assert_true(want.bytes);
	mrig_mem_free(heap->ops->feed(heap, &want, mrig_mem_alloc(want.bytes)));
}

static void agree(const void *p, int err, uint64_t addr)
{
	assert_int_equal(!p, !!err);
	if (p)
		assert_int_equal((const char *)p - mem[0], (const char *)(uintptr_t)addr - far[0]);
}

static void alloc_step(void)
{
	struct mrig_smh_req req = { .with = pick(2) ? 1ULL << pick(4) : 0,
				    .without = pick(4) ? 0 : 1ULL << 40 };
	size_t bytes = 1 + pick(pick(2) ? 100 : 1500), align = pick(2) ? (size_t)8 << pick(6) : 0;
	uint64_t addr = 0;
	void *p;
	int err;

	if (nr_live == LIVE)
		return;
	p = memrig_smh_alloc(&req, align, bytes);
	while ((err = mrig_smh_alloc(&twin.smh, &req, align, bytes, &addr)) == -EAGAIN)
		feed();
	agree(p, err, addr);
	if (!p)
		return;
	memset(p, (int)(nr_live + 1), 1);
	live[nr_live++] = (char *)p - mem[0];
}

static void free_step(unsigned int i)
{
	ptrdiff_t off = live[i];

	live[i] = live[--nr_live];
	assert_int_equal(memrig_smh_free(mem[0] + off), 0);
	assert_int_equal(mrig_smh_free(&twin.smh, (uintptr_t)(far[0] + off)), 0);
	assert_int_equal(memrig_smh_free(mem[0] + off), -ENOENT);
}

static void realloc_step(unsigned int i)
{
	struct mrig_smh_req req = { .with = 1ULL << pick(3) };
	uint64_t from = (uintptr_t)(far[0] + live[i]);
	size_t bytes = 1 + pick(1200);
	char *p = mem[0] + live[i], first = *p;
	struct mrig_move move;
	int err;

	p = memrig_smh_realloc(&req, p, 0, bytes);
	while ((err = mrig_smh_realloc(&twin.smh, &req, from, 0, bytes, &move)) == -EAGAIN)
		feed();
	agree(p, err, move.to);
	if (!p)
		return;
	assert_int_equal(*p, first);
	if (move.to != from)
		assert_int_equal(mrig_smh_free(&twin.smh, from), 0);
	live[i] = p - mem[0];
}

static void figures_agree(void)
{
	for (unsigned int bit = 0; bit < MRIG_SMH_BITS; bit++) {
		struct mrig_smh_stats a, b;
		int err = memrig_smh_stats(bit, &a);

		assert_int_equal(mrig_smh_attr_stats(&twin.smh, bit, &b), err);
		if (!err)
			assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void random_programs(void **state)
{
	assert_int_equal(shared_multi_heap_pool_init(), 0);
	assert_int_equal(mrig_smh_init(&twin.smh, twin.slots, REGIONS), 0);
	for (int step = 0; step < STEPS; step++) {
		unsigned int what = pick(20);

		if (what < 9)
			alloc_step();
		else if (what < 18 && nr_live)
			what < 14 ? free_step(pick(nr_live)) : realloc_step(pick(nr_live));
		else
			toggle((int)pick(REGIONS));
		if (!(step % 64))
			figures_agree();
	}
	while (nr_live)
		free_step(0);
	figures_agree();
	for (int i = 0; i < REGIONS; i++) {
		if (twin.there[i])
			toggle(i);
		assert_false(twin.there[i]);
	}
	assert_int_equal(memrig_smh_fini(), 0);
	assert_int_equal(mem_live, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
	};

	if (argc > 1)
		seed = (unsigned int)strtoul(argv[1], NULL, 0);
	print_message("# seed %u\n", seed);
	return RUN("smh_twin", tests);
}
