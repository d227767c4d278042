// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* NRU and LRU as Zephyr has them, by sequences written by hand. */
#include "window.h"

#define A MRIG_EVICT_ACCESSED
#define D MRIG_EVICT_DIRTY
#define B MRIG_EVICT_BUSY

static struct window w;

static void tick(void)
{
	while (mrig_evict_tick(w.e, 2))
		;
}

static void set_bits(const unsigned int *bits, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		w.bits[i] = bits[i];
}

static void nru_ranks(void **state)
{
	static const unsigned int ranks[][4] = {
		{ A | D, A, D, 0 },
		{ A | D, A, D, A | D },
		{ A | D, A, A | D, A | D },
		{ A | D, A | D, A | D, A | D },
	};
	static const uint32_t victims[] = { 3, 2, 1, 0 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		window_open(&w, "nru", 4, 0);
		window_fill(&w, 4);
		tick();
		set_bits(ranks[i], 4);
		assert_int_equal(window_choose(&w), victims[i]);
		window_close(&w);
	}
}

/* It begins behind the last victim and stops at the first of rank 0. */
static void nru_order(void **state)
{
	static const unsigned int dirty[] = { D, D, D, D, D };

	window_open(&w, "nru", 5, 0);
	window_fill(&w, 5);
	tick();
	window_forget(&w);
	assert_int_equal(window_replace(&w, 200), 0);
	assert_int_equal(w.nr_seen, 1);
	assert_int_equal(window_replace(&w, 201), 1);
	assert_int_equal(window_replace(&w, 202), 2);
	assert_int_equal(w.nr_seen, 3);
	tick();
	set_bits(dirty, 5);
	window_forget(&w);
	assert_int_equal(window_replace(&w, 203), 3);
	assert_int_equal(w.nr_seen, 5);
	assert_int_equal(w.seen[0], 3);
	assert_int_equal(w.seen[4], 2);
	window_close(&w);
}

/* The victim is dirty, the frame looked at last is clean: it is the victim's bit that counts. */
static void nru_own_dirt(void **state)
{
	static const unsigned int bits[] = { A, D, A };
	struct mrig_evict_victim victim;

	window_open(&w, "nru", 3, 0);
	window_fill(&w, 3);
	tick();
	set_bits(bits, 3);
	assert_int_equal(mrig_evict_select(w.e, &victim), 0);
	assert_int_equal(victim.frame, 1);
	assert_true(victim.dirty);
	assert_int_equal(w.seen[w.nr_seen - 1], 2);
	w.bits[1] = A | D;
	tick();
	w.bits[0] = 0;
	w.bits[1] = A | D;
	w.bits[2] = A | D;
	assert_int_equal(mrig_evict_select(w.e, &victim), 0);
	assert_int_equal(victim.frame, 0);
	assert_false(victim.dirty);
	window_close(&w);
}

/* A choice does not make a page idle, a tick does; one that comes in between clears nothing. */
static void nru_clear(void **state)
{
	window_open(&w, "nru", 3, 0);
	window_fill(&w, 3);
	tick();
	w.bits[0] = A;
	w.bits[1] = A;
	w.bits[2] = A;
	assert_int_equal(window_choose(&w), 0);
	/* the bits were read, and yet all three are in use */
	w.bits[1] = D;
	assert_int_equal(window_choose(&w), 2);
	assert_int_equal(window_choose(&w), 0);
	assert_int_equal(mrig_evict_tick(w.e, 2), 1);
	assert_int_equal(mrig_evict_tick(w.e, 2), 0);
	assert_int_equal(window_choose(&w), 2);
	window_close(&w);
}

static void nru_skips(void **state)
{
	window_open(&w, "nru", 4, 0);
	window_fill(&w, 4);
	tick();
	assert_int_equal(mrig_evict_remove(w.e, 0, MRIG_EVICT_TAKEN), 0);
	w.bits[1] = B;
	window_forget(&w);
	assert_int_equal(window_choose(&w), 2);
	assert_int_equal(w.nr_seen, 2);
	assert_int_equal(w.seen[0], 1);
	window_close(&w);
}

