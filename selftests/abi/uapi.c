// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The form of every ioctl: struct sizes, unknown tails, reserved members, flags, wrong files,
 * unknown numbers, bad addresses. Each malformed call is a valid one with one thing broken, gets
 * the errno that the header promises, and leaves the world as it was.
 */
#include "abi.h"
#include "harness.h"
#include "uapi_table.h"

#define TAIL	      64 /* bytes a newer caller might add */
#define BUF	      1024

#define RESERVED_ROWS 27 /* rows with a reserved member */

FIXTURE(uapi)
{
	struct world world;
	unsigned char buf[BUF] __attribute__((aligned(8)));
};

FIXTURE_SETUP(uapi)
{
	ASSERT_EQ(0, world_setup(&self->world));
}

FIXTURE_TEARDOWN(uapi)
{
	world_teardown(&self->world);
}

/* What a failed call must not change. */
struct state {
	uint64_t used;
	int64_t regions;
	uint64_t live;
	uint32_t clients;
	uint32_t heaps;
	uint32_t flags;
	int fd_next;
};

static struct state state_get(struct world *world)
{
	struct memrig_region_info info = region_info(world->fd[FACE_REGION]);
	struct memrig_heap_stat stat = heap_stat(world->fd[FACE_HEAP]);
	struct state state;

	memset(&state, 0, sizeof(state));
	state.used = used_bytes(world->fd[FACE_SESSION]);
	state.regions = region_count(world->fd[FACE_SESSION]);
	state.live = stat.live_blocks;
	state.clients = stat.clients;
	state.heaps = info.heaps;
	state.flags = info.flags;
	state.fd_next = fd_next();
	return state;
}

/* A valid request in @buf: inputs as the row says, everything else garbage, tail zero. */
static void prepare(struct world *world, const struct row *row, unsigned char *buf)
{
	__u32 *head = (__u32 *)buf;

	memset(buf, 0xa5, row->size);
	memset(buf + row->size, 0, BUF - row->size);
	head[0] = row->size;
	head[1] = 0;
	row->fill(world, buf);
}

static void take_back(struct world *world, const struct row *row, unsigned char *buf)
{
	int fd;

	if (row->fd_at) {
		memcpy(&fd, buf + row->fd_at, sizeof(fd));
		close(fd);
	}
	if (row->undo)
		row->undo(world, buf);
}

/*
 * Take back a request that was refused: what fill() prepared (a block, say) is still there, and
 * the call's own descriptor is not.
 */
static void take_back_refused(struct world *world, const struct row *row, unsigned char *buf)
{
	__u64 *offsets = world->page;
	struct memrig_free *one = (void *)buf;

	switch (row->cmd) {
	case MEMRIG_IOC_FREE:
	case MEMRIG_IOC_REALLOC:
	case MEMRIG_IOC_GIVE:
	case MEMRIG_IOC_KEEP:
	case MEMRIG_IOC_USABLE:
		heap_free(world->fd[FACE_HEAP], one->offset);
		break;
	case MEMRIG_IOC_PAGE_UNPIN:
		undo_page_pin(world, buf);
		break;
	case MEMRIG_IOC_REGION_RESUME:
		region_resume(world->fd[FACE_REGION]);
		break;
	case MEMRIG_IOC_MULTI_REMOVE:
		multi_remove(world->fd[FACE_MULTI], ((struct memrig_multi_remove *)buf)->member);
		break;
	case MEMRIG_IOC_MULTI_FREE:
		undo_multi_free(world, buf);
		break;
	case MEMRIG_IOC_MULTI_REALLOC:
		undo_multi_realloc(world, buf);
		break;
	case MEMRIG_IOC_BLOCKS_FREE:
		blocks_free(world->fd[FACE_BLOCKS], 0, 4);
		break;
	case MEMRIG_IOC_FREE_BATCH:
		heap_free(world->fd[FACE_HEAP], offsets[0]);
		heap_free(world->fd[FACE_HEAP], offsets[1]);
		break;
	}
}

