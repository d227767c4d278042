// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The failure sweep: every flow of the device is run with its first acquisition failing, then with
 * its second, and so on until it gets through without a failure. Whatever fails, the error is a
 * sane one, and regions, heaps, blocks, descriptors and module references are as they were before.
 *
 * Failures are injected by /proc/self/fail-nth, which counts every allocation of the slab and page
 * allocators (failslab, fail_page_alloc), copies from and to user space (fail_usercopy), and every
 * acquisition that the module asks mrig_should_fail() about. A flow in which fewer failures than
 * recorded could be injected fails too: the hooks have been lost.
 */
#include "fail_flows.h"
#include "harness.h"
#include "window.h"

#define MAX_NTH 2000

/* What a run must not change. */
struct state {
	uint64_t used;
	int64_t regions;
	uint64_t live;
	uint64_t bytes;
	uint64_t blocks;
	uint32_t clients;
	uint32_t heaps;
	uint32_t mappings;
	uint32_t pinned;
	uint32_t clients_of_window;
	int fd_next;
	char refs[16];
};

static struct state state_get(struct stage *s)
{
	struct memrig_window_stat window = window_stat(s->window);
	struct memrig_region_info info = region_info(s->region);
	struct memrig_heap_stat stat = heap_stat(s->heap);
	struct state state;

	memset(&state, 0, sizeof(state));
	state.used = used_bytes(s->session);
	state.regions = region_count(s->session);
	state.live = stat.live_blocks;
	state.bytes = stat.allocated_bytes;
	state.blocks = heap_stat(s->blocks).live_blocks;
	state.clients = stat.clients;
	state.heaps = info.heaps;
	state.mappings = info.mappings;
	state.pinned = window.pinned;
	state.clients_of_window = window.clients;
	state.fd_next = fd_next();
	(void)!pread(s->refs, state.refs, sizeof(state.refs) - 1, 0);
	return state;
}

static void state_log(const struct state *state, const char *when)
{
	printf("# %s: used %llu, regions %lld, live %llu (%llu bytes)\n", when,
	       (unsigned long long)state->used, (long long)state->regions,
	       (unsigned long long)state->live, (unsigned long long)state->bytes);
	printf("#   clients %u, heaps %u, mappings %u, next descriptor %d, references %s",
	       state->clients, state->heaps, state->mappings, state->fd_next, state->refs);
}

/*
 * Its store is compressed: the first compressor of the system makes buffers for all of them, and
 * the core complains in the log if it cannot.
 */
static int stage_window(struct stage *s)
{
	uint64_t frames = FAIL_LENGTH / 2 / page_size();
	struct memrig_window_create arg =
		ARG(memrig_window_create, .frames = frames, .pages = 2 * frames,
		    .store = MEMRIG_STORE_COMPRESSED, .store_fd = -1);

	s->file = memfd_create("fail-nth", 0);
	if (s->file < 0 || ftruncate(s->file, FAIL_LENGTH))
		return -errno;
	s->frames = region_new(s->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, FAIL_LENGTH);
	arg.region_fd = s->frames;
	s->window = window_create(s->session, &arg);
	if (s->window < 0)
		return s->window;
	s->pages = window_map(s->window, arg.pages);
	return s->pages == MAP_FAILED ? -errno : 0;
}

static int stage_setup(struct stage *s)
{
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .flags = MEMRIG_HEAP_STATS,
		    .placement = MEMRIG_PLACEMENT_OOB, .length = FAIL_LENGTH);
	int fd, ret;

	s->refs = open("/sys/module/memrig/refcnt", O_RDONLY | O_CLOEXEC);
	s->session = session_open();
	s->coherent_attr = __builtin_ctz(caps_get(s->session).attrs_coherent | 1u << 31);
	s->region = region_new(s->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 2 * FAIL_LENGTH);
	if (s->region < 0 || s->refs < 0)
		return -EINVAL;
	ret = call(s->region, MEMRIG_IOC_HEAP_CREATE, &arg);
	if (ret)
		return ret;
	s->heap = arg.fd;
	s->client = heap_attach(s->heap, &s->client_id);
	s->map = mmap(NULL, FAIL_LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, s->region, 0);
	if (s->client < 0 || s->map == MAP_FAILED)
		return -EINVAL;
	*(volatile char *)s->map = 1;
	region_remove(s->session, FAIL_STAGE);
	region_remove(s->session, FAIL_NAME);
	fd = region_named(s->session, FAIL_STAGE, 4096, 0600);
	if (fd < 0)
		return fd;
	s->block = heap_alloc(s->heap, 100, 0);
	close(fd);
	fd = region_new(s->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, FAIL_LENGTH);
	s->blocks = heap_engine(fd, MEMRIG_ENGINE_BLOCKS, 256);
	close(fd);
	s->multi = multi_new(s->session);
	if (multi_add(s->multi, s->heap, MEMRIG_ATTRS_CUSTOM(0)) ||
	    multi_add(s->multi, s->blocks, 0) != 1)
		return -EINVAL;
	return stage_window(s);
}

