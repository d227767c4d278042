// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Several heaps behind one call, run by the library: rules, a function instead of rules, blocks
 * that move from one member to another, members that go.
 */
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "test.h"

#define BYTES	  65536
#define CUSTOM(n) (1ULL << (32 + (n)))

static const struct memrig_rule any_rule = {
	.prio_min = INT32_MIN,
	.uid = MEMRIG_UID_ANY,
	.member = MEMRIG_MEMBER_ANY,
};

/* Member 0: a slab of 8 blocks of 64 bytes; member 1: of 4 of 256; member 2: a heap of 64 KiB. */
struct rig {
	memrig_multi_t *multi;
	memrig_heap_t *heap[3];
};

static memrig_heap_t *make_slab(uint64_t size, uint32_t blocks)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = MEMRIG_ENGINE_SLAB,
		.placement = MEMRIG_PLACEMENT_OOB,
		.block_size = size,
		.num_blocks = blocks,
	};
	memrig_heap_t *heap = NULL;

	assert_int_equal(memrig_local_create(NULL, size * blocks, &args, &heap), 0);
	return heap;
}

static int setup(void **state)
{
	static struct rig rig;
	uint32_t member, i;

	assert_int_equal(memrig_multi_local_create(&rig.multi), 0);
	rig.heap[0] = make_slab(64, 8);
	rig.heap[1] = make_slab(256, 4);
	rig.heap[2] = make_heap(MEMRIG_PLACEMENT_OOB, BYTES, 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(memrig_multi_add(rig.multi, rig.heap[i], CUSTOM(i), &member), 0);
		assert_int_equal(member, i);
	}
	*state = &rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;
	int i;

	memrig_multi_close(rig->multi);
	for (i = 0; i < 3; i++)
		memrig_heap_close(rig->heap[i]);
	return 0;
}

static int get(struct rig *rig, uint64_t bytes, int32_t priority, uint32_t *member, void **ptr)
{
	struct memrig_multi_alloc args = {
		.size = sizeof(args),
		.bytes = bytes,
		.priority = priority,
	};
	int ret = memrig_multi_alloc(rig->multi, &args, ptr);

	*member = args.member;
	return ret;
}

static void without_rules_all_are_tried_in_order(void **state)
{
	struct rig *rig = *state;
	uint32_t member;
	void *ptr;
	int i;

	for (i = 0; i < 13; i++) {
		assert_int_equal(get(rig, 10, 0, &member, &ptr), 0);
		assert_int_equal(member, i < 8 ? 0 : i < 12 ? 1 : 2);
		memset(ptr, i, 10);
	}
	assert_int_equal(get(rig, 1000, 0, &member, &ptr), 0);
	assert_int_equal(member, 2);
	assert_int_equal(get(rig, 2 * BYTES, 0, &member, &ptr), -ENOMEM);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
}

static void the_first_rule_that_matches_is_asked_first(void **state)
{
	struct rig *rig = *state;
	struct memrig_rule rules[3] = { any_rule, any_rule, any_rule };
	struct memrig_multi_rule_stat counts[4];
	struct memrig_multi_stat stat = {
		.size = sizeof(stat),
		.rules = (uintptr_t)counts,
		.rule_count = 4,
	};
	uint32_t member;
	void *ptr;
	int i;

	rules[0].max_bytes = 64;
	rules[0].member = 0;
	rules[1].min_bytes = 65;
	rules[1].max_bytes = 256;
	rules[1].member = 1;
	rules[1].flags = MEMRIG_RULE_STOP;
	rules[2].member = 2;
	assert_int_equal(memrig_multi_rules(rig->multi, rules, 3), 0);
	for (i = 0; i < 10; i++) { /* tier 0 is full after 8, and what it cannot serve falls */
		assert_int_equal(get(rig, 64, 0, &member, &ptr), 0);
		assert_int_equal(member, i < 8 ? 0 : 2);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(get(rig, 100, 0, &member, &ptr), 0);
		assert_int_equal(member, 1);
	}
	assert_int_equal(get(rig, 100, 0, &member, &ptr), -ENOMEM); /* STOP: no further */
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_EMPTY);
	assert_int_equal(get(rig, 257, 0, &member, &ptr), 0);
	assert_int_equal(member, 2);
	assert_int_equal(memrig_multi_stat(rig->multi, &stat), 0);
	assert_int_equal(stat.rule_count, 3);
	assert_int_equal(counts[0].matched, 10);
	assert_int_equal(counts[0].allocs, 8);
	assert_int_equal(counts[1].matched, 5);
	assert_int_equal(counts[1].allocs, 4);
	assert_int_equal(counts[2].matched, 3);
	assert_int_equal(counts[2].allocs, 3);
	assert_int_equal(stat.allocs, 15);
	assert_int_equal(stat.failures, 1);
}

