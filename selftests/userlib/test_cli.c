// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memrig command on a machine without the device: exit statuses, error texts, valid JSON. The
 * command is $MEMRIG, the examples are in $EXAMPLES.
 */
#include "cli_run.h"

static void exit_statuses_and_words(void **state)
{
	static const struct row rows[] = {
		{ "", 2, "usage: memrig" },
		{ "help", 0, "region create" },
		{ "--help", 0, "region create" },
		{ "nonsense", 2, "no command 'nonsense'" },
		{ "region nonsense", 2, "no command 'region nonsense'" },
		{ "region", 2, "region create" },
		{ "heap --help", 0, "heap validate" },
		{ "version >/dev/full", 1, "" }, /* the words go there, too */
		{ "caps --nonsense", 2, "unrecognized option" },
		{ "caps " NO_DEVICE, 1, "try: check the path" },
		{ "probe " NO_DEVICE, 1, "no such device" },
		{ "region list " NO_DEVICE, 1, "no such device" },
		{ "region create x " NO_DEVICE, 1, "no such device" },
		{ "region create x --size 1Q", 2, "no size" },
		{ "region create x --attr shiny", 2, "none of cached" },
		{ "region create x --mode 0777", 2, "octal mode" },
		{ "region create", 2, "without a name" },
		{ "region create a b", 2, "one name" },
		{ "region create ''", 2, "1 to 31 characters" },
		{ "region create x --size 0", 2, "at least one byte" },
		{ "region create x --node 4294967295", 2, "number of a node" },
		{ "region create x --node 0 --kind coherent", 2, "regions of pages" },
		{ "region create x --kind coherent --dma-bits 65", 2, "from 24 to 64" },
		{ "region create x --dma-bits 32", 2, "try: --kind coherent" },
		{ "region create --mode 0660 -- true", 2, "--mode is for named regions" },
		{ "region rm", 2, "which region" },
		{ "region show", 2, "which region" },
		{ "heap create r --placement middle", 2, "neither oob nor inband" },
		{ "heap create r --fill 101", 2, "more than 100" },
		{ "heap create r --hardening 5", 2, "none of 0" },
		{ "heap create r --attr uncached -- true", 2,
		  "--attr describes a region to be made" },
		{ "heap create -s 1M --owner 7 -- true", 2, "--owner is for named regions" },
		{ "replay --hardening 5 t.trace", 2, "none of 0" },
		{ "heap create r " NO_DEVICE " -- true", 1, "no such device" },
		{ "demo --json", 2, "no JSON form" },
		{ "heap map", 1, "which heap" },
		{ "heap map x", 2, "neither PID nor PID:FD" },
		{ "heap map 1:x", 2, "neither PID nor PID:FD" },
		{ "heap stat 999999999:3", 1, "no process" },
		{ "heap map --width 0 1", 2, "1 to 1000" },
		{ "probe --size 1", 2, "at least 8K" },
		{ "--version", 0, MEMRIG_VERSION_STRING },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void words_of_attributes_and_power(void **state)
{
	static const struct row rows[] = {
		{ "region create x --cpus 64", 2, "no list of CPUs" },
		{ "region create x --cpus 3-1", 2, "no list of CPUs" },
		{ "region create x --cpus 1,", 2, "no list of CPUs" },
		{ "region create x --cpus ''", 2, "no list of CPUs" },
		{ "region create x --cpus 1-2-3", 2, "no list of CPUs" },
		{ "region suspend", 2, "which region" },
		{ "region resume", 2, "which region" },
		{ "region resume r --lose", 2, "lose" },
		{ "region suspend r " NO_DEVICE, 1, "no such device" },
		{ "attr", 2, "attr names" },
		{ "attr names " NO_DEVICE, 1, "no such device" },
		{ "attr name 32", 2, "which bit" },
		{ "attr name", 2, "which bit" },
		{ "attr name 32 a b", 2, "one bit and one name" },
		{ "attr name x y", 1, "no number of a bit" },
		{ "attr clear", 2, "which name" },
		{ "attr clear a b", 2, "one name" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void every_command_explains_itself(void **state)
{
	/* clang-format off */
	static const char *const commands[] = {
		"caps", "config", "probe", "run", "version",
		"region create", "region list", "region show", "region rm",
		"region suspend", "region resume", "attr names", "attr name", "attr clear",
		"heap create", "heap list", "heap stat", "heap map", "heap blocks", "heap validate",
		"create heap", "create slab", "create blocks", "create ring", "create first-fit",
		"create best-fit", "create multi", "create smart", "create priority",
		"create shared", "drive", "stat", "map", "top",
	};
	/* clang-format on */
	char args[64], text[16384];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		snprintf(args, sizeof(args), "%s --help", commands[i]);
		assert_int_equal(run(args, text, sizeof(text)), 0);
		assert_non_null(strstr(text, "Usage: memrig"));
		assert_non_null(strstr(text, commands[i]));
		assert_non_null(strstr(text, "--json"));
	}
}

static void config_is_json_with_every_name(void **state)
{
	struct json_object *value = run_json("config --json " NO_DEVICE);
	struct json_object *rows, *name, *in_force;
	size_t i;

	assert_true(json_object_object_get_ex(value, "zephyr", &rows));
	assert_true(json_object_array_length(rows) > 15);
	for (i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);

		assert_true(json_object_object_get_ex(row, "name", &name));
		assert_int_equal(strncmp(json_object_get_string(name), "CONFIG_", 7), 0);
		assert_true(json_object_object_get_ex(row, "value", &in_force));
		assert_non_null(in_force);
	}
	json_object_put(value);
}

static void empty_listings_are_json(void **state)
{
	struct json_object *value = run_json("heap list --json");

	assert_true(json_object_is_type(value, json_type_array));
	assert_int_equal(json_object_array_length(value), 0);
	json_object_put(value);
}

static void version_is_json_without_a_device(void **state)
{
	struct json_object *value = run_json("version --json " NO_DEVICE);
	struct json_object *member;

	assert_true(json_object_object_get_ex(value, "library", &member));
	assert_string_equal(json_object_get_string(member), MEMRIG_VERSION_STRING);
	assert_true(json_object_object_get_ex(value, "module_interface", &member));
	assert_null(member);
	json_object_put(value);
}

static void examples_run_or_explain(void **state)
{
	char command[256];

	assert_non_null(getenv("EXAMPLES"));
	snprintf(command, sizeof(command), "%s/local >/dev/null", getenv("EXAMPLES"));
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "%s/zephyr >/dev/null", getenv("EXAMPLES"));
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command),
		 "MEMRIG_DEVICE=/nonexistent/m %s/uncached 2>&1 | grep -q 'no such device'",
		 getenv("EXAMPLES"));
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest cli[] = {
		cmocka_unit_test(exit_statuses_and_words),
		cmocka_unit_test(words_of_attributes_and_power),
		cmocka_unit_test(every_command_explains_itself),
		cmocka_unit_test(config_is_json_with_every_name),
		cmocka_unit_test(empty_listings_are_json),
		cmocka_unit_test(version_is_json_without_a_device),
		cmocka_unit_test(examples_run_or_explain),
	};

	unsetenv("MEMRIG_HEAP_FD");
	unsetenv("MEMRIG_MULTI_FD");
	return RUN(cli);
}
