// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random programs against the model. argv[1] is the seed; it is printed, so a failure can be had
 * again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "mrig_engine.h"
#include "stream.h"

#define PROGRAMS 24
#define LENGTH	 3000

static uint64_t seed = 1;

static uint64_t random64(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed ^ seed >> 29) * 0x9e3779b97f4a7c15ULL;
}

/*
 * @kind: first byte of the programs; @engine: which of the others, if bit 7 of @kind is set;
 * @small: their spans are below 1 KiB
 */
static void run_engine(uint8_t kind, uint8_t engine, bool small)
{
	static uint8_t program[LENGTH];
	int i, k;

	for (i = 0; i < PROGRAMS; i++) {
		size_t n = small ? LENGTH / 10 : LENGTH;

		for (k = 0; k < LENGTH; k++)
			program[k] = (uint8_t)(random64() >> 33);
		program[0] = kind;
		if (kind & 0x80)
			program[4] = engine;
		if (small)
			program[2] &= 3;
		assert_true(stream_run(program, n));
	}
}

static void run(uint8_t kind, bool small)
{
	run_engine(kind, 0, small);
}

static void model_inband_basic(void **state)
{
	(void)state;
	run(0x02, false);
	run(0x02, true);
}

static void model_inband_moderate_stats(void **state)
{
	(void)state;
	run(0x14, false);
	run(0x14, true);
}

static void model_inband_full(void **state)
{
	(void)state;
	run(0x06, false);
	run(0x16, true);
}

static void model_inband_extreme(void **state)
{
	(void)state;
	run(0x18, true);
}

static void model_oob_basic(void **state)
{
	(void)state;
	run(0x03, false);
	run(0x03, true);
}

static void model_oob_moderate_stats_tags(void **state)
{
	(void)state;
	run(0x35, false);
	run(0x35, true);
}

static void model_oob_full(void **state)
{
	(void)state;
	run(0x27, false);
	run(0x17, true);
}

static void model_oob_extreme(void **state)
{
	(void)state;
	run(0x39, true);
}

static void model_oob_few_records(void **state)
{
	(void)state;
	run(0x63, false);
}

/* Every engine of the table but the two placements of sys_heap. */
static void model_others(void **state)
{
	uint8_t i;

	for (i = 0; mrig_heap_engines[i + 2]; i++) {
		printf("# %s\n", mrig_heap_engines[i + 2]->name);
		run_engine(0x82, i, false);
		run_engine(0xb4, i, true);
		run_engine(0xf2, i, true);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model_inband_basic),
		cmocka_unit_test(model_inband_moderate_stats),
		cmocka_unit_test(model_inband_full),
		cmocka_unit_test(model_inband_extreme),
		cmocka_unit_test(model_oob_basic),
		cmocka_unit_test(model_oob_moderate_stats_tags),
		cmocka_unit_test(model_oob_full),
		cmocka_unit_test(model_oob_extreme),
		cmocka_unit_test(model_oob_few_records),
		cmocka_unit_test(model_others),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	printf("# seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
