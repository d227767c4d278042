// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig evict-sim: traces whose misses are known, every format, bad input. The misses of real
 * programs are the business of the benchmark.
 */
#include <unistd.h>

#include "cli_run.h"

/* Belady's anomaly: FIFO misses more with four frames than with three. */
static const char anomaly[] = "# pages\n1\n2\n3 w\n4\n1\n0x2 r\n5\n1   # again\n2\n\n3\n4\n5\n";

static char dir[32];

static void put(const char *name, const void *bytes, size_t len)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

#define TEXT(name, text) put(name, text, sizeof(text) - 1)

static int setup(void **state)
{
	strcpy(dir, "/tmp/memrig-sim-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	TEXT("anomaly", anomaly);
	TEXT("empty", "# nothing\n\n");
	TEXT("word", "1\n2\npage\n");
	TEXT("tail", "1\n2 x\n");
	TEXT("huge", "1\n18446744073709551616\n");
	TEXT("minus", "-1\n");
	TEXT("one.csv", "time,obj_id,obj_size,op\n0,7,4096,write\n1,8,4096,read\n");
	TEXT("short.csv", "0\n");
	TEXT("bad.csv", "0,1\n1,abc,4096\n");
	TEXT("short.oracleGeneral", "0123456789abcdef");
	TEXT("short.words", "01234");
	return 0;
}

static int teardown(void **state)
{
	char command[300];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return chdir("/") || system(command);
}

static struct json_object *row_of(struct json_object *answer, const char *policy, int frames)
{
	struct json_object *rows, *row, *value;
	size_t i;

	assert_true(json_object_object_get_ex(answer, "rows", &rows));
	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		json_object_object_get_ex(row, "policy", &value);
		if (strcmp(json_object_get_string(value), policy))
			continue;
		json_object_object_get_ex(row, "frames", &value);
		if (json_object_get_int(value) == frames)
			return row;
	}
	fail_msg("no row of %s with %d frames", policy, frames);
	return NULL;
}

static int figure(struct json_object *answer, const char *policy, int frames, const char *key)
{
	struct json_object *value;

	assert_true(json_object_object_get_ex(row_of(answer, policy, frames), key, &value));
	return json_object_get_int(value);
}

static void known_misses(void **state)
{
	struct json_object *answer = run_json("evict-sim --json -f 3,4 anomaly");

	assert_int_equal(figure(answer, "optimum", 3, "misses"), 7);
	assert_int_equal(figure(answer, "optimum", 4, "misses"), 6);
	assert_int_equal(figure(answer, "fifo", 3, "misses"), 9);
	assert_int_equal(figure(answer, "fifo", 4, "misses"), 10);
	assert_int_equal(figure(answer, "fifo", 3, "evictions"), 6);
	/* page 3 was written once, and came back clean */
	assert_int_equal(figure(answer, "fifo", 3, "writebacks"), 1);
	assert_int_equal(figure(answer, "fifo", 3, "most_looks"), 1);
	json_object_put(answer);
}

/* Every policy plays, and each is as good as the optimum when all pages but one fit. */
static void all_policies(void **state)
{
	static const char *const names[] = { "optimum", "adaptive", "nru",   "lru",   "fifo",
					     "random",	"clock",    "sieve", "s3fifo" };
	struct json_object *answer = run_json("evict-sim --json --tick 2 --seed 9 anomaly -f 100%"),
			   *means;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(figure(answer, names[i], 5, "misses"), 5);
	assert_true(json_object_object_get_ex(answer, "means", &means));
	assert_int_equal(json_object_array_length(means), ARRAY_SIZE(names) - 1);
	json_object_put(answer);
}

