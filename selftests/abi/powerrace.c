// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Suspending a region while others fault, map, fork and move blocks on it as fast as they can. When
 * a suspend has succeeded not one touch may, in any thread, until resume; and nothing is lost.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "abi.h"
#include "harness.h"
#include "touch.h"

#define LENGTH	(256 * KIB)
#define MILLIS	1500
#define HEAP_AT (192 * KIB) /* from here on a heap has it */
#define RW	(PROT_READ | PROT_WRITE)

/* Off and on alternate: odd while it is certainly off. Children see it change. */
static atomic_uint *phase;
static atomic_bool stop;
static atomic_ullong leaks, touches, misses, moves;
static int region, heap;
static char *map;

/* A touch that began and ended in one odd phase cannot have worked. */
static void note(unsigned int before, bool ok)
{
	if (ok && before % 2 && atomic_load(phase) == before)
		atomic_fetch_add(&leaks, 1);
	atomic_fetch_add(ok ? &touches : &misses, 1);
}

static void *faulter(void *arg)
{
	unsigned int seed = (uintptr_t)arg;

	while (!atomic_load(&stop)) {
		size_t page = rand_r(&seed) % (HEAP_AT / 4096);
		unsigned int before = atomic_load(phase);

		note(before, touch_store(map + page * 4096, (char)page));
	}
	return NULL;
}

static void *mapper(void *arg)
{
	unsigned int seed = (uintptr_t)arg;

	while (!atomic_load(&stop)) {
		char *own = mmap(NULL, LENGTH, RW,
				 MAP_SHARED | (rand_r(&seed) % 2 ? MAP_POPULATE : 0), region, 0);
		unsigned int before = atomic_load(phase);

		if (own == MAP_FAILED)
			continue;
		note(before, touch_read(own + rand_r(&seed) % LENGTH));
		munmap(own, LENGTH);
	}
	return NULL;
}

static void *forker(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		pid_t pid = fork();

		if (!pid) {
			/* Inherited PTEs of an off region would still work. */
			unsigned int before = atomic_load(phase);
			bool ok = touch_read(map);

			_exit(ok && before % 2 && atomic_load(phase) == before);
		}
		if (child_wait(pid) == 1)
			atomic_fetch_add(&leaks, 1);
	}
	return NULL;
}

static void *mover(void *arg)
{
	int64_t block = heap_alloc(heap, 100, 0), next;
	unsigned int seed = (uintptr_t)arg;

	while (!atomic_load(&stop)) {
		next = heap_realloc(heap, block, 100 + rand_r(&seed) % 8000, 0, 0);
		if (next >= 0)
			block = next;
		else if (next != -EHOSTDOWN && next != -ENOMEM)
			atomic_fetch_add(&leaks, 1);
		atomic_fetch_add(&moves, next >= 0);
	}
	return NULL;
}

static unsigned int switch_until(const struct timespec *end)
{
	struct timespec now;
	unsigned int done = 0;
	int ret;

	do {
		ret = region_suspend(region, 0);
		if (!ret) {
			atomic_fetch_add(phase, 1);
			done++;
			usleep(500);
			atomic_fetch_add(phase, 1);
			ret = region_resume(region);
			usleep(500);
		}
		if (ret && ret != -EBUSY)
			return 0;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end->tv_sec ||
		 (now.tv_sec == end->tv_sec && now.tv_nsec < end->tv_nsec));
	return done;
}

TEST(suspend_races_with_everything)
{
	void *(*const run[])(void *arg) = { faulter, faulter, mapper, forker, mover };
	pthread_t threads[ARRAY_SIZE(run)];
	struct timespec end;
	unsigned int done;
	int session = session_open();

	region = region_with(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH,
			     MEMRIG_ATTRS_POWERED);
	ASSERT_GE(region, 0);
	heap = heap_span(region, HEAP_AT, 0);
	ASSERT_GE(heap, 0);
	phase = mmap(NULL, sizeof(*phase), RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(phase != MAP_FAILED);
	map = mmap(NULL, LENGTH, RW, MAP_SHARED, region, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	for (size_t i = 0; i < ARRAY_SIZE(run); i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, run[i], (void *)(i + 1)));
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += MILLIS / 1000;
	end.tv_nsec += MILLIS % 1000 * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	done = switch_until(&end);
	atomic_store(&stop, true);
	for (size_t i = 0; i < ARRAY_SIZE(run); i++)
		pthread_join(threads[i], NULL);
	TH_LOG("%u times off, %llu touches, %llu SIGBUS, %llu moves", done, touches, misses, moves);
	EXPECT_GT(done, 0);
	EXPECT_GT(misses, 0);
	EXPECT_GT(touches, 0);
	EXPECT_EQ(0, leaks);
	for (size_t page = 0; page < HEAP_AT / 4096; page++)
		EXPECT_TRUE(map[page * 4096] == 0 || map[page * 4096] == (char)page);
	EXPECT_EQ(0, heap_validate(heap));
	close(heap);
	close(region);
	munmap(map, LENGTH);
	EXPECT_EQ(0, used_bytes(session));
	close(session);
}

TEST_HARNESS_MAIN
