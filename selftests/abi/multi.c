// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Multi objects: members, rules and who gets what from whom.
 */
#include "abi.h"
#include "harness.h"

#define LENGTH	(64 * KIB)
#define MEMBERS 3
#define FAST	MEMRIG_ATTRS_CUSTOM(0)
#define SAFE	MEMRIG_ATTRS_CUSTOM(1)

#define RULE(...)                                           \
	((struct memrig_rule){ .prio_min = INT32_MIN,       \
			       .uid = MEMRIG_UID_ANY,       \
			       .member = MEMRIG_MEMBER_ANY, \
			       ##__VA_ARGS__ })

FIXTURE(multi)
{
	int session;
	int multi;
	int heap[MEMBERS]; /* a slab of 64s, a sys_heap, a heap of blocks */
};

FIXTURE_SETUP(multi)
{
	static const uint32_t engines[MEMBERS] = { MEMRIG_ENGINE_SLAB, MEMRIG_ENGINE_SYS_HEAP,
						   MEMRIG_ENGINE_BLOCKS };
	static const uint64_t sizes[MEMBERS] = { 64, 0, 4096 };
	static const uint64_t attrs[MEMBERS] = { FAST, FAST | SAFE, SAFE };

	self->session = session_open();
	self->multi = multi_new(self->session);
	ASSERT_GE(self->multi, 0);
	for (int i = 0; i < MEMBERS; i++) {
		int region =
			region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);

		self->heap[i] = heap_engine(region, engines[i], sizes[i]);
		ASSERT_GE(self->heap[i], 0);
		ASSERT_EQ(i, multi_add(self->multi, self->heap[i], attrs[i]));
		close(region);
	}
}

FIXTURE_TEARDOWN(multi)
{
	close(self->multi);
	for (int i = 0; i < MEMBERS; i++) {
		EXPECT_EQ(0, heap_stat(self->heap[i]).live_blocks);
		EXPECT_EQ(1, heap_stat(self->heap[i]).clients);
		EXPECT_EQ(0, heap_validate(self->heap[i]));
		close(self->heap[i]);
	}
	close(self->session);
}

/* From which member a request is served, or -errno; it is given back. */
static int served_by(int multi, struct memrig_multi_alloc arg)
{
	int ret = multi_alloc_full(multi, &arg);

	if (ret)
		return ret;
	ret = multi_free(multi, arg.member, arg.offset);
	return ret ? ret : (int)arg.member;
}

#define BY(...) served_by(self->multi, (struct memrig_multi_alloc){ __VA_ARGS__ })

TEST_F(multi, without_rules_in_order)
{
	EXPECT_EQ(0, BY(.bytes = 64));
	EXPECT_EQ(1, BY(.bytes = 65));
	EXPECT_EQ(1, BY(.bytes = LENGTH));
	EXPECT_EQ(-ENOMEM, BY(.bytes = LENGTH + 1));
	EXPECT_EQ(2, BY(.bytes = 10, .without = FAST));
	EXPECT_EQ(1, BY(.bytes = 10, .with = SAFE));
	EXPECT_EQ(0, BY(.bytes = 10, .with = FAST | MEMRIG_ATTRS_CACHEABLE));
	EXPECT_EQ(-ENOENT, BY(.bytes = 10, .with = MEMRIG_ATTRS_NON_CACHEABLE));
	EXPECT_EQ(-ENOENT, BY(.bytes = 10, .with = FAST, .without = FAST));
}

TEST_F(multi, bad_requests)
{
	EXPECT_EQ(-EINVAL, BY(.bytes = 0));
	EXPECT_EQ(-EINVAL, BY(.bytes = 8, .align = 7));
	EXPECT_EQ(-EOPNOTSUPP, BY(.bytes = 8, .align = MIB));
	EXPECT_EQ(-EOPNOTSUPP, BY(.bytes = 8, .flags = 2));
	EXPECT_EQ(-EINVAL, BY(.bytes = 8, .timeout_ns = 1));
	EXPECT_EQ(-EINVAL,
		  BY(.bytes = ~0ULL, .flags = MEMRIG_ALLOC_WAIT, .timeout_ns = MEMRIG_FOREVER));
	EXPECT_EQ(-ENOENT, BY(.bytes = 8, .flags = MEMRIG_ALLOC_WAIT, .with = 1ULL << 63,
			      .timeout_ns = MEMRIG_FOREVER));
	EXPECT_EQ(-ENOENT, multi_free(self->multi, 0, 0));
	EXPECT_EQ(-ENOENT, multi_free(self->multi, MEMBERS, 0));
	EXPECT_EQ(-ENOENT, multi_free(self->multi, ~0u, ~0ULL));
	EXPECT_EQ(-ENOENT, multi_member(self->multi, MEMBERS));
	EXPECT_EQ(-ENOENT, multi_remove(self->multi, MEMBERS));
}

TEST_F(multi, bad_members)
{
	int null = open("/dev/null", O_RDWR);

	EXPECT_EQ(-EEXIST, multi_add(self->multi, self->heap[0], 0));
	EXPECT_EQ(-EBADF, multi_add(self->multi, -1, 0));
	EXPECT_EQ(-EINVAL, multi_add(self->multi, null, 0));
	EXPECT_EQ(-EINVAL, multi_add(self->multi, self->session, 0));
	EXPECT_EQ(-EINVAL, multi_add(self->multi, self->multi, 0));
	EXPECT_EQ(0, multi_remove(self->multi, 0));
	EXPECT_EQ(-EINVAL, multi_add(self->multi, self->heap[0], MEMRIG_ATTRS_CACHEABLE));
	EXPECT_EQ(0, multi_add(self->multi, self->heap[0], 0));
	close(null);
}

TEST_F(multi, bad_rules)
{
	struct memrig_rule rule = RULE(.flags = 4);
	struct memrig_multi_rules arg = ARG(memrig_multi_rules, .rules = (uintptr_t)&rule);

	EXPECT_EQ(-EOPNOTSUPP, multi_rules(self->multi, &rule, 1));
	rule = RULE(.min_bytes = 2, .max_bytes = 1);
	EXPECT_EQ(-EINVAL, multi_rules(self->multi, &rule, 1));
	EXPECT_EQ(-EINVAL, multi_rules(self->multi, &rule, MEMRIG_MULTI_MAX + 1));
	EXPECT_EQ(-EFAULT, multi_rules(self->multi, NULL, 1));
	EXPECT_EQ(-EINVAL, call(self->multi, MEMRIG_IOC_MULTI_RULES, &arg));
	arg.rule_size = sizeof(rule) + 8;
	EXPECT_EQ(-EINVAL, call(self->multi, MEMRIG_IOC_MULTI_RULES, &arg));
	EXPECT_EQ(0, multi_stat(self->multi).rule_count);
	EXPECT_EQ(0, multi_rules(self->multi, NULL, 0));
	EXPECT_EQ(0, BY(.bytes = 1));
}

TEST_F(multi, rules_in_order)
{
	const struct memrig_rule rules[] = {
		RULE(.max_bytes = 16, .member = 1),
		RULE(.min_bytes = 1000, .max_bytes = 2000, .member = 2),
		RULE(.align_max = 8, .with = SAFE, .without = FAST),
		RULE(.prio_min = 5),
		RULE(.member = 7),
	};

	ASSERT_EQ(0, multi_rules(self->multi, rules, ARRAY_SIZE(rules)));
	EXPECT_EQ(5, multi_stat(self->multi).rule_count);
	EXPECT_EQ(1, BY(.bytes = 16));
	EXPECT_EQ(2, BY(.bytes = 17));
	EXPECT_EQ(2, BY(.bytes = 1000, .align = 64));
	EXPECT_EQ(-ENOENT, BY(.bytes = 999, .align = 64));
	EXPECT_EQ(-ENOENT, BY(.bytes = 999, .align = 64, .priority = 4));
	EXPECT_EQ(1, BY(.bytes = 999, .align = 64, .priority = 5));
	EXPECT_EQ(0, BY(.bytes = 50, .align = 64, .priority = 6));
	/* The request's own attributes count besides. */
	EXPECT_EQ(1, BY(.bytes = 100, .with = FAST, .priority = 9));
}

TEST_F(multi, falls_as_far_as_it_may)
{
	const struct memrig_rule rules[] = {
		RULE(.max_bytes = 64, .member = 0),
		RULE(.max_bytes = 64, .prio_min = 1, .flags = MEMRIG_RULE_STOP, .member = 1),
		RULE(.member = 2),
	};
	int slab = multi_member(self->multi, 0), heap = multi_member(self->multi, 1);
	struct memrig_multi_alloc arg = { .bytes = 64 };

	ASSERT_EQ(0, multi_rules(self->multi, rules, ARRAY_SIZE(rules)));
	while (heap_alloc(slab, 64, 0) >= 0)
		;
	EXPECT_EQ(2, BY(.bytes = 64));
	EXPECT_EQ(1, BY(.bytes = 64, .priority = 1));
	EXPECT_GE(heap_alloc(heap, heap_stat(heap).largest_free, 0), 0);
	EXPECT_EQ(2, BY(.bytes = 64));
	/* It stops before the last. */
	arg.priority = 1;
	EXPECT_EQ(-ENOMEM, multi_alloc_full(self->multi, &arg));
	EXPECT_EQ(MEMRIG_REASON_EMPTY, arg.reason);
	EXPECT_EQ(MEMRIG_MEMBER_ANY, arg.member);
	close(slab);
	close(heap);
}

static int ask_as_other(void *arg)
{
	int *fds = arg; /* multi, heap */

	become(OTHER_UID, NOBODY_GID);
	/* Its rule comes first; the rest is for everybody. */
	CHECK(served_by(fds[0], (struct memrig_multi_alloc){ .bytes = 8 }) == 2);
	/* Using is not changing. */
	CHECK(multi_add(fds[0], fds[1], 0) == -EPERM);
	CHECK(multi_remove(fds[0], 0) == -EPERM);
	CHECK(multi_rules(fds[0], NULL, 0) == -EPERM);
	return 0;
}

#define FILES 300

static int attach_many(void *arg)
{
	int multi = *(int *)arg;

	for (int i = 0; i < FILES; i++)
		CHECK(multi_attach(multi) >= 0);
	return 0;
}

/* Files that others have made cost nobody anything who adds a member. */
TEST_F(multi, files_that_use_nothing_are_no_clients)
{
	EXPECT_EQ(0, in_child(attach_many, &self->multi));
	EXPECT_EQ(1, multi_stat(self->multi).files);
	for (int i = 0; i < FILES; i++)
		ASSERT_GE(multi_attach(self->multi), 0);
	EXPECT_EQ(FILES + 1, multi_stat(self->multi).files);
	EXPECT_EQ(0, multi_remove(self->multi, 0));
	EXPECT_EQ(0, multi_add(self->multi, self->heap[0], 0));
	EXPECT_EQ(0, BY(.bytes = 8, .without = SAFE));
	for (int i = 0; i < MEMBERS; i++)
		EXPECT_EQ(i ? 1 : 2, heap_stat(self->heap[i]).clients);
}

TEST_F(multi, users)
{
	const struct memrig_rule rules[] = { RULE(.uid = OTHER_UID, .member = 2), RULE() };
	int fds[2] = { self->multi, self->heap[0] };

	ASSERT_EQ(0, multi_rules(self->multi, rules, 2));
	EXPECT_EQ(0, BY(.bytes = 8));
	EXPECT_EQ(0, in_child(ask_as_other, fds));
}

TEST_F(multi, blocks_keep_a_member)
{
	uint32_t member;
	uint64_t offset;
	int other = multi_attach(self->multi), fd;

	ASSERT_GE(other, 0);
	ASSERT_EQ(0, multi_alloc(other, 8, &member, &offset));
	EXPECT_EQ(0, member);
	EXPECT_EQ(-EBUSY, multi_remove(self->multi, 0));
	/* Only who has used a member is its client. */
	EXPECT_EQ(2, heap_stat(self->heap[0]).clients);
	EXPECT_EQ(1, heap_stat(self->heap[1]).clients);
	/* The other file's block is not this one's, but its creator may free it. */
	EXPECT_EQ(0, multi_free(self->multi, member, offset));
	EXPECT_EQ(-ENOENT, multi_free(other, member, offset));
	fd = multi_member(other, 0);
	EXPECT_EQ(0, multi_remove(self->multi, 0));
	EXPECT_EQ(-ENOENT, multi_free(other, 0, offset));
	/* The client lives on in its own file. */
	EXPECT_GE(heap_alloc(fd, 8, 0), 0);
	close(fd);
	EXPECT_EQ(1, BY(.bytes = 8));
	/* Its number is free again, its place is the last. */
	EXPECT_EQ(0, multi_add(self->multi, self->heap[0], FAST));
	EXPECT_EQ(1, BY(.bytes = 8));
	close(other);
}

TEST_F(multi, a_member_is_a_client)
{
	uint32_t member;
	uint64_t offset;
	int fd = multi_member(self->multi, 1);
	int64_t off;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, multi_alloc(self->multi, 100, &member, &offset));
	EXPECT_EQ(1, member);
	EXPECT_EQ(1, heap_stat(fd).client_blocks);
	EXPECT_EQ(0, heap_free(fd, offset));
	off = heap_alloc(fd, 100, 0);
	EXPECT_EQ(0, multi_free(self->multi, 1, off));
	off = heap_alloc(fd, 100, 0);
	close(fd);
	/* Not the last reference. */
	EXPECT_EQ(1, heap_stat(self->heap[1]).live_blocks);
	EXPECT_EQ(0, multi_free(self->multi, 1, off));
}

