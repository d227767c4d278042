// SPDX-License-Identifier: GPL-2.0-only
/*
 * Eviction policies in the kernel: of each what makes it what it is. The tests of the host go into
 * all that they have in common.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "evict.h"
#include "kunit_mrig.h"

#define FRAMES	32
#define PAGES	256
#define NOWHERE	MRIG_EVICT_NONE

/**
 * struct rig - a window without memory
 * @test: fails when something is wrong
 * @evict: the policy
 * @frames: how many are in use
 * @bits: what a look finds, by frame
 * @looked: by frame: since the page was last used
 * @holds: which page, by frame
 * @where: which frame, by page
 * @misses: touches that brought a page in
 */
struct rig {
	struct kunit *test;
	struct mrig_evict *evict;
	u32 frames;
	unsigned int bits[FRAMES];
	bool looked[FRAMES];
	u32 holds[FRAMES];
	u32 where[PAGES];
	u32 misses;
};

static unsigned int rig_look(void *window, uint32_t frame)
{
	struct rig *rig = window;
	unsigned int found = rig->bits[frame];

	rig->bits[frame] &= ~MRIG_EVICT_ACCESSED;
	rig->looked[frame] = true;
	return found;
}

static struct rig *rig_new(struct kunit *test, const char *policy, u32 frames)
{
	const struct mrig_evict_ops *ops = mrig_evict_find(policy);
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct mrig_evict_params params = {
		.frames = frames,
		.seed = 7,
		.look = rig_look,
		.window = rig,
	};
	size_t bytes = mrig_evict_footprint(ops, frames);
	void *mem = kunit_kzalloc(test, bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ops);
	KUNIT_ASSERT_NOT_NULL(test, rig);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	rig->test = test;
	KUNIT_ASSERT_EQ(test, mrig_evict_init(mem, bytes, ops, &params, &rig->evict), 0);
	rig->frames = frames;
	memset(rig->where, 0xff, sizeof(rig->where));
	return rig;
}

/* The page that goes. */
static u32 evict(struct rig *rig, struct mrig_evict_victim *victim)
{
	u32 page;
	int err;

	do {
		err = mrig_evict_select(rig->evict, victim);
	} while (err == -EAGAIN);
	KUNIT_ASSERT_EQ(rig->test, err, 0);
	page = victim->page;
	KUNIT_ASSERT_EQ(rig->test, page, rig->holds[victim->frame]);
	KUNIT_EXPECT_EQ(rig->test,
			mrig_evict_remove(rig->evict, victim->frame, MRIG_EVICT_EVICTED), 0);
	rig->where[page] = NOWHERE;
	return page;
}

static void arrive(struct rig *rig, u32 frame, u32 page, unsigned int bits)
{
	rig->holds[frame] = page;
	rig->where[page] = frame;
	rig->looked[frame] = false;
	rig->bits[frame] = bits;
	KUNIT_EXPECT_EQ(rig->test, mrig_evict_add(rig->evict, frame, page, MRIG_EVICT_FAULT), 0);
}

/* As a program does. Return: the page that had to go, or NOWHERE. */
static u32 touch(struct rig *rig, u32 page)
{
	struct mrig_evict_victim victim;
	u32 frame = rig->where[page], gone = NOWHERE;

	if (frame != NOWHERE) {
		rig->bits[frame] |= MRIG_EVICT_ACCESSED;
		if (rig->looked[frame]) {
			rig->looked[frame] = false;
			mrig_evict_accessed(rig->evict, frame);
		}
		return NOWHERE;
	}
	frame = mrig_evict_count(rig->evict);
	if (frame == rig->frames) {
		gone = evict(rig, &victim);
		frame = victim.frame;
	}
	rig->misses++;
	arrive(rig, frame, page, MRIG_EVICT_ACCESSED);
	return gone;
}

static void touch_all(struct rig *rig, u32 first, u32 count)
{
	u32 page;

	for (page = first; page < first + count; page++)
		touch(rig, page);
}

