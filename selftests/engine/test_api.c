// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* sys_heap through its public calls: what each promises, and what it does with bad input. */
#include <string.h>
#include "test.h"

static void alloc_edges(void **state)
{
	struct sys_heap h;
	void *mem = heap_of(&h, 4096, MRIG_HARDEN_BASIC, false);

	assert_null(sys_heap_alloc(&h, 0));
	assert_null(sys_heap_aligned_alloc(&h, 64, 0));
	assert_null(sys_heap_noalign_alloc(&h, 64, 0));
	for (size_t back = 0; back < 70; back++) {
		assert_null(sys_heap_alloc(&h, SIZE_MAX - back));
		assert_null(sys_heap_aligned_alloc(&h, 64, SIZE_MAX - back));
	}
	for (size_t n = 4050; n < 5000; n++)
		assert_null(sys_heap_alloc(&h, 4097 + n));
	assert_null(sys_heap_aligned_alloc(&h, 1 << 13, 8192));
	assert_true(sys_heap_validate(&h));
	free(mem);
}

static void usable_is_enough_and_writable(void **state)
{
	struct sys_heap h;
	void *mem = heap_of(&h, 65536, MRIG_HARDEN_BASIC, false);

	for (size_t n = 1; n < 3000; n++) {
		void *p = sys_heap_alloc(&h, n);
		void *q = sys_heap_alloc(&h, 1);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % sizeof(void *), 0);
		assert_in_range(sys_heap_usable_size(&h, p), n, n + 15);
		memset(p, 0xff, sys_heap_usable_size(&h, p));
		assert_true(sys_heap_validate(&h));
		sys_heap_free(&h, p);
		sys_heap_free(&h, q);
	}
	assert_true(sys_heap_validate(&h));
	free(mem);
}

static void free_null_is_nothing(void **state)
{
	struct sys_heap h;
	void *mem = heap_of(&h, 1024, MRIG_HARDEN_EXTREME, false);

	sys_heap_free(&h, NULL);
	assert_true(sys_heap_validate(&h));
	assert_int_equal(sys_heap_usable_size(&h, NULL), 0);
	free(mem);
}

static void foreign_pointers_change_nothing(void **state)
{
	struct sys_heap h;
	char *mem = heap_of(&h, 1024, MRIG_HARDEN_BASIC, false), other[64];
	char *p = sys_heap_alloc(&h, 100);

	for (int i = 1; i < 8; i++) {
		sys_heap_free(&h, p + i);
		assert_null(sys_heap_realloc(&h, p + i, 10));
		assert_int_equal(sys_heap_usable_size(&h, p + i), 0);
	}
	sys_heap_free(&h, other);
	sys_heap_free(&h, mem);
	sys_heap_free(&h, mem + 1024);
	sys_heap_free(&h, (void *)16);
	sys_heap_free(&h, (void *)(UINTPTR_MAX - 7));
	assert_true(sys_heap_validate(&h));
	assert_true(sys_heap_usable_size(&h, p) >= 100);
	sys_heap_free(&h, p);
	free(mem);
}

static void aligned_and_rewound(void **state)
{
	struct sys_heap h;
	char *mem = heap_of(&h, 65536, MRIG_HARDEN_BASIC, false);
	char *all = sys_heap_alloc(&h, 60000);

	assert_non_null(all);
	sys_heap_free(&h, all);
	for (size_t align = 1; align <= 8192; align *= 2) {
		for (size_t rewind = 0; rewind < align; rewind = rewind ? rewind * 2 : 8) {
			for (size_t n = 1; n <= 1025; n += 128) {
				char *pad = sys_heap_alloc(&h, 24);
				char *p = sys_heap_aligned_alloc(&h, align | rewind, n);

				assert_non_null(p);
				assert_int_equal(((uintptr_t)p + rewind) % align, 0);
				memset(p, 0x55, n);
				assert_true(sys_heap_usable_size(&h, p) >= n);
				assert_true(sys_heap_validate(&h));
				sys_heap_free(&h, pad);
				sys_heap_free(&h, p);
				assert_true(sys_heap_validate(&h));
			}
		}
	}
	/* fully recovered */
	all = sys_heap_alloc(&h, 60000);
	assert_non_null(all);
	free(mem);
}

