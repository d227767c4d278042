// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Flows of the failure sweep: windows.
 */
#include "fail_flows.h"
#include "window.h"

/* The second half of the frames is for windows that flows make. */
static int make_window(struct stage *s, uint32_t store, uint32_t flags)
{
	uint64_t frames = FAIL_LENGTH / 2 / page_size();
	struct memrig_window_create arg =
		ARG(memrig_window_create, .flags = flags, .region_fd = s->frames,
		    .offset = FAIL_LENGTH / 2, .frames = frames, .pages = 2 * frames,
		    .store = store, .store_fd = -1);
	int ret;

	if (store == MEMRIG_STORE_FILE || store == MEMRIG_STORE_IMAGE)
		arg.store_fd = s->file;
	ret = window_create(s->session, &arg);
	if (ret >= 0)
		close(ret);
	return ret < 0 ? ret : 0;
}

int flow_window_ram(struct stage *s)
{
	return make_window(s, MEMRIG_STORE_RAM, 0);
}

int flow_window_compressed(struct stage *s)
{
	return make_window(s, MEMRIG_STORE_COMPRESSED, MEMRIG_WINDOW_SERIAL);
}

int flow_window_file(struct stage *s)
{
	return make_window(s, MEMRIG_STORE_FILE, 0);
}

int flow_window_image(struct stage *s)
{
	return make_window(s, MEMRIG_STORE_IMAGE, 0);
}

/* Code of an image is mapped and read. */
int flow_window_code(struct stage *s)
{
	uint64_t frames = FAIL_LENGTH / 2 / page_size();
	struct memrig_window_create arg =
		ARG(memrig_window_create, .region_fd = s->frames, .offset = FAIL_LENGTH / 2,
		    .frames = frames, .pages = 2 * frames, .store = MEMRIG_STORE_IMAGE,
		    .store_fd = s->file);
	int window = window_create(s->session, &arg);
	volatile char *map;

	if (window < 0)
		return window;
	map = mmap(NULL, page_size(), PROT_READ | PROT_EXEC, MAP_SHARED, window, 0);
	close(window);
	if (map == MAP_FAILED)
		return -errno;
	map[0];
	return munmap((void *)map, page_size()) ? -errno : 0;
}

/* The second touch enters all pages in the page table. */
int flow_window_around(struct stage *s)
{
	uint64_t frames = FAIL_LENGTH / 2 / page_size();
	struct memrig_window_create arg =
		ARG(memrig_window_create, .region_fd = s->frames, .offset = FAIL_LENGTH / 2,
		    .frames = frames, .pages = 2 * frames, .store = MEMRIG_STORE_RAM,
		    .store_fd = -1, .fault_around = 4);
	int window = window_create(s->session, &arg), ret;
	char *map;

	if (window < 0)
		return window;
	ret = page_in(window, 0, 4);
	map = ret ? MAP_FAILED : window_map(window, 4);
	close(window);
	if (map == MAP_FAILED)
		return ret ? ret : -errno;
	for (int i = 0; i < 4; i++)
		map[i * page_size()] = 1;
	return munmap(map, 4 * page_size()) ? -errno : 0;
}

int flow_window_inject(struct stage *s)
{
	return make_window(s, MEMRIG_STORE_RAM, MEMRIG_WINDOW_INJECT);
}

/* Threads are counted, and there is a cleaner. */
int flow_window_cleaner(struct stage *s)
{
	uint64_t frames = FAIL_LENGTH / 2 / page_size();
	struct memrig_window_create arg =
		ARG(memrig_window_create, .flags = MEMRIG_WINDOW_THREAD_STATS,
		    .region_fd = s->frames, .offset = FAIL_LENGTH / 2, .frames = frames,
		    .pages = 2 * frames, .store = MEMRIG_STORE_RAM, .store_fd = -1,
		    .fault_around = 4, .read_ahead = 2, .clean_ms = 1000);
	int window = window_create(s->session, &arg), ret;

	if (window < 0)
		return window;
	/* The first page of a thread is the one that makes its record. */
	ret = page_in(window, 0, 2);
	close(window);
	return ret;
}

int flow_window_open(struct stage *s)
{
	struct memrig_window_open arg = ARG(memrig_window_open);
	int ret;

	/* Asking for the number may be what fails, once. */
	for (int i = 0; i < 2 && !arg.id; i++)
		arg.id = window_stat(s->window).id;
	ret = call(s->session, MEMRIG_IOC_WINDOW_OPEN, &arg);
	if (ret)
		return ret;
	close(arg.fd);
	return 0;
}

int flow_window_list(struct stage *s)
{
	struct memrig_window_stat stats[2];
	struct memrig_window_list arg = ARG(memrig_window_list, .entries = (uintptr_t)stats,
					    .count = 2, .entry_size = sizeof(stats[0]));

	return call(s->session, MEMRIG_IOC_WINDOW_LIST, &arg);
}

