// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Zephyr's names for what windows do: see <memrig/k_mem_paging.h>. Moving pages.
 */
#include <errno.h>
#include <string.h>

#include <memrig/k_mem_paging.h>

#include "mrig_port.h"
#include "window.h"

/**
 * struct piece - part of a range of addresses, in one mapping
 * @window: of which
 * @addr: where it is
 * @offset: the same in the window
 * @length: bytes
 */
struct piece {
	struct memrig_window *window;
	char *addr;
	uint64_t offset;
	uint64_t length;
};

/* Does something to all pages of a piece; *@done: bytes that were dealt with. */
typedef int (*piece_fn)(const struct piece *piece, uint64_t *done);

static int piece_call(const struct piece *piece, unsigned long command, uint64_t *done)
{
	struct memrig_page_range range;
	int ret;

	ret = mrig_window_range(piece->window, command, piece->offset, piece->length, &range);
	*done = range.done;
	return ret;
}

static int piece_in(const struct piece *piece, uint64_t *done)
{
	return piece_call(piece, MEMRIG_IOC_PAGE_IN, done);
}

static int piece_out(const struct piece *piece, uint64_t *done)
{
	return piece_call(piece, MEMRIG_IOC_PAGE_OUT, done);
}

/* A page with all the pins that it can have is pinned. */
static int piece_pin(const struct piece *piece, uint64_t *done)
{
	struct piece rest = *piece;
	uint64_t pinned;
	int ret;

	*done = 0;
	for (;;) {
		ret = piece_call(&rest, MEMRIG_IOC_PAGE_PIN, &pinned);
		*done += pinned;
		if (ret != -EOVERFLOW)
			return ret;
		*done += mrig_page_size();
		if (*done == piece->length)
			return 0;
		rest.offset = piece->offset + *done;
		rest.length = piece->length - *done;
	}
}

/* All pins of this process on one page: Zephyr does not count them. */
static int page_unpin(const struct piece *piece, uint64_t at)
{
	struct piece page = {
		.window = piece->window,
		.offset = piece->offset + at,
		.length = mrig_page_size(),
	};
	uint64_t done;
	int ret;

	do {
		ret = piece_call(&page, MEMRIG_IOC_PAGE_UNPIN, &done);
	} while (!ret);
	return ret == -ENOENT ? 0 : ret;
}

static int piece_unpin(const struct piece *piece, uint64_t *done)
{
	uint64_t step = mrig_page_size(), most = 256 * step, length, i;
	uint8_t states[256];
	int ret = 0;

	for (*done = 0; *done < piece->length && !ret; *done += ret ? 0 : step) {
		length = piece->length - *done < most ? piece->length - *done : most;
		i = *done / step % 256;
		if (!i)
			ret = mrig_window_states(piece->window, piece->offset + *done, length,
						 states);
		if (!ret && (states[i] & MEMRIG_PAGE_PINNED))
			ret = page_unpin(piece, *done);
	}
	return ret;
}

/* @fn for every mapping that the range crosses. *@end: the address at which it ended. */
static int each_piece(void *addr, size_t size, piece_fn fn, struct piece *piece, char **end)
{
	uint64_t done, left;
	int ret = 0;

	*end = addr;
	piece->window = NULL;
	if (!size || size % mrig_page_size() || (uintptr_t)addr % mrig_page_size())
		return -EINVAL;
	if ((uintptr_t)addr + size < size)
		return -EINVAL;
	while (size && !ret) {
		piece->addr = *end;
		if (mrig_window_lookup(*end, &piece->window, &piece->offset, &left)) {
			piece->window = NULL;
			return -EFAULT;
		}
		piece->length = size < left ? size : left;
		ret = fn(piece, &done);
		*end += done;
		size -= done;
	}
	return ret;
}

/* For calls that cannot return an error. */
static void each_piece_or_report(const char *call, void *addr, size_t size, piece_fn fn)
{
	struct piece piece;
	char *end;
	int ret;

	ret = each_piece(addr, size, fn, &piece, &end);
	if (!ret)
		return;
	mrig_fail_with(call, ret, &(struct fail_info){ .wanted = size });
	mrig_port_misuse(piece.window, end, ret);
}

/**
 * k_mem_page_out() - take the frames of pages away
 * @addr: first page
 * @size: bytes
 *
 * Return: 0; -ENOMEM: the store is full; what Zephyr has no word for is in <memrig/k_mem_paging.h>.
 */
int k_mem_page_out(void *addr, size_t size)
{
	struct piece piece;
	char *end;
	int ret = each_piece(addr, size, piece_out, &piece, &end);

	return ret ? mrig_fail_with(__func__, ret, &(struct fail_info){ .wanted = size }) : 0;
}

/**
 * k_mem_page_in() - give pages frames, without a promise that they keep them
 * @addr: first page
 * @size: bytes
 */
void k_mem_page_in(void *addr, size_t size)
{
	each_piece_or_report(__func__, addr, size, piece_in);
}

/**
 * k_mem_pin() - give pages frames that they keep until k_mem_unpin()
 * @addr: first page
 * @size: bytes
 */
void k_mem_pin(void *addr, size_t size)
{
	each_piece_or_report(__func__, addr, size, piece_pin);
}

/**
 * k_mem_unpin() - let pages leave again, however often they were pinned through their window handle
 * @addr: first page
 * @size: bytes
 */
void k_mem_unpin(void *addr, size_t size)
{
	each_piece_or_report(__func__, addr, size, piece_unpin);
}
