// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The functions of torture.h.
 */
#include "torture.h"

#define STORE_FILE "/tmp/memrig-torture"

uint64_t torture_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static const struct {
	const char *name;
	struct memrig_window_create arg;
} kinds[WINDOWS] = {
	{ "ram", { .store = MEMRIG_STORE_RAM, .store_fd = -1 } },
	{ "ram with just enough room",
	  { .store = MEMRIG_STORE_RAM, .store_fd = -1, .store_pages = PAGES - FRAMES + 1 } },
	{ "compressed", { .store = MEMRIG_STORE_COMPRESSED, .store_fd = -1 } },
	{ "file", { .store = MEMRIG_STORE_FILE } },
};

/* The seed decides which windows are as fast as they can be, and what they do by themselves. */
static int window_begin(int session, int number, uint64_t *seed)
{
	struct memrig_window_create arg = window_arg(session, FRAMES, PAGES);
	const struct memrig_window_create *kind = &kinds[number].arg;
	int fd;

	arg.flags = torture_next(seed) & 1 ? MEMRIG_WINDOW_INJECT : 0;
	arg.store = kind->store;
	arg.store_fd = kind->store_fd;
	arg.store_pages = kind->store_pages;
	arg.policy = torture_next(seed) % (MEMRIG_POLICY_ADAPTIVE + 1);
	arg.fault_around = 1u << torture_next(seed) % 4;
	arg.read_ahead = torture_next(seed) % 8;
	arg.clean_ms = torture_next(seed) & 1 ? 5 : 0;
	if (kind->store == MEMRIG_STORE_FILE) {
		arg.store_fd = open(STORE_FILE, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (arg.store_fd < 0 || ftruncate(arg.store_fd, PAGES * page_size()))
			return -1;
	}
	fd = window_create(session, &arg);
	close(arg.region_fd);
	if (arg.store_fd >= 0)
		close(arg.store_fd);
	return fd;
}

struct torture *torture_begin(uint64_t seed)
{
	struct torture *world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int session = session_open();
	uint64_t draw = seed * 2 + 1;
	pthread_mutexattr_t attr;

	if (world == MAP_FAILED || session < 0)
		return NULL;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	world->seed = seed;
	for (int w = 0; w < WINDOWS; w++) {
		struct torture_window *window = &world->windows[w];

		window->name = kinds[w].name;
		window->fd = window_begin(session, w, &draw);
		if (window->fd < 0)
			return NULL;
		for (int i = 0; i < PAGES; i++) {
			pthread_mutex_init(&window->pages[i].lock, &attr);
			window->pages[i].number = w * PAGES + i + 1;
		}
	}
	close(session);
	return world;
}

void torture_end(struct torture *world)
{
	for (int w = 0; w < WINDOWS; w++)
		close(world->windows[w].fd);
	munmap(world, sizeof(*world));
	unlink(STORE_FILE);
}

struct mapping *torture_mapping(struct victim *v)
{
	uint64_t r = torture_next(&v->seed);
	struct mapping *m = &v->maps[r % MAPPINGS];

	if (m->at)
		return m;
	m->first = r & 256 ? 0 : (r >> 16) % PAGES;
	m->count = r & 512 ? PAGES - m->first : 1 + (r >> 32) % (PAGES - m->first);
	/* The file that everybody has, or one of its own. */
	m->at = mmap(NULL, m->count * page_size(), PROT_READ | PROT_WRITE,
		     MAP_SHARED | (r & 7 ? 0 : MAP_POPULATE), r & 1024 ? v->fd : v->window->fd,
		     (off_t)m->first * page_size());
	if (m->at == MAP_FAILED) {
		perror("# mmap");
		_exit(2);
	}
	return m;
}

void torture_remap(struct victim *v, struct mapping *m)
{
	size_t bytes = m->count * page_size();
	char *to;

	/* To where there is room for sure. */
	to = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (to == MAP_FAILED)
		return;
	if (mremap(m->at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to)
		m->at = to;
	else
		munmap(to, bytes);
}

void torture_unmap(struct victim *v, struct mapping *m)
{
	uint64_t gone = 1 + torture_next(&v->seed) % m->count;
	char *rest = m->at + gone * page_size();

	/* A hole first, which makes two mappings of one. */
	if (gone > 2)
		munmap(m->at + page_size(), (gone - 2) * page_size());
	munmap(m->at, gone * page_size());
	m->at = gone == m->count ? NULL : rest;
	m->first += gone;
	m->count -= gone;
}

static void set_hist(struct victim *v, uint64_t r)
{
	struct memrig_window_hist hist =
		ARG(memrig_window_hist, .flags = r & 1 ? MEMRIG_HIST_SET : MEMRIG_HIST_RESET,
		    .which = r % 3, .bins = 1 + (r >> 8) % MEMRIG_HIST_BINS);

	for (uint32_t i = 0; i < hist.bins; i++)
		hist.bounds[i] = (i + 1) * (1 + (r >> 16) % 10000);
	call(v->fd, MEMRIG_IOC_WINDOW_HIST, &hist);
}

static void inject(struct victim *v, uint64_t r)
{
	struct memrig_window_inject plan = { 0 };

	if (r & 1)
		plan.out_errors = (r >> 8) % 4;
	if (r & 2)
		plan.in_errors = (r >> 16) % 3;
	if (r & 4)
		plan.delay_ns = (r >> 24) % MSEC;
	plan.out_after = (r >> 50) % 8;
	window_inject(v->fd, plan);
}

static void advise(struct victim *v, uint64_t r)
{
	static const int advices[] = { MADV_DONTNEED, MADV_WILLNEED, MADV_RANDOM, MADV_NORMAL };
	struct mapping *m = torture_mapping(v);
	uint64_t first = (r >> 8) % m->count;

	madvise(m->at + first * page_size(), page_size(), advices[r & 3]);
	if (r & 4)
		mprotect(m->at + first * page_size(), page_size(), PROT_READ);
	if (r & 4)
		mprotect(m->at + first * page_size(), page_size(), PROT_READ | PROT_WRITE);
}

void torture_call(struct victim *v)
{
	uint64_t r = torture_next(&v->seed), first = (r >> 8) % (PAGES - 8);
	uint64_t count = 1 + (r >> 40) % 8;
	uint8_t states[PAGES];

	switch (r % 12) {
	case 0:
	case 1:
		page_out(v->fd, first, count);
		break;
	case 2:
		page_in(v->fd, first, count);
		break;
	case 3:
		page_flush(v->fd, first, count);
		break;
	case 4:
		page_pin(v->fd, first, 1 + count % 2);
		break;
	case 5:
		page_unpin(v->fd, first, count);
		break;
	case 6:
		window_policy(v->fd, (r >> 50) % (MEMRIG_POLICY_ADAPTIVE + 1));
		break;
	case 7:
		inject(v, r >> 16);
		break;
	case 8:
		set_hist(v, r >> 16);
		break;
	case 9:
		page_map(v->fd, 0, PAGES, states);
		window_stat(v->fd);
		break;
	case 10:
		/* All pins of this client go, its mappings stay. */
		close(v->fd);
		v->fd = window_attach(v->window->fd);
		break;
	default:
		advise(v, r >> 16);
	}
}