/* In the order in which they came, for nobody sees the uses in between. */
static void lru_is_fifo(void **state)
{
	uint32_t i;

	window_open(&w, "lru", 4, 0);
	window_fill(&w, 4);
	w.bits[0] = A | D;
	for (i = 0; i < 8; i++) {
		w.bits[1] |= A;
		assert_int_equal(window_replace(&w, 200 + i), i % 4);
	}
	window_close(&w);
}

/* When the oldest leaves, the one behind it is looked at, and only that one. */
static void lru_watches_one(void **state)
{
	window_open(&w, "lru", 5, 0);
	window_fill(&w, 5);
	assert_int_equal(w.nr_seen, 0);
	assert_int_equal(window_choose(&w), 0);
	assert_int_equal(w.nr_seen, 1);
	window_forget(&w);
	assert_int_equal(mrig_evict_remove(w.e, 0, MRIG_EVICT_EVICTED), 0);
	assert_int_equal(w.nr_seen, 1);
	assert_int_equal(w.seen[0], 1);
	/* not the oldest: nothing happens */
	assert_int_equal(mrig_evict_remove(w.e, 4, MRIG_EVICT_TAKEN), 0);
	assert_int_equal(w.nr_seen, 1);
	/* its use moves it to the end and 2 is watched */
	mrig_evict_accessed(w.e, 1);
	assert_int_equal(w.nr_seen, 2);
	assert_int_equal(w.seen[1], 2);
	assert_int_equal(window_replace(&w, 200), 2);
	/* 1 is alone when the oldest leaves: it is not watched */
	window_close(&w);
	window_open(&w, "lru", 2, 0);
	window_fill(&w, 2);
	assert_int_equal(mrig_evict_remove(w.e, 0, MRIG_EVICT_EVICTED), 0);
	assert_int_equal(w.nr_seen, 0);
	window_close(&w);
}

static void lru_moves_back(void **state)
{
	window_open(&w, "lru", 3, 0);
	window_fill(&w, 3);
	assert_int_equal(window_replace(&w, 200), 0);
	mrig_evict_accessed(w.e, 1); /* order: 2 0 1 */
	assert_int_equal(window_replace(&w, 201), 2);
	assert_int_equal(window_replace(&w, 202), 0);
	assert_int_equal(window_replace(&w, 203), 1);
	/* unpinned: to the end, as if it were new */
	assert_int_equal(mrig_evict_remove(w.e, 2, MRIG_EVICT_TAKEN), 0);
	assert_int_equal(mrig_evict_add(w.e, 2, 201, MRIG_EVICT_BACK), 0);
	assert_int_equal(window_replace(&w, 204), 0);
	assert_int_equal(window_replace(&w, 205), 1);
	assert_int_equal(window_replace(&w, 206), 2);
	/* what is not listed was not accessed */
	assert_int_equal(mrig_evict_remove(w.e, 0, MRIG_EVICT_TAKEN), 0);
	mrig_evict_accessed(w.e, 0);
	mrig_evict_accessed(w.e, 99);
	assert_int_equal(mrig_evict_count(w.e), 2);
	window_close(&w);
}

/* Zephyr's LRU where accesses cannot trap: second chance, ending when the first comes round. */
static void lru_simulated(void **state)
{
	uint32_t i;

	window_open(&w, "clock", 4, 0);
	window_fill(&w, 4);
	assert_int_equal(window_replace(&w, 200), 0); /* all used: the first comes round again */
	assert_int_equal(w.nr_seen, 5);
	window_forget(&w);
	w.bits[1] = A;
	assert_int_equal(window_replace(&w, 201), 2); /* 1 had its second chance */
	assert_int_equal(w.nr_seen, 2);
	for (i = 0; i < 4; i++)
		w.bits[i] = 0;
	assert_int_equal(window_replace(&w, 202), 3);
	assert_int_equal(window_replace(&w, 203), 0);
	assert_int_equal(window_replace(&w, 204), 1);
	window_close(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nru_ranks),	   cmocka_unit_test(nru_order),
		cmocka_unit_test(nru_own_dirt),	   cmocka_unit_test(nru_clear),
		cmocka_unit_test(nru_skips),	   cmocka_unit_test(lru_is_fifo),
		cmocka_unit_test(lru_watches_one), cmocka_unit_test(lru_moves_back),
		cmocka_unit_test(lru_simulated),
	};

	return cmocka_run_group_tests_name("evict zephyr", tests, NULL, NULL);
}
