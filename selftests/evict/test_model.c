// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random lives of windows, every policy (evict_model.h). argv[1] is the seed. The same program is a
 * fuzz target.
 */
#include "evict_model.h"
#include "random.h"
#include "test.h"

#define LIVES 4000
#define STEPS 400

static struct evict_model model;

void model_program(void)
{
	const char *wrong = NULL;
	uint32_t step;

	evict_model_init(&model, rnd);
	for (step = 0; !wrong && random_goes_on(step, STEPS); step++)
		wrong = evict_model_step(&model);
	if (wrong)
		print_error("step %u, %s: %s\n", step, mrig_evict_policy(model.e)->name, wrong);
	assert_null(wrong);
}

static void random_lives(void **state)
{
	int i;

	for (i = 0; i < LIVES; i++)
		model_program();
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(random_lives) };

	random_from_seed(argc > 1 ? strtoull(argv[1], NULL, 0) : 1);
	return cmocka_run_group_tests_name("evict model", tests, NULL, NULL);
}
