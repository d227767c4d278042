// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Allocation tracking: what each call promises, bad input, reports, a model, threads. */
#include <sys/wait.h>
#include <unistd.h>
#include <memrig/track.h>
#include <memrig/track_json.h>
#include "k_malloc.h"
#include "memory.h"
#include "memrig/system_heap.h"

static struct memrig_tracker t;

static int up(void **state)
{
	return memrig_track_init(&t, &memrig_allocator_libc);
}

static int down(void **state)
{
	assert_int_equal(memrig_track_fini(&t), 0);
	assert_int_equal(mem_live, 0);
	return 0;
}

static struct memrig_track_stats stats(void)
{
	struct memrig_track_stats s;

	assert_int_equal(memrig_track_stats(&t, &s), 0);
	return s;
}

static int keep_last(const struct memrig_track_block *block, void *arg)
{
	*(struct memrig_track_block *)arg = *block;
	return 0;
}

static int stop_at(const struct memrig_track_block *block, void *arg)
{
	return block->line == *(int *)arg ? 77 : 0;
}

/* The macros use the system heap until a file says otherwise. */
static void macros(void **state)
{
	struct memrig_track_block b = { 0 };
	struct memrig_track_stats s;
	int64_t before = mrig_clock();
	char *p;
	int line;

	assert_int_equal(memrig_system_heap_pool(4096, false, NULL), 0);
	k_thread_name_set(NULL, "tester");
	line = __LINE__ + 1;
	p = TRACKED_MALLOC(100);
	assert_non_null(p);
	assert_int_equal(memrig_track_each(&memrig_tracker, keep_last, &b), 0);
	assert_ptr_equal(b.ptr, p);
	assert_int_equal(b.bytes, 100);
	assert_string_equal(b.file, __FILE__);
	assert_int_equal(b.line, line);
	assert_string_equal(b.name, "tester");
	assert_ptr_equal(b.thread, k_current_get());
	assert_true(b.when >= before && b.when <= mrig_clock());
	memset(p, 'x', 100);
	p = TRACKED_REALLOC(p, 200);
	assert_int_equal(p[99], 'x');
	TRACKED_FREE(p);
	p = TRACKED_CALLOC(10, 10);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	TRACKED_FREE(p);
	TRACKED_FREE(NULL);
	assert_null(TRACKED_MALLOC(100000));
	assert_null(TRACKED_CALLOC(SIZE_MAX, 2));
	assert_int_equal(memrig_track_stats(&memrig_tracker, &s), 0);
	assert_int_equal(s.live, 0);
	assert_int_equal(s.fails, 2);
	assert_int_equal(s.allocs, 2);
	assert_int_equal(s.max_bytes, 200);
	assert_int_equal(memrig_track_fini(&memrig_tracker), 0);
}

static void bad_input(void **state)
{
	struct memrig_allocator half = memrig_allocator_libc;
	struct memrig_track_stats s;
	char other[8];
	char *p;

	half.realloc = NULL;
	assert_int_equal(memrig_track_init(NULL, NULL), -EINVAL);
	assert_int_equal(memrig_track_init(&t, &half), -EINVAL);
	assert_int_equal(memrig_track_fini(NULL), 0);
	assert_null(memrig_track_alloc(NULL, 8, "f", 1));
	assert_null(memrig_track_calloc(NULL, 1, 8, "f", 1));
	assert_null(memrig_track_realloc(NULL, other, 8, "f", 1));
	assert_null(memrig_track_realloc(&t, NULL, 0, "f", 1));
	assert_null(memrig_track_realloc(&t, other, 8, "f", 1));
	assert_int_equal(memrig_track_free(NULL, other), -EINVAL);
	assert_int_equal(memrig_track_free(&t, NULL), 0);
	assert_int_equal(memrig_track_free(&t, other), -ENOENT);
	assert_int_equal(memrig_track_note(NULL, other, 8, "f", 1), -EINVAL);
	assert_int_equal(memrig_track_note(&t, NULL, 8, "f", 1), -EINVAL);
	assert_int_equal(memrig_track_forget(NULL, other), -EINVAL);
	assert_int_equal(memrig_track_forget(&t, NULL), -EINVAL);
	assert_int_equal(memrig_track_forget(&t, other), -ENOENT);
	assert_int_equal(memrig_track_each(NULL, keep_last, NULL), -EINVAL);
	assert_int_equal(memrig_track_each(&t, NULL, NULL), -EINVAL);
	assert_int_equal(memrig_track_stats(NULL, &s), -EINVAL);
	assert_int_equal(memrig_track_stats(&t, NULL), -EINVAL);
	assert_int_equal(memrig_track_report(NULL, stdout), -EINVAL);
	assert_int_equal(memrig_track_report(&t, NULL), -EINVAL);
	assert_int_equal(memrig_track_report_at_exit(NULL), -EINVAL);
	assert_null(memrig_track_json(NULL));
	assert_int_equal(stats().strays, 3);
	p = memrig_track_alloc(&t, 8, "f", 1);
	assert_int_equal(memrig_track_free(&t, p + 1), -ENOENT);
	assert_int_equal(memrig_track_free(&t, p), 0);
	assert_int_equal(memrig_track_free(&t, p), -ENOENT);
	assert_int_equal(stats().strays, 5);
	assert_int_equal(stats().frees, 1);
}

