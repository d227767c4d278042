/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's conversions between ticks or cycles and units of time. A tick is a microsecond, a cycle
 * a nanosecond. Those that end in 32 give the low 32 bits; none looks for overflow, as in Zephyr.
 */
#ifndef K_TIME_UNITS_H
#define K_TIME_UNITS_H

#include "mrig_sync_port.h"

/* Units of @from nanoseconds in one of @to; 1 if that is no whole number, one being a multiple. */
static inline uint64_t mrig_units_in(uint32_t from, uint32_t to)
{
	return from < to ? to / from : 1;
}

/* @n units of @from nanoseconds in units of @to. */
static inline uint64_t mrig_units_floor(uint64_t n, uint32_t from, uint32_t to)
{
	return n * mrig_units_in(to, from) / mrig_units_in(from, to);
}

static inline uint64_t mrig_units_near(uint64_t n, uint32_t from, uint32_t to)
{
	uint64_t in = mrig_units_in(from, to);

	return mrig_units_floor(n, from, to) + (in > 1 && n % in >= in / 2);
}

static inline uint64_t mrig_units_ceil(uint64_t n, uint32_t from, uint32_t to)
{
	return mrig_units_floor(n, from, to) + (n % mrig_units_in(from, to) != 0);
}

#define k_ticks_to_sec_floor64(n)	mrig_units_floor(n, 1000, 1000000000)
#define k_ticks_to_sec_floor32(n)	((uint32_t)k_ticks_to_sec_floor64(n))
#define k_ticks_to_sec_near64(n)	mrig_units_near(n, 1000, 1000000000)
#define k_ticks_to_sec_near32(n)	((uint32_t)k_ticks_to_sec_near64(n))
#define k_ticks_to_sec_ceil64(n)	mrig_units_ceil(n, 1000, 1000000000)
#define k_ticks_to_sec_ceil32(n)	((uint32_t)k_ticks_to_sec_ceil64(n))

#define k_sec_to_ticks_floor64(n)	mrig_units_floor(n, 1000000000, 1000)
#define k_sec_to_ticks_floor32(n)	((uint32_t)k_sec_to_ticks_floor64(n))
#define k_sec_to_ticks_near64(n)	mrig_units_near(n, 1000000000, 1000)
#define k_sec_to_ticks_near32(n)	((uint32_t)k_sec_to_ticks_near64(n))
#define k_sec_to_ticks_ceil64(n)	mrig_units_ceil(n, 1000000000, 1000)
#define k_sec_to_ticks_ceil32(n)	((uint32_t)k_sec_to_ticks_ceil64(n))

#define k_ticks_to_ms_floor64(n)	mrig_units_floor(n, 1000, 1000000)
#define k_ticks_to_ms_floor32(n)	((uint32_t)k_ticks_to_ms_floor64(n))
#define k_ticks_to_ms_near64(n)	mrig_units_near(n, 1000, 1000000)
#define k_ticks_to_ms_near32(n)	((uint32_t)k_ticks_to_ms_near64(n))
#define k_ticks_to_ms_ceil64(n)	mrig_units_ceil(n, 1000, 1000000)
#define k_ticks_to_ms_ceil32(n)	((uint32_t)k_ticks_to_ms_ceil64(n))

#define k_ms_to_ticks_floor64(n)	mrig_units_floor(n, 1000000, 1000)
#define k_ms_to_ticks_floor32(n)	((uint32_t)k_ms_to_ticks_floor64(n))
#define k_ms_to_ticks_near64(n)	mrig_units_near(n, 1000000, 1000)
#define k_ms_to_ticks_near32(n)	((uint32_t)k_ms_to_ticks_near64(n))
#define k_ms_to_ticks_ceil64(n)	mrig_units_ceil(n, 1000000, 1000)
#define k_ms_to_ticks_ceil32(n)	((uint32_t)k_ms_to_ticks_ceil64(n))

#define k_ticks_to_us_floor64(n)	mrig_units_floor(n, 1000, 1000)
#define k_ticks_to_us_floor32(n)	((uint32_t)k_ticks_to_us_floor64(n))
#define k_ticks_to_us_near64(n)	mrig_units_near(n, 1000, 1000)
#define k_ticks_to_us_near32(n)	((uint32_t)k_ticks_to_us_near64(n))
#define k_ticks_to_us_ceil64(n)	mrig_units_ceil(n, 1000, 1000)
#define k_ticks_to_us_ceil32(n)	((uint32_t)k_ticks_to_us_ceil64(n))