#define EXPECT_ERROR(row, fd, cmd, arg, error)                                 \
	do {                                                                   \
		int got_ = call(fd, cmd, arg);                                 \
		EXPECT_EQ(-(error), got_)                                      \
		{                                                              \
			TH_LOG("%s: wanted %s", (row)->name, strerror(error)); \
		}                                                              \
	} while (0)

#define EXPECT_UNCHANGED(row, before)                                                \
	do {                                                                         \
		struct state after_ = state_get(&self->world);                       \
		EXPECT_EQ(0, memcmp(before, &after_, sizeof(after_)))                \
		{                                                                    \
			TH_LOG("%s: a refused call changed something", (row)->name); \
		}                                                                    \
	} while (0)

/* A row, broken by the caller, must fail with @error on @fd and change nothing. */
#define EXPECT_REFUSED(row, fd, cmd, arg, error)                \
	do {                                                    \
		struct state before_ = state_get(&self->world); \
		EXPECT_ERROR(row, fd, cmd, arg, error);         \
		EXPECT_UNCHANGED(row, &before_);                \
	} while (0)

TEST_F(uapi, exact_size)
{
	for (const struct row *row = rows; row < rows + row_count; row++) {
		prepare(&self->world, row, self->buf);
		EXPECT_EQ(0, call(self->world.fd[row->face], row->cmd, self->buf))
		{
			TH_LOG("%s", row->name);
			continue;
		}
		EXPECT_EQ(row->size, *(__u32 *)self->buf);
		take_back(&self->world, row, self->buf);
	}
}

TEST_F(uapi, short_struct)
{
	for (const struct row *row = rows; row < rows + row_count; row++) {
		const uint32_t sizes[] = { 0, 3, 4, row->size - 8, row->size - 1 };

		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			prepare(&self->world, row, self->buf);
			*(__u32 *)self->buf = sizes[i];
			EXPECT_REFUSED(row, self->world.fd[row->face], row->cmd, self->buf, EINVAL);
			take_back_refused(&self->world, row, self->buf);
		}
	}
}

TEST_F(uapi, long_zero_tail)
{
	for (const struct row *row = rows; row < rows + row_count; row++) {
		unsigned char zero[TAIL] = { 0 };

		prepare(&self->world, row, self->buf);
		*(__u32 *)self->buf = row->size + TAIL;
		EXPECT_EQ(0, call(self->world.fd[row->face], row->cmd, self->buf))
		{
			TH_LOG("%s", row->name);
			continue;
		}
		/* The kernel does not write what it does not know. */
		EXPECT_EQ(0, memcmp(self->buf + row->size, zero, TAIL));
		take_back(&self->world, row, self->buf);
	}
}

TEST_F(uapi, long_dirty_tail)
{
	for (const struct row *row = rows; row < rows + row_count; row++) {
		const uint32_t dirty[] = { 0, TAIL / 2, TAIL - 1 };

		for (size_t i = 0; i < ARRAY_SIZE(dirty); i++) {
			prepare(&self->world, row, self->buf);
			*(__u32 *)self->buf = row->size + TAIL;
			self->buf[row->size + dirty[i]] = 1;
			EXPECT_REFUSED(row, self->world.fd[row->face], row->cmd, self->buf, E2BIG);
			take_back_refused(&self->world, row, self->buf);
		}
	}
}

TEST_F(uapi, absurd_size)
{
	for (const struct row *row = rows; row < rows + row_count; row++) {
		int ret;

		prepare(&self->world, row, self->buf);
		*(__u32 *)self->buf = 0xffffffffu;
		ret = call(self->world.fd[row->face], row->cmd, self->buf);
		/* Dirty somewhere in the next 4 GiB, or not even mapped. */
		EXPECT_TRUE(ret == -E2BIG || ret == -EFAULT || ret == -EINVAL)
		{
			TH_LOG("%s: %d", row->name, ret);
		}
		take_back_refused(&self->world, row, self->buf);
	}
}

