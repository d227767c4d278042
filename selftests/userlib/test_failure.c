// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Failures in words: every one names what failed and, where something helps, what to try.
 */
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memrig/zephyr.h>

#include "misuse.h"
#include "test.h"

static void explain_last(char *text, size_t len)
{
	int full = memrig_explain(NULL, text, len);

	assert_true(full > 0 && (size_t)full < len);
}

static void a_missing_device_says_load_the_module(void **state)
{
	struct memrig_failure absent = { .call = "memrig_open", .error = -ENOENT };
	char text[512];
	memrig_t *rig;

	assert_int_equal(memrig_open_path("/nonexistent/memrig", &rig), -ENOENT);
	explain_last(text, sizeof(text));
	assert_non_null(strstr(text, "/nonexistent/memrig"));
	assert_non_null(strstr(text, "no such device"));
	assert_non_null(strstr(text, "try: check the path"));

	assert_true(memrig_explain(&absent, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "not loaded"));
	assert_non_null(strstr(text, "try: load it"));
}

static void a_forbidden_device_says_join_the_group(void **state)
{
	struct memrig_failure failure = { .call = "memrig_open", .error = -EACCES };
	char text[512];

	assert_true(memrig_explain(&failure, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "group memrig"));
	assert_non_null(strstr(text, "EACCES"));
}

static void another_device_is_recognised(void **state)
{
	char text[512];
	memrig_t *rig;

	assert_int_equal(memrig_open_path("/dev/null", &rig), -ENOTTY);
	explain_last(text, sizeof(text));
	assert_non_null(strstr(text, "no memrig device"));
}

static void environment_chooses_the_device(void **state)
{
	memrig_t *rig;

	setenv("MEMRIG_DEVICE", "/nonexistent/other", 1);
	assert_int_equal(memrig_open(&rig), -ENOENT);
	assert_string_equal(memrig_failure()->name, "/nonexistent/other");
	unsetenv("MEMRIG_DEVICE");
}

static void foreign_descriptors_are_refused(void **state)
{
	memrig_region_t *region;
	memrig_heap_t *heap;

	assert_int_equal(memrig_region_from_fd(STDIN_FILENO, &region) < 0, 1);
	assert_string_equal(memrig_failure()->call, "memrig_region_from_fd");
	assert_int_equal(memrig_heap_from_fd(-1, &heap), -EBADF);
}

static void shortage_gives_the_numbers(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 4096, 0);
	uint64_t offset;
	char text[512];

	assert_int_equal(memrig_heap_alloc_at(heap, 0, 3000, &offset, NULL), 0);
	assert_int_equal(memrig_heap_alloc_at(heap, 0, 3000, &offset, NULL), -ENOMEM);
	explain_last(text, sizeof(text));
	assert_non_null(strstr(text, "3000 bytes wanted"));
	assert_non_null(strstr(text, "try: "));
	memrig_heap_close(heap);
}

static void a_refused_batch_gives_the_reason(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 4096, 0);
	struct memrig_alloc_req reqs[] = { { .bytes = 3000 }, { .bytes = 2000 } };
	char text[512];
	uint32_t done;

	assert_int_equal(memrig_heap_alloc_batch(heap, reqs, 2, MEMRIG_BATCH_ALL_OR_NONE, &done),
			 -ENOMEM);
	assert_int_equal(memrig_failure()->reason, reqs[1].reason);
	explain_last(text, sizeof(text));
	assert_non_null(strstr(text, "2000 bytes wanted"));
	assert_non_null(strstr(text, "try: "));
	memrig_heap_close(heap);
}

static void every_reason_has_name_text_and_advice(void **state)
{
	uint32_t reason, other;

	for (reason = MEMRIG_REASON_NONE; reason <= MEMRIG_REASON_STORE; reason++) {
		assert_true(strlen(memrig_reason_text(reason)) > 10);
		assert_string_not_equal(memrig_reason_name(reason), "?");
		if (reason)
			assert_true(strlen(memrig_reason_advice(reason)) > 10);
		for (other = 0; other < reason; other++)
			assert_string_not_equal(memrig_reason_name(reason),
						memrig_reason_name(other));
	}
	assert_string_equal(memrig_reason_name(9999), "?");
	assert_string_equal(memrig_reason_advice(9999), "");
}