static void rules_see_who_asks_and_how(void **state)
{
	struct rig *rig = *state;
	struct memrig_rule rules[4] = { any_rule, any_rule, any_rule, any_rule };
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 10 };

	rules[0].uid = getuid() + 1; /* somebody else */
	rules[0].member = 2;
	rules[1].prio_min = 5;
	rules[1].with = CUSTOM(1);
	rules[2].align_max = 16;
	rules[2].without = CUSTOM(1) | CUSTOM(2);
	rules[3].member = 77; /* no such member: matches none */
	assert_int_equal(memrig_multi_rules(rig->multi, rules, 4), 0);
	args.priority = 5;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 1);
	assert_int_equal(args.rule, 1);
	args.priority = 4;
	args.align = 16;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 0);
	assert_int_equal(args.rule, 2);
	args.align = 0x28; /* 32, less 8: the alignment is 32 */
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ENOENT);
	args.align = 32;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ENOENT);
	rules[0].uid = getuid();
	rules[0].flags = MEMRIG_RULE_LOCAL; /* memory of the process is where it is touched */
	assert_int_equal(memrig_multi_rules(rig->multi, rules, 1), 0);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 2);
}

static void requests_name_attributes(void **state)
{
	struct rig *rig = *state;
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 10 };

	args.with = CUSTOM(2);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 2);
	args.with = 0;
	args.without = CUSTOM(0);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 1);
	args.with = CUSTOM(0);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ENOENT);
	args.with = CUSTOM(9);
	args.without = 0;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ENOENT);
}

/* Counts how it is asked; tries the heap, then slab 1, then nothing. */
static uint32_t heap_first(memrig_multi_t *multi, const struct memrig_multi_alloc *request,
			   uint32_t tried, void *arg)
{
	struct memrig_multi_stat stat = { .size = sizeof(stat) };

	*(int *)arg += 1;
	assert_int_equal(memrig_multi_stat(multi, &stat), 0); /* it may look */
	assert_true(request->bytes > 0);
	return tried == 0 ? 2 : tried == 1 ? 1 : MEMRIG_MEMBER_ANY;
}

/* Knows only members that are not there. */
static uint32_t stubborn(memrig_multi_t *multi, const struct memrig_multi_alloc *request,
			 uint32_t tried, void *arg)
{
	*(int *)arg += 1;
	return 5;
}

static void a_function_can_choose(void **state)
{
	struct rig *rig = *state;
	struct memrig_rule rule = any_rule;
	uint32_t member;
	int asked = 0;
	void *ptr;

	assert_int_equal(memrig_multi_rules(rig->multi, &rule, 1), 0);
	assert_int_equal(memrig_multi_choose(rig->multi, heap_first, &asked), 0);
	assert_int_equal(get(rig, BYTES - 64, 0, &member, &ptr), 0);
	assert_int_equal(member, 2);
	assert_int_equal(asked, 1);
	assert_int_equal(get(rig, 200, 0, &member, &ptr), 0);
	assert_int_equal(member, 1);
	assert_int_equal(asked, 3);
	assert_int_equal(get(rig, 400, 0, &member, &ptr), -ENOMEM);
	assert_int_equal(asked, 6);
	/* one that never gives up is not asked for ever */
	asked = 0;
	assert_int_equal(memrig_multi_choose(rig->multi, stubborn, &asked), 0);
	assert_int_equal(get(rig, 10, 0, &member, &ptr), -ENOENT);
	assert_int_equal(asked, MEMRIG_MULTI_MAX);
	assert_int_equal(memrig_multi_choose(rig->multi, NULL, NULL), 0);
	assert_int_equal(get(rig, 10, 0, &member, &ptr), 0);
	assert_int_equal(member, 0);
}