static int own_and_die(void *arg)
{
	int multi = multi_attach(*(int *)arg);
	uint32_t member;
	uint64_t offset;

	for (int i = 0; i < 30; i++)
		CHECK(!multi_alloc(multi, i % 3 ? 10000 / 3 : 10, &member, &offset));
	raise(SIGKILL);
	return 0;
}

TEST_F(multi, death_of_an_owner)
{
	EXPECT_EQ(128 + SIGKILL, in_child(own_and_die, &self->multi));
	for (int i = 0; i < MEMBERS; i++)
		EXPECT_EQ(0, heap_stat(self->heap[i]).live_blocks);
	EXPECT_EQ(1, multi_stat(self->multi).files);
	EXPECT_EQ(30, multi_stat(self->multi).allocs);
}

TEST_F(multi, figures)
{
	const struct memrig_rule rules[] = { RULE(.max_bytes = 64, .member = 0), RULE() };
	struct memrig_multi_member_stat members[4];
	struct memrig_multi_rule_stat counts[4];
	struct memrig_multi_stat stat =
		ARG(memrig_multi_stat, .members = (uintptr_t)members, .rules = (uintptr_t)counts,
		    .member_count = 4, .rule_count = 4);

	memset(members, 0x5a, sizeof(members));
	ASSERT_EQ(0, multi_rules(self->multi, rules, 2));
	EXPECT_EQ(0, BY(.bytes = 8));
	EXPECT_EQ(1, BY(.bytes = 100));
	EXPECT_EQ(-ENOMEM, BY(.bytes = MIB));
	ASSERT_EQ(0, call(self->multi, MEMRIG_IOC_MULTI_STAT, &stat));
	EXPECT_EQ(2, stat.allocs);
	EXPECT_EQ(2, stat.frees);
	EXPECT_EQ(1, stat.failures);
	EXPECT_EQ(1, stat.files);
	EXPECT_EQ(3, stat.member_count);
	EXPECT_EQ(2, stat.rule_count);
	for (int i = 0; i < MEMBERS; i++) {
		EXPECT_EQ(i, members[i].member);
		EXPECT_EQ(heap_stat(self->heap[i]).id, members[i].heap_id);
		EXPECT_EQ(heap_stat(self->heap[i]).region_id, members[i].region_id);
	}
	EXPECT_EQ(FAST | SAFE | MEMRIG_ATTRS_CACHEABLE, members[1].attrs);
	EXPECT_EQ(1, members[0].allocs);
	EXPECT_EQ(2, members[0].failures);
	EXPECT_EQ(1, members[1].failures);
	EXPECT_EQ(0x5a5a5a5a, members[3].member);
	EXPECT_EQ(1, counts[0].matched);
	EXPECT_EQ(1, counts[0].allocs);
	EXPECT_EQ(2, counts[1].matched);
	EXPECT_EQ(1, counts[1].allocs);
	stat.member_count = 1;
	stat.rule_count = 0;
	memset(members, 0x5a, sizeof(members));
	ASSERT_EQ(0, call(self->multi, MEMRIG_IOC_MULTI_STAT, &stat));
	EXPECT_EQ(3, stat.member_count);
	EXPECT_EQ(0x5a5a5a5a, members[1].member);
	stat.member_count = MEMRIG_MULTI_MAX + 1;
	EXPECT_EQ(-EINVAL, call(self->multi, MEMRIG_IOC_MULTI_STAT, &stat));
}

TEST_HARNESS_MAIN
