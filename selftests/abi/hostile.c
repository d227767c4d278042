// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs that misbehave: scribbling over a whole mapped region while it is being allocated from,
 * many clients at once, no descriptors left, frees of random numbers. The bookkeeping must not
 * notice.
 */
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "abi.h"
#include "harness.h"

#define LENGTH (512 * KIB)
#define LIVE   128

struct scribble {
	volatile char *map;
	volatile bool stop;
	uint64_t rounds;
};

/* Everything that could pass for a header: zeros, ones, offsets, small sizes, text. */
static void *scribbler(void *arg)
{
	struct scribble *s = arg;
	volatile uint64_t *words = (volatile uint64_t *)s->map;
	uint64_t x = 88172645463325252ULL;

	while (!s->stop) {
		for (size_t i = 0; i < LENGTH / 8 && !s->stop; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			switch (s->rounds % 4) {
			case 0:
				words[i] = x;
				break;
			case 1:
				words[i] = ~0ULL;
				break;
			case 2:
				words[i] = i * 8;
				break;
			default:
				words[i] = (x & 0xff) << 1 | 1;
			}
		}
		s->rounds++;
	}
	return NULL;
}

struct model {
	uint64_t offset;
	uint64_t usable;
};

static bool model_overlaps(const struct model *m, int skip, uint64_t start, uint64_t end)
{
	for (int i = 0; i < LIVE; i++)
		if (i != skip && m[i].usable && start < m[i].offset + m[i].usable &&
		    m[i].offset < end)
			return true;
	return false;
}

/* One random operation, checked against the model; false when the heap contradicts it. */
static bool model_step(int heap, struct model *m, uint64_t rnd)
{
	struct memrig_alloc alloc = ARG(memrig_alloc, .bytes = 1 + (rnd >> 8) % 4000);
	int slot = (rnd >> 40) % LIVE;
	int64_t ret;

	if (!m[slot].usable) {
		if (rnd & 1)
			alloc.align = 1ULL << ((rnd >> 3) % 10);
		ret = heap_alloc_full(heap, &alloc);
		if (ret)
			return ret == -ENOMEM;
		if (alloc.usable < alloc.bytes || alloc.offset + alloc.usable > LENGTH ||
		    model_overlaps(m, -1, alloc.offset, alloc.offset + alloc.usable))
			return false;
		m[slot] = (struct model){ alloc.offset, alloc.usable };
		return true;
	}
	if (rnd & 2) {
		ret = heap_realloc(heap, m[slot].offset, alloc.bytes, 0, 0);
		if (ret < 0)
			return ret == -ENOMEM;
		m[slot].offset = ret;
		m[slot].usable = heap_usable(heap, ret);
		return !model_overlaps(m, slot, ret, ret + m[slot].usable);
	}
	if (heap_usable(heap, m[slot].offset) != (int64_t)m[slot].usable)
		return false;
	if (heap_free(heap, m[slot].offset) || heap_free(heap, m[slot].offset) != -ENOENT)
		return false;
	m[slot].usable = 0;
	return true;
}

static int model_live(const struct model *m)
{
	int live = 0;

	for (int i = 0; i < LIVE; i++)
		live += !!m[i].usable;
	return live;
}

TEST(scribbling_disturbs_nothing)
{
	int session = session_open(), region, other_region;
	struct scribble s = { 0 };
	static struct model model[LIVE];
	unsigned char *other;
	uint64_t rnd = 1;
	pthread_t thread;
	int heap;

	s.map = region_mapped(session, LENGTH, &region);
	ASSERT_TRUE(s.map != MAP_FAILED);
	other = region_mapped(session, LENGTH, &other_region);
	ASSERT_TRUE(other != MAP_FAILED);
	memset(other, 0x42, LENGTH);
	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_STATS);
	ASSERT_GE(heap, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, scribbler, &s));
	for (int i = 0; i < 6000; i++) {
		rnd = rnd * 6364136223846793005ULL + 1442695040888963407ULL;
		ASSERT_TRUE(model_step(heap, model, rnd >> 7))
		{
			s.stop = true;
		}
		if (i % 500 == 0)
			ASSERT_EQ(0, heap_validate(heap));
	}
	/* At least one full pass with the blocks in use. */
	for (int i = 0; !s.rounds && i < 6000; i++)
		usleep(10000);
	s.stop = true;
	pthread_join(thread, NULL);
	EXPECT_GT(s.rounds, 0);
	EXPECT_EQ(0, heap_validate(heap));
	EXPECT_EQ(model_live(model), heap_stat(heap).live_blocks);
	for (size_t i = 0; i < LENGTH; i++)
		ASSERT_EQ(0x42, other[i]);
	for (int i = 0; i < LIVE; i++)
		if (model[i].usable)
			EXPECT_EQ(0, heap_free(heap, model[i].offset));
	EXPECT_EQ(1, heap_stat(heap).free_blocks);
	EXPECT_EQ(0, heap_stat(heap).allocated_bytes);
}

