// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that pull the same objects in different directions. Nothing is checked while they do, but
 * that everything comes back; afterwards all must be as before. What this is for is the debug
 * kernel, whose checkers watch.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "abi.h"
#include "harness.h"

#define LENGTH	(64 * KIB)
#define THREADS 4
#define MILLIS	400

struct race {
	atomic_bool stop;
	int session;
	int region;
	int heap;
	atomic_int spare; /* a descriptor that comes and goes */
	atomic_llong block;
	int (*step)(struct race *race, unsigned int *seed);
};

static void *racer(void *arg)
{
	struct race *race = arg;
	unsigned int seed = (uintptr_t)&seed;

	while (!atomic_load(&race->stop))
		race->step(race, &seed);
	return NULL;
}

static void run(struct race *race, int (*step)(struct race *race, unsigned int *seed))
{
	struct timespec wait = { 0, MILLIS * 1000000L };
	pthread_t threads[THREADS];

	race->step = step;
	atomic_store(&race->stop, false);
	for (int i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&threads[i], NULL, racer, race));
	nanosleep(&wait, NULL);
	atomic_store(&race->stop, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

FIXTURE(race)
{
	struct race race;
	uint64_t used;
};

FIXTURE_SETUP(race)
{
	self->race.session = session_open();
	ASSERT_GE(self->race.session, 0);
	self->used = used_bytes(self->race.session);
	self->race.region =
		region_new(self->race.session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	self->race.heap = heap_new(self->race.region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_SCRUB);
	ASSERT_GE(self->race.heap, 0);
	atomic_store(&self->race.spare, -1);
	atomic_store(&self->race.block, -1);
}

FIXTURE_TEARDOWN(race)
{
	EXPECT_EQ(0, heap_validate(self->race.heap));
	EXPECT_EQ(1, heap_stat(self->race.heap).clients);
	close(self->race.heap);
	close(self->race.region);
	EXPECT_EQ(self->used, used_bytes(self->race.session));
}

static int step_names(struct race *race, unsigned int *seed)
{
	int fd = -1;

	switch (rand_r(seed) % 4) {
	case 0:
		fd = region_named(race->session, "race", 4096, 0600);
		break;
	case 1:
		fd = region_open(race->session, "race", 0);
		break;
	case 2:
		return region_remove(race->session, "race");
	case 3:
		return region_count(race->session);
	}
	if (fd >= 0) {
		void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		close(fd);
		if (map != MAP_FAILED) {
			*(volatile char *)map = 1;
			munmap(map, 4096);
		}
	}
	return 0;
}

TEST_F(race, names)
{
	run(&self->race, step_names);
	region_remove(self->race.session, "race");
	EXPECT_EQ(-ENOENT, region_open(self->race.session, "race", 0));
}

/* One block, allocated, freed, resized, given and kept by everybody. */
static int step_block(struct race *race, unsigned int *seed)
{
	int64_t off = atomic_load(&race->block), other;

	switch (rand_r(seed) % 6) {
	case 0:
		other = heap_alloc(race->heap, 1 + rand_r(seed) % 8000, 0);
		off = atomic_exchange(&race->block, other);
		return off >= 0 ? heap_free(race->heap, off) : 0;
	case 1:
		other = heap_realloc(race->heap, off, 1 + rand_r(seed) % 20000, 0, 0);
		if (other >= 0 && !atomic_compare_exchange_strong(&race->block, &off, other))
			heap_free(race->heap, other);
		return 0;
	case 2:
		return heap_keep(race->heap, off, NULL);
	case 3:
		return heap_usable(race->heap, off) < 0;
	case 4:
		return heap_validate(race->heap);
	default:
		return heap_free(race->heap, off);
	}
}

TEST_F(race, one_block)
{
	struct memrig_block blocks[512];
	int64_t n;

	run(&self->race, step_block);
	n = heap_walk(self->race.heap, blocks, 512, 64);
	for (int64_t i = 0; i < n; i++)
		if (blocks[i].flags & MEMRIG_BLOCK_USED)
			EXPECT_EQ(0, heap_free(self->race.heap, blocks[i].offset));
	EXPECT_EQ(0, heap_stat(self->race.heap).live_blocks);
	EXPECT_EQ(1, heap_stat(self->race.heap).free_blocks);
}

/* Clients come, allocate, give to each other, and go in the middle of it. */
static int step_clients(struct race *race, unsigned int *seed)
{
	int fd = heap_attach(race->heap, NULL), old;
	int64_t off;

	if (fd < 0)
		return fd;
	for (int i = 0; i < 5; i++) {
		off = heap_alloc(fd, 1 + rand_r(seed) % 900, 0);
		if (off >= 0 && i % 2)
			heap_give(fd, off, 1 + rand_r(seed) % 64);
	}
	old = atomic_exchange(&race->spare, fd);
	if (old >= 0)
		close(old);
	fd = atomic_load(&race->spare);
	off = heap_alloc(fd, 100, 0);
	return off >= 0 ? heap_free(fd, off) : 0;
}

TEST_F(race, clients)
{
	run(&self->race, step_clients);
	close(atomic_load(&self->race.spare));
	/* What was given to the first client is its own; the rest went with theirs. */
	EXPECT_EQ(heap_stat(self->race.heap).client_blocks, heap_stat(self->race.heap).live_blocks);
}

/* Mapping, touching, unmapping, splitting and attribute queries of one region. */
static int step_map(struct race *race, unsigned int *seed)
{
	volatile char *map =
		mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, race->region, 0);
	struct memrig_attr_query query = ARG(memrig_attr_query, .user_addr = (uintptr_t)map);

	if (map == MAP_FAILED)
		return -errno;
	for (int i = 0; i < 4; i++)
		map[rand_r(seed) % LENGTH] = 1;
	call(race->region, MEMRIG_IOC_ATTR_QUERY, &query);
	/* A hole inside; one at an end would be given to another thread's mapping together. */
	munmap((void *)(map + 4096 * (1 + rand_r(seed) % 14)), 4096);
	return munmap((void *)map, LENGTH);
}

TEST_F(race, mappings)
{
	run(&self->race, step_map);
	EXPECT_EQ(0, region_info(self->race.region).mappings);
}

/* Regions and heaps made and dropped as fast as possible. */
static int step_regions(struct race *race, unsigned int *seed)
{
	uint32_t attr = 1 + rand_r(seed) % 3;
	int fd = region_new(race->session, MEMRIG_KIND_PAGES, attr, LENGTH), heap;

	if (fd < 0)
		return fd;
	heap = heap_new(fd, MEMRIG_PLACEMENT_OOB, rand_r(seed) % 4);
	close(fd);
	if (heap >= 0) {
		heap_alloc(heap, 1000, 0);
		close(heap);
	}
	return 0;
}

TEST_F(race, regions)
{
	run(&self->race, step_regions);
}

TEST_HARNESS_MAIN
