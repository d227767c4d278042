/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * How libmemrig-malloc.so is told what to do: "key=value,key=value" in $MEMRIG_MALLOC, else in the
 * program's memrig_malloc_conf.
 */
#ifndef MEMRIG_MALLOC_CONF_H
#define MEMRIG_MALLOC_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct malloc_conf - the settings
 * @attr: enum memrig_attr; 0: memory of the process
 * @kind: enum memrig_kind
 * @placement: enum memrig_placement
 * @hardening: level
 * @size: bytes; 0: the default
 * @region_fd: the region is there already, -1: it is not
 * @window_fd: a window is there already, -1: there is none
 * @page_fd: struct malloc_page, -1: none
 * @stats: count live bytes, too
 * @children: processes that do not own the region make one each
 * @device: path, "": the default
 */
struct malloc_conf {
	uint32_t attr;
	uint32_t kind;
	uint32_t placement;
	uint32_t hardening;
	uint64_t size;
	int region_fd;
	int window_fd;
	int page_fd;
	bool stats;
	bool children;
	char device[256];
};

/**
 * malloc_conf_parse() - read the settings
 * @text: as above; NULL: all defaults
 * @conf: out
 * @bad: out: the part that is wrong
 * @len: of @bad
 *
 * Allocates nothing. Return: whether all of it was understood.
 */
bool malloc_conf_parse(const char *text, struct malloc_conf *conf, char *bad, size_t len);

#endif /* MEMRIG_MALLOC_CONF_H */
