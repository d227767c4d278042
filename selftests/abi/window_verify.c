// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Nothing is ever lost: threads, some of another process, write pages of a window at sixteen times
 * its memory and check what they find, while others throw pages out, bring pages in, flush, pin,
 * make the store fail and change the policy. Every page says which one it is and how often it was
 * written; who works on one has its lock. SEED decides what each thread does and is printed; the
 * order in which they run is not decided.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "harness.h"
#include "window.h"

#define FRAMES	  16
#define PAGES	  (16 * FRAMES)
#define WORKERS	  4
#define PROCESSES 3
#define ROUNDS	  64
#define SEED	  0x6d656d726967ULL /* or that of the environment */

/* What the disturber does, one after the other. */
enum { OUT, IN, FLUSH, PIN, ADVISE, INJECT, POLICY, KINDS };

static const char *const kind_names[KINDS] = {
	"out", "in", "flush", "pin", "advise", "inject", "policy",
};

/**
 * struct world - what all threads of all processes share
 * @fd: window
 * @injects: its store can be made to fail
 * @tight: it can be full
 * @seed: of all threads
 * @locks: of pages
 * @versions: how often each was written; 0: it is zero
 * @wrong: pages that were not as expected
 * @busy: workers that are not done yet
 * @done: calls of each kind that did what they are for
 * @refused: of each kind, with an error that may be
 * @unheard: with one that may not
 */
struct world {
	int fd;
	bool injects;
	bool tight;
	uint64_t seed;
	pthread_mutex_t locks[PAGES];
	uint64_t versions[PAGES];
	atomic_ulong wrong;
	atomic_int busy;
	atomic_ulong done[KINDS];
	atomic_ulong refused[KINDS];
	atomic_ulong unheard;
};

/* A thread: which one, and where it sees the window, twice if the process has two mappings. */
struct worker {
	struct world *world;
	unsigned int number;
	char *maps[2];
};

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static bool check(const struct world *world, const char *map, uint64_t index)
{
	const char *page = map + index * page_size();
	uint64_t version = world->versions[index];

	return version ? pattern_is(page, index, version) : page_is_zero(page);
}

static void work_on(struct world *world, char *map, uint64_t index, bool write)
{
	pthread_mutex_lock(&world->locks[index]);
	if (!check(world, map, index))
		atomic_fetch_add(&world->wrong, 1);
	if (write)
		pattern_write(map + index * page_size(), index, ++world->versions[index]);
	pthread_mutex_unlock(&world->locks[index]);
}

/* Is there a kind of call that has not done yet what it is for? */
static bool disturbed_enough(const struct world *world)
{
	for (int i = 0; i < KINDS; i++)
		if (!atomic_load(&world->done[i]) && (i != INJECT || world->injects))
			return false;
	return true;
}

/* Goes on, for a while, until it was disturbed in every way. */
static void work(struct worker *worker, bool disturbed)
{
	struct world *world = worker->world;
	uint64_t seed = world->seed + 77 * worker->number;

	for (int i = 0; i < ROUNDS || (disturbed && !disturbed_enough(world) && i < 50 * ROUNDS);
	     i++) {
		uint64_t r = next(&seed);
		/* Half of the work goes to an eighth of the pages. */
		uint64_t index = r & 1 ? (r >> 8) % PAGES : (r >> 8) % FRAMES;

		work_on(world, worker->maps[i & 1], index, r & 6);
	}
	atomic_fetch_sub(&world->busy, 1);
}

static void *worker_thread(void *arg)
{
	work(arg, false);
	return NULL;
}

static void *disturbed_thread(void *arg)
{
	work(arg, true);
	return NULL;
}

/* Errors that may be: a page is held, the store was made to fail, or is full. */
static void answer(struct world *world, int kind, int ret)
{
	bool may = ret == -EBUSY || (ret == -EIO && world->injects) ||
		   (ret == -ENOMEM && world->tight);

	if (kind == INJECT && !world->injects)
		may = ret == -EOPNOTSUPP;
	if (!ret)
		atomic_fetch_add(&world->done[kind], 1);
	else if (may && kind != ADVISE && kind != POLICY)
		atomic_fetch_add(&world->refused[kind], 1);
	else if (!atomic_fetch_add(&world->unheard, 1))
		printf("# %s gives %d\n", kind_names[kind], ret);
}