static void notes(void **state)
{
	char other[8];
	int line = 2;

	assert_int_equal(memrig_track_note(&t, other, 8, "f", 1), 0);
	assert_int_equal(memrig_track_note(&t, other + 1, 9, "f", 2), 0);
	assert_int_equal(stats().live, 2);
	assert_int_equal(stats().bytes, 17);
	assert_int_equal(memrig_track_each(&t, stop_at, &line), 77);
	/* freed and allocated again behind the tracker's back */
	assert_int_equal(memrig_track_note(&t, other, 5, "f", 3), 0);
	assert_int_equal(stats().lost, 1);
	assert_int_equal(stats().live, 2);
	assert_int_equal(memrig_track_forget(&t, other), 0);
	assert_int_equal(memrig_track_forget(&t, other), -ENOENT);
	assert_int_equal(memrig_track_fini(&t), 1);
	assert_int_equal(stats().live, 0);
}

static int free_it(const struct memrig_track_block *block, void *arg)
{
	++*(int *)arg;
	/* what comes meanwhile is not seen */
	assert_non_null(memrig_track_alloc(&t, 1, "young", 1));
	return memrig_track_free(&t, block->ptr);
}

static void walkers_may_change_everything(void **state)
{
	int seen = 0;

	for (int i = 0; i < 100; i++)
		assert_non_null(memrig_track_alloc(&t, (size_t)i, "old", i));
	assert_int_equal(memrig_track_each(&t, free_it, &seen), 0);
	assert_int_equal(seen, 100);
	assert_int_equal(stats().live, 100);
	assert_int_equal(memrig_track_each(&t, free_it, &seen), 0);
	assert_int_equal(seen, 200);
	for (struct memrig_track_block b; stats().live;) {
		memrig_track_each(&t, keep_last, &b);
		assert_string_equal(b.file, "young");
		assert_int_equal(memrig_track_free(&t, b.ptr), 0);
	}
}

static void reports(void **state)
{
	char *text, *p = memrig_track_alloc(&t, 123, "dir/file.c", 42);
	struct json_object *all, *blocks, *field;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(memrig_track_report(&t, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "1 blocks live, 123 bytes"));
	assert_non_null(strstr(text, "dir/file.c:42"));
	free(text);
	all = memrig_track_json(&t);
	assert_true(json_object_object_get_ex(all, "blocks", &blocks));
	assert_int_equal(json_object_array_length(blocks), 1);
	assert_true(
		json_object_object_get_ex(json_object_array_get_idx(blocks, 0), "line", &field));
	assert_int_equal(json_object_get_int(field), 42);
	assert_true(json_object_object_get_ex(all, "bytes", &field));
	assert_int_equal(json_object_get_int(field), 123);
	json_object_put(all);
	assert_int_equal(memrig_track_free(&t, p), 0);
}

/* A program that leaks says so when it ends; one that does not says nothing. */
static void leaks_at_exit(void **state)
{
	for (int leak = 0; leak < 2; leak++) {
		char text[512] = "";
		int ends[2], status;
		size_t n = 0;
		ssize_t got;
		pid_t pid;

		assert_int_equal(pipe(ends), 0);
		pid = fork();
		if (!pid) {
			dup2(ends[1], STDERR_FILENO);
			close(ends[0]);
			close(ends[1]);
			memrig_track_report_at_exit(&t);
			memrig_track_report_at_exit(&t);
			if (leak)
				memrig_track_alloc(&t, 17, "leaky.c", 3);
			else
				memrig_track_free(&t, memrig_track_alloc(&t, 17, "tidy.c", 3));
			exit(0);
		}
		close(ends[1]);
		while ((got = read(ends[0], text + n, sizeof(text) - 1 - n)) > 0)
			n += (size_t)got;
		close(ends[0]);
		waitpid(pid, &status, 0);
		assert_int_equal(!!strstr(text, "leaky.c:3"), leak);
		assert_int_equal(!!strstr(text, "never freed"), leak);
	}
}

