// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Is the distribution of costs what was measured? And does the clock run?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "replay_cost.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void classes_cover_every_cost_once(void **state)
{
	static const uint32_t costs[] = { 0,	1,     15,	16,	   17,	     18,	127,
					  1000, 65535, 1 << 24, INT32_MAX, 1u << 31, UINT32_MAX };
	unsigned int class;
	size_t i;

	(void)state;
	for (class = 1; class < REPLAY_COST_CLASSES; class ++) {
		assert_true(replay_cost_top(class) > replay_cost_top(class - 1));
		assert_int_equal(replay_cost_class(replay_cost_top(class)), class);
		assert_int_equal(replay_cost_class(replay_cost_top(class - 1) + 1), class);
	}
	assert_int_equal(replay_cost_top(REPLAY_COST_CLASSES - 1), UINT32_MAX);
	for (i = 0; i < COUNT(costs); i++) {
		class = replay_cost_class(costs[i]);
		assert_in_range(class, 0, REPLAY_COST_CLASSES - 1);
		assert_true(replay_cost_top(class) >= costs[i]);
		assert_true(replay_cost_top(class) - costs[i] <= costs[i] / REPLAY_COST_STEPS);
	}
}

static void the_least_of_all_passes_counts(void **state)
{
	struct replay_op ops[] = { { .kind = MEMRIG_TRACE_ALLOC },
				   { .kind = MEMRIG_TRACE_ALLOC_ALIGNED },
				   { .kind = MEMRIG_TRACE_REALLOC },
				   { .kind = MEMRIG_TRACE_FREE },
				   { .kind = MEMRIG_TRACE_FREE } };
	struct replay_trace trace = { .ops = ops, .nr_ops = COUNT(ops) };
	struct replay_spread spread[REPLAY_COST_KINDS];
	struct replay_costs costs;

	(void)state;
	assert_int_equal(replay_costs_open(&costs, &trace), 0);
	replay_costs_note(&costs, 0, 5);
	replay_costs_note(&costs, 1, 700);
	replay_costs_note(&costs, 1, 900);
	replay_costs_note(&costs, 0, 9);
	replay_costs_note(&costs, 2, 1ULL << 40); /* beyond what is kept: not noted */
	replay_costs_note(&costs, 4, 0);
	replay_costs_spread(&costs, &trace, spread);
	assert_int_equal(spread[REPLAY_COST_ALLOC].calls, 2);
	assert_int_equal(spread[REPLAY_COST_ALLOC].sum, 705);
	assert_int_equal(spread[REPLAY_COST_ALLOC].worst, 700);
	assert_int_equal(spread[REPLAY_COST_ALLOC].worst_op, 1);
	assert_int_equal(spread[REPLAY_COST_REALLOC].calls, 0);
	assert_int_equal(spread[REPLAY_COST_FREE].calls, 1);
	assert_int_equal(spread[REPLAY_COST_FREE].worst_op, 4);
	assert_int_equal(replay_spread_percentile(&spread[REPLAY_COST_REALLOC], 500), 0);
	replay_costs_close(&costs);
}

static void percentiles_are_those_of_the_calls(void **state)
{
	struct replay_op ops[1000];
	struct replay_trace trace = { .ops = ops, .nr_ops = COUNT(ops) };
	struct replay_spread spread[REPLAY_COST_KINDS];
	struct replay_costs costs;
	size_t i;

	(void)state;
	assert_int_equal(replay_costs_open(&costs, &trace), 0);
	for (i = 0; i < COUNT(ops); i++) {
		ops[i] = (struct replay_op){ .kind = MEMRIG_TRACE_FREE };
		replay_costs_note(&costs, i, i < 990 ? 10 : 100 + i);
	}
	replay_costs_spread(&costs, &trace, spread);
	assert_int_equal(replay_spread_percentile(&spread[REPLAY_COST_FREE], 500), 10);
	assert_int_equal(replay_spread_percentile(&spread[REPLAY_COST_FREE], 990), 10);
	assert_in_range(replay_spread_percentile(&spread[REPLAY_COST_FREE], 991), 1090, 1099);
	assert_int_equal(replay_spread_percentile(&spread[REPLAY_COST_FREE], 1000), 1099);
	replay_costs_close(&costs);
}

static void the_clock_runs_in_a_unit_of_its_own(void **state)
{
	static uint64_t word = 1000;
	struct replay_clock clock;
	uint64_t start;
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "%p", (void *)&word);
	setenv("MEMRIG_REPLAY_COUNTER", text, 1);
	replay_clock_open(&clock, false);
	assert_int_equal(clock.unit, REPLAY_INSTRUCTIONS);
	start = replay_clock_read(&clock);
	word += 77;
	assert_int_equal(replay_clock_read(&clock) - start, 77);
	replay_clock_close(&clock);

	/* What happens in the kernel, no such counter sees. */
	replay_clock_open(&clock, true);
	assert_int_equal(clock.unit, REPLAY_NS);
	start = replay_clock_read(&clock);
	while (replay_clock_read(&clock) == start)
		;
	replay_clock_close(&clock);

	/* No emulator there: somebody else measures. */
	setenv("MEMRIG_REPLAY_COUNTER", "0x10", 1);
	replay_clock_open(&clock, false);
	assert_null(clock.word);
	replay_clock_close(&clock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_cover_every_cost_once),
		cmocka_unit_test(the_least_of_all_passes_counts),
		cmocka_unit_test(percentiles_are_those_of_the_calls),
		cmocka_unit_test(the_clock_runs_in_a_unit_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