#define k_us_to_ticks_floor64(n)	mrig_units_floor(n, 1000, 1000)
#define k_us_to_ticks_floor32(n)	((uint32_t)k_us_to_ticks_floor64(n))
#define k_us_to_ticks_near64(n)	mrig_units_near(n, 1000, 1000)
#define k_us_to_ticks_near32(n)	((uint32_t)k_us_to_ticks_near64(n))
#define k_us_to_ticks_ceil64(n)	mrig_units_ceil(n, 1000, 1000)
#define k_us_to_ticks_ceil32(n)	((uint32_t)k_us_to_ticks_ceil64(n))

#define k_ticks_to_ns_floor64(n)	mrig_units_floor(n, 1000, 1)
#define k_ticks_to_ns_floor32(n)	((uint32_t)k_ticks_to_ns_floor64(n))
#define k_ticks_to_ns_near64(n)	mrig_units_near(n, 1000, 1)
#define k_ticks_to_ns_near32(n)	((uint32_t)k_ticks_to_ns_near64(n))
#define k_ticks_to_ns_ceil64(n)	mrig_units_ceil(n, 1000, 1)
#define k_ticks_to_ns_ceil32(n)	((uint32_t)k_ticks_to_ns_ceil64(n))

#define k_ns_to_ticks_floor64(n)	mrig_units_floor(n, 1, 1000)
#define k_ns_to_ticks_floor32(n)	((uint32_t)k_ns_to_ticks_floor64(n))
#define k_ns_to_ticks_near64(n)	mrig_units_near(n, 1, 1000)
#define k_ns_to_ticks_near32(n)	((uint32_t)k_ns_to_ticks_near64(n))
#define k_ns_to_ticks_ceil64(n)	mrig_units_ceil(n, 1, 1000)
#define k_ns_to_ticks_ceil32(n)	((uint32_t)k_ns_to_ticks_ceil64(n))

#define k_cyc_to_sec_floor64(n)	mrig_units_floor(n, 1, 1000000000)
#define k_cyc_to_sec_floor32(n)	((uint32_t)k_cyc_to_sec_floor64(n))
#define k_cyc_to_sec_near64(n)	mrig_units_near(n, 1, 1000000000)
#define k_cyc_to_sec_near32(n)	((uint32_t)k_cyc_to_sec_near64(n))
#define k_cyc_to_sec_ceil64(n)	mrig_units_ceil(n, 1, 1000000000)
#define k_cyc_to_sec_ceil32(n)	((uint32_t)k_cyc_to_sec_ceil64(n))

#define k_sec_to_cyc_floor64(n)	mrig_units_floor(n, 1000000000, 1)
#define k_sec_to_cyc_floor32(n)	((uint32_t)k_sec_to_cyc_floor64(n))
#define k_sec_to_cyc_near64(n)	mrig_units_near(n, 1000000000, 1)
#define k_sec_to_cyc_near32(n)	((uint32_t)k_sec_to_cyc_near64(n))
#define k_sec_to_cyc_ceil64(n)	mrig_units_ceil(n, 1000000000, 1)
#define k_sec_to_cyc_ceil32(n)	((uint32_t)k_sec_to_cyc_ceil64(n))

#define k_cyc_to_ms_floor64(n)	mrig_units_floor(n, 1, 1000000)
#define k_cyc_to_ms_floor32(n)	((uint32_t)k_cyc_to_ms_floor64(n))
#define k_cyc_to_ms_near64(n)	mrig_units_near(n, 1, 1000000)
#define k_cyc_to_ms_near32(n)	((uint32_t)k_cyc_to_ms_near64(n))
#define k_cyc_to_ms_ceil64(n)	mrig_units_ceil(n, 1, 1000000)
#define k_cyc_to_ms_ceil32(n)	((uint32_t)k_cyc_to_ms_ceil64(n))

