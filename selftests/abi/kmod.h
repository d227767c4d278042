/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Modules that a test loads itself, and kinds of stores and policies by their names.
 */
#ifndef MEMRIG_KMOD_TEST_H
#define MEMRIG_KMOD_TEST_H

#include "abi.h"

/* From @path, with parameters; 0 or -errno. -ENOENT: no such file; -EEXIST: it is loaded. */
int kmod_load(const char *path, const char *params);
/* 0 or -errno: -EWOULDBLOCK: it is in use. Does not wait. */
int kmod_unload(const char *name);
/*
 * A spare module of the kernel's own (run.sh --spare), after those it needs; 0 or -errno: -ENOENT:
 * this kernel has none. The way back takes the same ones away, as far as they are there.
 */
int spare_load(const char *name, const char *params);
int spare_unload(const char *name);
/* The next one of enum memrig_kind_of @what from @number on; its number or -errno. */
int kind_next(int session, uint32_t what, uint32_t number, struct memrig_window_kind *kind);
/* Number of the one with this name, or -ENOENT. */
int kind_find(int session, uint32_t what, const char *name);

#endif /* MEMRIG_KMOD_TEST_H */
