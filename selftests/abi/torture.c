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
	{ "null", { .store = MEMRIG_STORE_NULL, .store_fd = -1 } },
};
#define FILE_WINDOW 3

/* The seed decides which windows are as fast as they can be, and what they do by themselves. */
static int window_begin(struct torture *world, int number, uint64_t *seed)
{
	struct memrig_window_create arg = window_arg(world->session, FRAMES, PAGES);
	const struct memrig_window_create *kind = &kinds[number].arg;
	struct torture_window *window = &world->windows[number];

	window->name = kinds[number].name;
	/* One at least. */
	window->injects = torture_next(seed) & 1 || number == FILE_WINDOW;
	window->forgets = kind->store == MEMRIG_STORE_NULL;
	arg.flags = window->injects ? MEMRIG_WINDOW_INJECT : 0;
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
	window->fd = window_create(world->session, &arg);
	window->id = window_stat(window->fd).id;
	close(arg.region_fd);
	if (arg.store_fd >= 0)
		close(arg.store_fd);
	return window->fd;
}

struct torture *torture_begin(uint64_t seed)
{
	struct torture *world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t draw = seed * 2 + 1;
	pthread_mutexattr_t attr;

	if (world == MAP_FAILED)
		return NULL;
	world->session = session_open();
	if (world->session < 0)
		return NULL;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	world->seed = seed;
	for (int w = 0; w < WINDOWS; w++) {
		struct torture_window *window = &world->windows[w];

		if (window_begin(world, w, &draw) < 0)
			return NULL;
		for (int i = 0; i < PAGES; i++) {
			pthread_mutex_init(&window->pages[i].lock, &attr);
			window->pages[i].number = w * PAGES + i + 1;
			window->pages[i].forgotten = window->forgets;
		}
	}
	return world;
}

bool torture_close(struct torture *world)
{
	for (int w = 0; w < WINDOWS; w++)
		close(world->windows[w].fd);
	/* Windows end in a worker. */
	for (int i = 0; i < 200 && used_bytes(world->session); i++)
		sleep_ms(50);
	return !used_bytes(world->session);
}

int torture_file_wrong(struct torture *world,
		       bool (*right)(const struct torture_page *page, const char *at))
{
	struct torture_window *window = &world->windows[FILE_WINDOW];
	int file = open(STORE_FILE, O_RDONLY | O_CLOEXEC), wrong = 0;
	size_t page = page_size();
	char *copy = malloc(page);

	for (int i = 0; i < PAGES; i++)
		wrong += pread(file, copy, page, i * page) != page ||
			 !right(&window->pages[i], copy);
	free(copy);
	close(file);
	return wrong;
}

void torture_end(struct torture *world)
{
	close(world->session);
	munmap(world, sizeof(*world));
	unlink(STORE_FILE);
}

/* ---- what comes of it ---------------------------------------------------------------- */

/* Errors that are right, as a page is held or pinned, or the store was made to fail, or is full. */
static const struct {
	const char *name;
	int errors[3];
} deeds[DO_KINDS] = {
	[DO_WATCH] = { "watch" },
	[DO_OUT] = { "page-out", { -EBUSY, -EIO, -ENOMEM } },
	[DO_IN] = { "page-in", { -EBUSY, -EIO, -ENOMEM } },
	[DO_FLUSH] = { "flush", { -EIO, -ENOMEM } },
	[DO_PIN] = { "pin", { -EBUSY, -EIO, -ENOMEM } },
	[DO_UNPIN] = { "unpin", { -ENOENT } },
	[DO_POLICY] = { "policy" },
	[DO_INJECT] = { "inject" },
	[DO_HIST] = { "hist" },
	[DO_MAP] = { "map" },
	[DO_ATTACH] = { "attach" },
	[DO_ADVISE] = { "advise" },
	/* It has become several mappings. */
	[DO_REMAP] = { "remap", { -EFAULT } },
	[DO_UNMAP] = { "unmap" },
	[DO_FORK] = { "fork" },
	/* The kernel reads a page that cannot be had. */
	[DO_PIPE] = { "pipe", { -EFAULT } },
};

void torture_note(struct victim *v, enum torture_kind kind, int ret)
{
	bool may = kind == DO_INJECT && ret == -EOPNOTSUPP && !v->window->injects;

	for (int i = 0; i < 3; i++)
		may |= ret == deeds[kind].errors[i];
	if (!ret) {
		atomic_fetch_add(&v->world->done[kind], 1);
	} else if (may) {
		atomic_fetch_add(&v->world->refused[kind], 1);
	} else {
		atomic_fetch_add(&v->world->unheard, 1);
		printf("# %s: %s gives %d\n", v->window->name, deeds[kind].name, ret);
		fflush(stdout);
	}
}

const char *torture_undone(const struct torture *world)
{
	for (int i = 0; i < DO_KINDS; i++)
		if (!atomic_load(&world->done[i]))
			return deeds[i].name;
	return NULL;
}

void torture_print(const struct torture *world)
{
	for (int i = 0; i < DO_KINDS; i++)
		printf("# %s: %lu done, %lu refused\n", deeds[i].name, atomic_load(&world->done[i]),
		       atomic_load(&world->refused[i]));
}

