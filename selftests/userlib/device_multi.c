// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libmemrig on the real device: several heaps behind one call, in the kernel and in the library.
 */
#include <poll.h>
#include <unistd.h>

#include "device_kinds.h"

/* Member 0: a slab of 4 blocks of 64 bytes, member 1: a heap; small requests to the slab first. */
FIXTURE(multi)
{
	memrig_t *rig;
	memrig_heap_t *slab;
	memrig_heap_t *heap;
	memrig_multi_t *multi;
};

FIXTURE_SETUP(multi)
{
	struct memrig_rule rules[2] = {
		{
			.max_bytes = 64,
			.prio_min = INT32_MIN,
			.uid = MEMRIG_UID_ANY,
		},
		{
			.prio_min = INT32_MIN,
			.uid = MEMRIG_UID_ANY,
			.member = 1,
		},
	};
	uint32_t member;

	ASSERT_EQ(0, memrig_open(&self->rig));
	self->slab = make_kind(self->rig, MEMRIG_ENGINE_SLAB, 64, 4);
	self->heap = make_kind(self->rig, MEMRIG_ENGINE_SYS_HEAP, 0, 0);
	ASSERT_NE(NULL, self->slab);
	ASSERT_NE(NULL, self->heap);
	ASSERT_EQ(0, memrig_multi_create(self->rig, &self->multi));
	ASSERT_EQ(0, memrig_multi_add(self->multi, self->slab, 1ULL << 40, &member));
	ASSERT_EQ(0, member);
	ASSERT_EQ(0, memrig_multi_add(self->multi, self->heap, 0, &member));
	ASSERT_EQ(1, member);
	ASSERT_EQ(0, memrig_multi_rules(self->multi, rules, 2));
}

FIXTURE_TEARDOWN(multi)
{
	memrig_multi_close(self->multi);
	memrig_heap_close(self->heap);
	memrig_heap_close(self->slab);
	memrig_close(self->rig);
}

TEST_F(multi, pointers_go_home)
{
	struct memrig_multi_member_stat infos[2];
	struct memrig_multi_stat stat = {
		.size = sizeof(stat),
		.members = (uintptr_t)infos,
		.member_count = 2,
	};
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 60 };
	struct memrig_multi_realloc resize = { .size = sizeof(resize), .bytes = 1000 };
	unsigned char *block[5];
	uint32_t member;
	uint64_t offset;
	char outside;
	int i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, memrig_multi_alloc(self->multi, &args, (void **)&block[i]));
		EXPECT_EQ(i < 4 ? 0 : 1, args.member);
		memset(block[i], i + 1, 60);
		ASSERT_EQ(0, memrig_multi_find(self->multi, block[i], &member, &offset));
		EXPECT_EQ(args.member, member);
		EXPECT_EQ(args.offset, offset);
	}
	ASSERT_EQ(1, memrig_multi_realloc(self->multi, &resize, (void **)&block[0]));
	EXPECT_EQ(1, resize.member);
	for (i = 0; i < 60; i++)
		EXPECT_EQ(1, block[0][i]);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(i + 1, block[i][59]);
		EXPECT_EQ(0, memrig_multi_free(self->multi, block[i]));
		EXPECT_EQ(-ENOENT, memrig_multi_free(self->multi, block[i]));
	}
	EXPECT_EQ(-ENOENT, memrig_multi_free(self->multi, &outside));
	ASSERT_EQ(0, memrig_multi_stat(self->multi, &stat));
	EXPECT_EQ(6, stat.allocs);
	EXPECT_EQ(6, stat.frees);
	EXPECT_EQ(1, stat.moves);
	EXPECT_EQ(2, stat.member_count);
	EXPECT_NE(0, infos[0].attrs & 1ULL << 40);
	EXPECT_NE(0, infos[1].attrs & MEMRIG_ATTRS_CACHEABLE);
}

TEST_F(multi, a_member_is_a_heap)
{
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 60 };
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap;
	unsigned char *block;
	uint64_t offset;

	ASSERT_EQ(0, memrig_multi_alloc(self->multi, &args, (void **)&block));
	ASSERT_EQ(0, memrig_multi_member(self->multi, 0, &heap));
	ASSERT_EQ(0, memrig_heap_stat(heap, &stat));
	EXPECT_EQ(MEMRIG_ENGINE_SLAB, stat.engine);
	EXPECT_EQ(1, stat.client_blocks);
	EXPECT_EQ(0, memrig_heap_offset(heap, block, &offset));
	EXPECT_EQ(args.offset, offset);
	EXPECT_EQ(0, memrig_heap_free(heap, block));
	memrig_heap_close(heap);
	EXPECT_EQ(-ENOENT, memrig_multi_member(self->multi, 9, &heap));
}

