// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads that wait for memory of a slab, a heap and a multi object of the library, for the
 * thread sanitizer: blocks are freed by whoever has them, waits end by a block or by their time,
 * somebody looks at the figures. Afterwards nothing is left.
 *
 * usage: stress_waiting SEED SECONDS
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

#include <memrig/memrig.h>

#define THREADS 5
#define OWN	6
#define SLOT	64
#define SLOTS	8 /* less than all of them want */
#define TIER	3 /* likewise */
#define BYTES	8192
#define BEHIND	4096 /* likewise */
#define LARGEST 3000
#define WAIT_NS 300000

enum { SLAB, HEAP, MULTI, KINDS };

/**
 * struct block - what a thread holds
 * @ptr: NULL if nothing
 * @bytes: written, all with @fill
 * @fill: by whoever has it
 * @kind: where it is from
 */
struct block {
	unsigned char *ptr;
	size_t bytes;
	unsigned char fill;
	int kind;
};

static memrig_heap_t *slab, *heap, *tier, *behind;
static memrig_multi_t *multi;
static atomic_ulong served[KINDS], late, refused, moved;
static atomic_bool stop;

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "stress_waiting: %s\n", what);
	abort();
}

static uint32_t draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

static void inspect(const struct block *b, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		check(b->ptr[i] == b->fill, "the content of a block changed");
}

static int from_multi(size_t bytes, bool wait, void **ptr)
{
	struct memrig_multi_alloc args = {
		.size = sizeof(args),
		.flags = wait ? MEMRIG_ALLOC_WAIT : 0,
		.bytes = bytes,
		.timeout_ns = wait ? WAIT_NS : 0,
	};

	return memrig_multi_alloc(multi, &args, ptr);
}

static void get(struct block *b, uint64_t *seed)
{
	bool wait = draw(seed) % 4;
	void *ptr = NULL;
	int ret;

	b->kind = (int)(draw(seed) % KINDS);
	b->bytes = b->kind == SLAB ? SLOT : 1 + draw(seed) % (draw(seed) % 4 ? SLOT : LARGEST);
	if (b->kind == MULTI)
		ret = from_multi(b->bytes, wait, &ptr);
	else if (wait)
		ret = memrig_heap_alloc_wait(b->kind == SLAB ? slab : heap, 0, b->bytes, WAIT_NS,
					     &ptr);
	else
		ret = memrig_heap_alloc(b->kind == SLAB ? slab : heap, 0, b->bytes, &ptr);
	if (ret) {
		check(ret == (wait ? -ETIMEDOUT : -ENOMEM), "a request fails for another reason");
		atomic_fetch_add(wait ? &late : &refused, 1);
		return;
	}
	atomic_fetch_add(&served[b->kind], 1);
	b->ptr = ptr;
	b->fill = (unsigned char)draw(seed);
	memset(ptr, b->fill, b->bytes);
}

static void put(struct block *b)
{
	int ret;

	if (!b->ptr)
		return;
	inspect(b, b->bytes);
	if (b->kind == MULTI)
		ret = memrig_multi_free(multi, b->ptr);
	else
		ret = memrig_heap_free(b->kind == SLAB ? slab : heap, b->ptr);
	check(!ret, "a block cannot be freed");
	b->ptr = NULL;
}

/* Between the members of the multi object. */
static void change(struct block *b, uint64_t *seed)
{
	struct memrig_multi_realloc args = {
		.size = sizeof(args),
		.bytes = 1 + draw(seed) % LARGEST,
	};
	void *ptr = b->ptr;
	uint64_t offset;
	uint32_t member;
	int ret;

	if (!b->ptr || b->kind != MULTI)
		return;
	check(!memrig_multi_find(multi, ptr, &member, &offset), "a block is in no member");
	ret = memrig_multi_realloc(multi, &args, &ptr);
	check(ret >= 0 || ret == -ENOMEM, "a block cannot be changed");
	if (ret < 0)
		return;
	atomic_fetch_add(&moved, ret);
	b->ptr = ptr;
	inspect(b, args.bytes < b->bytes ? args.bytes : b->bytes);
	b->bytes = args.bytes;
	memset(ptr, b->fill, b->bytes);
}

static void look(void)
{
	struct memrig_multi_stat all = { .size = sizeof(all) };
	struct memrig_heap_stat stat = { .size = sizeof(stat) };

	check(!memrig_heap_stat(slab, &stat) && stat.live_blocks <= SLOTS && stat.waiters < THREADS,
	      "figures of the slab cannot be");
	check(!memrig_multi_stat(multi, &all), "no figures of the multi object");
}

static void *work(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	struct block own[OWN] = { 0 };

	while (!atomic_load(&stop)) {
		struct block *b = &own[draw(&seed) % OWN];
		unsigned int what = draw(&seed) % 20;

		if (!what)
			look();
		else if (what < 4)
			change(b, &seed);
		else if (b->ptr)
			put(b);
		else
			get(b, &seed);
	}
	for (int i = 0; i < OWN; i++)
		put(&own[i]);
	return NULL;
}

static memrig_heap_t *make(uint32_t engine, uint32_t blocks, size_t bytes)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = engine,
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
		.flags = MEMRIG_HEAP_STATS,
		.block_size = blocks ? SLOT : 0,
		.num_blocks = blocks,
	};
	memrig_heap_t *made = NULL;

	check(!memrig_local_create(NULL, bytes, &args, &made), "no heap");
	return made;
}

/* Nobody is left behind, and everybody was waited for. */
static void finish(memrig_heap_t *of)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	uint32_t invariant = 1;
	uint64_t offset;

	check(!memrig_heap_stat(of, &stat) && !stat.live_blocks && !stat.waiters,
	      "blocks are left");
	check(stat.waits, "nobody waited");
	check(!memrig_heap_validate(of, &invariant, &offset) && !invariant, "a heap is broken");
	memrig_heap_close(of);
}

int main(int argc, char **argv)
{
	struct timespec nap = { 0 };
	pthread_t threads[THREADS];
	uint32_t member;

	check(argc == 3, "usage: stress_waiting SEED SECONDS");
	slab = make(MEMRIG_ENGINE_SLAB, SLOTS, SLOT * SLOTS);
	heap = make(MEMRIG_ENGINE_SYS_HEAP, 0, BYTES);
	tier = make(MEMRIG_ENGINE_SLAB, TIER, SLOT * TIER);
	behind = make(MEMRIG_ENGINE_SYS_HEAP, 0, BEHIND);
	check(!memrig_multi_local_create(&multi), "no multi object");
	check(!memrig_multi_add(multi, tier, 0, &member), "no tier");
	check(!memrig_multi_add(multi, behind, 0, &member), "nothing behind it");
	for (uintptr_t i = 0; i < THREADS; i++)
		check(!pthread_create(&threads[i], NULL, work,
				      (void *)(strtoul(argv[1], NULL, 0) * 77 + i)),
		      "no thread");
	nap.tv_sec = atoi(argv[2]);
	nanosleep(&nap, NULL);
	atomic_store(&stop, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	memrig_multi_close(multi);
	finish(slab);
	finish(heap);
	finish(tier);
	finish(behind);
	for (int i = 0; i < KINDS; i++)
		check(served[i] > 100, "hardly anything happened");
	check(late && refused && moved, "nobody waited in vain, was refused, or moved");
	printf("%lu + %lu + %lu blocks, %lu late, %lu refused, %lu moved\n", served[SLAB],
	       served[HEAP], served[MULTI], late, refused, moved);
	return 0;
}
