// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Sizes and numbers as people write and read them.
 */
#include "test.h"
#include "util.h"

static void sizes_are_understood(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "4096", 4096 },
		{ "0x1000", 4096 },
		{ "64K", 65536 },
		{ "64k", 65536 },
		{ "64KB", 65536 },
		{ "64KiB", 65536 },
		{ "1M", 1048576 },
		{ "1.5M", 1572864 },
		{ "2G", 2147483648u },
		{ "0.5K", 512 },
		{ "1.25k", 1280 },
		{ "3B", 3 },
		{ "010", 10 },
		{ "15E", 15ull << 60 },
		{ "18446744073709551615", UINT64_MAX },
	};
	uint64_t bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse_size(rows[i].text, &bytes), 0);
		assert_true(bytes == rows[i].bytes);
	}
}

static void nonsense_is_refused(void **state)
{
	static const char *const texts[] = {
		"",    " ",   "K",   "-1",    "+1", "1Q",     "1.M", "1.5",
		".5M", "1M1", "1 M", "1KiBB", "0x", "1.5.5M", "one",
	};
	uint64_t bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(parse_size(texts[i], &bytes), -EINVAL);
	assert_int_equal(parse_size("18446744073709551616", &bytes), -ERANGE);
	assert_int_equal(parse_size("99999999999G", &bytes), -ERANGE);
	assert_int_equal(parse_size("16E", &bytes), -ERANGE);
}

static void numbers_are_understood(void **state)
{
	uint32_t value;

	assert_int_equal(parse_u32("42", &value), 0);
	assert_int_equal(value, 42);
	assert_int_equal(parse_u32("0xffffffff", &value), 0);
	assert_int_equal(value, UINT32_MAX);
	assert_int_equal(parse_u32("4294967296", &value), -ERANGE);
	assert_int_equal(parse_u32("", &value), -EINVAL);
	assert_int_equal(parse_u32("-1", &value), -EINVAL);
	assert_int_equal(parse_u32("1x", &value), -EINVAL);
}

static void sizes_are_readable(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0" },	      { 1023, "1023" },	       { 1024, "1 KiB" },
		{ 1536, "1.50 KiB" }, { 65536, "64 KiB" },     { 100000, "97.7 KiB" },
		{ 1 << 20, "1 MiB" }, { 3ull << 30, "3 GiB" }, { UINT64_MAX, "16.0 EiB" },
	};
	char buf[SIZE_TEXT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(format_size(rows[i].bytes, buf), rows[i].text);
}

/* What is printed exactly is read back exactly. */
static void exact_sizes_round_trip(void **state)
{
	char buf[SIZE_TEXT], *blank;
	uint64_t bytes, back;
	int shift;

	for (shift = 0; shift < 60; shift++) {
		bytes = 3ull << shift;
		format_size(bytes, buf);
		blank = strchr(buf, ' ');
		if (blank)
			memmove(blank, blank + 1, strlen(blank));
		assert_int_equal(parse_size(buf, &back), 0);
		assert_true(back == bytes);
	}
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest size[] = {
		cmocka_unit_test(sizes_are_understood),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(numbers_are_understood),
		cmocka_unit_test(sizes_are_readable),
		cmocka_unit_test(exact_sizes_round_trip),
	};
	/* clang-format on */

	return RUN(size);
}
