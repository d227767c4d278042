// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig create, do, stat, map and top on a machine without the device: what is wrong on a command
 * line or in a script, and allocators of every kind run by the library.
 */
#include "cli_run.h"

static const struct row create_rows[] = {
	{ "create", 2, "create slab" },
	{ "create --help", 0, "create best-fit" },
	{ "create slab " NO_DEVICE, 2, "give --block-size" },
	{ "create slab --block-size 12 -- true", 2, "a multiple of 8" },
	{ "create slab --block-size 64 --placement inband", 2, "memrig create heap" },
	{ "create slab --block-size 64 " NO_DEVICE " -- true", 1, "no such device" },
	{ "create blocks --block-size 96 -- true", 2, "a power of two" },
	{ "create blocks --block-size 4 -- true", 2, "a power of two" },
	{ "create blocks --block-size 64 --blocks x", 2, "no number" },
	{ "create ring --block-size 64 -- true", 2, "are for slab, blocks and" },
	{ "create ring --blocks 4 -- true", 2, "are for slab, blocks and" },
	{ "create msgpool -- true", 2, "give --block-size" },
	{ "create msgpool --block-size 12 -- true", 2, "a multiple of 8" },
	{ "create stream --block-size 64 -- true", 2, "are for slab, blocks and" },
	{ "create stream --placement inband -- true", 2, "memrig create heap" },
	{ "create heap --local --track --do walk", 2, "of the kernel" },
	{ "create first-fit --placement inband -- true", 2, "memrig create heap" },
	{ "create best-fit a b", 2, "one region" },
	{ "create heap --local", 2, "say what to do with it" },
	{ "create heap --local -- true", 2, "cannot be inherited" },
	{ "create heap --local --attr wc --do walk", 2, "has a --size" },
	{ "create heap --local r --do walk", 2, "has a --size" },
	{ "create heap --local --scrub --do walk", 2, "are for regions" },
	{ "create heap --local -s 8 --do walk", 1, "EINVAL" },
	{ "create slab --local --block-size 64 --blocks 2 -s 64 --do walk", 1, "EINVAL" },
};

static const struct row multi_rows[] = {
	{ "create multi --do walk", 2, "of what" },
	{ "create multi --member engine=tree", 2, "none of heap" },
	{ "create multi --member colour=red", 2, "there is no 'colour=red'" },
	{ "create multi --member size", 2, "nothing follows size=" },
	{ "create multi --member size=0", 2, "at least one byte" },
	{ "create multi --member mark=shiny " NO_DEVICE, 2, "'shiny' is none of" },
	{ "create multi --member mark=64 " NO_DEVICE, 2, "'64' is none of" },
	{ "create multi --rule when=now", 2, "there is no 'when=now'" },
	{ "create multi --rule prio=high", 2, "'high' is no priority" },
	{ "create multi --member size=4K --tier 8x8", 2, "are for smart" },
	{ "create multi --member size=4K --attr wc", 2, "members say attr=" },
	{ "create multi --member attr=wc --local --do stat", 2, "no regions in memory" },
	{ "create multi --member size=4K --track --local --do stat", 2, "of the kernel" },
	{ "create smart --track=yes --do stat", 2, "doesn't allow an argument" },
	{ "create multi --member size=4K x", 2, "'x'? a command goes after --" },
	{ "create multi --member size=4K " NO_DEVICE " --do stat", 1, "no such device" },
	{ "create smart --tier 64", 2, "no SIZExCOUNT" },
	{ "create smart --tier 12x4", 2, "a multiple of 8" },
	{ "create smart --tier 64x0", 2, "there is one" },
	{ "create smart --tier 64x4 --tier 32x4", 2, "the smallest first" },
	{ "create smart --member size=4K", 2, "are for multi and shared" },
	{ "create smart --level 4K", 2, "--level is for priority" },
	{ "create priority --level 0", 2, "at least one byte" },
	{ "create priority --rule max=4", 2, "are for multi and shared" },
	{ "create priority --attr shiny", 2, "none of cached" },
	{ "create shared --attr wc", 2, "members say attr=" },
	{ "create shared --local", 2, "say what to do with it" },
	{ "create shared " NO_DEVICE, 1, "no such device" },
};

