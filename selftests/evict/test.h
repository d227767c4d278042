/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What every unit test of the eviction policies includes. */
#ifndef EVICT_TEST_H
#define EVICT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "evict.h"

#endif /* EVICT_TEST_H */
