// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads on one cache, for the thread sanitizer: blocks wander between threads, threads end
 * and begin, somebody flushes everybody, the heap is short of memory. Afterwards nothing is left.
 *
 * usage: stress_cache SEED SECONDS
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <memrig/cache.h>

#define THREADS 4
#define MAILBOX 64
#define OWN	48
#define BYTES	(96u << 10) /* less than all of them want */
#define LARGEST 6000
#define ROUND	4000 /* operations before a thread ends and another takes its place */

/* Begins each block: the rest of it is its low byte, up to @bytes. */
struct stamp {
	uint64_t value;
	uint64_t bytes;
};

static memrig_heap_t *heap;
static memrig_cache_t *cache;
static _Atomic(struct stamp *) mailbox[MAILBOX];
static atomic_ulong operations, refused;
static atomic_bool stop;

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "stress_cache: %s\n", what);
	abort();
}

static uint32_t draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

static struct stamp *get(uint64_t *seed)
{
	uint64_t bytes = sizeof(struct stamp) + draw(seed) % (draw(seed) % 8 ? 300 : LARGEST);
	struct stamp *stamp;
	void *ptr;
	int ret;

	ret = memrig_cache_alloc(cache, 0, bytes, &ptr);
	if (ret) {
		check(ret == -ENOMEM, "a request fails for another reason than shortage");
		atomic_fetch_add(&refused, 1);
		return NULL;
	}
	stamp = ptr;
	memset(stamp, (int)bytes & 0xff, bytes);
	stamp->value = bytes * 77;
	stamp->bytes = bytes;
	return stamp;
}

static void put(struct stamp *stamp)
{
	const unsigned char *byte = (const unsigned char *)stamp;
	uint64_t i;

	if (!stamp)
		return;
	check(stamp->value == stamp->bytes * 77, "a block was given out twice");
	for (i = sizeof(*stamp); i < stamp->bytes; i++)
		check(byte[i] == (stamp->bytes & 0xff), "the content of a block changed");
	stamp->value = 0;
	check(!memrig_cache_free(cache, stamp), "a block cannot be freed");
}

static void *work(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	struct stamp *own[OWN] = { 0 };
	int i, op;

	for (op = 0; op < ROUND && !atomic_load(&stop); op++) {
		unsigned int what = draw(&seed) % 100, n = draw(&seed) % OWN;

		if (what < 45) {
			put(own[n]);
			own[n] = get(&seed);
		} else if (what < 70) {
			own[n] = atomic_exchange(&mailbox[draw(&seed) % MAILBOX], own[n]);
		} else if (what < 99 || draw(&seed) % 4) {
			put(own[n]);
			own[n] = NULL;
		} else if (draw(&seed) % 2) {
			check(!memrig_cache_flush_all(cache), "flush_all");
		} else {
			struct memrig_cache_stat stat = { .size = sizeof(stat) };

			check(!memrig_cache_stat(cache, &stat), "stat");
		}
	}
	for (i = 0; i < OWN; i++)
		put(own[i]);
	atomic_fetch_add(&operations, op);
	return NULL;
}

static void run(uint64_t seed, int seconds)
{
	pthread_t threads[THREADS];
	time_t end = time(NULL) + seconds;
	int i;

	for (i = 0; i < THREADS; i++)
		check(!pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)++seed),
		      "thread");
	while (time(NULL) < end) {
		i = seed % THREADS;
		pthread_join(threads[i], NULL);
		check(!pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)++seed),
		      "thread");
	}
	atomic_store(&stop, true);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < MAILBOX; i++)
		put(mailbox[i]);
}

int main(int argc, char **argv)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 2,
		.flags = MEMRIG_HEAP_STATS,
	};
	struct memrig_heap_stat heap_stat = { .size = sizeof(heap_stat) };
	struct memrig_cache_config config = { .size = sizeof(config), .thread_bytes = 20000 };
	struct memrig_cache_stat stat = { .size = sizeof(stat) };
	uint32_t invariant = 1;
	uint64_t offset;

	check(argc == 3, "usage: stress_cache SEED SECONDS");
	check(!memrig_local_create(NULL, BYTES, &args, &heap), "no heap");
	check(!memrig_cache_create(heap, &config, &cache), "no cache");
	run(strtoull(argv[1], NULL, 0), atoi(argv[2]));
	check(!memrig_cache_stat(cache, &stat), "stat");
	check(!stat.rejects && stat.allocs == stat.frees, "allocations and frees differ");
	check(stat.reclaims && refused, "memory was never short");
	memrig_cache_close(cache);
	check(!memrig_heap_stat(heap, &heap_stat) && !heap_stat.live_blocks, "blocks are left");
	check(!memrig_heap_validate(heap, &invariant, &offset) && !invariant, "the heap is broken");
	memrig_heap_close(heap);
	printf("%lu operations, %lu refused, %lu of %lu allocations without a call of the heap\n",
	       operations, refused, (unsigned long)stat.hits, (unsigned long)stat.allocs);
	return operations ? 0 : 1;
}