static const struct row other_rows[] = {
	{ "drive", 2, "what is to be done" },
	{ "drive walk", 1, "which allocator" },
	{ "drive --on x walk", 2, "neither PID nor PID:FD" },
	{ "drive --on 999999999 walk", 1, "no process" },
	{ "drive dance", 2, "there is no step 'dance'" },
	{ "drive alloc", 2, "something is missing" },
	{ "drive 'alloc 1Q'", 2, "no size: '1Q'" },
	{ "drive 'wait 10 64'", 2, "no time like" },
	{ "drive 'wait nan 64'", 2, "no time like" },
	{ "drive 'alloc 1 as'", 2, "nothing follows 'as'" },
	{ "drive 'alloc 1 near 2'", 2, "there is no option 'near'" },
	{ "drive 'alloc 1 prio x'", 2, "no priority" },
	{ "drive 'free @'", 2, "no place like" },
	{ "drive 'get 5 1'", 2, "no place like" },
	{ "drive send", 2, "something is missing" },
	{ "drive 'send @0'", 2, "no name" },
	{ "drive 'send a bytes x'", 2, "no size" },
	{ "drive 'receive 5'", 2, "no time like" },
	{ "drive 'receive 1s member x'", 2, "no number" },
	{ "drive 'listen'", 2, "something is missing" },
	{ "drive 'alloc 8 site'", 2, "nothing follows 'site'" },
	{ "drive 'alloc 8 site a-place-with-a-name-that-is-too-long'", 2, "no place of" },
	{ "leaks", 1, "which allocator" },
	{ "leaks x", 2, "neither PID nor PID:FD" },
	{ "leaks 999999999", 1, "no process" },
	{ "leaks 1 2", 2, "one heap at a time" },
	{ "drive 'walk far'", 2, "too much: 'far'" },
	{ "drive 'expect ENOTHING walk'", 2, "no errno" },
	{ "drive 'expect ENOMEM'", 2, "which step" },
	{ "drive --script /nonexistent/s", 1, "No such file" },
	{ "stat 1:", 2, "neither PID nor PID:FD" },
	{ "stat r0 " NO_DEVICE, 1, "no such device" },
	{ "stat 1 2", 2, "one heap at a time" },
	{ "stat 999999999", 1, "no process" },
	{ "stat " NO_DEVICE, 1, "no such device" },
	{ "map", 1, "which allocator" },
	{ "map 1:y", 2, "neither PID nor PID:FD" },
	{ "map --lines 0 1", 2, "1 to 1000" },
	{ "top " NO_DEVICE " --once", 1, "no such device" },
	{ "top 17", 2, "see memrig stat" },
	{ "top --count 0", 2, "at least one" },
	{ "top --delay 0", 2, "from 0.05" },
	{ "top --delay nan", 2, "from 0.05" },
};

static void check_rows(const struct row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		check_row(&rows[i]);
}

static void wrong_words_of_create(void **state)
{
	check_rows(create_rows, ARRAY_SIZE(create_rows));
}

static void wrong_words_of_several_in_one(void **state)
{
	check_rows(multi_rows, ARRAY_SIZE(multi_rows));
}

static void wrong_words_of_the_others(void **state)
{
	check_rows(other_rows, ARRAY_SIZE(other_rows));
}

/* ---- driving allocators that need no device ------------------------------------------ */

/* A member of element @index of what a script said. */
static struct json_object *member_of(struct json_object *steps, size_t index, const char *key)
{
	struct json_object *row = json_object_array_get_idx(steps, index), *value;

	assert_non_null(row);
	if (!json_object_object_get_ex(row, key, &value))
		fail_msg("element %zu has no %s: %s", index, key, json_object_to_json_string(row));
	return value;
}

static void every_kind_can_be_driven(void **state)
{
	static const char *const kinds[] = {
		"heap",
		"slab --block-size 64",
		"blocks --block-size 64",
		"ring",
		"msgpool --block-size 64",
		"stream",
		"first-fit",
		"best-fit",
		"smart",
		"priority",
		"shared",
		"multi --member engine=ring --member engine=slab,block=64,size=4K",
	};
	struct json_object *steps;
	char args[256];
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(args, sizeof(args),
			 "create %s --local --json --do 'alloc 40 as a; wait 1s 64; free a; "
			 "expect ENOMEM alloc 1G; expect EINVAL wait 1s 1G; expect EINVAL alloc 0; "
			 "walk; map; stat; validate; free 1'",
			 kinds[i]);
		steps = run_json(args);
		assert_int_equal(json_object_array_length(steps), 11);
		for (k = 0; k < 11; k++)
			assert_true(json_object_get_boolean(member_of(steps, k, "ok")));
		assert_string_equal(json_object_get_string(member_of(steps, 0, "name")), "a");
		assert_true(json_object_get_uint64(member_of(steps, 0, "usable")) >= 40);
		assert_string_equal(json_object_get_string(member_of(steps, 1, "name")), "1");
		assert_string_equal(json_object_get_string(member_of(steps, 3, "error")), "ENOMEM");
		assert_string_equal(json_object_get_string(member_of(steps, 3, "reason")),
				    "too-large");
		for (k = 6; k < 10; k++)
			assert_non_null(member_of(steps, k, "answer"));
		json_object_put(steps);
	}
}