/* Frames 0 and on with pages of the same numbers. */
static void list_all(struct rig *rig, const unsigned int *bits)
{
	u32 frame;

	for (frame = 0; frame < rig->frames; frame++)
		arrive(rig, frame, frame, bits[frame]);
}

static u32 misses_of(struct kunit *test, const char *policy, u32 pages, u32 rounds)
{
	struct rig *rig = rig_new(test, policy, FRAMES);

	while (rounds--)
		touch_all(rig, 0, pages);
	return rig->misses;
}

#define USED	MRIG_EVICT_ACCESSED
#define CHANGED	MRIG_EVICT_DIRTY

/* Idle before used, clean before changed; and the dirty bit is that of the page that goes. */
static void nru_ranks(struct kunit *test)
{
	static const unsigned int bits[] = { USED | CHANGED, CHANGED, USED, 0 };
	static const u32 order[] = { 3, 1, 2, 0 };
	static const bool dirty[] = { false, true, false, true };
	struct rig *rig = rig_new(test, "nru", ARRAY_SIZE(bits));
	struct mrig_evict_victim victim;
	int i;

	list_all(rig, bits);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		KUNIT_EXPECT_EQ(test, evict(rig, &victim), order[i]);
		KUNIT_EXPECT_EQ(test, victim.dirty, dirty[i]);
	}
	KUNIT_EXPECT_EQ(test, mrig_evict_select(rig->evict, &victim), -ENOENT);
}

/* A scan begins behind the last victim, and is over at the first page that is idle and clean. */
static void nru_scan(struct kunit *test)
{
	static const unsigned int bits[] = { 0, 0, USED, 0 };
	struct rig *rig = rig_new(test, "nru", ARRAY_SIZE(bits));
	struct mrig_evict_victim victim;
	struct mrig_evict_stats stats;

	list_all(rig, bits);
	KUNIT_EXPECT_EQ(test, evict(rig, &victim), 0);
	arrive(rig, 0, 10, 0);
	KUNIT_EXPECT_EQ(test, evict(rig, &victim), 1);
	KUNIT_EXPECT_EQ(test, evict(rig, &victim), 3);
	KUNIT_EXPECT_EQ(test, evict(rig, &victim), 10);
	mrig_evict_stats(rig->evict, &stats);
	KUNIT_EXPECT_EQ(test, stats.looks, 1 + 1 + 2 + 1);
}

/* A use counts until the next tick, however often it is looked at. */
static void nru_tick(struct kunit *test)
{
	static const unsigned int bits[] = { USED, CHANGED, CHANGED, CHANGED };
	struct rig *rig = rig_new(test, "nru", ARRAY_SIZE(bits));
	struct mrig_evict_victim victim;

	list_all(rig, bits);
	KUNIT_EXPECT_EQ(test, evict(rig, &victim), 1);
	KUNIT_EXPECT_EQ(test, evict(rig, &victim), 2);
	KUNIT_EXPECT_EQ(test, mrig_evict_tick(rig->evict, 3), 1);
	KUNIT_EXPECT_EQ(test, mrig_evict_tick(rig->evict, 3), 0);
	KUNIT_EXPECT_EQ(test, evict(rig, &victim), 0);
}

/* One page is watched: the oldest, from when it became that. Its use moves it to the other end. */
static void lru_queue(struct kunit *test)
{
	struct rig *rig = rig_new(test, "lru", 4);

	touch_all(rig, 0, 4);
	KUNIT_EXPECT_FALSE(test, rig->looked[1]);
	KUNIT_EXPECT_EQ(test, touch(rig, 4), 0);
	KUNIT_EXPECT_TRUE(test, rig->looked[rig->where[1]]);
	KUNIT_EXPECT_FALSE(test, rig->looked[rig->where[2]]);
	touch(rig, 1);
	/* Nobody has seen this. */
	touch(rig, 3);
	KUNIT_EXPECT_EQ(test, touch(rig, 5), 2);
	KUNIT_EXPECT_EQ(test, touch(rig, 6), 3);
	KUNIT_EXPECT_EQ(test, touch(rig, 7), 4);
	KUNIT_EXPECT_EQ(test, touch(rig, 8), 1);
}

