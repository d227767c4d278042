// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * io_uring reads into pages of a window and writes from them while they come and go: what a driver
 * puts into a page shows in no page table, and must not be lost when the page leaves.
 */
#include <linux/io_uring.h>
#include <linux/loop.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "harness.h"
#include "kmod.h"
#include "touch.h"
#include "uring.h"
#include "window.h"

#define FRAMES 16
#define PAGES  64
#define FIXED  4 /* pages that are registered */
#define DEPTH  4 /* requests at once, of a page each */
#define ROUNDS 3
#define PATH   "/tmp/window-uring"

/* ---- a ring -------------------------------------------------------------------------- */

struct ring {
	int fd;
	char *base;
	struct io_uring_sqe *sqes;
	struct io_uring_params params;
};

static unsigned int *ring_word(struct ring *ring, unsigned int offset)
{
	return (unsigned int *)(ring->base + offset);
}

/* False, with errno: there is no io_uring. */
static bool ring_open(struct ring *ring)
{
	struct io_uring_params *p = &ring->params;
	size_t bytes;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, DEPTH, p);
	if (ring->fd < 0)
		return false;
	bytes = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	ring->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
			  IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, p->sq_entries * sizeof(*ring->sqes), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
	return ring->base != MAP_FAILED && (void *)ring->sqes != MAP_FAILED;
}

static void ring_add(struct ring *ring, struct io_uring_sqe sqe)
{
	unsigned int *tail = ring_word(ring, ring->params.sq_off.tail);
	unsigned int slot = *tail & (ring->params.sq_entries - 1);

	ring->sqes[slot] = sqe;
	ring_word(ring, ring->params.sq_off.array)[slot] = slot;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
}

/* Hands @count requests over and waits for them; how many did not do @bytes. */
static int ring_run(struct ring *ring, int count, int bytes)
{
	struct io_uring_cqe *cqes = (void *)(ring->base + ring->params.cq_off.cqes);
	unsigned int *head = ring_word(ring, ring->params.cq_off.head);
	unsigned int *tail = ring_word(ring, ring->params.cq_off.tail);
	int bad = 0, done = 0;

	if (syscall(SYS_io_uring_enter, ring->fd, count, count, IORING_ENTER_GETEVENTS, NULL, 0) !=
	    count)
		return count;
	while (*head != __atomic_load_n(tail, __ATOMIC_ACQUIRE)) {
		int res = cqes[*head & (ring->params.cq_entries - 1)].res;

		if (res != bytes) {
			printf("# a request of %d bytes gives %d\n", bytes, res);
			bad++;
		}
		__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
		done++;
	}
	return bad + count - done;
}

/* ---- somebody else who needs frames -------------------------------------------------- */

struct pressure {
	pthread_t thread;
	int window;
	const char *map;
	volatile bool stop;
	volatile unsigned long rounds; /* through all its pages */
	bool failed;
};

/* Every frame is wanted, again and again; pages are flushed; in between others get on. */
static void *press(void *arg)
{
	struct pressure *p = arg;

	for (uint64_t i = 0; !p->stop; i++) {
		p->rounds += i % (PAGES - FIXED) == PAGES - FIXED - 1;
		p->failed |= !touch_read(p->map + (FIXED + i % (PAGES - FIXED)) * page_size());
		if (i % FRAMES)
			continue;
		p->failed |= page_flush(p->window, i % PAGES, FRAMES) != 0;
		sleep_ms(1);
	}
	return NULL;
}

/* ---- what is read and written -------------------------------------------------------- */

FIXTURE(uring)
{
	int session;
	int fd;
	size_t page;
	char *map;
	char *plain; /* ordinary memory, as large */
	int file, loop;
	struct ring ring;
	struct pressure pressure;
	uint64_t evictions; /* before */
};

enum target { TARGET_FILE, TARGET_DISK, TARGET_LOOP };

FIXTURE_VARIANT(uring)
{
	enum target target;
};

#define TARGET(name, number)             \
	FIXTURE_VARIANT_ADD(uring, name) \
	{                                \
		.target = number         \
	}
