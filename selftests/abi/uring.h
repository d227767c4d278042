/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * io_uring as tests use it.
 */
#ifndef MEMRIG_URING_H
#define MEMRIG_URING_H

#include <stdbool.h>

#include "kselftest.h"

/* Until Linux 6.5 io_uring registers no memory that is mapped from a file, whoever's it is. */
static inline bool uring_refuses_files(void)
{
	return ksft_min_kernel_version(6, 5) == 0;
}

#endif /* MEMRIG_URING_H */
