// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Per-thread caches over heaps of the process.
 */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#include <memrig/cache.h>

#define BYTES (1u << 20)

/* Inside the library. */
unsigned int mrig_cache_class(uint64_t bytes);
uint32_t mrig_cache_class_bytes(unsigned int class);

struct pair {
	memrig_heap_t *heap;
	memrig_cache_t *cache;
};

static struct pair make(const struct memrig_cache_config *config)
{
	struct pair pair = { .heap = make_heap(MEMRIG_PLACEMENT_OOB, BYTES, 0) };

	assert_int_equal(memrig_cache_create(pair.heap, config, &pair.cache), 0);
	return pair;
}

static uint64_t live(memrig_heap_t *heap)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };

	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	return stat.live_blocks;
}

static struct memrig_cache_stat look(memrig_cache_t *cache)
{
	struct memrig_cache_stat stat = { .size = sizeof(stat) };

	assert_int_equal(memrig_cache_stat(cache, &stat), 0);
	return stat;
}

/* Whatever happened, the heap is sound and empty when the cache is gone. */
static void end(struct pair pair)
{
	memrig_cache_close(pair.cache);
	assert_sound(pair.heap);
	assert_int_equal(live(pair.heap), 0);
	memrig_heap_close(pair.heap);
}

static void *get(struct pair pair, size_t bytes)
{
	void *ptr = NULL;

	assert_int_equal(memrig_cache_alloc(pair.cache, 0, bytes, &ptr), 0);
	memset(ptr, 0x5a, bytes);
	return ptr;
}

static void put(struct pair pair, void *ptr)
{
	assert_int_equal(memrig_cache_free(pair.cache, ptr), 0);
}

/* ---- what it does -------------------------------------------------------------------- */

static void classes_hold_what_they_are_for(void **state)
{
	unsigned int class, last = 0;
	uint32_t bytes, size;

	for (bytes = 1; bytes <= MEMRIG_CACHE_LARGEST_MAX; bytes++) {
		class = mrig_cache_class(bytes);
		size = mrig_cache_class_bytes(class);
		assert_true(class == last || class == last + 1);
		assert_true(size >= bytes);
		assert_true(size < bytes + 16 || size - bytes <= bytes / 4);
		assert_int_equal(mrig_cache_class(size), class);
		last = class;
	}
	assert_int_equal(last, 43);
	assert_int_equal(mrig_cache_class_bytes(last), MEMRIG_CACHE_LARGEST_MAX);
}

static void blocks_are_those_of_the_heap(void **state)
{
	struct pair pair = make(NULL);
	char *block[300];
	uint64_t offset;
	size_t usable;
	int i;

	for (i = 0; i < 300; i++) {
		block[i] = get(pair, 1 + i * 7);
		memset(block[i], i, 1 + i * 7);
		assert_int_equal(memrig_heap_usable(pair.heap, block[i], &usable), 0);
		assert_true(usable >= 1 + i * 7);
		assert_int_equal(memrig_heap_offset(pair.heap, block[i], &offset), 0);
	}
	assert_int_equal(live(pair.heap), 300 + look(pair.cache).idle_blocks);
	for (i = 0; i < 300; i++) {
		assert_int_equal((unsigned char)block[i][i * 7], (unsigned char)i);
		put(pair, block[i]);
	}
	assert_int_equal(live(pair.heap), look(pair.cache).idle_blocks);
	end(pair);
}

static void most_requests_need_no_call_of_the_heap(void **state)
{
	struct memrig_cache_config config = { .size = sizeof(config), .batch = 64 };
	struct pair pair = make(&config);
	struct memrig_cache_stat stat;
	void *block[500];
	int round, i;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < 500; i++)
			block[i] = get(pair, 64);
		for (i = 0; i < 500; i++)
			put(pair, block[i]);
	}
	stat = look(pair.cache);
	assert_int_equal(stat.allocs, 10000);
	assert_int_equal(stat.frees, 10000);
	assert_int_equal(stat.hits, stat.allocs - stat.fills);
	assert_in_range(stat.fills, 1, 10000 / 64 + 20);
	assert_in_range(stat.drains, 1, 10000 / 64 + 20);
	assert_int_equal(stat.direct, 0);
	assert_int_equal(stat.rejects, 0);
	end(pair);
}

static void who_wants_one_holds_one(void **state)
{
	struct pair pair = make(NULL);
	void *ptr = get(pair, 100);

	assert_int_equal(live(pair.heap), 1);
	put(pair, ptr);
	assert_ptr_equal(get(pair, 100), ptr);
	put(pair, ptr);
	end(pair);
}