TARGET(a_file, TARGET_FILE);
/* Directly, by whoever submits. */
TARGET(a_disk, TARGET_DISK);
/* Directly, and a worker of the kernel has the pages while the submitter goes on. */
TARGET(a_loop_device, TARGET_LOOP);

static int loop_open(int file, int *loop)
{
	struct loop_config config = { .fd = file, .block_size = 512 };
	char path[32];
	int control, number;

	spare_load("loop", "");
	control = open("/dev/loop-control", O_RDWR);
	if (control < 0)
		return -errno;
	number = ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	snprintf(path, sizeof(path), "/dev/loop%d", number);
	*loop = open(path, O_RDWR | O_DIRECT);
	if (*loop < 0 || ioctl(*loop, LOOP_CONFIGURE, &config))
		return -errno;
	return *loop;
}

FIXTURE_SETUP(uring)
{
	const size_t bytes = PAGES * page_size();

	self->page = page_size();
	self->loop = -1;
	self->file = open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_GE(self->file, 0);
	ASSERT_EQ(0, ftruncate(self->file, bytes));
	if (!ring_open(&self->ring))
		SKIP(return, "io_uring: %s", strerror(errno));
	if (variant->target == TARGET_LOOP && loop_open(self->file, &self->loop) < 0)
		SKIP(return, "no loop device: %s", strerror(errno));
	if (variant->target == TARGET_LOOP)
		self->file = dup(self->loop);
	if (variant->target == TARGET_DISK)
		self->file = open("/dev/ram0", O_RDWR | O_DIRECT);
	if (self->file < 0)
		SKIP(return, "no block device /dev/ram0 (brd)");
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->fd = window_new(self->session, FRAMES, PAGES, MEMRIG_STORE_RAM);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, window_policy(self->fd, MEMRIG_POLICY_FIFO));
	self->map = window_map(self->fd, PAGES);
	ASSERT_TRUE(self->map != MAP_FAILED);
	ASSERT_EQ(0, posix_memalign((void **)&self->plain, self->page, bytes));
	pattern_fill(self->map, PAGES, 1);
	self->evictions = window_stat(self->fd).evict_clean + window_stat(self->fd).evict_dirty;
	self->pressure.map = self->map;
	self->pressure.window = self->fd;
	if (pthread_create(&self->pressure.thread, NULL, press, &self->pressure))
		self->pressure.map = NULL;
	ASSERT_NE(NULL, self->pressure.map);
}

FIXTURE_TEARDOWN(uring)
{
	if (self->pressure.map) {
		self->pressure.stop = true;
		pthread_join(self->pressure.thread, NULL);
	}
	if (self->loop >= 0)
		ioctl(self->loop, LOOP_CLR_FD, 0);
	close(self->ring.fd);
	close(self->file);
	close(self->loop);
	close(self->fd);
	close(self->session);
	unlink(PATH);
}

/* Whether pages came and went all the time, and nobody was refused one. */
static bool pressed(int window, const struct pressure *pressure, uint64_t before)
{
	struct memrig_window_stat stat = window_stat(window);

	return stat.evict_clean + stat.evict_dirty > before + 2 * PAGES && !stat.sigbus &&
	       pressure->rounds >= 2 && !pressure->failed;
}

#define EXPECT_PRESSED(self) EXPECT_TRUE(pressed((self)->fd, &(self)->pressure, (self)->evictions))

/* So often at least, and until others had all their pages meanwhile, within reason. */
#define ROUNDS_GO_ON(self, round) \
	((round) < 2 + ROUNDS || ((round) < 90 && (self)->pressure.rounds < 2))

/* One request for each of @pages pages from 0 on, not in order; how many failed. */
static int move_pages_by(struct ring *ring, int op, int file, char *map, int pages)
{
	const size_t page = page_size();
	int bad = 0;

	for (int i = 0; i < pages; i++) {
		/* Odd, so all of a power of two come up. */
		uint64_t at = i * 37 % pages * page;

		ring_add(ring, (struct io_uring_sqe){
				       .opcode = op,
				       .fd = file,
				       .off = at,
				       .addr = (uintptr_t)map + at,
				       .len = page,
			       });
		if (i % DEPTH == DEPTH - 1)
			bad += ring_run(ring, DEPTH, page);
	}
	return bad;
}

