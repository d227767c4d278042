// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reallocation in multi objects: in place, within a member, and from one region to another.
 */
#include "abi.h"
#include "harness.h"

#define LENGTH (64 * KIB)

FIXTURE(multimove)
{
	int session;
	int multi;
	int region[2];
	int heap[2]; /* a slab of 256s, a sys_heap with attribute 0 that scrubs */
	char *map[2];
};

FIXTURE_SETUP(multimove)
{
	struct memrig_heap_create scrub = ARG(memrig_heap_create, .flags = MEMRIG_HEAP_SCRUB,
					      .placement = MEMRIG_PLACEMENT_OOB);

	self->session = session_open();
	self->multi = multi_new(self->session);
	for (int i = 0; i < 2; i++) {
		self->map[i] = region_mapped(self->session, LENGTH, &self->region[i]);
		ASSERT_TRUE(self->map[i] != MAP_FAILED);
	}
	self->heap[0] = heap_engine(self->region[0], MEMRIG_ENGINE_SLAB, 256);
	ASSERT_EQ(0, call(self->region[1], MEMRIG_IOC_HEAP_CREATE, &scrub));
	self->heap[1] = scrub.fd;
	ASSERT_EQ(0, multi_add(self->multi, self->heap[0], 0));
	ASSERT_EQ(1, multi_add(self->multi, self->heap[1], MEMRIG_ATTRS_CUSTOM(0)));
}

FIXTURE_TEARDOWN(multimove)
{
	close(self->multi);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, heap_stat(self->heap[i]).live_blocks);
		EXPECT_EQ(0, heap_validate(self->heap[i]));
		munmap(self->map[i], LENGTH);
		close(self->heap[i]);
		close(self->region[i]);
	}
	close(self->session);
}

/* A block of 200 bytes with a content, in the slab. */
static struct memrig_multi_realloc block(struct __test_metadata *_metadata,
					 FIXTURE_DATA(multimove) * self)
{
	struct memrig_multi_realloc arg = ARG(memrig_multi_realloc);
	uint32_t member = ~0u;
	uint64_t offset = 0;

	EXPECT_EQ(0, multi_alloc(self->multi, 200, &member, &offset));
	EXPECT_EQ(0, member);
	arg.member = member;
	arg.offset = offset;
	memset(self->map[0] + offset, 0x37, 200);
	return arg;
}

static int change(int multi, struct memrig_multi_realloc *arg, uint64_t bytes)
{
	arg->bytes = bytes;
	return call(multi, MEMRIG_IOC_MULTI_REALLOC, arg);
}

TEST_F(multimove, in_place)
{
	struct memrig_multi_realloc arg = block(_metadata, self);
	uint64_t was = arg.offset;

	EXPECT_EQ(0, change(self->multi, &arg, 256));
	EXPECT_EQ(0, change(self->multi, &arg, 1));
	EXPECT_EQ(0, arg.member);
	EXPECT_EQ(0, arg.moved);
	EXPECT_EQ(was, arg.offset);
	EXPECT_EQ(256, arg.usable);
	EXPECT_EQ(0, multi_free(self->multi, arg.member, arg.offset));
}

TEST_F(multimove, to_another_member_and_back)
{
	struct memrig_multi_realloc arg = block(_metadata, self);
	uint64_t was = arg.offset;

	EXPECT_EQ(0, change(self->multi, &arg, 3000));
	EXPECT_EQ(1, arg.member);
	EXPECT_EQ(1, arg.moved);
	EXPECT_GE(arg.usable, 3000);
	for (int i = 0; i < 200; i++)
		ASSERT_EQ(0x37, self->map[1][arg.offset + i]);
	EXPECT_EQ(0, heap_stat(self->heap[0]).live_blocks);
	EXPECT_EQ(1, heap_stat(self->heap[1]).live_blocks);
	EXPECT_EQ(1, multi_stat(self->multi).moves);
	EXPECT_EQ(2, multi_stat(self->multi).allocs);
	EXPECT_EQ(1, multi_stat(self->multi).frees);
	EXPECT_EQ(heap_stat(self->heap[0]).allocs, heap_stat(self->heap[0]).frees);
	was = arg.offset;
	/* Small again, and must not be there. */
	arg.without = MEMRIG_ATTRS_CUSTOM(0);
	EXPECT_EQ(0, change(self->multi, &arg, 100));
	EXPECT_EQ(0, arg.member);
	EXPECT_EQ(0x37, self->map[0][arg.offset + 99]);
	/* The heap it left scrubs. */
	EXPECT_EQ(0, self->map[1][was]);
	EXPECT_EQ(0, multi_free(self->multi, arg.member, arg.offset));
}

