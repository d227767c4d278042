// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The other policies, by sequences written by hand, and the table of ghosts. */
#include "evict_ghost.h"
#include "window.h"

#define A MRIG_EVICT_ACCESSED
#define D MRIG_EVICT_DIRTY

static struct window w;

static void fifo(void **state)
{
	uint32_t i;

	window_open(&w, "fifo", 4, 0);
	window_fill(&w, 4);
	for (i = 0; i < 8; i++)
		assert_int_equal(window_replace(&w, 200 + i), i % 4);
	assert_int_equal(w.nr_seen, 8);
	window_close(&w);
}

/* Each frame in turn is as likely as any other, and a seed repeats itself. */
static void lots(void **state)
{
	uint32_t hits[8] = { 0 }, first[8], i;

	window_open(&w, "random", 8, 0);
	window_fill(&w, 8);
	for (i = 0; i < 8000; i++) {
		uint32_t frame = window_replace(&w, 200 + i);

		hits[frame]++;
		if (i < 8)
			first[i] = frame;
	}
	for (i = 0; i < 8; i++)
		assert_in_range(hits[i], 850, 1150);
	window_close(&w);
	window_open(&w, "random", 8, 0);
	window_fill(&w, 8);
	for (i = 0; i < 8; i++)
		assert_int_equal(window_replace(&w, 200 + i), first[i]);
	window_close(&w);
}

/* The hand stays where it is, pages do not move, and the newest page's own fault does not count. */
static void sieve(void **state)
{
	window_open(&w, "sieve", 4, 0);
	window_fill(&w, 4);
	w.bits[0] = A;
	w.bits[2] = A;
	assert_int_equal(window_replace(&w, 200), 1); /* over 0, past which the hand now is */
	assert_int_equal(window_replace(&w, 201), 3); /* over 2; 3's fault was forgotten */
	w.bits[1] = 0;
	assert_int_equal(window_replace(&w, 202), 1); /* page 200, new and unused */
	window_close(&w);
}

static void s3fifo(void **state)
{
	uint32_t i;

	window_open(&w, "s3fifo", 20, 0);
	window_fill(&w, 20);
	w.bits[19] = 0;
	w.bits[0] = A; /* goes on to the main queue */
	assert_int_equal(window_replace(&w, 200), 1);
	assert_int_equal(window_replace(&w, 201), 2);
	assert_int_equal(window_replace(&w, 101), 3); /* a ghost: to the main queue */
	for (i = 4; i < 20; i++)
		window_replace(&w, 300 + i);
	assert_true(mrig_evict_listed(w.e, 0, NULL));
	window_close(&w);
}

/* Uses frame @frame whenever page @page is in it; else faults. */
static uint32_t where[4096];

static bool play(uint32_t page, uint32_t frames, uint32_t *used)
{
	uint32_t frame = where[page];
	struct mrig_evict_victim victim;

	if (frame != MRIG_EVICT_NONE) {
		w.bits[frame] |= A;
		return true;
	}
	if (*used < frames) {
		frame = (*used)++;
	} else {
		assert_int_equal(mrig_evict_select(w.e, &victim), 0);
		frame = victim.frame;
		where[victim.page] = MRIG_EVICT_NONE;
		assert_int_equal(mrig_evict_remove(w.e, frame, MRIG_EVICT_EVICTED), 0);
	}
	window_fault(&w, frame, page);
	where[page] = frame;
	return false;
}

static uint32_t misses_of_loop(const char *policy, uint32_t length, uint32_t rounds)
{
	uint32_t misses = 0, used = 0, i;

	memset(where, 0xff, sizeof(where));
	window_open(&w, policy, WINDOW_FRAMES, 0);
	for (i = 0; i < length * rounds; i++)
		misses += !play(i % length, WINDOW_FRAMES, &used);
	window_close(&w);
	return misses;
}

/* A loop larger than memory: who evicts in order misses always, the default keeps most of it. */
static void loop(void **state)
{
	uint32_t length = WINDOW_FRAMES + WINDOW_FRAMES / 4;

	assert_int_equal(misses_of_loop("fifo", length, 50), length * 50);
	assert_int_equal(misses_of_loop("clock", length, 50), length * 50);
	assert_true(misses_of_loop("adaptive", length, 50) < length * 50 * 2 / 5);
	assert_true(misses_of_loop("adaptive", 2 * WINDOW_FRAMES, 50) <
		    2 * WINDOW_FRAMES * 50 * 7 / 10);
}

