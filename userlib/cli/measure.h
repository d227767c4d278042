/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Latency and bandwidth of memory as one thread sees it, and whether what runs beneath makes such
 * figures mean anything.
 */
#ifndef MEMRIG_CLI_MEASURE_H
#define MEMRIG_CLI_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum access_way - the kinds of access
 * @ACCESS_READ: 64-bit loads one after the other
 * @ACCESS_WRITE: 64-bit stores one after the other
 * @ACCESS_CHASE: loads at random cache lines, each depending on the last
 * @ACCESS_MEMSET: the C library's memset()
 * @ACCESS_MEMCPY: the C library's memcpy() from one half to the other
 */
enum access_way {
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_CHASE,
	ACCESS_MEMSET,
	ACCESS_MEMCPY,
	ACCESS_COUNT
};

extern const char *const access_names[ACCESS_COUNT];

/*
 * MB (10^6 bytes) per second, or nanoseconds per load for ACCESS_CHASE. @bytes is a multiple of
 * 4096; at least @budget_ns are spent, and at least one pass is made. The content is lost.
 */
double measure(enum access_way way, void *mem, size_t bytes, uint64_t budget_ns);

/* "emulated (QEMU TCG)", "virtual machine (KVM)"; NULL: looks like hardware. */
const char *measure_obstacle(void);

#endif /* MEMRIG_CLI_MEASURE_H */
