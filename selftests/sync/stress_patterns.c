// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads on one priority heap, one buffer manager, one ring and one message pool, under the
 * thread sanitizer: every block is written by its owner from the first byte to the last and must be
 * found as it was left; what is sent arrives once. At the end all is free.
 *
 *	stress_patterns [SEED [SECONDS]]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <memrig/patterns.h>
#include "stress.h"

#define THREADS 6
#define HOLD	6
#define LEVELS	3
#define BYTES	4096

static char levels[LEVELS][BYTES] __attribute__((aligned(64)));
static char blocks[32][64] __attribute__((aligned(64)));
static char heap[BYTES] __attribute__((aligned(64)));
static char stream[1024] __attribute__((aligned(64)));
static uint64_t messages[4][8];
static struct memrig_prio *prio;
static struct memrig_smart *smart;
static struct memrig_ring *ring;
static struct memrig_msgpool *pool;
static int64_t end;
static uint64_t put_sum, read_sum, sent_sum, got_sum;
static unsigned long done[4], missed;

struct block {
	unsigned char *at;
	size_t bytes;
	unsigned char fill;
	bool smart;
};

static void add(uint64_t *sum, uint64_t n)
{
	__atomic_add_fetch(sum, n, __ATOMIC_RELAXED);
}

static void drop(struct block *b)
{
	if (!b->at)
		return;
	inspect(b->at, b->bytes, b->fill);
	if (b->smart ? memrig_smart_free(smart, b->at) : memrig_prio_free(prio, b->at))
		fail("a block is not one");
	b->at = NULL;
}

static void get(struct block *b, unsigned int *seed)
{
	size_t bytes = 1 + (size_t)rand_r(seed) % (rand_r(seed) % 2 ? 60 : 500);
	void *to;

	if (!b->at)
		b->smart = rand_r(seed) % 2;
	to = b->smart ? memrig_smart_realloc(smart, b->at, bytes)
		      : memrig_prio_realloc(prio, rand_r(seed) % LEVELS, b->at, bytes);
	tick(to ? &done[b->smart] : &missed);
	if (!to)
		return;
	b->at = to;
	for (size_t i = 0; b->bytes && i < b->bytes && i < bytes; i++) {
		if (b->at[i] != b->fill)
			fail("bytes were lost on the way");
	}
	b->bytes = bytes;
	b->fill = (unsigned char)rand_r(seed);
	memset(to, b->fill, bytes);
}

static k_timeout_t some_time(unsigned int *seed)
{
	return rand_r(seed) % 2 ? K_NO_WAIT : K_USEC(rand_r(seed) % 500);
}

/* A record is its length, that often. */
static void use_ring(unsigned int *seed)
{
	unsigned char buf[256];
	size_t bytes = 1 + (size_t)rand_r(seed) % 255;
	int64_t n;

	if (rand_r(seed) % 2) {
		memset(buf, (int)bytes, bytes);
		if (memrig_ring_put(ring, buf, bytes, some_time(seed)))
			return;
		add(&put_sum, bytes);
		return;
	}
	n = memrig_ring_read(ring, buf, sizeof(buf), some_time(seed));
	if (n < 0)
		return;
	for (int64_t i = 0; i < n; i++) {
		if (buf[i] != n)
			fail("a record is torn");
	}
	add(&read_sum, (uint64_t)n);
	tick(&done[2]);
}

static void use_pool(unsigned int *seed)
{
	uint64_t *m;

	if (rand_r(seed) % 2) {
		m = memrig_msgpool_alloc(pool, some_time(seed));
		if (!m)
			return;
		for (int i = 0; i < 8; i++)
			m[i] = (uint64_t)*seed;
		add(&sent_sum, m[0]);
		if (memrig_msgpool_put(pool, m))
			fail("a message cannot be sent");
		return;
	}
	m = memrig_msgpool_get(pool, some_time(seed));
	if (!m)
		return;
	for (int i = 0; i < 8; i++) {
		if (m[i] != m[0])
			fail("a message is two");
	}
	add(&got_sum, m[0]);
	if (memrig_msgpool_free(pool, m))
		fail("a message is not one");
	tick(&done[3]);
}

static void *work(void *arg)
{
	unsigned int seed = *(unsigned int *)arg;
	struct block held[HOLD] = { 0 };

	k_thread_priority_set(NULL, (int)(seed % 3));
	while (mrig_clock() < end) {
		struct block *b = &held[rand_r(&seed) % HOLD];

		if (b->at && rand_r(&seed) % 2)
			drop(b);
		else
			get(b, &seed);
		if (!b->at)
			b->bytes = 0;
		use_ring(&seed);
		use_pool(&seed);
	}
	for (int i = 0; i < HOLD; i++)
		drop(&held[i]);
	return NULL;
}

static void begin(void)
{
	if (memrig_prio_create(&prio) || memrig_smart_create(&smart, 1) ||
	    memrig_smart_add_tier(smart, blocks, 64, 32) ||
	    memrig_smart_add_heap(smart, heap, BYTES, NULL) ||
	    memrig_ring_create(&ring, stream, sizeof(stream), 8, 16) ||
	    memrig_msgpool_create(&pool, "stress", messages, sizeof(messages[0]), 4))
		fail("something cannot be made");
	for (int i = 0; i < LEVELS; i++) {
		const struct memrig_span_opts outside = { .flags = MEMRIG_SPAN_OOB };

		if (memrig_prio_add(prio, i, levels[i], BYTES, i % 2 ? &outside : NULL))
			fail("no level");
	}
}

static void finish(void)
{
	char buf[256];
	uint64_t *m;
	int64_t n;

	while ((n = memrig_ring_read(ring, buf, sizeof(buf), K_NO_WAIT)) >= 0)
		read_sum += (uint64_t)n;
	while ((m = memrig_msgpool_get(pool, K_NO_WAIT))) {
		got_sum += m[0];
		memrig_msgpool_free(pool, m);
	}
	if (put_sum != read_sum || sent_sum != got_sum)
		fail("something was lost, or came twice");
	if (memrig_prio_destroy(prio) || memrig_smart_destroy(smart) || memrig_ring_destroy(ring) ||
	    memrig_msgpool_destroy(pool))
		fail("something is not free at the end");
	if (done[0] < 100 || done[1] < 100 || done[2] < 100 || done[3] < 100 || !missed)
		fail("hardly anything happened");
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 1;
	unsigned int seeds[THREADS];
	pthread_t threads[THREADS];

	end = mrig_clock() + (argc > 2 ? atoi(argv[2]) : 3) * 1000000000LL;
	begin();
	for (unsigned int i = 0; i < THREADS; i++) {
		seeds[i] = seed * 1000 + i;
		if (pthread_create(&threads[i], NULL, work, &seeds[i]))
			fail("no thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	finish();
	printf("%lu + %lu blocks, %lu records, %lu messages\n", done[0], done[1], done[2], done[3]);
	return 0;
}