static void scripts_hold_names_and_go_on(void **state)
{
	struct json_object *steps;
	char text[8192];

	steps = run_json("create slab --local -s 4K --block-size 64 --blocks 4 --json --do "
			 "'batch 3 60 as many; free many' --do 'batch 4 1; free 1' "
			 "--do 'expect ENOENT free 1; expect EOPNOTSUPP get @0 1'");
	assert_int_equal(json_object_array_length(steps), 6);
	assert_int_equal(json_object_get_int(member_of(steps, 2, "blocks")), 4);
	json_object_put(steps);
	assert_int_equal(run("create slab --local -s 4K --block-size 64 --blocks 4 --do "
			     "'batch 3 60 as many; alloc 1 as many; expect ENOMEM batch 2 1; "
			     "free many; free many; walk'",
			     text, sizeof(text)),
			 1); /* a name that is taken, and one that is gone */
	assert_non_null(strstr(text, "there is a block of that name"));
	assert_non_null(strstr(text, "there is no block of that name"));
	assert_non_null(strstr(text, "no blocks")); /* it went on to the end */
	assert_int_equal(run("create blocks --local -s 4K --block-size 256 --do "
			     "'get @512 4 as q; isfree @0 3; put @768 2; isfree @768 2; walk'",
			     text, sizeof(text)),
			 0);
	assert_non_null(strstr(text, "q: @512, 1024 bytes"));
	assert_non_null(strstr(text, "not free"));
	assert_non_null(strstr(text, "1280    256  yes"));
	assert_int_equal(
		run("create heap --local --do 'expect ENOMEM alloc 8'", text, sizeof(text)), 1);
	assert_non_null(strstr(text, "but ENOMEM was expected"));
}

static void tiers_levels_and_rules_choose(void **state)
{
	struct json_object *steps;

	steps = run_json("create smart --local --tier 32x1 --tier 64x1 --tier 128x1 --reach 1 "
			 "--json --do 'alloc 20; alloc 20; alloc 20; alloc 100; alloc 100'");
	assert_int_equal(json_object_get_int(member_of(steps, 0, "member")), 0);
	assert_int_equal(json_object_get_int(member_of(steps, 1, "member")),
			 1); /* reaches one up */
	assert_int_equal(json_object_get_int(member_of(steps, 2, "member")),
			 3); /* and no further */
	assert_int_equal(json_object_get_int(member_of(steps, 3, "member")), 2);
	assert_int_equal(json_object_get_int(member_of(steps, 4, "member")), 3);
	json_object_put(steps);
	steps = run_json("create priority --local --level 4K --level 4K --level 4K --json --do "
			 "'alloc 3K prio 2; alloc 3K prio 2; alloc 3K; expect ENOMEM alloc 3K; "
			 "expect ENOMEM alloc 3K prio 1'");
	assert_int_equal(json_object_get_int(member_of(steps, 0, "member")), 0);
	assert_int_equal(json_object_get_int(member_of(steps, 1, "member")), 1);
	assert_int_equal(json_object_get_int(member_of(steps, 2, "member")), 2);
	json_object_put(steps);
	steps = run_json("create shared --local --member mark=cacheable --member "
			 "mark=external+40,size=8K --json --do 'alloc 8 with external; "
			 "alloc 8 without external; alloc 8 with 40; "
			 "expect ENOENT alloc 8 with cacheable+40'");
	assert_int_equal(json_object_get_int(member_of(steps, 0, "member")), 1);
	assert_int_equal(json_object_get_int(member_of(steps, 1, "member")), 0);
	assert_int_equal(json_object_get_int(member_of(steps, 2, "member")), 1);
	json_object_put(steps);
}