static void blocks_go_home_by_their_address(void **state)
{
	struct rig *rig = *state;
	struct memrig_multi_member_stat infos[3];
	struct memrig_multi_stat stat = {
		.size = sizeof(stat),
		.members = (uintptr_t)infos,
		.member_count = 3,
	};
	uint64_t offset;
	uint32_t member, where;
	void *ptr[3];
	char outside;
	int i;

	assert_int_equal(get(rig, 64, 0, &member, &ptr[0]), 0);
	assert_int_equal(get(rig, 200, 0, &member, &ptr[1]), 0);
	assert_int_equal(get(rig, 2000, 0, &member, &ptr[2]), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(memrig_multi_find(rig->multi, ptr[i], &where, &offset), 0);
		assert_int_equal(where, i);
		assert_int_equal(memrig_multi_free(rig->multi, ptr[i]), 0);
		assert_int_equal(memrig_multi_free(rig->multi, ptr[i]), -ENOENT);
	}
	assert_int_equal(memrig_multi_free(rig->multi, NULL), 0);
	assert_int_equal(memrig_multi_free(rig->multi, &outside), -ENOENT);
	assert_int_equal(memrig_multi_find(rig->multi, &outside, &where, &offset), -ENOENT);
	assert_int_equal(memrig_multi_free_at(rig->multi, 9, 0), -ENOENT);
	assert_int_equal(memrig_multi_stat(rig->multi, &stat), 0);
	assert_int_equal(stat.frees, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(infos[i].allocs, 1);
		assert_int_equal(infos[i].frees, 1);
		assert_int_equal(infos[i].attrs, CUSTOM(i));
	}
	assert_int_equal(infos[0].failures, 2); /* too large for it, twice */
}

static void blocks_move_when_their_member_is_full(void **state)
{
	struct rig *rig = *state;
	struct memrig_multi_realloc args = { .size = sizeof(args), .bytes = 200 };
	struct memrig_multi_stat stat = { .size = sizeof(stat) };
	unsigned char *block;
	uint32_t member;
	int i;

	assert_int_equal(get(rig, 60, 0, &member, (void **)&block), 0);
	for (i = 0; i < 60; i++)
		block[i] = i;
	assert_int_equal(memrig_multi_realloc(rig->multi, &args, (void **)&block), 1);
	assert_int_equal(args.member, 1);
	assert_int_equal(args.usable, 256);
	for (i = 0; i < 60; i++)
		assert_int_equal(block[i], i);
	args.bytes = 250;
	assert_int_equal(memrig_multi_realloc(rig->multi, &args, (void **)&block), 0);
	assert_int_equal(args.member, 1);
	args.flags = MEMRIG_REALLOC_IN_PLACE;
	args.bytes = 300;
	assert_int_equal(memrig_multi_realloc(rig->multi, &args, (void **)&block), -ENOMEM);
	args.flags = 0;
	args.bytes = 3 * BYTES;
	assert_int_equal(memrig_multi_realloc(rig->multi, &args, (void **)&block), -ENOMEM);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
	args.bytes = 10;
	args.with = CUSTOM(2); /* it is to be somewhere else */
	assert_int_equal(memrig_multi_realloc(rig->multi, &args, (void **)&block), 1);
	assert_int_equal(args.member, 2);
	for (i = 0; i < 10; i++)
		assert_int_equal(block[i], i);
	assert_int_equal(memrig_multi_free(rig->multi, block), 0);
	assert_int_equal(memrig_multi_stat(rig->multi, &stat), 0);
	assert_int_equal(stat.moves, 2);
	assert_int_equal(stat.allocs, stat.frees);
	args.member = 0;
	args.offset = 0;
	assert_int_equal(memrig_multi_realloc_at(rig->multi, &args), -ENOENT);
	args.member = 8;
	assert_int_equal(memrig_multi_realloc_at(rig->multi, &args), -ENOENT);
}