TEST_F(uring, reads)
{
	const size_t bytes = PAGES * self->page;

	for (uint64_t round = 2; ROUNDS_GO_ON(self, round); round++) {
		pattern_fill(self->plain, PAGES, round);
		ASSERT_EQ(bytes, pwrite(self->file, self->plain, bytes, 0));
		ASSERT_EQ(0,
			  move_pages_by(&self->ring, IORING_OP_READ, self->file, self->map, PAGES));
		EXPECT_EQ(0, pattern_wrong(self->map, PAGES, round));
		EXPECT_EQ(0, pattern_wrong(self->map, PAGES, round));
	}
	EXPECT_PRESSED(self);
}

TEST_F(uring, writes)
{
	const size_t bytes = PAGES * self->page;

	for (uint64_t round = 2; ROUNDS_GO_ON(self, round); round++) {
		pattern_fill(self->map, PAGES, round);
		ASSERT_EQ(0, move_pages_by(&self->ring, IORING_OP_WRITE, self->file, self->map,
					   PAGES));
		ASSERT_EQ(bytes, pread(self->file, self->plain, bytes, 0));
		EXPECT_EQ(0, pattern_wrong(self->plain, PAGES, round));
		EXPECT_EQ(0, pattern_wrong(self->map, PAGES, round));
	}
	EXPECT_PRESSED(self);
}

/* Pages that are registered stay while all others go, and nothing tells that they have changed. */
TEST_F(uring, registered_pages)
{
	const size_t bytes = FIXED * self->page;
	struct iovec iov = { self->map, bytes };
	int ret = syscall(SYS_io_uring_register, self->ring.fd, IORING_REGISTER_BUFFERS, &iov, 1);

	/* Until Linux 6.5 no memory that is mapped from a file, whoever's it is. */
	if (ret && errno == EOPNOTSUPP && uring_refuses_files())
		SKIP(return, "this kernel's io_uring registers no mappings of files");
	ASSERT_EQ(0, ret);
	for (uint64_t round = 2; ROUNDS_GO_ON(self, round); round++) {
		pattern_fill(self->plain, FIXED, round);
		ASSERT_EQ(bytes, pwrite(self->file, self->plain, bytes, 0));
		ASSERT_EQ(0, move_pages_by(&self->ring, IORING_OP_READ_FIXED, self->file, self->map,
					   FIXED));
		/* Not looked at by the processor before others have had every other frame. */
		EXPECT_EQ(0, page_in(self->fd, FIXED, PAGES - FIXED));
		EXPECT_EQ(0, pattern_wrong(self->map, FIXED, round));
		pattern_fill(self->map, FIXED, round + ROUNDS);
		ASSERT_EQ(0, move_pages_by(&self->ring, IORING_OP_WRITE_FIXED, self->file,
					   self->map, FIXED));
		ASSERT_EQ(bytes, pread(self->file, self->plain, bytes, 0));
		EXPECT_EQ(0, pattern_wrong(self->plain, FIXED, round + ROUNDS));
	}
	EXPECT_EQ(-EBUSY, page_out(self->fd, 0, FIXED));
	EXPECT_LT(0, window_stat(self->fd).held);

	/* The last that happens to them, and after they were written, is what a driver does. */
	ASSERT_EQ(0, page_flush(self->fd, 0, FIXED));
	pattern_fill(self->plain, FIXED, 99);
	ASSERT_EQ(bytes, pwrite(self->file, self->plain, bytes, 0));
	ASSERT_EQ(0,
		  move_pages_by(&self->ring, IORING_OP_READ_FIXED, self->file, self->map, FIXED));
	ASSERT_EQ(0, syscall(SYS_io_uring_register, self->ring.fd, IORING_UNREGISTER_BUFFERS, NULL,
			     0));
	for (int i = 0; i < 100 && page_out(self->fd, 0, FIXED); i++)
		sleep_ms(20);
	EXPECT_EQ(0, page_out(self->fd, 0, FIXED));
	EXPECT_EQ(0, pattern_wrong(self->map, FIXED, 99));
	EXPECT_PRESSED(self);
}

TEST_HARNESS_MAIN