/* Steps of messages, on pools, streams, every other kind and several in one. */
static void messages_go_in_order(void **state)
{
	static const char *const kinds[] = { "msgpool --block-size 64", "stream", "heap",
					     "blocks --block-size 64" };
	struct json_object *steps;
	char args[512];
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(
			args, sizeof(args),
			"create %s --local --json --do 'alloc 40 as a; alloc 40 as b; "
			"send a bytes 7; commit b; receive 0s as c; get 1s as d; "
			"expect EAGAIN receive 0s; expect ETIMEDOUT get 5ms; expect ENOENT send a; "
			"expect EEXIST receive 0s as c; done c; free d; batch 3 8 as m; send m; "
			"receive 0s as x; receive 0s; walk; expect EOPNOTSUPP listen 1ms; "
			"expect EOPNOTSUPP track; expect EOPNOTSUPP watch 1ms 8'",
			kinds[i]);
		steps = run_json(args);
		assert_int_equal(json_object_array_length(steps), 20);
		for (k = 0; k < 20; k++)
			if (!json_object_get_boolean(member_of(steps, k, "ok")))
				fail_msg("%s: %s", kinds[i],
					 json_object_to_json_string(
						 json_object_array_get_idx(steps, k)));
		assert_int_equal(json_object_get_uint64(member_of(steps, 4, "message")), 7);
		assert_int_equal(json_object_get_uint64(member_of(steps, 4, "offset")),
				 json_object_get_uint64(member_of(steps, 0, "offset")));
		assert_int_equal(json_object_get_uint64(member_of(steps, 5, "offset")),
				 json_object_get_uint64(member_of(steps, 1, "offset")));
		assert_int_equal(json_object_get_uint64(member_of(steps, 5, "from")), 1);
		json_object_put(steps);
	}
}

/* A batch of several in one is of one member, and all or none as well. */
static void batches_of_several_in_one(void **state)
{
	struct json_object *steps;

	steps = run_json("create smart --local --tier 64x4 --tier 128x4 -s 4K --json --do "
			 "'batch 4 64 as many; expect ENOMEM batch 5 64; free many; "
			 "batch 4 64 as again; expect EINVAL realloc again 3; free again; "
			 "alloc 20 as far; send far; expect EAGAIN receive 0s member 1; "
			 "get 0s member 0 as near; done near'");
	assert_int_equal(json_object_array_length(steps), 11);
	assert_int_equal(json_object_get_uint64(member_of(steps, 0, "blocks")), 4);
	assert_int_equal(json_object_get_uint64(member_of(steps, 0, "member")), 0);
	assert_true(json_object_get_boolean(member_of(steps, 1, "ok")));
	assert_int_equal(json_object_get_uint64(member_of(steps, 3, "blocks")), 4);
	assert_int_equal(json_object_get_uint64(member_of(steps, 3, "member")), 0);
	assert_int_equal(json_object_get_uint64(member_of(steps, 9, "member")), 0);
	json_object_put(steps);
	/* the first that is refused takes nothing with it: both members are as they were */
	steps = run_json("create multi --local --member engine=slab,block=64,size=256 --member "
			 "engine=slab,block=64,size=512 --json --do 'expect ENOMEM batch 5 64; "
			 "batch 3 64 as a; expect ENOMEM batch 2 64; alloc 64 as b; "
			 "batch 8 64 as c; expect ENOMEM batch 1 64; free a; batch 1 64'");
	assert_int_equal(json_object_array_length(steps), 8);
	assert_int_equal(json_object_get_uint64(member_of(steps, 1, "member")), 0);
	assert_int_equal(json_object_get_uint64(member_of(steps, 3, "member")), 0);
	assert_int_equal(json_object_get_uint64(member_of(steps, 4, "member")), 1);
	assert_int_equal(json_object_get_uint64(member_of(steps, 4, "blocks")), 8);
	assert_int_equal(json_object_get_uint64(member_of(steps, 7, "member")), 0);
	json_object_put(steps);
}

int main(void)
{
	const struct CMUnitTest cli_create[] = {
		cmocka_unit_test(wrong_words_of_create),
		cmocka_unit_test(wrong_words_of_several_in_one),
		cmocka_unit_test(wrong_words_of_the_others),
		cmocka_unit_test(every_kind_can_be_driven),
		cmocka_unit_test(scripts_hold_names_and_go_on),
		cmocka_unit_test(tiers_levels_and_rules_choose),
		cmocka_unit_test(messages_go_in_order),
		cmocka_unit_test(batches_of_several_in_one),
	};

	unsetenv("MEMRIG_HEAP_FD");
	unsetenv("MEMRIG_MULTI_FD");
	return RUN(cli_create);
}