static int disturb(struct worker *worker, int kind, uint64_t r)
{
	uint64_t first = (r >> 8) % (PAGES - 8), count = 1 + (r >> 40) % 8;
	int fd = worker->world->fd, ret;
	size_t page = page_size();

	switch (kind) {
	case OUT:
		return page_out(fd, first, count);
	case IN:
		return page_in(fd, first, count);
	case FLUSH:
		return page_flush(fd, first, count);
	case PIN:
		ret = page_pin(fd, first, 1);
		return ret ? ret : page_unpin(fd, first, 1);
	case ADVISE:
		return madvise(worker->maps[0] + first * page, count * page, MADV_DONTNEED) ? -errno
											    : 0;
	case INJECT:
		/* Fewer at a time than a touch puts up with. */
		return window_inject(fd, (struct memrig_window_inject){ .out_after = r >> 60,
									.out_errors = 3 });
	}
	return window_policy(fd, (r >> 50) % (MEMRIG_POLICY_ADAPTIVE + 1));
}

static void *disturber(void *arg)
{
	struct worker *worker = arg;
	struct world *world = worker->world;
	uint64_t seed = world->seed * 3;

	for (int kind = 0; atomic_load(&world->busy); kind = (kind + 1) % KINDS) {
		uint64_t r = next(&seed);

		answer(world, kind, disturb(worker, kind, r));
		/* So that there is something to disturb. */
		usleep(r % 1024);
	}
	return NULL;
}

static struct world *world_new(int fd)
{
	struct world *world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *seed = getenv("SEED");
	pthread_mutexattr_t shared;

	if (world == MAP_FAILED)
		return NULL;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	for (int i = 0; i < PAGES; i++)
		pthread_mutex_init(&world->locks[i], &shared);
	world->fd = fd;
	world->seed = seed ? strtoull(seed, NULL, 0) : SEED;
	return world;
}

/* Return: how many threads could be made. */
static int run_threads(struct world *world, char *map, bool disturbed)
{
	struct worker workers[WORKERS + 1];
	pthread_t threads[WORKERS + 1];
	int made = 0;

	atomic_fetch_add(&world->busy, WORKERS);
	for (unsigned int i = 0; i < WORKERS + disturbed; i++) {
		workers[i] = (struct worker){ world, i, { map, map } };
		if (!pthread_create(&threads[made], NULL,
				    i == WORKERS ? disturber
				    : disturbed	 ? disturbed_thread
						 : worker_thread,
				    &workers[i]))
			made++;
		else if (i < WORKERS)
			atomic_fetch_sub(&world->busy, 1);
	}
	for (int i = 0; i < made; i++)
		pthread_join(threads[i], NULL);
	return made;
}

/* @again: it has a mapping of its own besides that of its parent. */
static pid_t run_process(struct world *world, char *map, unsigned int number, bool again)
{
	struct worker worker = { world, number, { map, map } };
	pid_t pid = fork();

	if (pid)
		return pid;
	if (again)
		worker.maps[1] = window_map(world->fd, PAGES);
	if (worker.maps[1] == MAP_FAILED)
		_exit(2);
	work(&worker, true);
	if (again && munmap(worker.maps[1], PAGES * page_size()))
		_exit(3);
	_exit(0);
}

static uint64_t recheck(struct world *world, const char *map)
{
	uint64_t bad = 0;

	for (uint64_t i = 0; i < PAGES; i++)
		bad += !check(world, map, i);
	return bad;
}

FIXTURE(verify)
{
	int session;
	int fd;
	int file;
	char *map;
	struct world *world;
};