static void names_go_both_ways(void **state)
{
	uint32_t i;

	for (i = MEMRIG_ATTR_CACHED; i <= MEMRIG_ATTR_DEVICE; i++)
		assert_int_equal(memrig_attr_value(memrig_attr_name(i)), i);
	for (i = MEMRIG_KIND_PAGES; i <= MEMRIG_KIND_COHERENT; i++)
		assert_int_equal(memrig_kind_value(memrig_kind_name(i)), i);
	for (i = MEMRIG_PLACEMENT_OOB; i <= MEMRIG_PLACEMENT_INBAND; i++)
		assert_int_equal(memrig_placement_value(memrig_placement_name(i)), i);
	assert_int_equal(memrig_attr_value("shiny"), 0);
	assert_string_equal(memrig_attr_name(0), "?");
	assert_string_equal(memrig_memtype_name(MEMRIG_MEMTYPE_UC_MINUS), "UC-");
	assert_string_equal(memrig_memtype_name(MEMRIG_MEMTYPE_OTHER), "other");
}

static void *fail_elsewhere(void *arg)
{
	memrig_t *rig;

	assert_int_equal(memrig_failure()->error, 0);
	memrig_open_path("/nonexistent/elsewhere", &rig);
	return NULL;
}

static void failures_are_of_the_thread(void **state)
{
	pthread_t thread;
	memrig_t *rig;

	memrig_open_path("/nonexistent/here", &rig);
	assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
	pthread_join(thread, NULL);
	assert_string_equal(memrig_failure()->name, "/nonexistent/here");
}

static void texts_are_cut_not_overrun(void **state)
{
	char small[8] = "1234567";
	memrig_t *rig;

	memrig_open_path("/nonexistent/a/path/that/is/longer/than/what/the/failure/can/hold/of/it",
			 &rig);
	assert_true(memrig_explain(NULL, small, 4) > 4);
	assert_int_equal(small[3], '\0');
	assert_int_equal(small[4], '5');
}

static void assert_misuse(const void *object, const void *block, int error, int times)
{
	assert_ptr_equal(reported.object, object);
	assert_ptr_equal(reported.block, block);
	assert_int_equal(reported.error, error);
	assert_int_equal(reported.count, times);
}

/* What a wrong free says on stderr. */
static void said_on_stderr(struct k_mem_slab *slab, void *block, char *text, size_t size)
{
	int pipes[2], keep = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(pipes), 0);
	fflush(stderr);
	dup2(pipes[1], STDERR_FILENO);
	k_mem_slab_free(slab, block);
	fflush(stderr);
	dup2(keep, STDERR_FILENO);
	close(keep);
	close(pipes[1]);
	n = read(pipes[0], text, size - 1);
	close(pipes[0]);
	assert_true(n >= 0);
	text[n] = '\0';
}

static void misuse_is_told_to_who_asked(void **state)
{
	static _Alignas(64) char buf[4 * 64], elsewhere[64];
	struct k_mem_slab slab;
	char text[256];
	void *block;

	assert_int_equal(k_mem_slab_init(&slab, buf, 64, 4), 0);
	assert_int_equal(k_mem_slab_alloc(&slab, &block, K_NO_WAIT), 0);
	memrig_on_misuse(note_misuse);
	k_mem_slab_free(&slab, (char *)block + 8);
	assert_misuse(&slab, (char *)block + 8, -EINVAL, 1);
	k_mem_slab_free(&slab, elsewhere);
	assert_misuse(&slab, elsewhere, -ENOENT, 2);
	k_mem_slab_free(&slab, block);
	assert_int_equal(reported.count, 2);
	k_mem_slab_free(&slab, block);
	assert_misuse(&slab, block, -EALREADY, 3);
	assert_int_equal(k_mem_slab_num_free_get(&slab), 4);
	/* Without a function it is a line on stderr, and no call. */
	memrig_on_misuse(NULL);
	said_on_stderr(&slab, block, text, sizeof(text));
	assert_int_equal(reported.count, 3);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_int_equal(k_mem_slab_num_free_get(&slab), 4);
}

int main(void)
{
	const struct CMUnitTest failure[] = {
		cmocka_unit_test(a_missing_device_says_load_the_module),
		cmocka_unit_test(a_forbidden_device_says_join_the_group),
		cmocka_unit_test(another_device_is_recognised),
		cmocka_unit_test(environment_chooses_the_device),
		cmocka_unit_test(foreign_descriptors_are_refused),
		cmocka_unit_test(shortage_gives_the_numbers),
		cmocka_unit_test(a_refused_batch_gives_the_reason),
		cmocka_unit_test(every_reason_has_name_text_and_advice),
		cmocka_unit_test(names_go_both_ways),
		cmocka_unit_test(failures_are_of_the_thread),
		cmocka_unit_test(texts_are_cut_not_overrun),
		cmocka_unit_test(misuse_is_told_to_who_asked),
	};

	return RUN(failure);
}
