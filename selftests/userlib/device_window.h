/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A window through the library, on the real device.
 */
#ifndef MEMRIG_USERLIB_DEVICE_WINDOW_H
#define MEMRIG_USERLIB_DEVICE_WINDOW_H

#include <sys/mman.h>
#include <unistd.h>

#include <memrig/window.h>

#include "device.h"

#define FRAMES 8
#define PAGES  32

FIXTURE(window)
{
	memrig_t *rig;
	memrig_window_t *window;
	uint64_t page;
	char *at;
};

FIXTURE_SETUP(window)
{
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
	void *addr;

	args.frames = FRAMES;
	args.pages = PAGES;
	args.flags = MEMRIG_WINDOW_INJECT;
	args.policy = MEMRIG_POLICY_FIFO;
	self->page = (uint64_t)sysconf(_SC_PAGESIZE);
	ASSERT_EQ(0, memrig_open(&self->rig));
	ASSERT_EQ(0, memrig_window_create(self->rig, NULL, &args, &self->window));
	ASSERT_EQ(0, memrig_window_map(self->window, 0, 0, PROT_READ | PROT_WRITE, &addr));
	self->at = addr;
}

FIXTURE_TEARDOWN(window)
{
	memrig_window_close(self->window);
	memrig_close(self->rig);
}

static inline struct memrig_window_stat stat_of(memrig_window_t *window)
{
	struct memrig_window_stat stat = { .size = sizeof(stat) };

	if (memrig_window_stat(window, 0, &stat))
		memset(&stat, 0, sizeof(stat));
	return stat;
}

#endif /* MEMRIG_USERLIB_DEVICE_WINDOW_H */