static void members_come_and_go(void **state)
{
	struct rig *rig = *state;
	memrig_heap_t *extra = make_slab(32, 1), *same;
	uint32_t member;
	void *ptr;

	assert_int_equal(memrig_multi_add(rig->multi, rig->heap[1], 0, &member), -EEXIST);
	assert_int_equal(get(rig, 10, 0, &member, &ptr), 0);
	assert_int_equal(memrig_multi_remove(rig->multi, 0), -EBUSY);
	assert_int_equal(memrig_multi_free(rig->multi, ptr), 0);
	assert_int_equal(memrig_multi_remove(rig->multi, 0), 0);
	assert_int_equal(memrig_multi_remove(rig->multi, 0), -ENOENT);
	assert_int_equal(get(rig, 10, 0, &member, &ptr), 0);
	assert_int_equal(member, 1);
	assert_int_equal(memrig_multi_add(rig->multi, extra, 0, &member), 0);
	assert_int_equal(member, 0); /* a number that is free again; it is last in order */
	memrig_heap_close(extra);    /* the member lives on */
	assert_int_equal(memrig_multi_member(rig->multi, 0, &same), 0);
	assert_int_equal(memrig_heap_alloc(same, 0, 32, &ptr), 0);
	memset(ptr, 1, 32);
	assert_int_equal(memrig_heap_free(same, ptr), 0);
	memrig_heap_close(same);
	assert_int_equal(memrig_multi_member(rig->multi, 3, &same), -ENOENT);
	assert_int_equal(get(rig, 10, 0, &member, &ptr), 0);
	assert_int_equal(member, 1);
}

static void bad_requests_are_refused(void **state)
{
	struct rig *rig = *state;
	struct memrig_rule rule = any_rule;
	struct memrig_multi_alloc good = { .size = sizeof(good), .bytes = 10 }, args;
	struct memrig_multi_realloc resize = { .size = sizeof(resize) };
	struct memrig_multi_stat stat = { .size = 8 };
	memrig_multi_t *other;

	args = good;
	args.bytes = 0;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	args = good;
	args.align = 7;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	args = good;
	args.flags = 2;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EOPNOTSUPP);
	args = good;
	args.timeout_ns = 1; /* and no WAIT */
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	args = good;
	args.size = 8;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	rule.flags = 4;
	assert_int_equal(memrig_multi_rules(rig->multi, &rule, 1), -EOPNOTSUPP);
	rule = any_rule;
	rule.min_bytes = 2;
	rule.max_bytes = 1;
	assert_int_equal(memrig_multi_rules(rig->multi, &rule, 1), -EINVAL);
	assert_int_equal(memrig_multi_rules(rig->multi, NULL, 1), -EFAULT);
	assert_int_equal(memrig_multi_rules(rig->multi, &rule, MEMRIG_MULTI_MAX + 1), -EINVAL);
	assert_int_equal(memrig_multi_realloc_at(rig->multi, &resize), -EINVAL);
	resize.bytes = 8;
	resize.flags = 2;
	assert_int_equal(memrig_multi_realloc_at(rig->multi, &resize), -EOPNOTSUPP);
	assert_int_equal(memrig_multi_stat(rig->multi, &stat), -EINVAL);
	assert_int_equal(memrig_multi_fd(rig->multi), -EOPNOTSUPP);
	assert_int_equal(memrig_multi_attach(rig->multi, &other), -EOPNOTSUPP);
	memrig_multi_close(NULL);
}

/* ---- waiting ------------------------------------------------------------------------- */

struct waiting {
	memrig_multi_t *multi;
	struct memrig_multi_alloc args;
	int ret;
};