/* From format to format and back; only oracleGeneral forgets what was written. */
static void formats(void **state)
{
	static const struct row steps[] = {
		{ "evict-sim anomaly --export a.csv", 0, "" },
		{ "evict-sim a.csv --export a.words", 0, "" },
		{ "evict-sim a.words --export b.txt", 0, "" },
		{ "evict-sim b.txt --export a.oracleGeneral", 0, "" },
		{ "evict-sim a.oracleGeneral --export c.txt", 0, "" },
	};
	static const char expected[] = "1\n2\n3 w\n4\n1\n2\n5\n1\n2\n3\n4\n5\n";
	char text[200] = "";
	struct json_object *answer;
	unsigned char record[24];
	size_t i;
	FILE *file;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		check_row(&steps[i]);
	file = fopen("b.txt", "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
	answer = run_json("evict-sim --json -f 3 -p fifo --format text c.txt");
	assert_int_equal(figure(answer, "fifo", 3, "misses"), 9);
	assert_int_equal(figure(answer, "fifo", 3, "writebacks"), 0);
	json_object_put(answer);
	/* the third record: time 2, page 3, used next as the tenth (9) */
	file = fopen("a.oracleGeneral", "r");
	assert_non_null(file);
	for (i = 0; i < 3; i++)
		assert_int_equal(fread(record, sizeof(record), 1, file), 1);
	fclose(file);
	assert_memory_equal(record, "\2\0\0\0\3\0\0\0\0\0\0\0\0\20\0\0\11\0\0\0\0\0\0\0", 24);
}

static void bad_input(void **state)
{
	static const struct row rows[] = {
		{ "evict-sim", 2, "no trace" },
		{ "evict-sim anomaly word", 2, "one trace at a time" },
		{ "evict-sim -p lfu anomaly", 2, "there is no policy 'lfu'" },
		{ "evict-sim -p lru, anomaly", 2, "there is no policy ''" },
		{ "evict-sim -f 0 anomaly", 2, "--frames: from 1 to" },
		{ "evict-sim -f 3,,4 anomaly", 2, "--frames" },
		{ "evict-sim -f x anomaly", 2, "--frames" },
		{ "evict-sim -f 0% anomaly", 2, "no percentage above 0%" },
		{ "evict-sim -f 101% anomaly", 2, "no percentage" },
		{ "evict-sim -f nan% anomaly", 2, "no percentage" },
		{ "evict-sim -f 5x% anomaly", 2, "no percentage" },
		{ "evict-sim -f 2147483648 anomaly", 2, "--frames: from 1 to 1073741824" },
		{ "evict-sim --looks 0 anomaly", 2, "--looks: at least 1" },
		{ "evict-sim --tick 0 anomaly", 2, "--tick: at least 1" },
		{ "evict-sim --seed x anomaly", 2, "--seed: 'x' is no number" },
		{ "evict-sim --seed -1 anomaly", 2, "--seed: '-1' is no number" },
		{ "evict-sim --format pdf anomaly", 2,
		  "--format: text, csv, oracle, words or window" },
		{ "evict-sim -f 6 anomaly", 1, "6 frames for the 5 pages of the trace" },
		{ "evict-sim anomaly", 1, "5% of 5 pages is no frame" },
		{ "evict-sim nothing-there", 1, "nothing-there: No such file" },
		{ "evict-sim .", 1, "Is a directory" },
		{ "evict-sim -", 1, "no references" },
		{ "evict-sim empty", 1, "empty: no references" },
		{ "evict-sim word", 1, "word:3: no page number: 'page'" },
		{ "evict-sim tail", 1, "tail:2: after the page comes r, w or nothing" },
		{ "evict-sim huge", 1, "huge:2: no page number" },
		{ "evict-sim minus", 1, "minus:1: no page number" },
		{ "evict-sim short.csv", 1, "short.csv:1: columns are time,obj_id" },
		{ "evict-sim bad.csv", 1, "bad.csv:2: no page number in the second column: 'abc" },
		{ "evict-sim short.oracleGeneral", 1, "ends within record 1 of 24 bytes" },
		{ "evict-sim short.words", 1, "ends within record 2 of 4 bytes" },
		{ "evict-sim anomaly --export no/where", 1, "no/where: No such file" },
		{ "evict-sim anomaly --export /dev/full", 1, "could not be written" },
		{ "evict-sim huge --format csv", 1, "huge:1: columns are" },
		{ "evict-sim -f 1 one.csv", 0, "2 references to 2 pages" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

/* A page that does not fit 31 bits has no word. */
static void large_names(void **state)
{
	static const struct row rows[] = {
		{ "evict-sim large --export large.csv", 0, "" },
		{ "evict-sim large.csv -f 1 -p fifo", 0, "3 references to 2 pages" },
		{ "evict-sim large --export large.words", 1, "more than 31 bits" },
	};
	size_t i;

	TEXT("large", "0xffffffffffffffff\n5\n18446744073709551615\n");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_misses), cmocka_unit_test(all_policies),
		cmocka_unit_test(formats),	cmocka_unit_test(bad_input),
		cmocka_unit_test(large_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("evict-sim", tests, setup, teardown);
}