/* Clients in processes and threads; each marks its blocks and finds its mark again. */
struct party {
	int heap;
	char *map;
	unsigned int seed;
	int bad;
};

static void party_run(struct party *p)
{
	struct {
		int64_t off;
		uint64_t usable;
		char mark;
	} mine[16] = { 0 };

	for (int i = 0; i < 400; i++) {
		int slot = rand_r(&p->seed) % 16;
		struct memrig_alloc arg = ARG(memrig_alloc, .bytes = 1 + rand_r(&p->seed) % 900);

		if (mine[slot].usable) {
			for (uint64_t b = 0; b < mine[slot].usable; b++)
				p->bad += p->map[mine[slot].off + b] != mine[slot].mark;
			p->bad += heap_free(p->heap, mine[slot].off) != 0;
			mine[slot].usable = 0;
			continue;
		}
		if (heap_alloc_full(p->heap, &arg))
			continue;
		mine[slot].off = arg.offset;
		mine[slot].usable = arg.usable;
		mine[slot].mark = rand_r(&p->seed);
		memset(p->map + arg.offset, mine[slot].mark, arg.usable);
	}
}

static void *party_thread(void *arg)
{
	party_run(arg);
	return NULL;
}

static int party_process(int heap, char *map, unsigned int seed)
{
	struct party parties[3];
	pthread_t threads[3];
	int bad = 0;

	/* Two threads share a client, the third has its own. */
	for (int i = 0; i < 3; i++) {
		parties[i] = (struct party){ heap, map, seed + i, 0 };
		if (i == 2)
			parties[i].heap = heap_attach(heap, NULL);
		CHECK(parties[i].heap >= 0);
		CHECK(!pthread_create(&threads[i], NULL, party_thread, &parties[i]));
	}
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		bad += parties[i].bad;
	}
	return bad ? 1 : 0;
}

TEST(many_clients)
{
	int session = session_open(), region, heap;
	char *map = region_mapped(session, LENGTH, &region);
	pid_t pids[3];

	ASSERT_TRUE(map != MAP_FAILED);
	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(party_process(heap_attach(heap, NULL), map, i * 100));
	}
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, child_wait(pids[i]));
	EXPECT_EQ(0, heap_validate(heap));
	EXPECT_EQ(0, heap_stat(heap).live_blocks);
	EXPECT_EQ(1, heap_stat(heap).clients);
}

/* Walks and validation go on while others change the heap. */
TEST(walk_while_it_changes)
{
	int session = session_open(), region, heap;
	char *map = region_mapped(session, LENGTH, &region);
	static struct memrig_block blocks[4096];
	int64_t fixed[32];
	pid_t pid;

	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	for (int i = 0; i < 32; i++)
		fixed[i] = heap_alloc(heap, 100 + i, 0);
	pid = fork();
	if (!pid)
		_exit(party_process(heap_attach(heap, NULL), map, 7));
	for (int round = 0; round < 40; round++) {
		int64_t n = heap_walk(heap, blocks, 4096, 16);

		ASSERT_GE(n, 32);
		for (int i = 0; i < 32; i++) {
			int seen = 0;

			for (int64_t b = 0; b < n; b++)
				seen += (int64_t)blocks[b].offset == fixed[i] &&
					(blocks[b].flags & MEMRIG_BLOCK_USED);
			ASSERT_EQ(1, seen);
		}
		ASSERT_EQ(0, heap_validate(heap));
	}
	EXPECT_EQ(0, child_wait(pid));
}

/* Random numbers at every call of a heap and a region. */
TEST(random_arguments)
{
	int session = session_open();
	int region = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	int64_t block = heap_alloc(heap, 777, 0);
	uint64_t x = 1234567;

	for (int i = 0; i < 5000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		uint64_t off = x >> (x % 64);

		if ((int64_t)off == block)
			continue;
		ASSERT_NE(0, heap_free(heap, off));
		ASSERT_LT(heap_usable(heap, off), 0);
		ASSERT_LT(heap_realloc(heap, off, x, x >> 5, x & 1), 0);
		ASSERT_NE(0, heap_give(heap, off, x));
	}
	EXPECT_EQ(1, heap_stat(heap).live_blocks);
	EXPECT_EQ(0, heap_validate(heap));
	EXPECT_EQ(0, heap_free(heap, block));
}