TEST_F(multimove, refusals_change_nothing)
{
	struct memrig_multi_realloc arg = block(_metadata, self), was = arg;

	EXPECT_EQ(-EINVAL, change(self->multi, &arg, 0));
	EXPECT_EQ(-ENOMEM, change(self->multi, &arg, LENGTH + 1));
	EXPECT_EQ(MEMRIG_REASON_TOO_LARGE, arg.reason);
	EXPECT_EQ(was.offset, arg.offset);
	EXPECT_EQ(was.member, arg.member);
	arg.flags = MEMRIG_REALLOC_IN_PLACE;
	EXPECT_EQ(-ENOMEM, change(self->multi, &arg, 3000));
	arg.flags = 2;
	EXPECT_EQ(-EOPNOTSUPP, change(self->multi, &arg, 3000));
	arg.flags = 0;
	arg.with = MEMRIG_ATTRS_CUSTOM(5);
	EXPECT_EQ(-ENOENT, change(self->multi, &arg, 10));
	arg.with = 0;
	arg.align = 3;
	EXPECT_EQ(-EINVAL, change(self->multi, &arg, 10));
	arg.align = 0;
	arg.offset++;
	EXPECT_EQ(-ENOENT, change(self->multi, &arg, 10));
	EXPECT_EQ(-ENOENT, change(self->multi, &arg, 3000));
	arg.offset--;
	arg.member = 1;
	EXPECT_EQ(-ENOENT, change(self->multi, &arg, 10));
	arg.member = 9;
	EXPECT_EQ(-ENOENT, change(self->multi, &arg, 10));
	arg.member = 0;
	EXPECT_EQ(0x37, self->map[0][arg.offset + 199]);
	EXPECT_EQ(256, heap_usable(self->heap[0], arg.offset));
	EXPECT_EQ(0, multi_free(self->multi, arg.member, arg.offset));
	EXPECT_EQ(-ENOENT, change(self->multi, &arg, 10));
}

/* Only its owner moves a block away, not even the creator of the heap. */
TEST_F(multimove, blocks_of_others)
{
	struct memrig_multi_realloc arg = block(_metadata, self);
	int other = multi_attach(self->multi);

	EXPECT_EQ(-EPERM, change(other, &arg, 3000));
	EXPECT_EQ(1, heap_stat(self->heap[0]).live_blocks);
	EXPECT_EQ(0, heap_stat(self->heap[1]).live_blocks);
	close(other);
	EXPECT_EQ(0, multi_free(self->multi, arg.member, arg.offset));
}

/* The answer cannot be written: the block is where it was, as it was. */
TEST_F(multimove, read_only_answer)
{
	struct memrig_multi_realloc arg = block(_metadata, self), *map;

	map = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	*map = arg;
	map->bytes = 3000;
	ASSERT_EQ(0, mprotect(map, page_size(), PROT_READ));
	EXPECT_EQ(-EFAULT, call(self->multi, MEMRIG_IOC_MULTI_REALLOC, map));
	EXPECT_EQ(0, heap_stat(self->heap[1]).live_blocks);
	EXPECT_EQ(0, multi_free(self->multi, arg.member, arg.offset));
	munmap(map, page_size());
}

TEST_HARNESS_MAIN