TEST_F(uapi, unknown_flags)
{
	for (const struct row *row = rows; row < rows + row_count; row++) {
		/* Bits 16 and up are never input, some are output of the same member. */
		const uint32_t flags[] = { 1u << 31, 1u << 17, 1u << 16, 1u << 15 };

		for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
			prepare(&self->world, row, self->buf);
			((__u32 *)self->buf)[1] = flags[i];
			EXPECT_REFUSED(row, self->world.fd[row->face], row->cmd, self->buf,
				       EOPNOTSUPP);
			take_back_refused(&self->world, row, self->buf);
		}
	}
}

TEST_F(uapi, dirty_reserved)
{
	int checked = 0;

	for (const struct row *row = rows; row < rows + row_count; row++) {
		if (!row->reserved_at)
			continue;
		prepare(&self->world, row, self->buf);
		*(__u32 *)(self->buf + row->reserved_at) = 0x100;
		EXPECT_REFUSED(row, self->world.fd[row->face], row->cmd, self->buf, EOPNOTSUPP);
		take_back_refused(&self->world, row, self->buf);
		checked++;
	}
	EXPECT_EQ(RESERVED_ROWS, checked);
}

static bool is_heap(int face)
{
	return face == FACE_HEAP || face == FACE_BLOCKS;
}

TEST_F(uapi, wrong_file)
{
	int null = open("/dev/null", O_RDWR);

	ASSERT_GE(null, 0);
	for (const struct row *row = rows; row < rows + row_count; row++) {
		struct state before;

		prepare(&self->world, row, self->buf);
		before = state_get(&self->world);
		for (int face = 0; face < FACE_COUNT; face++) {
			/* Both are heaps; what only one can do is not for this test. */
			if (face == (int)row->face || (is_heap(face) && is_heap(row->face)))
				continue;
			EXPECT_ERROR(row, self->world.fd[face], row->cmd, self->buf, ENOTTY);
		}
		EXPECT_ERROR(row, null, row->cmd, self->buf, ENOTTY);
		EXPECT_UNCHANGED(row, &before);
		take_back_refused(&self->world, row, self->buf);
	}
	close(null);
}

static bool is_known(unsigned long cmd)
{
	for (const struct row *row = rows; row < rows + row_count; row++)
		if (row->cmd == cmd)
			return true;
	return false;
}

TEST_F(uapi, unknown_numbers)
{
	static const unsigned int sizes[] = { 0, 8, 16, 40, 48, 56, 0x3fff };

	/* Each number with two of them: that of a row with another size is for the next test. */
	for (int face = 0; face < FACE_COUNT; face++) {
		for (unsigned int nr = 0; nr < 256; nr++) {
			for (size_t i = nr; i < nr + 2; i++) {
				unsigned int size = sizes[i % ARRAY_SIZE(sizes)];
				unsigned long cmd =
					_IOC(_IOC_READ | _IOC_WRITE, MEMRIG_IOC_TYPE, nr, size);
				int ret;

				if (is_known(cmd))
					continue;
				memset(self->buf, 0, sizeof(self->buf));
				*(__u32 *)self->buf = 64;
				ret = call(self->world.fd[face], cmd, self->buf);
				EXPECT_EQ(-ENOTTY, ret)
				{
					TH_LOG("face %d nr %#x size %u", face, nr, size);
				}
			}
		}
	}
}

TEST_F(uapi, mutated_numbers)
{
	for (const struct row *row = rows; row < rows + row_count; row++) {
		unsigned int nr = _IOC_NR(row->cmd);
		const unsigned long cmds[] = {
			_IOC(_IOC_READ | _IOC_WRITE, MEMRIG_IOC_TYPE, nr, row->size + 8),
			_IOC(_IOC_READ | _IOC_WRITE, MEMRIG_IOC_TYPE, nr, sizeof(void *)),
			_IOC(_IOC_READ, MEMRIG_IOC_TYPE, nr, row->size),
			_IOC(_IOC_NONE, MEMRIG_IOC_TYPE, nr, 0),
			_IOC(_IOC_READ | _IOC_WRITE, MEMRIG_IOC_TYPE ^ 1, nr, row->size),
		};

		struct state before;

		prepare(&self->world, row, self->buf);
		before = state_get(&self->world);
		for (size_t i = 0; i < ARRAY_SIZE(cmds); i++)
			if (!is_known(cmds[i]))
				EXPECT_ERROR(row, self->world.fd[row->face], cmds[i], self->buf,
					     ENOTTY);
		EXPECT_UNCHANGED(row, &before);
		take_back_refused(&self->world, row, self->buf);
	}
}