#define k_ms_to_cyc_floor64(n)	mrig_units_floor(n, 1000000, 1)
#define k_ms_to_cyc_floor32(n)	((uint32_t)k_ms_to_cyc_floor64(n))
#define k_ms_to_cyc_near64(n)	mrig_units_near(n, 1000000, 1)
#define k_ms_to_cyc_near32(n)	((uint32_t)k_ms_to_cyc_near64(n))
#define k_ms_to_cyc_ceil64(n)	mrig_units_ceil(n, 1000000, 1)
#define k_ms_to_cyc_ceil32(n)	((uint32_t)k_ms_to_cyc_ceil64(n))

#define k_cyc_to_us_floor64(n)	mrig_units_floor(n, 1, 1000)
#define k_cyc_to_us_floor32(n)	((uint32_t)k_cyc_to_us_floor64(n))
#define k_cyc_to_us_near64(n)	mrig_units_near(n, 1, 1000)
#define k_cyc_to_us_near32(n)	((uint32_t)k_cyc_to_us_near64(n))
#define k_cyc_to_us_ceil64(n)	mrig_units_ceil(n, 1, 1000)
#define k_cyc_to_us_ceil32(n)	((uint32_t)k_cyc_to_us_ceil64(n))

#define k_us_to_cyc_floor64(n)	mrig_units_floor(n, 1000, 1)
#define k_us_to_cyc_floor32(n)	((uint32_t)k_us_to_cyc_floor64(n))
#define k_us_to_cyc_near64(n)	mrig_units_near(n, 1000, 1)
#define k_us_to_cyc_near32(n)	((uint32_t)k_us_to_cyc_near64(n))
#define k_us_to_cyc_ceil64(n)	mrig_units_ceil(n, 1000, 1)
#define k_us_to_cyc_ceil32(n)	((uint32_t)k_us_to_cyc_ceil64(n))

#define k_cyc_to_ns_floor64(n)	mrig_units_floor(n, 1, 1)
#define k_cyc_to_ns_floor32(n)	((uint32_t)k_cyc_to_ns_floor64(n))
#define k_cyc_to_ns_near64(n)	mrig_units_near(n, 1, 1)
#define k_cyc_to_ns_near32(n)	((uint32_t)k_cyc_to_ns_near64(n))
#define k_cyc_to_ns_ceil64(n)	mrig_units_ceil(n, 1, 1)
#define k_cyc_to_ns_ceil32(n)	((uint32_t)k_cyc_to_ns_ceil64(n))

#define k_ns_to_cyc_floor64(n)	mrig_units_floor(n, 1, 1)
#define k_ns_to_cyc_floor32(n)	((uint32_t)k_ns_to_cyc_floor64(n))
#define k_ns_to_cyc_near64(n)	mrig_units_near(n, 1, 1)
#define k_ns_to_cyc_near32(n)	((uint32_t)k_ns_to_cyc_near64(n))
#define k_ns_to_cyc_ceil64(n)	mrig_units_ceil(n, 1, 1)
#define k_ns_to_cyc_ceil32(n)	((uint32_t)k_ns_to_cyc_ceil64(n))

#define k_ticks_to_cyc_floor64(n)	mrig_units_floor(n, 1000, 1)
#define k_ticks_to_cyc_floor32(n)	((uint32_t)k_ticks_to_cyc_floor64(n))
#define k_ticks_to_cyc_near64(n)	mrig_units_near(n, 1000, 1)
#define k_ticks_to_cyc_near32(n)	((uint32_t)k_ticks_to_cyc_near64(n))
#define k_ticks_to_cyc_ceil64(n)	mrig_units_ceil(n, 1000, 1)
#define k_ticks_to_cyc_ceil32(n)	((uint32_t)k_ticks_to_cyc_ceil64(n))

#define k_cyc_to_ticks_floor64(n)	mrig_units_floor(n, 1, 1000)
#define k_cyc_to_ticks_floor32(n)	((uint32_t)k_cyc_to_ticks_floor64(n))
#define k_cyc_to_ticks_near64(n)	mrig_units_near(n, 1, 1000)
#define k_cyc_to_ticks_near32(n)	((uint32_t)k_cyc_to_ticks_near64(n))
#define k_cyc_to_ticks_ceil64(n)	mrig_units_ceil(n, 1, 1000)
#define k_cyc_to_ticks_ceil32(n)	((uint32_t)k_cyc_to_ticks_ceil64(n))

#endif /* K_TIME_UNITS_H */
