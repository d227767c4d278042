// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of those who depend on a heap that is found corrupted: who waits for memory of it
 * gets an error, poll() says so, and a multi object passes it over. User space cannot corrupt one.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/poll.h>
#include <linux/sizes.h>

#include "alloc/multi.h"
#include "kunit_mrig.h"
#include "mrig_engine.h"

#define LENGTH		SZ_16K
#define PATIENCE	msecs_to_jiffies(20000)

struct rig {
	struct mrig_region *region;
	struct mrig_client *client;
	u64 block;
};

/* A heap with its headers inside, and one block. */
static void rig_open(struct kunit *test, struct rig *rig)
{
	struct mrig_grant grant = { };

	rig->region = mrig_test_region(test, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
				       MEMRIG_REGION_KERNEL_ONLY, LENGTH);
	rig->client = mrig_test_client(test, rig->region, MEMRIG_PLACEMENT_INBAND,
				       MRIG_HARDEN_BASIC, 0);
	KUNIT_ASSERT_EQ(test, mrig_block_alloc(rig->client, 0, LENGTH / 2, &grant), 0);
	rig->block = grant.offset;
}

static void rig_close(struct rig *rig)
{
	mrig_client_release(rig->client);
	mrig_region_put(rig->region);
}

static void rig_corrupt(struct kunit *test, struct rig *rig)
{
	u8 *mem = mrig_region_kmap(rig->region);
	struct mrig_fault fault = { };

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem);
	memset(mem + rig->block - 8, 0xff, 8);
	KUNIT_EXPECT_EQ(test, mrig_heap_obj_validate(rig->client->heap, &fault), -EIO);
}

struct sleeper {
	struct mrig_client *client;
	struct completion done;
	int err;
};

static int sleeper_run(void *arg)
{
	struct sleeper *sleeper = arg;
	struct mrig_grant grant;
	u64 forever = U64_MAX;

	sleeper->err = mrig_block_alloc_begin(sleeper->client, 0, LENGTH / 2, &forever, &grant);
	complete(&sleeper->done);
	return 0;
}

static bool has_waiter(struct mrig_heap_obj *heap)
{
	struct memrig_heap_stat stat = { };

	mrig_heap_obj_stat(heap, NULL, &stat);
	return stat.waiters;
}

static void wait_ends_when_the_heap_is_fenced(struct kunit *test)
{
	struct sleeper sleeper = { };
	struct rig rig;
	unsigned long end = jiffies + PATIENCE;

	rig_open(test, &rig);
	init_completion(&sleeper.done);
	sleeper.client = rig.client;
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(sleeper_run, &sleeper, "memrig-waiter"));
	while (!has_waiter(rig.client->heap) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	KUNIT_EXPECT_FALSE(test, completion_done(&sleeper.done));
	rig_corrupt(test, &rig);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&sleeper.done, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, sleeper.err, -EIO);
	KUNIT_EXPECT_FALSE(test, has_waiter(rig.client->heap));
	rig_close(&rig);
}

static void poll_says_that_the_heap_is_fenced(struct kunit *test)
{
	struct rig rig;

	rig_open(test, &rig);
	KUNIT_EXPECT_EQ(test, (__force u32)mrig_client_poll(rig.client),
			(__force u32)(EPOLLIN | EPOLLRDNORM));
	rig_corrupt(test, &rig);
	KUNIT_EXPECT_EQ(test, (__force u32)mrig_client_poll(rig.client), (__force u32)EPOLLERR);
	rig_close(&rig);
}

static void multi_passes_over_who_is_fenced(struct kunit *test)
{
	const struct mrig_request request = { .bytes = 100, .priority = 0 };
	struct mrig_multi_file *file = mrig_multi_create(), *late;
	struct mrig_taken taken;
	struct rig first, second;
	u64 attrs = 0;
	u32 number;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	rig_open(test, &first);
	rig_open(test, &second);
	KUNIT_ASSERT_EQ(test, mrig_multi_add(file, first.client->heap, &attrs, &number), 0);
	attrs = 0;
	KUNIT_ASSERT_EQ(test, mrig_multi_add(file, second.client->heap, &attrs, &number), 0);
	KUNIT_EXPECT_EQ(test, number, 1);
	rig_corrupt(test, &first);
	KUNIT_ASSERT_EQ(test, mrig_multi_alloc_begin(file, &request, NULL, &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.member->id, 1);
	mrig_multi_settle(file->multi, &taken, true);
	KUNIT_EXPECT_EQ(test, mrig_multi_remove(file, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, mrig_multi_free(file, 1, taken.grant.offset), 0);

	/* A file that comes later is no client of it. */
	late = mrig_multi_attach(file->multi);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, late);
	KUNIT_EXPECT_EQ(test, PTR_ERR(mrig_multi_client(late, 0)), -EIO);
	KUNIT_ASSERT_EQ(test, mrig_multi_alloc_begin(late, &request, NULL, &taken), 0);
	mrig_multi_settle(late->multi, &taken, false);
	KUNIT_EXPECT_EQ(test, mrig_multi_remove(file, 1), 0);
	KUNIT_EXPECT_EQ(test, mrig_multi_alloc_begin(file, &request, NULL, &taken), -EIO);
	KUNIT_EXPECT_EQ(test, mrig_multi_alloc_begin(late, &request, NULL, &taken), -EIO);
	KUNIT_EXPECT_EQ(test, mrig_multi_remove(file, 0), 0);
	KUNIT_EXPECT_EQ(test, mrig_multi_add(file, first.client->heap, &attrs, &number), -EINVAL);
	attrs = 0;
	KUNIT_EXPECT_EQ(test, mrig_multi_add(file, first.client->heap, &attrs, &number), -EIO);
	mrig_multi_release(late);
	mrig_multi_release(file);
	rig_close(&first);
	rig_close(&second);
}

static struct kunit_case mrig_wait_cases[] = {
	KUNIT_CASE(wait_ends_when_the_heap_is_fenced),
	KUNIT_CASE(poll_says_that_the_heap_is_fenced),
	KUNIT_CASE(multi_passes_over_who_is_fenced),
	{ }
};

static struct kunit_suite mrig_wait_suite = {
	.name = "memrig_wait",
	.test_cases = mrig_wait_cases,
};

kunit_test_suite(mrig_wait_suite);