static void what_lies_idle_is_bounded(void **state)
{
	const struct memrig_cache_config config = {
		.size = sizeof(config),
		.batch = 8,
		.thread_bytes = 10000,
	};
	struct pair pair = make(&config);
	struct memrig_cache_stat stat;
	void *block[64];
	size_t bytes;
	int i;

	for (bytes = 1; bytes <= 4096; bytes += 97) {
		for (i = 0; i < 64; i++)
			block[i] = get(pair, bytes);
		for (i = 0; i < 64; i++) {
			put(pair, block[i]);
			stat = look(pair.cache);
			assert_true(stat.idle_bytes <= 10000);
		}
	}
	end(pair);
}

static void the_large_and_the_aligned_go_straight(void **state)
{
	struct pair pair = make(NULL);
	uint64_t offset, usable;
	void *large = get(pair, MEMRIG_CACHE_LARGEST + 1), *aligned;

	assert_int_equal(memrig_cache_alloc(pair.cache, 512, 30, &aligned), 0);
	assert_int_equal((uintptr_t)aligned % 512, 0);
	assert_int_equal(look(pair.cache).direct, 2);
	put(pair, large);
	put(pair, aligned);
	assert_int_equal(live(pair.heap), 0);
	assert_int_equal(memrig_cache_alloc_at(pair.cache, 8, 100, &offset, &usable), 0);
	assert_true(usable >= 100);
	assert_int_equal(look(pair.cache).direct, 2);
	assert_int_equal(memrig_cache_free_at(pair.cache, offset), 0);
	end(pair);
}

static void flush_gives_back(void **state)
{
	struct pair pair = make(NULL);

	assert_int_equal(memrig_cache_flush(pair.cache), 0); /* has nothing yet */
	put(pair, get(pair, 10));
	put(pair, get(pair, 1000));
	assert_int_equal(live(pair.heap), 2);
	assert_int_equal(memrig_cache_flush(pair.cache), 0);
	assert_int_equal(live(pair.heap), 0);
	assert_int_equal(look(pair.cache).idle_bytes, 0);
	end(pair);
}

/* ---- threads ------------------------------------------------------------------------- */

struct other {
	struct pair pair;
	pthread_barrier_t there;
	pthread_barrier_t go;
	void *block;
	int ret;
};

static void *other_thread(void *arg)
{
	struct other *other = arg;
	void *block[100];
	int i;

	for (i = 0; i < 100; i++) {
		if (memrig_cache_alloc(other->pair.cache, 0, 4000, &block[i]))
			return NULL;
	}
	for (i = 1; i < 100; i++)
		other->ret |= memrig_cache_free(other->pair.cache, block[i]);
	other->block = block[0];
	pthread_barrier_wait(&other->there);
	pthread_barrier_wait(&other->go);
	return arg;
}

static pthread_t start(struct other *other, const struct memrig_cache_config *config)
{
	pthread_t thread;

	*other = (struct other){ .pair = make(config) };
	pthread_barrier_init(&other->there, NULL, 2);
	pthread_barrier_init(&other->go, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, other_thread, other), 0);
	pthread_barrier_wait(&other->there);
	assert_int_equal(other->ret, 0);
	return thread;
}

static void finish(struct other *other, pthread_t thread)
{
	void *good;

	pthread_barrier_wait(&other->go);
	assert_int_equal(pthread_join(thread, &good), 0);
	assert_non_null(good);
}

static void a_thread_that_ends_gives_back(void **state)
{
	struct other other;
	pthread_t thread = start(&other, NULL);

	assert_true(look(other.pair.cache).idle_blocks > 0);
	assert_int_equal(look(other.pair.cache).threads, 1);
	finish(&other, thread);
	assert_int_equal(look(other.pair.cache).threads, 0);
	assert_int_equal(look(other.pair.cache).idle_blocks, 0);
	assert_int_equal(look(other.pair.cache).allocs, 100);
	assert_int_equal(live(other.pair.heap), 1);
	put(other.pair, other.block); /* by another thread than allocated it */
	end(other.pair);
}

static void a_request_fails_only_when_nothing_lies_idle(void **state)
{
	const struct memrig_cache_config config = { .size = sizeof(config), .thread_bytes = BYTES };
	struct other other;
	pthread_t thread = start(&other, &config);
	uint64_t idle = look(other.pair.cache).idle_bytes, got = 0;
	char text[300];
	void *ptr;
	int ret;

	assert_true(idle > BYTES / 5);
	while (!(ret = memrig_cache_alloc(other.pair.cache, 0, 20000, &ptr)))
		got += 20000;
	assert_int_equal(ret, -ENOMEM);
	assert_true(look(other.pair.cache).reclaims >= 1);
	assert_int_equal(look(other.pair.cache).idle_bytes, 0);
	assert_true(got > BYTES - idle);
	assert_string_equal(memrig_failure()->call, "memrig_cache_alloc");
	assert_int_equal(memrig_failure()->wanted, 20000);
	assert_int_not_equal(memrig_failure()->reason, MEMRIG_REASON_NONE);
	memrig_explain(NULL, text, sizeof(text));
	assert_non_null(strstr(text, "free"));
	finish(&other, thread);
	memrig_cache_close(other.pair.cache);
	memrig_heap_close(other.pair.heap);
}

