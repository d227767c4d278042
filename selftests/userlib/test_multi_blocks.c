// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Blocks of several heaps behind one call: how they go home, and move from one member to another;
 * members that come and go; threads.
 */
#include <pthread.h>

#include "multi_rig.h"

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

int main(void)
{
	const struct CMUnitTest multi_blocks[] = {
		T(blocks_go_home_by_their_address),
		T(blocks_move_when_their_member_is_full),
		T(members_come_and_go),
		T(threads_share_all_members),
	};

	return RUN(multi_blocks);
}