static void *wait_in_multi(void *arg)
{
	struct waiting *w = arg;

	w->ret = memrig_multi_alloc_at(w->multi, &w->args);
	return NULL;
}

static void requests_wait_for_the_last_that_can(void **state)
{
	struct rig *rig = *state;
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct waiting w = {
		.multi = rig->multi,
		.args = {
			.size = sizeof(w.args),
			.flags = MEMRIG_ALLOC_WAIT,
			.bytes = 200,
			.without = CUSTOM(2),
			.timeout_ns = MEMRIG_FOREVER,
		},
	};
	struct memrig_multi_alloc args = w.args;
	pthread_t thread;
	uint64_t offset[4];
	int i;

	for (i = 0; i < 4; i++) {
		assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
		offset[i] = args.offset;
	}
	args.timeout_ns = 1000000;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ETIMEDOUT);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_EMPTY);
	args.bytes = 257; /* no slab has such blocks */
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
	assert_int_equal(pthread_create(&thread, NULL, wait_in_multi, &w), 0);
	do {
		sched_yield();
		assert_int_equal(memrig_heap_stat(rig->heap[1], &stat), 0);
	} while (!stat.waiters);
	assert_int_equal(memrig_multi_remove(rig->multi, 1), -EBUSY);
	assert_int_equal(memrig_multi_free_at(rig->multi, 1, offset[2]), 0);
	pthread_join(thread, NULL);
	assert_int_equal(w.ret, 0);
	assert_int_equal(w.args.member, 1);
	assert_int_equal(w.args.offset, offset[2]);
}

/* ---- threads ------------------------------------------------------------------------- */

enum { THREADS = 4, SLOTS = 16, STEPS = 3000 };

struct worker {
	memrig_multi_t *multi;
	unsigned int seed;
	int bad;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned char *slot[SLOTS] = { NULL };
	int i, k;

	for (i = 0; i < STEPS; i++) {
		struct memrig_multi_alloc args = { .size = sizeof(args) };
		unsigned int r = rand_r(&w->seed);
		void *ptr;

		k = r % SLOTS;
		if (slot[k]) {
			w->bad += slot[k][0] != k;
			w->bad += memrig_multi_free(w->multi, slot[k]) != 0;
			slot[k] = NULL;
			continue;
		}
		args.bytes = 1 + (r >> 8) % 400;
		if (memrig_multi_alloc(w->multi, &args, &ptr)) {
			w->bad++;
			continue;
		}
		slot[k] = ptr;
		memset(ptr, k, args.bytes);
	}
	for (k = 0; k < SLOTS; k++)
		w->bad += memrig_multi_free(w->multi, slot[k]) != 0;
	return NULL;
}

static void threads_share_all_members(void **state)
{
	struct rig *rig = *state;
	struct memrig_multi_stat stat = { .size = sizeof(stat) };
	struct worker worker[THREADS];
	pthread_t thread[THREADS];
	int t;

	for (t = 0; t < THREADS; t++) {
		worker[t] = (struct worker){ .multi = rig->multi, .seed = t + 1 };
		assert_int_equal(pthread_create(&thread[t], NULL, work, &worker[t]), 0);
	}
	for (t = 0; t < THREADS; t++) {
		pthread_join(thread[t], NULL);
		assert_int_equal(worker[t].bad, 0);
	}
	for (t = 0; t < 3; t++)
		assert_sound(rig->heap[t]);
	assert_int_equal(memrig_multi_stat(rig->multi, &stat), 0);
	assert_int_equal(stat.allocs, stat.frees);
	assert_true(stat.allocs > STEPS);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest multi[] = {
		T(without_rules_all_are_tried_in_order),
		T(the_first_rule_that_matches_is_asked_first),
		T(rules_see_who_asks_and_how),
		T(requests_name_attributes),
		T(a_function_can_choose),
		T(blocks_go_home_by_their_address),
		T(blocks_move_when_their_member_is_full),
		T(members_come_and_go),
		T(bad_requests_are_refused),
		T(requests_wait_for_the_last_that_can),
		T(threads_share_all_members),
	};

	return RUN(multi);
}