static void a_cache_may_end_before_its_threads(void **state)
{
	struct other other;
	pthread_t thread = start(&other, NULL);

	memrig_cache_close(other.pair.cache);
	assert_int_equal(live(other.pair.heap), 1);
	finish(&other, thread);
	assert_int_equal(memrig_heap_free(other.pair.heap, other.block), 0);
	assert_sound(other.pair.heap);
	memrig_heap_close(other.pair.heap);
}

static void flush_all_is_of_all(void **state)
{
	struct other other;
	pthread_t thread = start(&other, NULL);

	put(other.pair, get(other.pair, 50));
	assert_int_equal(memrig_cache_flush(other.pair.cache), 0);
	assert_true(look(other.pair.cache).idle_blocks > 0);
	assert_int_equal(memrig_cache_flush_all(other.pair.cache), 0);
	assert_int_equal(look(other.pair.cache).idle_blocks, 0);
	assert_int_equal(look(other.pair.cache).threads, 2);
	finish(&other, thread);
	put(other.pair, other.block);
	end(other.pair);
}

/* What the child finds wrong is its exit status. */
static int in_the_child(struct other *other, void *mine)
{
	struct memrig_cache_stat stat = { .size = sizeof(stat) };
	uint64_t before = look(other->pair.cache).allocs;
	void *ptr;

	if (memrig_cache_stat(other->pair.cache, &stat) || stat.idle_blocks || stat.threads != 1)
		return 1;
	if (memrig_cache_alloc(other->pair.cache, 0, 1000, &ptr) || ptr == mine)
		return 2; /* what lay idle in the parent is not given out here */
	if (memrig_cache_free(other->pair.cache, ptr) || look(other->pair.cache).idle_blocks != 1)
		return 3;
	if (look(other->pair.cache).allocs != before + 1)
		return 4;
	/* What was in use goes straight to the heap, once. */
	if (memrig_cache_free(other->pair.cache, other->block) ||
	    memrig_cache_free(other->pair.cache, other->block) != -ENOENT)
		return 5;
	if (look(other->pair.cache).idle_blocks != 1)
		return 6;
	memrig_cache_close(other->pair.cache);
	return 0;
}

static void a_child_starts_with_nothing(void **state)
{
	struct other other;
	pthread_t thread = start(&other, NULL);
	void *mine = get(other.pair, 1000);
	uint64_t idle;
	int status;
	pid_t pid;

	put(other.pair, mine);
	idle = look(other.pair.cache).idle_blocks;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(in_the_child(&other, mine));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(look(other.pair.cache).idle_blocks, idle);
	assert_ptr_equal(get(other.pair, 1000), mine);
	put(other.pair, mine);
	put(other.pair, other.block);
	finish(&other, thread);
	end(other.pair);
}

/* ---- bad input ----------------------------------------------------------------------- */

static void bad_frees_are_refused(void **state)
{
	struct pair pair = make(NULL);
	char *ptr = get(pair, 100), outside[16];
	uint64_t offset;

	assert_int_equal(memrig_cache_free(pair.cache, NULL), 0);
	assert_int_equal(memrig_cache_free(pair.cache, ptr + 8), -ENOENT);
	assert_int_equal(memrig_cache_free(pair.cache, ptr + 1), -ENOENT);
	assert_int_equal(memrig_cache_free(pair.cache, outside), -ENOENT);
	assert_int_equal(memrig_cache_free_at(pair.cache, UINT64_MAX), -ENOENT);
	assert_int_equal(memrig_cache_free_at(pair.cache, BYTES), -ENOENT);
	assert_int_equal(memrig_heap_offset(pair.heap, ptr, &offset), 0);
	put(pair, ptr);
	assert_int_equal(memrig_cache_free(pair.cache, ptr), -ENOENT);
	assert_string_equal(memrig_failure()->call, "memrig_cache_free");
	assert_int_equal(memrig_cache_free_at(pair.cache, offset), -ENOENT);
	assert_int_equal(memrig_cache_flush(pair.cache), 0);
	assert_int_equal(memrig_cache_free(pair.cache, ptr), -ENOENT);
	assert_true(look(pair.cache).rejects >= 6);
	end(pair);
}

