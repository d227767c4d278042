// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What all policies have in common: bad input, the table, counts, moves from one to another. */
#include "window.h"

static struct window w;

static void table(void **state)
{
	const struct mrig_evict_ops *const *at, *const *other;

	assert_ptr_equal(mrig_evict_policies[0], mrig_evict_find("adaptive"));
	for (at = mrig_evict_policies; *at; at++) {
		assert_ptr_equal(mrig_evict_find((*at)->name), *at);
		assert_non_null((*at)->text);
		for (other = mrig_evict_policies; other != at; other++)
			assert_string_not_equal((*at)->name, (*other)->name);
		assert_int_equal(mrig_evict_footprint(*at, 0), 0);
		assert_int_equal(mrig_evict_footprint(*at, MRIG_EVICT_FRAMES_MAX + 1), 0);
		/* what a frame costs: links, page, mark, ghosts */
		assert_true(mrig_evict_footprint(*at, 1000000) <= 29 * 1000000 + 1024);
		assert_true(mrig_evict_footprint(*at, MRIG_EVICT_FRAMES_MAX) >
			    13ULL * MRIG_EVICT_FRAMES_MAX);
	}
	assert_null(mrig_evict_find("lr"));
	assert_null(mrig_evict_find("lrux"));
	assert_null(mrig_evict_find(""));
	assert_null(mrig_evict_find(NULL));
	assert_int_equal(mrig_evict_footprint(NULL, 1), 0);
}

static void bad_init(void **state)
{
	const struct mrig_evict_ops *ops = mrig_evict_find("adaptive");
	struct mrig_evict_params good = { .frames = 4, .look = window_look, .window = &w }, bad;
	static uint64_t memory[256];
	size_t need = mrig_evict_footprint(ops, 4);
	struct mrig_evict *e = NULL;

	assert_in_range(need, 1, sizeof(memory));
	assert_int_equal(mrig_evict_init(NULL, need, ops, &good, &e), -EINVAL);
	assert_int_equal(mrig_evict_init((char *)memory + 4, need, ops, &good, &e), -EINVAL);
	assert_int_equal(mrig_evict_init(memory, need, NULL, &good, &e), -EINVAL);
	assert_int_equal(mrig_evict_init(memory, need, ops, NULL, &e), -EINVAL);
	assert_int_equal(mrig_evict_init(memory, need, ops, &good, NULL), -EINVAL);
	assert_int_equal(mrig_evict_init(memory, need - 1, ops, &good, &e), -ENOSPC);
	bad = good;
	bad.frames = 0;
	assert_int_equal(mrig_evict_init(memory, sizeof(memory), ops, &bad, &e), -EINVAL);
	bad.frames = MRIG_EVICT_FRAMES_MAX + 1;
	assert_int_equal(mrig_evict_init(memory, sizeof(memory), ops, &bad, &e), -EINVAL);
	bad = good;
	bad.look = NULL;
	assert_int_equal(mrig_evict_init(memory, need, ops, &bad, &e), -EINVAL);
	assert_null(e);
	assert_int_equal(mrig_evict_init(memory, need, ops, &good, &e), 0);
	assert_ptr_equal(mrig_evict_policy(e), ops);
}

static void bad_calls(void **state)
{
	struct mrig_evict_victim victim;
	struct mrig_evict_stats stats;
	uint32_t page;

	window_open(&w, "fifo", 4, 0);
	assert_int_equal(mrig_evict_add(NULL, 0, 1, MRIG_EVICT_FAULT), -EINVAL);
	assert_int_equal(mrig_evict_add(w.e, 4, 1, MRIG_EVICT_FAULT), -EINVAL);
	assert_int_equal(mrig_evict_add(w.e, 0, MRIG_EVICT_NONE, MRIG_EVICT_FAULT), -EINVAL);
	assert_int_equal(mrig_evict_remove(NULL, 0, MRIG_EVICT_TAKEN), -EINVAL);
	assert_int_equal(mrig_evict_remove(w.e, 4, MRIG_EVICT_TAKEN), -EINVAL);
	assert_int_equal(mrig_evict_remove(w.e, 0, MRIG_EVICT_TAKEN), -ENOENT);
	assert_int_equal(mrig_evict_select(NULL, &victim), -EINVAL);
	assert_int_equal(mrig_evict_select(w.e, NULL), -EINVAL);
	assert_int_equal(mrig_evict_select(w.e, &victim), -ENOENT);
	assert_int_equal(mrig_evict_add(w.e, 0, 1, MRIG_EVICT_FAULT), 0);
	assert_int_equal(mrig_evict_add(w.e, 0, 2, MRIG_EVICT_FAULT), -EEXIST);
	assert_true(mrig_evict_listed(w.e, 0, &page));
	assert_int_equal(page, 1);
	assert_false(mrig_evict_listed(w.e, 1, &page));
	assert_false(mrig_evict_listed(w.e, 4, NULL));
	assert_false(mrig_evict_listed(NULL, 0, NULL));
	assert_int_equal(mrig_evict_count(w.e), 1);
	assert_int_equal(mrig_evict_count(NULL), 0);
	assert_null(mrig_evict_policy(NULL));
	assert_int_equal(mrig_evict_tick(NULL, 1), 0);
	assert_int_equal(mrig_evict_tick(w.e, 1), 0); /* fifo has none */
	mrig_evict_accessed(NULL, 0);
	mrig_evict_accessed(w.e, 0);
	memset(&stats, 0xff, sizeof(stats));
	mrig_evict_stats(NULL, &stats);
	mrig_evict_stats(w.e, NULL);
	assert_int_equal(stats.selects, UINT64_MAX);
	mrig_evict_stats(w.e, &stats);
	assert_int_equal(stats.selects, 0);
	window_close(&w);
}

