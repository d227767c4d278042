/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The kernel's test harness, for machines that may be slow.
 */
#ifndef MEMRIG_HARNESS_H
#define MEMRIG_HARNESS_H

#include "kselftest_harness.h"

/*
 * Its 30 seconds are for real machines; here one processor may emulate another that runs every
 * checker the kernel has. A test that is stuck is found as well after longer.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 150

#endif /* MEMRIG_HARNESS_H */
