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

/* What is suspended cannot be copied, neither out nor in: the block stays where and as it was. */
TEST_F(multimove, over_suspended_regions)
{
	struct memrig_multi_realloc arg = ARG(memrig_multi_realloc), was;
	int region[2], heap[2], multi = multi_new(self->session);
	char *map[2];

	for (int i = 0; i < 2; i++) {
		region[i] = region_with(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
					LENGTH, MEMRIG_ATTRS_POWERED);
		ASSERT_GE(region[i], 0);
		map[i] = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, region[i], 0);
		ASSERT_TRUE(map[i] != MAP_FAILED);
		heap[i] = heap_engine(region[i], i ? MEMRIG_ENGINE_BEST_FIT : MEMRIG_ENGINE_SLAB,
				      i ? 0 : 256);
		ASSERT_EQ(i, multi_add(multi, heap[i], 0));
	}
	EXPECT_EQ(0, multi_alloc(multi, 200, &arg.member, (uint64_t *)&arg.offset));
	EXPECT_EQ(0, arg.member);
	memset(map[0] + arg.offset, 0x37, 200);
	was = arg;
	for (int off = 0; off < 2; off++) {
		ASSERT_EQ(0, region_suspend(region[off], 0));
		EXPECT_EQ(-EHOSTDOWN, change(multi, &arg, 3000));
		EXPECT_EQ(was.member, arg.member);
		EXPECT_EQ(was.offset, arg.offset);
		EXPECT_EQ(1, heap_stat(heap[0]).live_blocks);
		EXPECT_EQ(0, heap_stat(heap[1]).live_blocks);
		EXPECT_EQ(0, change(multi, &arg, 256)); /* in place no byte is needed */
		EXPECT_EQ(0, arg.moved);
		ASSERT_EQ(0, region_resume(region[off]));
		for (int i = 0; i < 200; i++)
			ASSERT_EQ(0x37, map[0][was.offset + i]);
	}
	EXPECT_EQ(0, change(multi, &arg, 3000));
	EXPECT_EQ(1, arg.member);
	EXPECT_EQ(0x37, map[1][arg.offset + 199]);
	EXPECT_EQ(0, multi_free(multi, arg.member, arg.offset));
	close(multi);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, heap_stat(heap[i]).live_blocks);
		munmap(map[i], LENGTH);
		close(heap[i]);
		close(region[i]);
	}
}

/* How long an allocation may wait: not at all, hardly, and longer than any clock can tell. */
TEST_F(multimove, timeouts)
{
	static const uint64_t timeouts[] = { 0, 1, 1000, MSEC };
	static const uint64_t endless[] = { INT64_MAX - 1, INT64_MAX, 1ULL << 63, UINT64_MAX - 1,
					    UINT64_MAX };
	struct memrig_multi_alloc all =
		ARG(memrig_multi_alloc, .bytes = 1, .without = MEMRIG_ATTRS_CUSTOM(0));
	struct memrig_multi_alloc arg = all;
	uint32_t blocks = 0;
	uint64_t start;

	while (!call(self->multi, MEMRIG_IOC_MULTI_ALLOC, &arg)) {
		all.offset = arg.offset;
		arg.offset = 0;
		blocks++;
	}
	EXPECT_EQ(LENGTH / 256, blocks);
	for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
		arg = all;
		arg.flags = MEMRIG_ALLOC_WAIT;
		arg.timeout_ns = timeouts[i];
		start = now_ns();
		EXPECT_EQ(-ETIMEDOUT, call(self->multi, MEMRIG_IOC_MULTI_ALLOC, &arg));
		EXPECT_GE(now_ns() - start, timeouts[i]);
		EXPECT_EQ(MEMRIG_REASON_EMPTY, arg.reason);
		/* What never can be is not waited for. */
		arg.bytes = 257;
		arg.timeout_ns = timeouts[i];
		EXPECT_EQ(-EINVAL, call(self->multi, MEMRIG_IOC_MULTI_ALLOC, &arg));
		EXPECT_EQ(MEMRIG_REASON_TOO_LARGE, arg.reason);
	}
	for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
		pid_t child;

		fflush(NULL);
		child = fork();
		if (!child) {
			arg = all;
			arg.flags = MEMRIG_ALLOC_WAIT;
			arg.timeout_ns = endless[i];
			_exit(call(self->multi, MEMRIG_IOC_MULTI_ALLOC, &arg) != 0 ||
			      arg.offset != all.offset);
		}
		while (!heap_stat(self->heap[0]).waiters && !waitpid(child, NULL, WNOHANG))
			sleep_ms(1);
		EXPECT_EQ(1, heap_stat(self->heap[0]).waiters);
		EXPECT_EQ(0, multi_free(self->multi, 0, all.offset));
		EXPECT_EQ(0, child_wait(child));
	}
	for (uint32_t i = 0; i < blocks; i++)
		EXPECT_EQ(0, multi_free(self->multi, 0, i * 256));
}

TEST_HARNESS_MAIN
