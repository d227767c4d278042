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

/* Pages that have been in the store before, and such as are new to it. */
int flow_page_in_out(struct stage *s)
{
	int ret = page_in(s->window, 0, 2);

	if (ret)
		return ret;
	return page_out(s->window, 0, 2);
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