/* No descriptor to be had: calls that make one fail with EMFILE and leave nothing behind. */
TEST(out_of_descriptors)
{
	int session = session_open();
	int region = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_span(region, 0, 64 * KIB);
	struct memrig_heap_region arg = ARG(memrig_heap_region);
	struct rlimit limit = { heap + 1, heap + 1 };
	uint64_t used = used_bytes(session);
	int64_t regions = region_count(session);

	ASSERT_GE(heap, 0);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (int i = 0; i < 20; i++) {
		EXPECT_EQ(-EMFILE,
			  region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 4096));
		EXPECT_EQ(-EMFILE, region_named(session, "hostile", 4096, 0600));
		EXPECT_EQ(-EMFILE, heap_span(region, 128 * KIB, 4096));
		EXPECT_EQ(-EMFILE, heap_attach(heap, NULL));
		EXPECT_EQ(-EMFILE, call(heap, MEMRIG_IOC_HEAP_REGION, &arg));
	}
	EXPECT_EQ(used, used_bytes(session));
	EXPECT_EQ(regions, region_count(session));
	EXPECT_EQ(1, region_info(region).heaps);
	EXPECT_EQ(1, heap_stat(heap).clients);
	EXPECT_EQ(-ENOENT, region_remove(session, "hostile"));
}

/* A cgroup with little memory: bookkeeping is charged to it and says so when there is none. */
static int fill_bookkeeping(uint32_t placement)
{
	struct memrig_region_create region =
		ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
		    .length = 8 * MIB, .node = MEMRIG_NODE_ANY);
	struct memrig_alloc alloc;
	int heap, max, i, ret = 0;
	char text[64], limit[64];

	if (placement == MEMRIG_PLACEMENT_INBAND)
		region.flags = MEMRIG_REGION_KERNEL_ONLY;
	CHECK(!call(session_open(), MEMRIG_IOC_REGION_CREATE, &region));
	heap = heap_new(region.fd, placement, 0);
	CHECK(heap >= 0);
	CHECK(file_read("/sys/fs/cgroup/memrig-abi/memory.current", text, sizeof(text)) > 0);
	snprintf(limit, sizeof(limit), "%llu", strtoull(text, NULL, 10) + 64 * KIB);
	/* At the limit not even a file can be opened any more without somebody being killed. */
	max = open("/sys/fs/cgroup/memrig-abi/memory.max", O_WRONLY);
	CHECK(max >= 0 && pwrite(max, limit, strlen(limit), 0) > 0);
	for (i = 0; i < 500000; i++) {
		alloc = ARG(memrig_alloc, .bytes = 8);
		ret = heap_alloc_full(heap, &alloc);
		if (ret)
			break;
	}
	CHECK(pwrite(max, "max", 3, 0) == 3);
	CHECK(ret == -ENOMEM);
	CHECK(alloc.reason == MEMRIG_REASON_SIDE);
	printf("# %d blocks\n", i);
	CHECK(i > 1000);
	CHECK(heap_validate(heap) == 0);
	return 0;
}

static int enter_cgroup_and_fill(void *arg)
{
	char pid[32];

	snprintf(pid, sizeof(pid), "%d", getpid());
	CHECK(!file_write("/sys/fs/cgroup/memrig-abi/cgroup.procs", pid));
	/* Bookkeeping that cannot be had is an error of the call, not a reason to kill. */
	return fill_bookkeeping(*(const uint32_t *)arg);
}

TEST(cgroup_pays_for_bookkeeping)
{
	uint32_t placements[] = { MEMRIG_PLACEMENT_OOB, MEMRIG_PLACEMENT_INBAND };

	(void)!file_write("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	if (mkdir("/sys/fs/cgroup/memrig-abi", 0755) && errno != EEXIST)
		SKIP(return, "no cgroup2 at /sys/fs/cgroup");
	if (access("/sys/fs/cgroup/memrig-abi/memory.max", W_OK)) {
		rmdir("/sys/fs/cgroup/memrig-abi");
		SKIP(return, "no memory controller in cgroup2");
	}
	for (size_t i = 0; i < ARRAY_SIZE(placements); i++)
		EXPECT_EQ(0, in_child(enter_cgroup_and_fill, &placements[i]));
	rmdir("/sys/fs/cgroup/memrig-abi");
}

TEST_HARNESS_MAIN