/*
 * How a failure may look. A partly answered call of several parts (EUCLEAN) may not be among them;
 * a copy that was made to fail is EFAULT, a descriptor EMFILE or ENFILE, all else is memory.
 */
static bool sane(int ret)
{
	switch (ret) {
	case 0:
	case -ENOMEM:
	case -EFAULT:
	case -EMFILE:
	case -ENFILE:
	case -ENODEV: /* open() of a device whose inode could not be had */
		return true;
	}
	return false;
}

/* Bring the stage back to where a run of a flow starts from: one block, the first client's. */
static void stage_rewind(struct stage *s)
{
	struct memrig_block blocks[64];
	int64_t n = heap_walk(s->heap, blocks, 64, 64);

	for (int64_t i = 0; i < n && i < 64; i++)
		if (blocks[i].flags & MEMRIG_BLOCK_USED)
			heap_free(s->heap, blocks[i].offset);
	s->block = heap_alloc(s->heap, 100, 0);
	region_remove(s->session, FAIL_NAME);
}

static int nth_open(void)
{
	static const char *const knobs[][2] = {
		{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/failslab/cache-filter", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/min-order", "0" },
		{ "/sys/kernel/debug/failslab/verbose", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/verbose", "0" },
		{ "/sys/kernel/debug/fail_usercopy/verbose", "0" },
		{ "/sys/kernel/debug/fail_memrig/verbose", "0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++)
		if (file_write(knobs[i][0], knobs[i][1]) && i != 7)
			return -ENOENT;
	return open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

/* Reading and writing the counter copies, too: what is left of it may hit that. */
static void nth_set(int fd, int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", nth);
	if (pwrite(fd, text, strlen(text), 0) < 0)
		CHECK(errno == EFAULT && pwrite(fd, text, strlen(text), 0) > 0);
}

/* Whether the failure that was asked for has happened; disarms. */
static bool nth_hit(int fd)
{
	char text[16] = "";
	bool hit = false;

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		hit = !strtoul(text, NULL, 10);
	else
		CHECK(errno == EFAULT);
	nth_set(fd, 0);
	return hit;
}

FIXTURE(fail_nth)
{
	struct stage stage;
	int nth;
};

FIXTURE_VARIANT(fail_nth)
{
	int minimum;
	int (*run)(struct stage * s);
	bool final; /* succeeds without taking back what it does to the stage */
};

/*
 * Minima as recorded on the debug kernel, less a tenth for what its own caches make of them; a flow
 * that takes fewer failures has lost its hooks. Each call has at least three: its argument is read,
 * found to be writable, and written.
 */
#define FLOW(name, min)                            \
	FIXTURE_VARIANT_ADD(fail_nth, name)        \
	{                                          \
		.minimum = min, .run = flow_##name \
	}
#define FINAL_FLOW(name, min)                                     \
	FIXTURE_VARIANT_ADD(fail_nth, name)                       \
	{                                                         \
		.minimum = min, .run = flow_##name, .final = true \
	}
FLOW(session, 5);
FLOW(caps, 3);
FLOW(region_cached, 21);
FLOW(region_uncached, 22);
FLOW(region_coherent, 54);
FLOW(region_named, 94);
FLOW(region_open, 12);
FLOW(region_list, 7);
FLOW(region_info, 3);
FLOW(region_addr, 3);
FLOW(region_addr_first, 25);
FLOW(attr_query, 3);
FLOW(attr_name, 6);
FLOW(region_near, 3);
FLOW(region_power, 27);
FLOW(mmap, 9);
FLOW(heap_oob, 28);
FLOW(heap_scrub, 28);
FLOW(heap_inband, 56);
FLOW(attach, 16);
FLOW(first_alloc, 35);
FLOW(alloc, 6);
FLOW(alloc_many, 118);
FINAL_FLOW(free_batch, 4);
FINAL_FLOW(free, 3);
FINAL_FLOW(realloc_move, 6);
FINAL_FLOW(realloc_grow, 3);
FINAL_FLOW(realloc_shrink, 3);
FLOW(usable, 3);
FLOW(stat, 3);
FLOW(walk, 8);
FLOW(validate, 3);
FINAL_FLOW(give, 3);
FINAL_FLOW(keep, 5);
FLOW(heap_region, 9);
FLOW(slab, 10);
FLOW(wait, 6);
FLOW(wait_in_vain, 3);
FLOW(watch, 3);
FLOW(blocks_get, 6);
FLOW(blocks_part, 9);
FLOW(blocks_is_free, 3);
FLOW(message, 6);
FLOW(tracked, 30);
FLOW(multi_create, 9);
FLOW(multi_add, 15);
FLOW(multi_attach, 16);
FLOW(multi_rules, 10);
FLOW(multi_alloc, 6);
FLOW(multi_first, 20);
FLOW(multi_wait, 5);
FLOW(multi_watch, 3);
FLOW(multi_move, 9);
FLOW(multi_member, 9);
FLOW(multi_stat, 5);
FLOW(window_ram, 50);
FLOW(window_compressed, 66);
FLOW(window_file, 49);
FLOW(window_image, 80);
FLOW(window_code, 90);
FLOW(window_around, 82);
FLOW(window_inject, 51);
FLOW(window_cleaner, 70);
FLOW(window_open, 15);
FLOW(window_list, 4);
FLOW(window_kind, 3);
FLOW(window_hist, 8);
FLOW(paging_stat, 5);
FLOW(window_attach, 12);
FLOW(window_mmap, 8);
FLOW(window_policy, 10);
FLOW(window_stat, 3);
FLOW(page_in_out, 18);
FLOW(page_flush, 12);
FLOW(page_advice, 11);
FLOW(page_pin, 9);
FLOW(page_addr, 3);
FLOW(page_addr_pinned, 9);
FLOW(page_map, 6);
FLOW(page_touch, 19);

FIXTURE_SETUP(fail_nth)
{
	self->nth = nth_open();
	if (self->nth < 0)
		SKIP(return, "no CONFIG_FAULT_INJECTION, FAILSLAB, FAIL_PAGE_ALLOC or debugfs");
	ASSERT_EQ(0, stage_setup(&self->stage));
}

FIXTURE_TEARDOWN(fail_nth)
{
	region_remove(self->stage.session, FAIL_STAGE);
	region_remove(self->stage.session, FAIL_NAME);
}

TEST_F_TIMEOUT(fail_nth, sweep, 120)
{
	struct stage *stage = &self->stage;
	int injected = 0, ret;

	/* Once without, so that what the kernel caches for good is there. */
	stage_rewind(stage);
	ret = variant->run(stage);
	EXPECT_EQ(0, ret);
	for (int nth = 1;; nth++) {
		struct state before, after;
		bool hit;

		ASSERT_LT(nth, MAX_NTH);
		stage_rewind(stage);
		before = state_get(stage);
		nth_set(self->nth, nth);
		ret = variant->run(stage);
		hit = nth_hit(self->nth);
		if (variant->final && !ret)
			stage_rewind(stage);
		after = state_get(stage);
		EXPECT_TRUE(sane(ret))
		{
			TH_LOG("failure %d gives %d", nth, ret);
		}
		EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)))
		{
			TH_LOG("failure %d gives %d and leaves something", nth, ret);
			state_log(&before, "before");
			state_log(&after, "after");
		}
		ASSERT_EQ(0, heap_validate(stage->heap));
		if (!hit)
			break;
		injected++;
	}
	EXPECT_EQ(0, ret);
	printf("# %d failures injected, at least %d recorded\n", injected, variant->minimum);
	EXPECT_GE(injected, variant->minimum);
}

TEST_HARNESS_MAIN