static void bad_moves(void **state)
{
	struct window other;

	window_open(&w, "fifo", 4, 0);
	window_open(&other, "fifo", 5, 0);
	assert_int_equal(mrig_evict_move(NULL, w.e, 1), -EINVAL);
	assert_int_equal(mrig_evict_move(w.e, NULL, 1), -EINVAL);
	assert_int_equal(mrig_evict_move(w.e, w.e, 1), -EINVAL);
	assert_int_equal(mrig_evict_move(other.e, w.e, 1), -EINVAL);
	window_close(&other);
	window_close(&w);
}

/* A choice is bounded when all is busy, says so after a while, and finds the one that is not. */
static void all_busy(void **state)
{
	const struct mrig_evict_ops *const *at;
	struct mrig_evict_victim victim;
	struct mrig_evict_stats stats;
	unsigned int calls, i;
	int err;

	for (at = mrig_evict_policies; *at; at++) {
		window_open(&w, (*at)->name, WINDOW_FRAMES, 4);
		window_fill(&w, WINDOW_FRAMES);
		for (i = 0; i < WINDOW_FRAMES; i++)
			w.bits[i] = MRIG_EVICT_BUSY;
		for (calls = 0; (err = mrig_evict_select(w.e, &victim)) == -EAGAIN; calls++)
			assert_in_range(calls, 0, 4 * WINDOW_FRAMES + 64);
		assert_int_equal(err, -EBUSY);
		mrig_evict_stats(w.e, &stats);
		assert_true(stats.most <= 4);
		assert_int_equal(stats.failed, calls + 1);
		assert_int_equal(stats.selects, 0);
		/* not by chance: every frame gets its turn, wherever the search stands */
		for (i = 0; i < WINDOW_FRAMES; i += 7) {
			w.bits[i] = 0;
			while ((err = mrig_evict_select(w.e, &victim)) == -EAGAIN)
				;
			assert_int_equal(err, 0);
			assert_int_equal(victim.frame, i);
			w.bits[i] = MRIG_EVICT_BUSY;
		}
		window_close(&w);
	}
}

/* Looks are counted where they are made. */
static void counts(void **state)
{
	struct mrig_evict_stats stats;

	window_open(&w, "sieve", 3, 0);
	window_fill(&w, 3);			      /* settles the page before: 2 looks */
	assert_int_equal(window_replace(&w, 200), 0); /* one each for choice and arrival */
	mrig_evict_stats(w.e, &stats);
	assert_int_equal(stats.selects, 1);
	assert_int_equal(stats.looks, 4);
	assert_int_equal(stats.most, 2);
	assert_int_equal(w.nr_seen, 4);
	window_close(&w);
	window_open(&w, "nru", 3, 0);
	window_fill(&w, 3);
	assert_int_equal(mrig_evict_tick(w.e, 3), 0);
	mrig_evict_stats(w.e, &stats);
	assert_int_equal(stats.ticks, 3);
	assert_int_equal(stats.looks, 0);
	window_close(&w);
}

/* In the order of eviction, in steps, while the window goes on. */
static void move_in_order(void **state)
{
	struct window next;
	uint32_t i;

	window_open(&w, "clock", 8, 0);
	window_open(&next, "fifo", 8, 0);
	for (i = 0; i < 6; i++)
		window_fault(&w, 5 - i, 100 + i);
	assert_int_equal(mrig_evict_move(next.e, w.e, 2), -EAGAIN);
	assert_int_equal(mrig_evict_count(w.e), 4);
	assert_true(mrig_evict_listed(next.e, 5, NULL));
	assert_true(mrig_evict_listed(next.e, 4, NULL));
	assert_int_equal(mrig_evict_add(next.e, 7, 300, MRIG_EVICT_FAULT), 0);
	assert_int_equal(mrig_evict_remove(w.e, 2, MRIG_EVICT_TAKEN), 0);
	assert_int_equal(mrig_evict_move(next.e, w.e, 3), 0);
	assert_int_equal(mrig_evict_move(next.e, w.e, 3), 0);
	assert_int_equal(window_replace(&next, 200), 5);
	assert_int_equal(window_replace(&next, 201), 4);
	assert_int_equal(window_replace(&next, 202), 7);
	assert_int_equal(window_replace(&next, 203), 3);
	assert_int_equal(window_replace(&next, 204), 1);
	window_close(&next);
	window_close(&w);
}