static void only_so_many_at_exit(void **state)
{
	static struct memrig_tracker many[MEMRIG_TRACK_AT_EXIT + 1];

	for (int i = 0; i < MEMRIG_TRACK_AT_EXIT; i++)
		assert_int_equal(memrig_track_report_at_exit(&many[i]), 0);
	assert_int_equal(memrig_track_report_at_exit(&many[MEMRIG_TRACK_AT_EXIT]), -ENOSPC);
	assert_int_equal(memrig_track_report_at_exit(&many[0]), 0);
}

/* Against a list of what lives. */
static void random_programs(void **state)
{
	struct {
		void *ptr;
		size_t bytes;
	} live[200] = { 0 };
	unsigned int seed = 21;
	size_t n = 0, sum = 0;

	for (int step = 0; step < 40000; step++) {
		int i = rand_r(&seed) % 200;
		size_t bytes = 1 + rand_r(&seed) % 300;
		void *to;

		if (live[i].ptr && rand_r(&seed) % 2) {
			assert_int_equal(memrig_track_free(&t, live[i].ptr), 0);
			sum -= live[i].bytes;
			n--;
			live[i].ptr = NULL;
		} else {
			to = memrig_track_realloc(&t, live[i].ptr, bytes, "r", i);
			assert_non_null(to);
			sum += bytes - (live[i].ptr ? live[i].bytes : 0);
			n += !live[i].ptr;
			live[i].ptr = to;
			live[i].bytes = bytes;
		}
		assert_int_equal(stats().live, n);
		assert_int_equal(stats().bytes, sum);
	}
	for (int i = 0; i < 200; i++)
		assert_int_equal(memrig_track_free(&t, live[i].ptr), 0);
	assert_int_equal(stats().lost, 0);
}

static void *hammer(void *arg)
{
	void *p[8] = { 0 };
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	struct memrig_track_block last;

	for (int i = 0; i < 5000; i++) {
		int k = rand_r(&seed) % 8;

		if (p[k])
			assert_int_equal(memrig_track_free(&t, p[k]), 0);
		p[k] = memrig_track_alloc(&t, 8, "h", k);
		if (!(i % 500))
			memrig_track_each(&t, keep_last, &last);
	}
	for (int k = 0; k < 8; k++)
		memrig_track_free(&t, p[k]);
	return NULL;
}

static void threads(void **state)
{
	pthread_t thread[4];

	for (uintptr_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, hammer, (void *)(i + 1)), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(stats().live, 0);
	assert_int_equal(stats().allocs, stats().frees);
}

static void without_memory(void **state)
{
	void *p;

	for (int grants = 0; grants < 2; grants++) {
		mem_grants = grants;
		assert_null(memrig_track_alloc(&t, 8, "f", 1));
		mem_grants = grants ? 0 : -1;
	}
	assert_int_equal(memrig_track_note(&t, &p, 8, "f", 1), -ENOMEM);
	mem_grants = 1;
	assert_non_null(p = memrig_track_alloc(&t, 8, "f", 1));
	assert_null(memrig_track_alloc(&t, 8, "f", 1));
	mem_grants = -1;
	assert_int_equal(stats().fails, 3);
	assert_int_equal(memrig_track_free(&t, p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macros),
		cmocka_unit_test_setup_teardown(bad_input, up, down),
		cmocka_unit_test_setup_teardown(notes, up, down),
		cmocka_unit_test_setup_teardown(walkers_may_change_everything, up, down),
		cmocka_unit_test_setup_teardown(reports, up, down),
		cmocka_unit_test_setup_teardown(leaks_at_exit, up, down),
		cmocka_unit_test(only_so_many_at_exit),
		cmocka_unit_test_setup_teardown(random_programs, up, down),
		cmocka_unit_test_setup_teardown(threads, up, down),
		cmocka_unit_test_setup_teardown(without_memory, up, down),
	};

	return RUN("memrig_track", tests);
}