int flow_paging_stat(struct stage *s)
{
	struct memrig_paging_stat arg = ARG(memrig_paging_stat);
	int ret = call(s->session, MEMRIG_IOC_PAGING_STAT, &arg);

	return ret ? ret : call(s->window, MEMRIG_IOC_WINDOW_PAGING_STAT, &arg);
}

int flow_window_attach(struct stage *s)
{
	int fd = window_attach(s->window);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int flow_window_mmap(struct stage *s)
{
	char *map = window_map(s->window, 2);

	if (map == MAP_FAILED)
		return -errno;
	return munmap(map, 2 * page_size()) ? -errno : 0;
}

int flow_window_policy(struct stage *s)
{
	int ret = window_policy(s->window, MEMRIG_POLICY_S3FIFO);

	return ret ? ret : window_policy(s->window, MEMRIG_POLICY_ADAPTIVE);
}

int flow_window_stat(struct stage *s)
{
	return window_reset(s->window);
}

int flow_window_kind(struct stage *s)
{
	struct memrig_window_kind arg = ARG(memrig_window_kind, .what = MEMRIG_KIND_OF_STORE);

	return call(s->session, MEMRIG_IOC_WINDOW_KIND, &arg);
}

/* Twice: bounds of one's own, and the usual ones again. */
int flow_window_hist(struct stage *s)
{
	struct memrig_window_hist hist = ARG(memrig_window_hist), mine;
	int ret = call(s->window, MEMRIG_IOC_WINDOW_HIST, &hist);

	if (ret)
		return ret;
	mine = hist;
	mine.flags = MEMRIG_HIST_SET;
	mine.bins = 2;
	ret = call(s->window, MEMRIG_IOC_WINDOW_HIST, &mine);
	hist.flags = MEMRIG_HIST_SET;
	return ret ? ret : call(s->window, MEMRIG_IOC_WINDOW_HIST, &hist);
}

/* Two pages change; what they are does not get smaller when it is compressed. */
static void change_pages(struct stage *s)
{
	static unsigned int seed;

	for (long i = 0; i < 2 * page_size(); i++)
		s->pages[i] = rand_r(&seed) >> 4;
}

/* Out is written, in is read, and out again is what the store has already. */
int flow_page_in_out(struct stage *s)
{
	int ret;

	change_pages(s);
	ret = page_out(s->window, 0, 2);
	if (!ret)
		ret = page_in(s->window, 0, 2);
	return ret ? ret : page_out(s->window, 0, 2);
}

int flow_page_flush(struct stage *s)
{
	change_pages(s);
	return page_flush(s->window, 0, 2);
}

/* Advice brings pages in, or does not, and does not say. */
int flow_page_advice(struct stage *s)
{
	int ret;

	change_pages(s);
	ret = page_out(s->window, 0, 2);
	return ret ? ret : -posix_fadvise(s->window, 0, 2 * page_size(), POSIX_FADV_WILLNEED);
}

int flow_page_pin(struct stage *s)
{
	uint64_t done;
	int ret = page_call(s->window, MEMRIG_IOC_PAGE_PIN, 1, 2, &done);
	int undone;

	/* What was pinned of a range that was not done stays so, if the caller knows. */
	if (ret && ret != -EFAULT && done)
		page_unpin(s->window, 1, done);
	if (ret)
		return ret;
	undone = page_unpin(s->window, 1, 2);
	if (undone)
		page_unpin(s->window, 1, 2);
	return undone;
}

/* What is not pinned has no address: that is what it comes to where nothing fails. */
int flow_page_addr(struct stage *s)
{
	struct memrig_page_addr addr = ARG(memrig_page_addr);
	int ret = call(s->window, MEMRIG_IOC_PAGE_ADDR, &addr);

	return ret == -ENOENT ? 0 : ret;
}

int flow_page_addr_pinned(struct stage *s)
{
	struct memrig_page_addr addr = ARG(memrig_page_addr);
	int ret = page_pin(s->window, 0, 1), undone;

	if (!ret)
		ret = call(s->window, MEMRIG_IOC_PAGE_ADDR, &addr);
	/* Where the answer could not be written the pin is there all the same. */
	undone = page_unpin(s->window, 0, 1);
	if (undone == -EFAULT)
		page_unpin(s->window, 0, 1);
	return ret ? ret : undone;
}

int flow_page_map(struct stage *s)
{
	uint8_t states[4];

	return page_map(s->window, 0, 4, states);
}

/* The core tries again what failed for want of memory. */
int flow_page_touch(struct stage *s)
{
	char *map = window_map(s->window, 2);

	if (map == MAP_FAILED)
		return -errno;
	map[0]++;
	map[page_size()]++;
	munmap(map, 2 * page_size());
	return page_out(s->window, 0, 2);
}