/* ---- what is done -------------------------------------------------------------------- */

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
	if (mremap(m->at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to) {
		m->at = to;
		torture_note(v, DO_REMAP, 0);
	} else {
		torture_note(v, DO_REMAP, -errno);
		munmap(to, bytes);
	}
}

void torture_unmap(struct victim *v, struct mapping *m)
{
	uint64_t gone = 1 + torture_next(&v->seed) % m->count;
	char *rest = m->at + gone * page_size();

	int err = 0;

	/* A hole first, which makes two mappings of one. */
	if (gone > 2)
		err = munmap(m->at + page_size(), (gone - 2) * page_size());
	err |= munmap(m->at, gone * page_size());
	torture_note(v, DO_UNMAP, err ? -errno : 0);
	m->at = gone == m->count ? NULL : rest;
	m->first += gone;
	m->count -= gone;
}

static int set_hist(struct victim *v, uint64_t r)
{
	struct memrig_window_hist hist =
		ARG(memrig_window_hist, .flags = r & 1 ? MEMRIG_HIST_SET : MEMRIG_HIST_RESET,
		    .which = r % 3, .bins = 1 + (r >> 8) % MEMRIG_HIST_BINS);

	for (uint32_t i = 0; i < hist.bins; i++)
		hist.bounds[i] = (i + 1) * (1 + (r >> 16) % 10000);
	return call(v->fd, MEMRIG_IOC_WINDOW_HIST, &hist);
}

static int inject(struct victim *v, uint64_t r)
{
	struct memrig_window_inject plan = { 0 };

	if (r & 1)
		plan.out_errors = (r >> 8) % 4;
	if (r & 2)
		plan.in_errors = (r >> 16) % 3;
	if (r & 4)
		plan.delay_ns = (r >> 24) % MSEC;
	plan.out_after = (r >> 50) % 8;
	return window_inject(v->fd, plan);
}

static int advise(struct victim *v, uint64_t r)
{
	static const int advices[] = { MADV_DONTNEED, MADV_WILLNEED, MADV_RANDOM, MADV_NORMAL };
	struct mapping *m = torture_mapping(v);
	char *at = m->at + (r >> 8) % m->count * page_size();

	if (madvise(at, page_size(), advices[r & 3]))
		return -errno;
	if (r & 4 && (mprotect(at, page_size(), PROT_READ) ||
		      mprotect(at, page_size(), PROT_READ | PROT_WRITE)))
		return -errno;
	return 0;
}

/* All pins of this client go, its mappings stay. */
static int attach(struct victim *v)
{
	int fd = window_attach(v->window->fd);

	if (fd < 0)
		return fd;
	close(v->fd);
	v->fd = fd;
	return 0;
}

/* Somebody who may look at the window, and at nothing in it. Return: 0, or what was wrong. */
static int watch(struct victim *v, uint64_t first)
{
	struct memrig_window_open arg = ARG(memrig_window_open, .id = v->window->id);
	int ret = call(v->world->session, MEMRIG_IOC_WINDOW_OPEN, &arg);
	uint8_t states[PAGES];

	if (ret)
		return ret;
	if (window_stat(arg.fd).id != v->window->id)
		ret = -ESTALE;
	if (!ret)
		ret = page_map(arg.fd, 0, PAGES, states);
	if (!ret && page_out(arg.fd, first, 1) != -EACCES)
		ret = -EPROTO;
	if (!ret && window_map(arg.fd, PAGES) != MAP_FAILED)
		ret = -EPROTO;
	close(arg.fd);
	return ret;
}

static int do_one(struct victim *v, enum torture_kind kind, uint64_t r)
{
	uint64_t first = (r >> 8) % (PAGES - 8), count = 1 + (r >> 40) % 8;
	uint8_t states[PAGES];
	int ret;

	switch (kind) {
	case DO_WATCH:
		return watch(v, first);
	case DO_OUT:
		return page_out(v->fd, first, count);
	case DO_IN:
		return page_in(v->fd, first, count);
	case DO_FLUSH:
		return page_flush(v->fd, first, count);
	case DO_PIN:
		v->pinned = first;
		return page_pin(v->fd, first, 1 + count % 2);
	case DO_UNPIN:
		return page_unpin(v->fd, r & 1 << 20 ? first : v->pinned, 1);
	case DO_POLICY:
		return window_policy(v->fd, (r >> 50) % (MEMRIG_POLICY_ADAPTIVE + 1));
	case DO_INJECT:
		return inject(v, r >> 16);
	case DO_HIST:
		return set_hist(v, r >> 16);
	case DO_MAP:
		ret = page_map(v->fd, 0, PAGES, states);
		return ret || window_stat(v->fd).id == v->window->id ? ret : -ESTALE;
	case DO_ATTACH:
		return attach(v);
	default:
		return advise(v, r >> 16);
	}
}

void torture_call(struct victim *v)
{
	uint64_t r = torture_next(&v->seed);
	enum torture_kind kind = r % (DO_ADVISE + 1);

	torture_note(v, kind, do_one(v, kind, r));
}