TEST_F(multi, clients_are_apart)
{
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 60 };
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_multi_t *other, *same;

	ASSERT_EQ(0, memrig_multi_attach(self->multi, &other));
	ASSERT_EQ(0, memrig_multi_alloc_at(other, &args));
	EXPECT_EQ(-EBUSY, memrig_multi_remove(self->multi, 0));
	ASSERT_EQ(0, memrig_multi_from_fd(dup(memrig_multi_fd(other)), &same));
	memrig_multi_close(other);
	EXPECT_EQ(0, memrig_multi_free_at(same, args.member, args.offset));
	ASSERT_EQ(0, memrig_multi_alloc_at(same, &args));
	memrig_multi_close(same); /* the last descriptor: its blocks go */
	ASSERT_EQ(0, memrig_heap_stat(self->slab, &stat));
	EXPECT_EQ(0, stat.live_blocks);
	EXPECT_EQ(0, memrig_multi_remove(self->multi, 0));
	EXPECT_EQ(-ENOENT, memrig_multi_remove(self->multi, 0));
	EXPECT_EQ(-ENOTTY, memrig_multi_from_fd(memrig_heap_fd(self->slab), &same));
}

/* Somebody else may give a member's number to another heap. */
TEST_F(multi, pointers_follow_the_heap_and_not_its_number)
{
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 60 };
	memrig_multi_t *other;
	uint32_t member = 9;
	uint64_t offset;
	void *ptr, *place;

	ASSERT_EQ(0, memrig_multi_rules(self->multi, NULL, 0));
	ASSERT_EQ(0, memrig_multi_alloc(self->multi, &args, &ptr));
	EXPECT_EQ(0, args.member);
	ASSERT_EQ(0, memrig_multi_free(self->multi, ptr));
	ASSERT_EQ(0, memrig_multi_attach(self->multi, &other));
	ASSERT_EQ(0, memrig_multi_remove(other, 0));
	ASSERT_EQ(0, memrig_multi_remove(other, 1));
	ASSERT_EQ(0, memrig_multi_add(other, self->heap, 0, &member));
	ASSERT_EQ(0, member);
	memrig_multi_close(other);
	ASSERT_EQ(0, memrig_multi_alloc(self->multi, &args, &ptr));
	EXPECT_EQ(0, args.member);
	memset(ptr, 0x5a, 60);
	ASSERT_EQ(0, memrig_heap_ptr(self->heap, args.offset, &place));
	EXPECT_EQ(0x5a, *(unsigned char *)place); /* the same memory, mapped twice */
	ASSERT_EQ(0, memrig_multi_find(self->multi, ptr, &member, &offset));
	EXPECT_EQ(args.offset, offset);
	EXPECT_EQ(0, memrig_multi_free(self->multi, ptr));
}

static uint32_t heap_only(memrig_multi_t *multi, const struct memrig_multi_alloc *request,
			  uint32_t tried, void *arg)
{
	return tried ? MEMRIG_MEMBER_ANY : *(uint32_t *)arg;
}

TEST_F(multi, the_library_chooses_among_heaps_of_both_worlds)
{
	struct memrig_heap_create here = { .size = sizeof(here),
					   .placement = MEMRIG_PLACEMENT_INBAND };
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 60 };
	struct memrig_multi_realloc resize = { .size = sizeof(resize), .bytes = 60 };
	uint32_t numbers[2], want;
	memrig_heap_t *process;
	memrig_multi_t *multi;
	unsigned char *block;

	ASSERT_EQ(0, memrig_local_create(NULL, 4096, &here, &process));
	EXPECT_EQ(-EOPNOTSUPP, memrig_multi_add(self->multi, process, 0, NULL));
	ASSERT_EQ(0, memrig_multi_local_create(&multi));
	ASSERT_EQ(0, memrig_multi_add(multi, self->slab, 0, &numbers[0]));
	ASSERT_EQ(0, memrig_multi_add(multi, process, MEMRIG_ATTRS_EXTERNAL, &numbers[1]));
	EXPECT_EQ(-EINVAL, memrig_multi_add(multi, self->heap, MEMRIG_ATTRS_EXTERNAL, NULL));
	ASSERT_EQ(0, memrig_multi_choose(multi, heap_only, &want));
	want = numbers[0];
	ASSERT_EQ(0, memrig_multi_alloc(multi, &args, (void **)&block));
	EXPECT_EQ(numbers[0], args.member);
	memset(block, 7, 60);
	want = numbers[1];
	resize.with = MEMRIG_ATTRS_EXTERNAL;
	ASSERT_EQ(1, memrig_multi_realloc(multi, &resize, (void **)&block));
	EXPECT_EQ(numbers[1], resize.member);
	EXPECT_EQ(7, block[59]);
	EXPECT_EQ(0, memrig_multi_free(multi, block));
	memrig_multi_close(multi);
	memrig_heap_close(process);
	EXPECT_EQ(-EOPNOTSUPP, memrig_multi_choose(self->multi, heap_only, &want));
	EXPECT_EQ(-EEXIST, memrig_multi_add(self->multi, self->slab, 0, NULL));
}

