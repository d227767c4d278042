// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The part of abi.h about messages and tracking.
 */
#include "abi.h"

int heap_send(int heap, uint64_t offset, uint64_t bytes)
{
	struct memrig_send arg = ARG(memrig_send, .offset = offset, .bytes = bytes);

	return call(heap, MEMRIG_IOC_SEND, &arg);
}

int heap_receive_full(int heap, struct memrig_receive *arg)
{
	return call(heap, MEMRIG_IOC_RECEIVE, arg);
}

int64_t heap_receive(int heap)
{
	struct memrig_receive arg = ARG(memrig_receive);
	int ret = heap_receive_full(heap, &arg);

	return ret ? ret : (int64_t)arg.offset;
}

int64_t heap_receive_wait(int heap, uint64_t timeout_ns)
{
	struct memrig_receive arg =
		ARG(memrig_receive, .flags = MEMRIG_RECEIVE_WAIT, .timeout_ns = timeout_ns);
	int ret = heap_receive_full(heap, &arg);

	return ret ? ret : (int64_t)arg.offset;
}

int heap_watch_messages(int heap)
{
	struct memrig_watch arg = ARG(memrig_watch, .flags = MEMRIG_WATCH_MESSAGES);

	return call(heap, MEMRIG_IOC_WATCH, &arg);
}

int64_t heap_tracked(int heap, struct memrig_track_entry *out, uint32_t max, uint32_t part)
{
	struct memrig_track_entry buf[64];
	struct memrig_track_list arg =
		ARG(memrig_track_list, .entries = (uintptr_t)buf, .entry_size = sizeof(*buf));
	int64_t count = 0;
	int ret;

	do {
		arg.count = part < 64 ? part : 64;
		ret = call(heap, MEMRIG_IOC_TRACK_LIST, &arg);
		if (ret)
			return ret;
		for (uint32_t i = 0; i < arg.count; i++, count++)
			if (count < max)
				out[count] = buf[i];
	} while (arg.count);
	return count;
}

int64_t heap_send_new(int heap, uint64_t bytes)
{
	int64_t off = heap_alloc(heap, bytes, 0);
	int ret = off < 0 ? off : heap_send(heap, off, 0);

	return ret ? ret : off;
}
