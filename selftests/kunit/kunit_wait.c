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

static int add(struct mrig_multi_file *file, const struct rig *rig, u64 *attrs, u32 *number)
{
	u64 serial;

	return mrig_multi_add(file, rig->client->heap, attrs, number, &serial);
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
	KUNIT_ASSERT_EQ(test, add(file, &first, &attrs, &number), 0);
	attrs = 0;
	KUNIT_ASSERT_EQ(test, add(file, &second, &attrs, &number), 0);
	KUNIT_EXPECT_EQ(test, number, 1);
	rig_corrupt(test, &first);
	KUNIT_ASSERT_EQ(test, mrig_multi_alloc_begin(file, &request, NULL, &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.member->id, 1);
	mrig_multi_settle(file->multi, &taken, true);
	KUNIT_EXPECT_EQ(test, mrig_multi_remove(file, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, mrig_multi_free(file, 1, taken.grant.offset), 0);

	/* A file that has not used it cannot become a client of it. */
	late = mrig_multi_attach(file->multi);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, late);
	KUNIT_EXPECT_EQ(test, PTR_ERR(mrig_multi_client(late, 0)), -EIO);
	KUNIT_ASSERT_EQ(test, mrig_multi_alloc_begin(late, &request, NULL, &taken), 0);
	mrig_multi_settle(late->multi, &taken, false);
	KUNIT_EXPECT_EQ(test, mrig_multi_remove(file, 1), 0);
	KUNIT_EXPECT_EQ(test, mrig_multi_alloc_begin(file, &request, NULL, &taken), -EIO);
	KUNIT_EXPECT_EQ(test, mrig_multi_alloc_begin(late, &request, NULL, &taken), -EIO);
	KUNIT_EXPECT_EQ(test, mrig_multi_remove(file, 0), 0);
	KUNIT_EXPECT_EQ(test, add(file, &first, &attrs, &number), -EINVAL);
	attrs = 0;
	KUNIT_EXPECT_EQ(test, add(file, &first, &attrs, &number), -EIO);
	mrig_multi_release(late);
	mrig_multi_release(file);
	rig_close(&first);
	rig_close(&second);
}

/* Two members with a waiter in the queue of each. */
struct crowd {
	struct mrig_multi_file *file;
	struct rig rig[2];
	struct completion done;
	struct mrig_taken taken;
	int err;
};

static int crowd_run(void *arg)
{
	const struct mrig_request request = { .bytes = LENGTH / 2 };
	struct crowd *crowd = arg;
	u64 forever = U64_MAX;

	crowd->err = mrig_multi_alloc_begin(crowd->file, &request, &forever, &crowd->taken);
	complete(&crowd->done);
	return 0;
}

static void crowd_open(struct kunit *test, struct crowd *crowd)
{
	unsigned long end = jiffies + PATIENCE;
	u64 attrs = 0;
	u32 number, i;

	crowd->file = mrig_multi_create();
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, crowd->file);
	for (i = 0; i < 2; i++, attrs = 0) {
		rig_open(test, &crowd->rig[i]);
		KUNIT_ASSERT_EQ(test, add(crowd->file, &crowd->rig[i], &attrs, &number), 0);
	}
	init_completion(&crowd->done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(crowd_run, crowd, "memrig-waiter"));
	while (!has_waiter(crowd->rig[1].client->heap) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	KUNIT_EXPECT_TRUE(test, has_waiter(crowd->rig[0].client->heap));
	KUNIT_EXPECT_TRUE(test, has_waiter(crowd->rig[1].client->heap));
}

static void crowd_close(struct crowd *crowd)
{
	mrig_multi_release(crowd->file);
	rig_close(&crowd->rig[0]);
	rig_close(&crowd->rig[1]);
}

static void multi_waits_on_when_one_is_fenced(struct kunit *test)
{
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	crowd_open(test, crowd);
	rig_corrupt(test, &crowd->rig[0]);
	KUNIT_EXPECT_FALSE(test, has_waiter(crowd->rig[0].client->heap));
	KUNIT_EXPECT_TRUE(test, has_waiter(crowd->rig[1].client->heap));
	KUNIT_EXPECT_FALSE(test, completion_done(&crowd->done));
	KUNIT_EXPECT_EQ(test, mrig_multi_remove(crowd->file, 0), -EBUSY);
	KUNIT_EXPECT_EQ(test, mrig_block_free(crowd->rig[1].client, crowd->rig[1].block), 0);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&crowd->done, PATIENCE), 0);
	KUNIT_ASSERT_EQ(test, crowd->err, 0);
	KUNIT_EXPECT_EQ(test, crowd->taken.member->id, 1);
	mrig_multi_settle(crowd->file->multi, &crowd->taken, false);
	KUNIT_EXPECT_EQ(test, mrig_client_blocks(crowd->rig[1].client), 0);
	KUNIT_EXPECT_EQ(test, mrig_multi_remove(crowd->file, 0), 0);
	crowd_close(crowd);
}

static void multi_wait_ends_when_all_are_fenced(struct kunit *test)
{
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	crowd_open(test, crowd);
	KUNIT_EXPECT_EQ(test, (__force u32)mrig_multi_poll(crowd->file),
			(__force u32)(EPOLLIN | EPOLLRDNORM));
	rig_corrupt(test, &crowd->rig[1]);
	rig_corrupt(test, &crowd->rig[0]);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&crowd->done, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, crowd->err, -EIO);
	KUNIT_EXPECT_EQ(test, (__force u32)mrig_multi_poll(crowd->file), (__force u32)EPOLLERR);
	crowd_close(crowd);
}

/* To take back what was added must not hit who has the number now. */
static void undo_knows_who_was_added(struct kunit *test)
{
	struct mrig_multi_file *file = mrig_multi_create();
	struct rig first, second;
	u64 attrs = 0, serial;
	u32 number;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	rig_open(test, &first);
	rig_open(test, &second);
	KUNIT_ASSERT_EQ(test, mrig_multi_add(file, first.client->heap, &attrs, &number, &serial),
			0);
	KUNIT_ASSERT_EQ(test, mrig_multi_remove(file, number), 0);
	attrs = 0;
	KUNIT_ASSERT_EQ(test, add(file, &second, &attrs, &number), 0);
	KUNIT_EXPECT_EQ(test, number, 0);
	mrig_multi_undo_add(file, 0, serial);
	KUNIT_EXPECT_EQ(test, file->multi->nmembers, 1);
	attrs = 0;
	KUNIT_ASSERT_EQ(test, mrig_multi_add(file, first.client->heap, &attrs, &number, &serial),
			0);
	mrig_multi_undo_add(file, number, serial);
	KUNIT_EXPECT_EQ(test, file->multi->nmembers, 1);
	mrig_multi_release(file);
	rig_close(&first);
	rig_close(&second);
}

static struct kunit_case mrig_wait_cases[] = {
	KUNIT_CASE(wait_ends_when_the_heap_is_fenced),
	KUNIT_CASE(poll_says_that_the_heap_is_fenced),
	KUNIT_CASE(multi_passes_over_who_is_fenced),
	KUNIT_CASE(multi_waits_on_when_one_is_fenced),
	KUNIT_CASE(multi_wait_ends_when_all_are_fenced),
	KUNIT_CASE(undo_knows_who_was_added),
	{ }
};

static struct kunit_suite mrig_wait_suite = {
	.name = "memrig_wait",
	.test_cases = mrig_wait_cases,
};

kunit_test_suite(mrig_wait_suite);
