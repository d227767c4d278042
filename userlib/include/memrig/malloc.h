/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * libmemrig-malloc: the malloc() family of the C library over a heap of your choice.
 *
 * Link with -lmemrig-malloc, or preload libmemrig-malloc.so, or say "memrig run". The functions are
 * those of <stdlib.h> and <malloc.h>; see libmemrig-malloc(3).
 */
#ifndef MEMRIG_MALLOC_H
#define MEMRIG_MALLOC_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A program that is linked with the library may define this to choose its heap:
 *
 *	const char *memrig_malloc_conf = "attr=uncached,size=16M";
 *
 * It is read at the first allocation, before main(). $MEMRIG_MALLOC, where it is set, replaces it.
 */
extern const char *memrig_malloc_conf __attribute__((weak));

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_MALLOC_H */