static void bad_alignment_is_refused(void **state)
{
	struct sys_heap h;
	char *mem = heap_of(&h, 8192, MRIG_HARDEN_BASIC, false);
	char *p = sys_heap_alloc(&h, 64);

	assert_null(sys_heap_aligned_alloc(&h, 64 | 32 | 16, 10));
	assert_null(sys_heap_aligned_alloc(&h, SIZE_MAX, 10));
	assert_null(sys_heap_aligned_alloc(&h, 64 | 4, 10));
	assert_null(sys_heap_aligned_realloc(&h, p, 7, 10));
	assert_non_null(sys_heap_aligned_alloc(&h, 64 | 32, 10));
	assert_non_null(sys_heap_aligned_alloc(&h, 4, 10));
	assert_true(sys_heap_usable_size(&h, p) >= 64);
	assert_null(sys_heap_aligned_alloc(&h, ~(SIZE_MAX >> 1), 10));
	assert_true(sys_heap_validate(&h));
	free(mem);
}

static void array_of_heaps(void **state)
{
	static struct sys_heap h[80];
	struct sys_heap **all;
	int n = sys_heap_array_get(&all), i;

	assert_int_equal(sys_heap_array_save(NULL), -EINVAL);
	assert_int_equal(sys_heap_array_get(NULL), -EINVAL);
	assert_int_equal(n, 0);
	assert_int_equal(sys_heap_array_save(&h[0]), 0);
	assert_int_equal(sys_heap_array_save(&h[0]), 0);
	assert_int_equal(sys_heap_array_get(&all), 1);
	assert_ptr_equal(all[0], &h[0]);
	for (i = 1; i < 80 && !sys_heap_array_save(&h[i]); i++)
		;
	assert_int_equal(i, 64);
	assert_int_equal(sys_heap_array_get(&all), 64);
	assert_ptr_equal(all[63], &h[63]);
	assert_int_equal(sys_heap_array_remove(NULL), -EINVAL);
	assert_int_equal(sys_heap_array_remove(&h[64]), -ENOENT);
	assert_int_equal(sys_heap_array_remove(&h[2]), 0);
	assert_int_equal(sys_heap_array_remove(&h[2]), -ENOENT);
	assert_int_equal(sys_heap_array_get(&all), 63);
	for (i = 0; i < 63; i++)
		assert_ptr_not_equal(all[i], &h[2]);
	for (i = 0; i < 64; i++)
		assert_int_equal(sys_heap_array_remove(&h[i]), i == 2 ? -ENOENT : 0);
	assert_int_equal(sys_heap_array_get(&all), 0);
}

static void bad_heaps_fail_cleanly(void **state)
{
	static char mem[256] __attribute__((aligned(8)));
	struct sys_memory_stats st;
	struct sys_heap h;
	size_t n;

	for (n = 0; n < Z_HEAP_MIN_SIZE; n++) {
		if (!sys_heap_init(&h, mem, n))
			continue;
		assert_null(sys_heap_alloc(&h, 1));
		assert_null(sys_heap_aligned_alloc(&h, 64, 1));
		assert_null(sys_heap_realloc(&h, mem + 16, 1));
		sys_heap_free(&h, mem + 16);
		assert_int_equal(sys_heap_usable_size(&h, mem + 16), 0);
		assert_false(sys_heap_validate(&h));
		assert_int_equal(sys_heap_runtime_stats_get(&h, &st), 0);
		assert_int_equal(st.free_bytes, 0);
		sys_heap_print_info(&h, true);
	}
	assert_int_equal(sys_heap_init(&h, NULL, 256), -EINVAL);
	assert_int_equal(sys_heap_init(NULL, mem, 256), -EINVAL);
	assert_int_equal(sys_heap_init(&h, mem, SIZE_MAX), -EINVAL);
	assert_int_equal(sys_heap_init(&h, mem, (size_t)1 << 34), -EINVAL);
	assert_null(sys_heap_alloc(&h, 1));
}

static void noalign_ignores_align(void **state)
{
	struct sys_heap h;
	char *mem = heap_of(&h, 1024, MRIG_HARDEN_BASIC, false);

	assert_non_null(sys_heap_noalign_alloc(&h, 12345, 100));
	assert_non_null(sys_heap_noalign_alloc(&h, 1 << 20, 100));
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alloc_edges),
		cmocka_unit_test(usable_is_enough_and_writable),
		cmocka_unit_test(free_null_is_nothing),
		cmocka_unit_test(foreign_pointers_change_nothing),
		cmocka_unit_test(aligned_and_rewound),
		cmocka_unit_test(bad_alignment_is_refused),
		cmocka_unit_test(noalign_ignores_align),
		cmocka_unit_test(array_of_heaps),
		cmocka_unit_test(bad_heaps_fail_cleanly),
	};

	return RUN("sys_heap", tests);
}
