// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig window on a machine without the device: what is wrong on a command line.
 */
#include "cli_run.h"

static const struct row create_rows[] = {
	{ "window", 2, "window create" },
	{ "window --help", 0, "window policy" },
	{ "window shut", 2, "window create" },
	{ "window create " NO_DEVICE, 2, "try: --size 1G" },
	{ "window create --size 1M " NO_DEVICE, 2, "try: --frames 64M" },
	{ "window create --size 0 --frames 4K", 2, "at least one page" },
	{ "window create --size much --frames 4K", 2, "'much'" },
	{ "window create --size 4T --frames 4K", 2, "at most 268435456 pages" },
	{ "window create --pages 0 --frames 4K", 2, "not from 1 to 268435456" },
	{ "window create --size 1M --frames 2M", 2, "less than --size" },
	{ "window create --size 1M --frames 64K --offset 64K", 2, "try: --region NAME" },
	{ "window create --size 1M --region r --offset 100", 2, "multiple of the page size" },
	{ "window create --size 1M --frames 64K --compressor lz4", 2, "--store compressed" },
	{ "window create --size 1M --frames 64K --compressor gzip", 2, "none of lzo, lz4, zstd" },
	{ "window create --size 1M --frames 64K --store null --store-limit 1M", 2,
	  "is for --store" },
	{ "window create --size 1M --frames 64K --store-offset 4K", 2, "try: --store-file" },
	{ "window create --size 1M --frames 64K --fault-around 3", 2, "no power of two" },
	{ "window create --size 1M --frames 64K --fault-around 128", 2, "not from 1 to 64" },
	{ "window create --size 1M --frames 64K --read-ahead 65", 2, "not from 0 to 64" },
	{ "window create --size 1M --frames 64K --clean-pages 4", 2, "try: --clean-ms" },
	{ "window create --size 1M --frames 64K --clean-ms 0", 2, "not from 1 to" },
	{ "window create --size 1M --frames 64K --tick 0", 2, "not from 1 to" },
	{ "window create --size 1M --frames 64K --store-timeout 3600001", 2, "to 3600000" },
	{ "window create --size 1M --frames 64K --frame-timeout x", 2, "'x'" },
	{ "window create --size 1M --frames 64K --read-only --inject", 2, "can be written" },
	{ "window create --size 1M --frames 64K cat", 2, "goes after --" },
	{ "window create --size 1M --frames 64K " NO_DEVICE " -- true", 1, "no such device" },
};

static const struct row look_rows[] = {
	{ "window list all", 2, "memrig window stat for one" },
	{ "window list --wide", 2, "unrecognized option" },
	{ "window list " NO_DEVICE, 1, "no such device" },
	{ "window stat seven", 2, "no number of a window" },
	{ "window stat -1", 2, "invalid option" },
	{ "window stat 1 2", 2, "one window" },
	{ "window stat --reset", 2, "which window?" },
	{ "window stat 1 --thread 0", 2, "0 is no thread" },
	{ "window stat 99999999999999999999 " NO_DEVICE, 2, "no number of a window" },
	{ "window stat " NO_DEVICE, 1, "no such device" },
	{ "window top 1", 2, "memrig window stat for one" },
	{ "window top --delay 0", 2, "from 0.05 to 86400" },
	{ "window top --count 0", 2, "at least one listing" },
	{ "window top --once " NO_DEVICE, 1, "no such device" },
	{ "window hist", 2, "which window?" },
	{ "window hist 1 --which out", 2, "none of eviction, page-in, page-out" },
	{ "window hist 1 --set 1us", 2, "try: --which page-in" },
	{ "window hist 1 -w page-in --set 1us,1us", 2, "not above the bound before it" },
	{ "window hist 1 -w page-in --set 1h", 2, "no time like 500ns" },
	{ "window hist 1 -w page-in --set 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", 2,
	  "at most 16 bounds" },
	{ "window hist 1 -w page-in --set 20000000000s", 2, "no time like 500ns" },
	{ "window hist 1 -w page-in --set 1us --reset", 2, "by itself" },
	{ "window hist 1 " NO_DEVICE, 1, "no such device" },
	{ "window map", 2, "which window?" },
	{ "window map one", 2, "no number of a window" },
	{ "window map 1 --pages-per-cell 0", 2, "at least one page" },
	{ "window map 1 --watch --delay never", 2, "from 0.05 to 86400" },
	{ "window map 1 " NO_DEVICE, 1, "no such device" },
	{ "window policy", 2, "which window?" },
	{ "window policy 1", 2, "which policy?" },
	{ "window policy lru 1", 2, "no number of a window" },
	{ "window policy 1 lru fifo", 2, "one window" },
	{ "window policy 1 lru " NO_DEVICE, 1, "no such device" },
	{ "window kinds all", 2, "all are listed" },
	{ "window kinds --json=yes", 2, "doesn't allow an argument" },
	{ "window kinds " NO_DEVICE, 1, "no such device" },
};

static void wrong_requests_name_what_is_right(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(create_rows); i++)
		check_row(&create_rows[i]);
}

static void wrong_looks_name_what_is_right(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(look_rows); i++)
		check_row(&look_rows[i]);
}

int main(void)
{
	static const struct CMUnitTest cli_window[] = {
		cmocka_unit_test(wrong_requests_name_what_is_right),
		cmocka_unit_test(wrong_looks_name_what_is_right),
	};

	return RUN(cli_window);
}