static void a_block_freed_behind_its_back_is_noticed(void **state)
{
	struct pair pair = make(NULL);
	void *ptr = get(pair, 100), *other = get(pair, 100);

	put(pair, ptr);
	put(pair, other);
	assert_int_equal(memrig_heap_free(pair.heap, ptr), 0);
	assert_int_equal(memrig_cache_flush(pair.cache), 0);
	assert_int_equal(look(pair.cache).rejects, 1);
	assert_int_equal(live(pair.heap), 0);
	end(pair);
}

static void bad_sizes_are_refused(void **state)
{
	struct pair pair = make(NULL);
	uint64_t offset;
	void *ptr;

	assert_int_equal(memrig_cache_alloc(pair.cache, 0, 0, &ptr), -EINVAL);
	assert_int_equal(memrig_cache_alloc(pair.cache, 7, 10, &ptr), -EINVAL);
	assert_int_equal(memrig_cache_alloc(pair.cache, 0, BYTES + 1, &ptr), -ENOMEM);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
	assert_int_equal(memrig_cache_alloc(pair.cache, 0, SIZE_MAX, &ptr), -ENOMEM);
	assert_int_equal(memrig_cache_alloc_at(pair.cache, 0, UINT64_MAX, &offset, NULL), -ENOMEM);
	end(pair);
}

static void bad_configurations_are_refused(void **state)
{
	static const struct memrig_cache_config bad[] = {
		{ .size = sizeof(bad[0]) - 1 },
		{ .size = 0 },
		{ .size = sizeof(bad[0]), .batch = MEMRIG_CACHE_BATCH_MAX + 1 },
		{ .size = sizeof(bad[0]), .largest = MEMRIG_CACHE_LARGEST_MAX + 1 },
		{ .size = sizeof(bad[0]), .reserved = 1 },
	};
	const struct memrig_cache_config newer = { .size = sizeof(newer) + 8 };
	const struct memrig_cache_config least = {
		.size = sizeof(least), .batch = 1, .largest = 1, .thread_bytes = 1
	};
	const struct memrig_cache_config most = { .size = sizeof(most),
						  .batch = MEMRIG_CACHE_BATCH_MAX,
						  .largest = MEMRIG_CACHE_LARGEST_MAX,
						  .thread_bytes = UINT64_MAX };
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, BYTES, 0);
	struct memrig_cache_stat stat = { .size = 8 };
	memrig_cache_t *cache;
	struct pair pair;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(memrig_cache_create(heap, &bad[i], &cache), -EINVAL);
	assert_int_equal(memrig_cache_create(heap, &newer, &cache), -E2BIG);
	memrig_heap_close(heap);
	memrig_cache_close(NULL);
	pair = make(&least);
	put(pair, get(pair, 10));
	assert_int_equal(look(pair.cache).idle_blocks, 0);
	assert_int_equal(memrig_cache_stat(pair.cache, &stat), -EINVAL);
	stat.size = sizeof(stat) + 8;
	assert_int_equal(memrig_cache_stat(pair.cache, &stat), -E2BIG);
	end(pair);
	pair = make(&most);
	put(pair, get(pair, 65536));
	put(pair, get(pair, 16));
	end(pair);
}

static void too_many_caches_are_explained(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, BYTES, 0);
	memrig_cache_t *cache[2000];
	char text[300];
	int n = 0, ret;

	while (n < 2000 && !(ret = memrig_cache_create(heap, NULL, &cache[n])))
		n++;
	assert_int_equal(ret, -EAGAIN);
	memrig_explain(NULL, text, sizeof(text));
	assert_non_null(strstr(text, "key"));
	while (n > 0)
		memrig_cache_close(cache[--n]);
	memrig_heap_close(heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_hold_what_they_are_for),
		cmocka_unit_test(blocks_are_those_of_the_heap),
		cmocka_unit_test(most_requests_need_no_call_of_the_heap),
		cmocka_unit_test(who_wants_one_holds_one),
		cmocka_unit_test(what_lies_idle_is_bounded),
		cmocka_unit_test(the_large_and_the_aligned_go_straight),
		cmocka_unit_test(flush_gives_back),
		cmocka_unit_test(a_thread_that_ends_gives_back),
		cmocka_unit_test(a_request_fails_only_when_nothing_lies_idle),
		cmocka_unit_test(a_cache_may_end_before_its_threads),
		cmocka_unit_test(flush_all_is_of_all),
		cmocka_unit_test(a_child_starts_with_nothing),
		cmocka_unit_test(bad_frees_are_refused),
		cmocka_unit_test(a_block_freed_behind_its_back_is_noticed),
		cmocka_unit_test(bad_sizes_are_refused),
		cmocka_unit_test(bad_configurations_are_refused),
		cmocka_unit_test(too_many_caches_are_explained),
	};

	return RUN(tests);
}