FIXTURE_VARIANT(verify)
{
	uint32_t store;
	uint32_t flags;
	uint64_t store_pages;
	bool guesses;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(verify, ram) { .store = MEMRIG_STORE_RAM };
FIXTURE_VARIANT_ADD(verify, ram_tight) {
	.store = MEMRIG_STORE_RAM, .store_pages = PAGES - FRAMES + 1 };
FIXTURE_VARIANT_ADD(verify, ram_serial) {
	.store = MEMRIG_STORE_RAM, .flags = MEMRIG_WINDOW_SERIAL };
FIXTURE_VARIANT_ADD(verify, compressed) { .store = MEMRIG_STORE_COMPRESSED };
FIXTURE_VARIANT_ADD(verify, file) { .store = MEMRIG_STORE_FILE };
FIXTURE_VARIANT_ADD(verify, waited_for) {
	.store = MEMRIG_STORE_RAM, .flags = MEMRIG_WINDOW_INJECT };
FIXTURE_VARIANT_ADD(verify, ahead) { .store = MEMRIG_STORE_RAM, .guesses = true };
FIXTURE_VARIANT_ADD(verify, ahead_waited_for) {
	.store = MEMRIG_STORE_RAM, .flags = MEMRIG_WINDOW_INJECT, .guesses = true };
/* clang-format on */

FIXTURE_SETUP(verify)
{
	struct memrig_window_create arg;

	self->session = session_open();
	ASSERT_GE(self->session, 0);
	arg = window_arg(self->session, FRAMES, PAGES);
	arg.store = variant->store;
	arg.flags = variant->flags;
	arg.store_pages = variant->store_pages;
	if (variant->guesses) {
		arg.fault_around = 8;
		arg.read_ahead = 4;
		arg.clean_ms = 1;
	}
	self->file = -1;
	if (variant->store == MEMRIG_STORE_FILE) {
		self->file = open("/tmp/verify", O_RDWR | O_CREAT | O_TRUNC, 0600);
		ASSERT_GE(self->file, 0);
		ASSERT_EQ(0, ftruncate(self->file, PAGES * page_size()));
		arg.store_fd = self->file;
	}
	self->fd = window_create(self->session, &arg);
	ASSERT_GE(self->fd, 0);
	close(arg.region_fd);
	self->map = window_map(self->fd, PAGES);
	ASSERT_TRUE(self->map != MAP_FAILED);
	self->world = world_new(self->fd);
	ASSERT_NE(NULL, self->world);
	self->world->injects = variant->flags & MEMRIG_WINDOW_INJECT;
	self->world->tight = variant->store_pages;
	printf("# seed %#llx\n", (unsigned long long)self->world->seed);
}

FIXTURE_TEARDOWN(verify)
{
	munmap(self->map, PAGES * page_size());
	munmap(self->world, sizeof(*self->world));
	close(self->fd);
	close(self->file);
	unlink("/tmp/verify");
	close(self->session);
}

/* When what was to come ahead of a touch has come. */
static struct memrig_window_stat stat_settled(int window)
{
	struct memrig_window_stat stat = window_stat(window);

	/* Not to be asked for once more afterwards: a worker may have been told and not begun. */
	for (int i = 0; i < 1000 && stat.moving; i++) {
		sleep_ms(5);
		stat = window_stat(window);
	}
	return stat;
}

#define EXPECT_SOUND(self)                                                  \
	do {                                                                \
		uint64_t bad_ = recheck((self)->world, (self)->map);        \
		struct memrig_window_stat stat_ = stat_settled((self)->fd); \
		EXPECT_EQ(0, bad_);                                         \
		EXPECT_EQ(0, atomic_load(&(self)->world->wrong));           \
		EXPECT_EQ(0, stat_.sigbus);                                 \
		EXPECT_EQ(FRAMES, stat_.free_frames + stat_.resident);      \
		EXPECT_EQ(0, stat_.moving);                                 \
		EXPECT_EQ(0, stat_.pinned);                                 \
		EXPECT_LT(PAGES, stat_.faults);                             \
	} while (0)

/* Every kind of call was made while there was work, and answered as it may be. */
#define EXPECT_DISTURBED(self)                                                                     \
	do {                                                                                       \
		struct world *world_ = (self)->world;                                              \
		EXPECT_TRUE(disturbed_enough(world_));                                             \
		EXPECT_EQ(0, atomic_load(&world_->unheard));                                       \
		for (int k_ = 0; k_ < KINDS; k_++)                                                 \
			printf("# %s: %lu done, %lu refused\n", kind_names[k_],                    \
			       atomic_load(&world_->done[k_]), atomic_load(&world_->refused[k_])); \
		if (!world_->injects)                                                              \
			EXPECT_EQ(0, atomic_load(&world_->done[INJECT]));                          \
	} while (0)

TEST_F(verify, threads)
{
	EXPECT_EQ(WORKERS, run_threads(self->world, self->map, false));
	EXPECT_SOUND(self);
}

/* Some threads are of other processes, and all are disturbed. */
TEST_F(verify, processes)
{
	pid_t pids[PROCESSES];

	atomic_fetch_add(&self->world->busy, PROCESSES);
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = run_process(self->world, self->map, WORKERS + i, i == PROCESSES - 1);
	EXPECT_EQ(WORKERS + 1, run_threads(self->world, self->map, true));
	for (int i = 0; i < PROCESSES; i++)
		EXPECT_EQ(0, child_wait(pids[i]));
	EXPECT_SOUND(self);
	EXPECT_DISTURBED(self);
}

TEST_HARNESS_MAIN