static short polled(memrig_multi_t *multi)
{
	struct pollfd pfd = { .fd = memrig_multi_fd(multi), .events = POLLIN };

	return poll(&pfd, 1, 0) < 0 ? -1 : pfd.revents;
}

TEST_F(multi, poll)
{
	struct memrig_multi_watch watch = { .size = sizeof(watch), .bytes = 64 };
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 64 };
	memrig_multi_t *multi;
	void *ptr;

	EXPECT_EQ(POLLIN, polled(self->multi));
	watch.with = 1ULL << 40;
	args.with = 1ULL << 40;
	ASSERT_EQ(0, memrig_multi_watch(self->multi, &watch));
	EXPECT_EQ(POLLIN, polled(self->multi));
	while (!memrig_multi_alloc(self->multi, &args, &ptr))
		;
	EXPECT_EQ(0, polled(self->multi));
	ASSERT_EQ(0, memrig_multi_free(self->multi, ptr));
	EXPECT_EQ(POLLIN, polled(self->multi));
	watch.bytes = 65;
	ASSERT_EQ(0, memrig_multi_watch(self->multi, &watch));
	EXPECT_EQ(POLLERR, polled(self->multi));
	watch.bytes = 0;
	EXPECT_EQ(-EINVAL, memrig_multi_watch(self->multi, &watch));
	watch.bytes = 1;
	watch.match = 1U << 31;
	EXPECT_EQ(-EOPNOTSUPP, memrig_multi_watch(self->multi, &watch));
	watch.match = 0;
	ASSERT_EQ(0, memrig_multi_local_create(&multi));
	EXPECT_EQ(-EOPNOTSUPP, memrig_multi_watch(multi, &watch));
	memrig_multi_close(multi);
}

/* The library asks the kernel where a region is; memory of the process is nowhere. */
TEST_F(multi, by_place)
{
	struct memrig_heap_create here = { .size = sizeof(here),
					   .placement = MEMRIG_PLACEMENT_INBAND };
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 8 };
	struct memrig_multi_member_stat infos[2];
	struct memrig_multi_stat stat = {
		.size = sizeof(stat),
		.members = (uintptr_t)infos,
		.member_count = 2,
	};
	memrig_heap_t *process;
	memrig_multi_t *multi;
	void *ptr;

	ASSERT_EQ(0, memrig_local_create(NULL, 4096, &here, &process));
	ASSERT_EQ(0, memrig_multi_local_create(&multi));
	ASSERT_EQ(0, memrig_multi_add(multi, process, 0, NULL));
	ASSERT_EQ(0, memrig_multi_add(multi, self->heap, 0, NULL));
	ASSERT_EQ(0, memrig_multi_stat(multi, &stat));
	EXPECT_EQ(0, infos[0].dma_bits);
	EXPECT_EQ(MEMRIG_NODE_ANY, infos[0].node);
	EXPECT_GT(infos[1].dma_bits, 12);
	args.match = MEMRIG_MATCH_DMA;
	args.dma_bits = 64;
	ASSERT_EQ(0, memrig_multi_alloc(multi, &args, &ptr));
	EXPECT_EQ(1, args.member);
	EXPECT_EQ(0, memrig_multi_free(multi, ptr));
	args.dma_bits = infos[1].dma_bits - 1;
	EXPECT_EQ(-ENOENT, memrig_multi_alloc(multi, &args, &ptr));
	args.dma_bits = 0;
	args.match = MEMRIG_MATCH_NODE;
	args.node = infos[1].node;
	ASSERT_EQ(0, memrig_multi_alloc(multi, &args, &ptr));
	EXPECT_EQ(1, args.member);
	EXPECT_EQ(0, memrig_multi_free(multi, ptr));
	args.node++;
	EXPECT_EQ(-ENOENT, memrig_multi_alloc(multi, &args, &ptr));
	/* The kernel itself says that there is no such node. */
	args.node = 1000;
	EXPECT_EQ(-EINVAL, memrig_multi_alloc(self->multi, &args, &ptr));
	memrig_multi_close(multi);
	memrig_heap_close(process);
}

TEST_HARNESS_MAIN
