// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Nothing is ever lost: threads, some of another process, write pages of a window at sixteen times
 * its memory and check what they find, while others throw pages out, bring pages in, flush, pin,
 * make the store fail and change the policy. Every page says which one it is and how often it was
 * written; who works on one has its lock. The seed is fixed, the order in which threads run is
 * not.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "harness.h"
#include "window.h"

#define FRAMES	32
#define PAGES	(16 * FRAMES)
#define WORKERS 4
#define ROUNDS	300
#define SEED	0x6d656d726967ULL

/**
 * struct world - what all threads of all processes share
 * @fd: window
 * @map: where this process has it
 * @locks: of pages
 * @versions: how often each was written; 0: it is zero
 * @wrong: pages that were not as expected
 * @stop: for those who only disturb
 */
struct world {
	int fd;
	char *map;
	pthread_mutex_t locks[PAGES];
	uint64_t versions[PAGES];
	atomic_ulong wrong;
	atomic_bool stop;
};

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static bool check(struct world *world, uint64_t index)
{
	const char *page = world->map + index * page_size();
	uint64_t version = world->versions[index];

	return version ? pattern_is(page, index, version) : page_is_zero(page);
}

static void work_on(struct world *world, uint64_t index, bool write)
{
	pthread_mutex_lock(&world->locks[index]);
	if (!check(world, index))
		atomic_fetch_add(&world->wrong, 1);
	if (write)
		pattern_write(world->map + index * page_size(), index, ++world->versions[index]);
	pthread_mutex_unlock(&world->locks[index]);
}

static void *worker(void *arg)
{
	static atomic_ulong numbers;
	struct world *world = arg;
	uint64_t seed = SEED + 77 * (atomic_fetch_add(&numbers, 1) + getpid());

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t r = next(&seed);
		/* Half of the work goes to a sixteenth of the pages. */
		uint64_t index = r & 1 ? (r >> 8) % PAGES : (r >> 8) % FRAMES;

		work_on(world, index, r & 6);
	}
	return NULL;
}

static void *disturber(void *arg)
{
	struct world *world = arg;
	uint64_t seed = SEED * 3;

	while (!atomic_load(&world->stop)) {
		uint64_t r = next(&seed);
		uint64_t first = (r >> 8) % (PAGES - 16);
		uint64_t count = 1 + (r >> 40) % 16;

		switch (r & 15) {
		case 0:
		case 1:
			page_out(world->fd, first, count);
			break;
		case 2:
			page_in(world->fd, first, count);
			break;
		case 3:
			page_flush(world->fd, first, count);
			break;
		case 4:
			if (!page_pin(world->fd, first, 1))
				page_unpin(world->fd, first, 1);
			break;
		case 5:
			madvise(world->map + first * page_size(), count * page_size(),
				MADV_DONTNEED);
			break;
		case 6:
			/* Fewer at a time than a touch puts up with. */
			window_inject(world->fd, (struct memrig_window_inject){
							 .out_after = r >> 60, .out_errors = 3 });
			break;
		case 7:
			window_policy(world->fd, (r >> 50) % (MEMRIG_POLICY_ADAPTIVE + 1));
			break;
		default:
			usleep(200);
		}
	}
	return NULL;
}

static struct world *world_new(int fd)
{
	struct world *world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t shared;

	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	for (int i = 0; i < PAGES; i++)
		pthread_mutex_init(&world->locks[i], &shared);
	world->fd = fd;
	world->map = window_map(fd, PAGES);
	return world;
}

static void run_threads(struct world *world, bool disturb)
{
	pthread_t workers[WORKERS], other;

	for (int i = 0; i < WORKERS; i++)
		pthread_create(&workers[i], NULL, worker, world);
	if (disturb)
		pthread_create(&other, NULL, disturber, world);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	atomic_store(&world->stop, true);
	if (disturb)
		pthread_join(other, NULL);
}

static uint64_t recheck(struct world *world)
{
	uint64_t bad = 0;

	for (uint64_t i = 0; i < PAGES; i++)
		bad += !check(world, i);
	return bad;
}

FIXTURE(verify)
{
	int session;
	int fd;
	int file;
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
	self->world = world_new(self->fd);
	ASSERT_TRUE(self->world->map != MAP_FAILED);
}

FIXTURE_TEARDOWN(verify)
{
	munmap(self->world->map, PAGES * page_size());
	munmap(self->world, sizeof(*self->world));
	close(self->fd);
	close(self->file);
	unlink("/tmp/verify");
	close(self->session);
}

/* When what was to come ahead of a touch has come. */
static struct memrig_window_stat stat_settled(int window)
{
	for (int i = 0; i < 1000 && window_stat(window).moving; i++)
		sleep_ms(5);
	return window_stat(window);
}

#define EXPECT_SOUND(self)                                                  \
	do {                                                                \
		uint64_t bad_ = recheck((self)->world);                     \
		struct memrig_window_stat stat_ = stat_settled((self)->fd); \
		EXPECT_EQ(0, bad_);                                         \
		EXPECT_EQ(0, atomic_load(&(self)->world->wrong));           \
		EXPECT_EQ(0, stat_.sigbus);                                 \
		EXPECT_EQ(FRAMES, stat_.free_frames + stat_.resident);      \
		EXPECT_EQ(0, stat_.moving);                                 \
		EXPECT_LT(PAGES, stat_.faults);                             \
	} while (0)

TEST_F(verify, threads)
{
	run_threads(self->world, false);
	EXPECT_SOUND(self);
}

TEST_F(verify, threads_that_are_disturbed)
{
	run_threads(self->world, true);
	EXPECT_SOUND(self);
}

TEST_F(verify, processes)
{
	pid_t pids[3];

	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			/* One of them has a mapping of its own besides. */
			if (i == 2)
				munmap(window_map(self->fd, PAGES), PAGES * page_size());
			worker(self->world);
			_exit(0);
		}
	}
	run_threads(self->world, true);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, child_wait(pids[i]));
	EXPECT_SOUND(self);
}

TEST_HARNESS_MAIN