/* Numbers 1 and 2 are FIBMAP and FIGETBSZ to the VFS; nothing of ours may answer. */
TEST_F(uapi, vfs_numbers)
{
	for (int face = 0; face < FACE_COUNT; face++) {
		memset(self->buf, 0, sizeof(self->buf));
		EXPECT_NE(0, call(self->world.fd[face], 1, self->buf));
	}
}

TEST_F(uapi, bad_address)
{
	long page = page_size();
	unsigned char *map =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_TRUE(map != MAP_FAILED);
	ASSERT_EQ(0, mprotect(map + page, page, PROT_NONE));
	for (const struct row *row = rows; row < rows + row_count; row++) {
		int fd = self->world.fd[row->face];
		struct state before;

		prepare(&self->world, row, self->buf);
		before = state_get(&self->world);
		EXPECT_ERROR(row, fd, row->cmd, NULL, EFAULT);
		EXPECT_ERROR(row, fd, row->cmd, (void *)-4096L, EFAULT);
		EXPECT_ERROR(row, fd, row->cmd, map + page, EFAULT);
		/* Only the size, then half of the struct, is readable. */
		memcpy(map + page - 4, self->buf, 4);
		EXPECT_ERROR(row, fd, row->cmd, map + page - 4, EFAULT);
		memcpy(map + page - row->size / 8 * 4, self->buf, row->size / 8 * 4);
		EXPECT_ERROR(row, fd, row->cmd, map + page - row->size / 8 * 4, EFAULT);
		EXPECT_UNCHANGED(row, &before);
		take_back_refused(&self->world, row, self->buf);
	}
	munmap(map, 2 * page);
}

/* The answer cannot be written: nothing may have happened. */
TEST_F(uapi, read_only_struct)
{
	long page = page_size();
	unsigned char *map =
		mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_TRUE(map != MAP_FAILED);
	for (const struct row *row = rows; row < rows + row_count; row++) {
		ASSERT_EQ(0, mprotect(map, page, PROT_READ | PROT_WRITE));
		prepare(&self->world, row, self->buf);
		memcpy(map, self->buf, row->size);
		ASSERT_EQ(0, mprotect(map, page, PROT_READ));
		EXPECT_REFUSED(row, self->world.fd[row->face], row->cmd, map, EFAULT);
		take_back_refused(&self->world, row, self->buf);
	}
	munmap(map, page);
}

TEST_F(uapi, bad_array)
{
	long page = page_size();
	unsigned char *map =
		mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int checked = 0;

	ASSERT_TRUE(map != MAP_FAILED);
	for (const struct row *row = rows; row < rows + row_count; row++) {
		const uint64_t addresses[] = { 0, (uint64_t)-4096, (uintptr_t)map };

		if (!row->array_at)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
			bool reads_only = row->cmd == MEMRIG_IOC_FREE_BATCH ||
					  row->cmd == MEMRIG_IOC_MULTI_RULES;

			if (i == 2 && reads_only)
				continue;
			prepare(&self->world, row, self->buf);
			ASSERT_EQ(0, mprotect(map, page, PROT_READ | PROT_WRITE));
			memcpy(map, self->world.page, page);
			ASSERT_EQ(0, mprotect(map, page, PROT_READ));
			memcpy(self->buf + row->array_at, &addresses[i], sizeof(__u64));
			EXPECT_REFUSED(row, self->world.fd[row->face], row->cmd, self->buf, EFAULT);
			take_back_refused(&self->world, row, self->buf);
		}
		checked++;
	}
	EXPECT_EQ(9, checked);
	munmap(map, page);
}

TEST_HARNESS_MAIN