/* A scan goes by without taking the pages in use along. */
static void scan(void **state)
{
	uint32_t used = 0, i, k, misses = 0;

	memset(where, 0xff, sizeof(where));
	window_open(&w, "adaptive", WINDOW_FRAMES, 0);
	for (i = 0; i < 200; i++) {
		for (k = 0; k < WINDOW_FRAMES / 2; k++)
			play(k, WINDOW_FRAMES, &used);
		play(100 + i, WINDOW_FRAMES, &used);
	}
	for (i = 0; i < 2000; i++) {
		play(1000 + i, WINDOW_FRAMES, &used);
		if (i % 20 == 0)
			misses += !play(i / 20 % (WINDOW_FRAMES / 2), WINDOW_FRAMES, &used);
	}
	assert_true(misses <= 5);
	window_close(&w);
}

/* Another set of pages takes over: the old one does not stay for ever. */
static void change(void **state)
{
	uint32_t used = 0, i, k, misses = 0;

	memset(where, 0xff, sizeof(where));
	window_open(&w, "adaptive", WINDOW_FRAMES, 0);
	for (i = 0; i < 100; i++) {
		for (k = 0; k < WINDOW_FRAMES - 8; k++)
			play(k, WINDOW_FRAMES, &used);
	}
	for (i = 0; i < 100; i++) {
		for (k = 0; k < WINDOW_FRAMES - 8; k++)
			misses += !play(1000 + k, WINDOW_FRAMES, &used);
	}
	assert_true(misses < 10 * WINDOW_FRAMES);
	window_close(&w);
}

/* Of two pages nobody uses the clean one goes; the dirty one is spared once, not for ever. */
static void clean_first(void **state)
{
	struct mrig_evict_stats stats;
	uint32_t i;

	window_open(&w, "adaptive", 16, 0);
	window_fill(&w, 16);
	for (i = 0; i < 16; i++)
		w.bits[i] = i < 3 ? D : 0;
	assert_int_equal(window_replace(&w, 200), 3);
	for (i = 0; i < 16; i++)
		w.bits[i] = D;
	mrig_evict_stats(w.e, &stats);
	window_replace(&w, 201);
	mrig_evict_stats(w.e, &stats);
	assert_true(stats.most <= 8);
	window_close(&w);
}

static void ghosts(void **state)
{
	struct mrig_ghosts *g = malloc(mrig_ghosts_bytes(64));
	unsigned int kind, found = 0;
	uint32_t age, i;

	mrig_ghosts_init(g, 64);
	assert_false(mrig_ghosts_take(g, 5, &kind, &age));
	mrig_ghosts_put(g, 5, 1);
	mrig_ghosts_put(g, 6, 0);
	mrig_ghosts_put(g, 7, 1);
	assert_true(mrig_ghosts_take(g, 5, &kind, &age));
	assert_int_equal(kind, 1);
	assert_int_equal(age, 2); /* itself and 7: evictions of its own kind */
	assert_false(mrig_ghosts_take(g, 5, &kind, &age));
	/* evicted again, as the other kind: one ghost */
	mrig_ghosts_put(g, 7, 0);
	assert_true(mrig_ghosts_take(g, 7, &kind, &age));
	assert_int_equal(kind, 0);
	assert_false(mrig_ghosts_take(g, 7, &kind, &age));
	/* lives that are over */
	g->life[0] = 10;
	for (i = 0; i < 10; i++)
		mrig_ghosts_put(g, 100 + i, 0);
	assert_false(mrig_ghosts_take(g, 6, &kind, &age));
	for (i = 0; i < 10; i++)
		found += mrig_ghosts_take(g, 100 + i, &kind, &age);
	assert_int_equal(found, 10);
	/* far more than there are places: the young ones are kept */
	g->life[0] = 64;
	for (i = 0; i < 10000; i++)
		mrig_ghosts_put(g, 1000 + i, 0);
	for (i = found = 0; i < 32; i++)
		found += mrig_ghosts_take(g, 1000 + 9999 - i, &kind, &age);
	assert_int_equal(found, 32);
	/* the clock goes round */
	g->clock[1] = 0x7fffffff;
	mrig_ghosts_put(g, 50000, 1);
	mrig_ghosts_put(g, 50001, 1);
	assert_true(mrig_ghosts_take(g, 50000, &kind, &age));
	assert_int_equal(age, 2);
	free(g);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fifo),	  cmocka_unit_test(lots),	 cmocka_unit_test(sieve),
		cmocka_unit_test(s3fifo), cmocka_unit_test(loop),	 cmocka_unit_test(scan),
		cmocka_unit_test(change), cmocka_unit_test(clean_first), cmocka_unit_test(ghosts),
	};

	return cmocka_run_group_tests_name("evict policies", tests, NULL, NULL);
}