static void fifo_order(struct kunit *test)
{
	struct rig *rig = rig_new(test, "fifo", 4);
	struct mrig_evict_stats stats;
	u32 page;

	touch_all(rig, 0, 4);
	for (page = 4; page < 20; page++) {
		touch(rig, page - 4);
		KUNIT_EXPECT_EQ(test, touch(rig, page), page - 4);
	}
	mrig_evict_stats(rig->evict, &stats);
	KUNIT_EXPECT_LE(test, stats.most, 1);
}

/* The same lots for the same seed, and each frame has one. */
static void random_lots(struct kunit *test)
{
	struct rig *one = rig_new(test, "random", 8), *other = rig_new(test, "random", 8);
	unsigned long drawn = 0;
	u32 page, gone;

	touch_all(one, 0, 8);
	touch_all(other, 0, 8);
	for (page = 8; page < PAGES; page++) {
		gone = touch(one, page);
		KUNIT_EXPECT_EQ(test, touch(other, page), gone);
		drawn |= BIT(one->where[page]);
	}
	KUNIT_EXPECT_EQ(test, drawn, GENMASK(7, 0));
}

/* Who was used since the hand came by stays, once. */
static void clock_chance(struct kunit *test)
{
	struct rig *rig = rig_new(test, "clock", 4);

	touch_all(rig, 0, 4);
	KUNIT_EXPECT_EQ(test, touch(rig, 4), 0);
	touch(rig, 1);
	KUNIT_EXPECT_EQ(test, touch(rig, 5), 2);
	KUNIT_EXPECT_EQ(test, touch(rig, 6), 3);
	KUNIT_EXPECT_NE(test, rig->where[1], NOWHERE);
}

/* Who was used keeps its place, behind the hand: what comes later goes before it. */
static void sieve_hand(struct kunit *test)
{
	struct rig *rig = rig_new(test, "sieve", 4);
	u32 page;

	touch_all(rig, 0, 4);
	touch(rig, 0);
	KUNIT_EXPECT_EQ(test, touch(rig, 4), 1);
	KUNIT_EXPECT_EQ(test, touch(rig, 5), 2);
	KUNIT_EXPECT_EQ(test, touch(rig, 6), 3);
	for (page = 7; page < 9; page++)
		KUNIT_EXPECT_EQ(test, touch(rig, page), page - 3);
	KUNIT_EXPECT_NE(test, rig->where[0], NOWHERE);
}

/* Pages that are used again survive any number of such that are not. */
static void scan_of(struct kunit *test, const char *policy, bool survive)
{
	struct rig *rig = rig_new(test, policy, FRAMES);
	u32 page, round, left = 0;

	for (round = 0; round < 4; round++)
		touch_all(rig, 0, FRAMES / 4);
	touch_all(rig, FRAMES / 4, 4);
	for (round = 0; round < 4; round++)
		touch_all(rig, 0, FRAMES / 4);
	touch_all(rig, FRAMES, PAGES - FRAMES);
	for (page = 0; page < FRAMES / 4; page++)
		left += rig->where[page] != NOWHERE;
	KUNIT_EXPECT_EQ_MSG(test, left, survive ? FRAMES / 4 : 0, "%s", policy);
}

static void s3fifo_scan(struct kunit *test)
{
	scan_of(test, "s3fifo", true);
	scan_of(test, "fifo", false);
}

/* A page that comes back soon after it has gone is not one of those that go at once. */
static void s3fifo_ghost(struct kunit *test)
{
	struct rig *rig = rig_new(test, "s3fifo", FRAMES);

	touch_all(rig, 0, FRAMES + 4);
	KUNIT_ASSERT_EQ(test, rig->where[0], NOWHERE);
	touch(rig, 0);
	touch_all(rig, FRAMES + 4, FRAMES);
	KUNIT_EXPECT_NE(test, rig->where[0], NOWHERE);
	KUNIT_EXPECT_EQ(test, rig->where[FRAMES + 3], NOWHERE);
}