/* From every policy to every one; those without an order are gone through by number. */
static void move_all(void **state)
{
	const struct mrig_evict_ops *const *from, *const *to;
	struct window next;
	uint32_t i, page;
	int steps;

	for (from = mrig_evict_policies; *from; from++) {
		for (to = mrig_evict_policies; *to; to++) {
			window_open(&w, (*from)->name, 16, 0);
			window_open(&next, (*to)->name, 16, 0);
			window_fill(&w, 16);
			mrig_evict_remove(w.e, 3, MRIG_EVICT_TAKEN);
			for (steps = 0; mrig_evict_move(next.e, w.e, 1) == -EAGAIN; steps++)
				assert_in_range(steps, 0, 16);
			assert_int_equal(mrig_evict_count(next.e), 15);
			for (i = 0; i < 16; i++) {
				assert_int_equal(mrig_evict_listed(next.e, i, &page), i != 3);
				if (i != 3)
					assert_int_equal(page, 100 + i);
			}
			window_close(&next);
			window_close(&w);
		}
	}
}

/* Each listed frame once, whatever the policy, and by number where it has no order. */
static void next_all(void **state)
{
	const struct mrig_evict_ops *const *at;
	uint64_t seen;
	uint32_t frame, last, n;

	assert_int_equal(mrig_evict_next(NULL, MRIG_EVICT_NONE), MRIG_EVICT_NONE);
	assert_false(mrig_evict_ordered(NULL));
	for (at = mrig_evict_policies; *at; at++) {
		window_open(&w, (*at)->name, WINDOW_FRAMES, 0);
		assert_false(mrig_evict_ordered(w.e));
		assert_int_equal(mrig_evict_next(w.e, MRIG_EVICT_NONE), MRIG_EVICT_NONE);
		window_fill(&w, WINDOW_FRAMES);
		window_replace(&w, 1000);
		mrig_evict_remove(w.e, 9, MRIG_EVICT_TAKEN);
		seen = 0;
		last = 0;
		n = 0;
		for (frame = mrig_evict_next(w.e, MRIG_EVICT_NONE); frame != MRIG_EVICT_NONE;
		     frame = mrig_evict_next(w.e, frame)) {
			assert_in_range(frame, 0, WINDOW_FRAMES - 1);
			assert_int_equal(seen >> frame & 1, 0);
			seen |= 1ULL << frame;
			if (!mrig_evict_ordered(w.e))
				assert_true(frame >= last);
			last = frame;
			n++;
		}
		assert_int_equal(n, mrig_evict_count(w.e));
		assert_int_equal(seen >> 9 & 1, 0);
		assert_int_equal(mrig_evict_next(w.e, 9), MRIG_EVICT_NONE);
		assert_int_equal(mrig_evict_next(w.e, WINDOW_FRAMES), MRIG_EVICT_NONE);
		window_close(&w);
	}
}

/* The order is that of the choices, where these find nothing used. */
static void next_is_chosen(void **state)
{
	static const char *const ordered[] = { "fifo", "lru", "clock", "sieve" };
	struct mrig_evict_victim victim;
	unsigned int i;

	for (i = 0; i < sizeof(ordered) / sizeof(ordered[0]); i++) {
		window_open(&w, ordered[i], 8, 0);
		window_fill(&w, 8);
		assert_true(mrig_evict_ordered(w.e));
		while (mrig_evict_count(w.e)) {
			assert_int_equal(mrig_evict_select(w.e, &victim), 0);
			assert_int_equal(mrig_evict_next(w.e, MRIG_EVICT_NONE), victim.frame);
			mrig_evict_remove(w.e, victim.frame, MRIG_EVICT_EVICTED);
		}
		window_close(&w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),	 cmocka_unit_test(bad_init),
		cmocka_unit_test(bad_calls),	 cmocka_unit_test(bad_moves),
		cmocka_unit_test(all_busy),	 cmocka_unit_test(counts),
		cmocka_unit_test(move_in_order), cmocka_unit_test(move_all),
		cmocka_unit_test(next_all),	 cmocka_unit_test(next_is_chosen),
	};

	return cmocka_run_group_tests_name("evict core", tests, NULL, NULL);
}
