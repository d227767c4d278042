// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows, as far as they need no device: names, and what is refused. The rest is device_window.c.
 */
#include <fcntl.h>
#include <unistd.h>

#include <memrig/window.h>
#include <memrig/zephyr.h>

#include "misuse.h"
#include "test.h"

static void names_and_numbers_agree(void **state)
{
	uint32_t i;

	for (i = MEMRIG_POLICY_DEFAULT; i <= MEMRIG_POLICY_ADAPTIVE; i++)
		assert_int_equal(memrig_policy_value(memrig_policy_name(i)), i);
	for (i = MEMRIG_STORE_RAM; i <= MEMRIG_STORE_IMAGE; i++)
		assert_int_equal(memrig_store_value(memrig_store_name(i)), i);
	for (i = MEMRIG_COMPRESSOR_DEFAULT; i <= MEMRIG_COMPRESSOR_ZSTD; i++)
		assert_int_equal(memrig_compressor_value(memrig_compressor_name(i)), i);
	assert_string_equal(memrig_policy_name(99), "?");
	assert_string_equal(memrig_store_name(0), "?");
	assert_string_equal(memrig_compressor_name(99), "?");
	assert_int_equal(memrig_policy_value("lifo"), 0);
	assert_int_equal(memrig_store_value("tape"), 0);
	assert_int_equal(memrig_compressor_value("rot13"), 0);
}

static void defaults_are_ram(void **state)
{
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;

	assert_int_equal(args.size, sizeof(args));
	assert_int_equal(args.store, MEMRIG_STORE_RAM);
	assert_int_equal(args.store_fd, -1);
	assert_int_equal(args.policy, MEMRIG_POLICY_DEFAULT);
	assert_int_equal(args.pages, 0);
}

static void other_files_are_refused(void **state)
{
	int fd = open("/dev/null", O_RDWR);
	memrig_window_t *window;
	char text[512];

	assert_int_equal(memrig_window_from_fd(-1, &window), -EBADF);
	assert_int_equal(memrig_window_from_fd(fd, &window), -ENOTTY);
	assert_string_equal(memrig_failure()->call, "memrig_window_from_fd");
	assert_true(memrig_explain(NULL, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "no memrig window"));
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	close(fd);
	memrig_window_close(NULL);
}

static void addresses_outside_are_no_windows(void **state)
{
	memrig_window_t *window;
	uint64_t offset = 0;

	assert_int_equal(memrig_window_find(&offset, &window, &offset), -ENOENT);
	assert_int_equal(memrig_window_find(NULL, &window, &offset), -ENOENT);
}

static void calls_without_result_report(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void (*const calls[])(void *addr, size_t size) = { k_mem_page_in, k_mem_pin, k_mem_unpin };
	char *place = aligned_alloc(page, 2 * page);
	size_t i;

	assert_non_null(place);
	memrig_on_misuse(note_misuse);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		memset(&reported, 0, sizeof(reported));
		calls[i](place, 2 * page);
		assert_int_equal(reported.count, 1);
		assert_int_equal(reported.error, -EFAULT);
		assert_int_equal(memrig_failure()->error, -EFAULT);
		assert_ptr_equal(reported.block, place);
		assert_null(reported.object);
		calls[i](place, 0);
		assert_int_equal(reported.error, -EINVAL);
		calls[i](place + 1, page);
		assert_int_equal(reported.error, -EINVAL);
		calls[i](place, page - 1);
		assert_int_equal(reported.error, -EINVAL);
		assert_int_equal(reported.count, 4);
	}
	memrig_on_misuse(NULL);
	free(place);
}

static void page_out_says_what_is_wrong(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *place = aligned_alloc(page, page);
	char text[512];

	assert_non_null(place);
	assert_int_equal(k_mem_page_out(place, page), -EFAULT);
	assert_true(memrig_explain(NULL, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "no window is mapped there"));
	assert_int_equal(k_mem_page_out(place, page + 1), -EINVAL);
	assert_int_equal(k_mem_page_out(place + 8, page), -EINVAL);
	assert_int_equal(k_mem_page_out(place, 0), -EINVAL);
	assert_int_equal(k_mem_page_out((void *)-page, 2 * page), -EINVAL);
	free(place);
}

static void without_windows_nothing_was_counted(void **state)
{
	struct k_mem_paging_stats_t stats;
	struct k_mem_paging_histogram_t hist;
	unsigned long count = 1, bound = 1;

	memset(&stats, 0xff, sizeof(stats));
	k_mem_paging_stats_get(&stats);
	assert_int_equal(stats.pagefaults.cnt, 0);
	assert_int_equal(stats.eviction.dirty, 0);
	k_mem_paging_stats_get(NULL);
	memset(&stats, 0xff, sizeof(stats));
	k_mem_paging_thread_stats_get(NULL, &stats);
	assert_true(stats.pagefaults.cnt == ~0UL);
	k_mem_paging_thread_stats_get(k_current_get(), NULL);
	k_mem_paging_thread_stats_get(k_current_get(), &stats);
	assert_int_equal(stats.pagefaults.cnt, 0);
	assert_int_equal(k_mem_num_pagefaults_get(), 0);
	memset(&hist, 1, sizeof(hist));
	k_mem_paging_histogram_eviction_get(&hist);
	assert_int_equal(hist.counts[0], 0);
	assert_true(hist.bounds[9] == ~0UL);
	k_mem_paging_histogram_backing_store_page_in_get(NULL);
	assert_int_equal(memrig_paging_histogram(3, &count, &bound, 1), -EINVAL);
	assert_int_equal(memrig_paging_histogram(0, &count, &bound, 0), -EINVAL);
	assert_int_equal(count, 1);
	assert_int_equal(memrig_paging_histogram(MEMRIG_HIST_PAGE_OUT, &count, &bound, 1), 0);
	assert_int_equal(count, 0);
}

int main(void)
{
	static const struct CMUnitTest windows[] = {
		cmocka_unit_test(names_and_numbers_agree),
		cmocka_unit_test(defaults_are_ram),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(addresses_outside_are_no_windows),
		cmocka_unit_test(calls_without_result_report),
		cmocka_unit_test(page_out_says_what_is_wrong),
		cmocka_unit_test(without_windows_nothing_was_counted),
	};

	return RUN(windows);
}