/* Where others throw out just what comes next, most stay; and a fault costs so much at most. */
static void adaptive_loop(struct kunit *test)
{
	u32 touches = 200 * (FRAMES + FRAMES / 4);
	struct rig *rig = rig_new(test, "adaptive", FRAMES);
	struct mrig_evict_stats stats;
	u32 page, round;

	KUNIT_EXPECT_EQ(test, misses_of(test, "fifo", FRAMES + FRAMES / 4, 200), touches);
	KUNIT_EXPECT_LT(test, misses_of(test, "adaptive", FRAMES + FRAMES / 4, 200), touches / 2);
	for (round = 0; round < 100; round++)
		for (page = 0; page < PAGES; page++)
			touch(rig, page * page % (PAGES - 1));
	mrig_evict_stats(rig->evict, &stats);
	KUNIT_EXPECT_LE(test, stats.most, 8);
	KUNIT_EXPECT_GT(test, stats.selects, 100);
}

/* What is busy does not go; if all is, that is said in the end. */
static void busy(struct kunit *test)
{
	const struct mrig_evict_ops *const *ops;
	struct mrig_evict_victim victim;
	struct rig *rig;
	u32 frame;
	int err;

	for (ops = mrig_evict_policies; *ops; ops++) {
		rig = rig_new(test, (*ops)->name, 8);
		touch_all(rig, 0, 8);
		for (frame = 0; frame < 8; frame++)
			rig->bits[frame] = frame == 5 ? 0 : MRIG_EVICT_BUSY;
		KUNIT_EXPECT_EQ_MSG(test, evict(rig, &victim), 5, "%s", (*ops)->name);
		do {
			err = mrig_evict_select(rig->evict, &victim);
		} while (err == -EAGAIN);
		KUNIT_EXPECT_EQ_MSG(test, err, -EBUSY, "%s", (*ops)->name);
	}
}

/* Handing over keeps the order, loses nobody, and is done in steps. */
static void handing_over(struct kunit *test)
{
	struct rig *rig = rig_new(test, "fifo", 8), *to = rig_new(test, "lru", 8);
	struct mrig_evict *before = rig->evict;
	struct mrig_evict_victim victim;
	u32 page;

	touch_all(rig, 0, 8);
	KUNIT_EXPECT_EQ(test, mrig_evict_move(to->evict, before, 5), -EAGAIN);
	KUNIT_EXPECT_EQ(test, mrig_evict_count(before), 3);
	KUNIT_EXPECT_EQ(test, mrig_evict_move(to->evict, before, 5), 0);
	KUNIT_EXPECT_EQ(test, mrig_evict_count(to->evict), 8);
	rig->evict = to->evict;
	memcpy(to->bits, rig->bits, sizeof(to->bits));
	for (page = 0; page < 8; page++)
		KUNIT_EXPECT_EQ(test, evict(rig, &victim), page);
}

static struct kunit_case mrig_evict_cases[] = {
	KUNIT_CASE(nru_ranks),
	KUNIT_CASE(nru_scan),
	KUNIT_CASE(nru_tick),
	KUNIT_CASE(lru_queue),
	KUNIT_CASE(fifo_order),
	KUNIT_CASE(random_lots),
	KUNIT_CASE(clock_chance),
	KUNIT_CASE(sieve_hand),
	KUNIT_CASE(s3fifo_scan),
	KUNIT_CASE(s3fifo_ghost),
	KUNIT_CASE(adaptive_loop),
	KUNIT_CASE(busy),
	KUNIT_CASE(handing_over),
	{ }
};

static struct kunit_suite mrig_evict_suite = {
	.name = "memrig_evict",
	.test_cases = mrig_evict_cases,
};

kunit_test_suite(mrig_evict_suite);
