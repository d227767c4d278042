/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's timeouts. A tick is a microsecond; k_timeout_t counts them in 64 bits.
 *
 * A duration is rounded up to ticks and never negative; absolute timeouts are stored, as in Zephyr,
 * below K_FOREVER: -2 is the start of the clock, -3 one tick later.
 */
#ifndef K_TIMEOUT_H
#define K_TIMEOUT_H

#include "mrig_sync_port.h"

#define CONFIG_SYS_CLOCK_TICKS_PER_SEC	1000000
#define MRIG_TICK_NS			1000
#define MRIG_TICKS_MAX			(MRIG_NEVER / MRIG_TICK_NS - 1)

typedef int64_t k_ticks_t;

/**
 * typedef k_timeout_t - how long to wait, or until when
 * @ticks: 0 no wait, -1 forever, positive a duration, below -1 a time
 */
typedef struct {
	k_ticks_t ticks;
} k_timeout_t;

/* Ticks of @n periods of which @per make a tick (@mul 1), or that have @mul ticks each. */
static inline k_timeout_t mrig_timeout(int64_t n, int64_t mul, int64_t per)
{
	k_timeout_t t = { 0 };

	if (n <= 0)
		return t;
	if (n > MRIG_TICKS_MAX / mul)
		t.ticks = MRIG_TICKS_MAX;
	else
		t.ticks = per == 1 ? n * mul : (int64_t)((uint64_t)(n - 1) / (uint64_t)per) + 1;
	return t;
}

static inline k_timeout_t mrig_timeout_raw(k_ticks_t ticks)
{
	k_timeout_t t = { ticks };

	return t;
}

#define K_NO_WAIT		mrig_timeout_raw(0)
#define K_FOREVER		mrig_timeout_raw(-1)
#define K_TICKS_FOREVER		((k_ticks_t)-1)
#define K_TICKS(n)		mrig_timeout(n, 1, 1)
#define K_NSEC(n)		mrig_timeout(n, 1, MRIG_TICK_NS)
#define K_USEC(n)		mrig_timeout(n, 1, 1)
#define K_CYC(n)		K_NSEC(n)
#define K_MSEC(n)		mrig_timeout(n, 1000, 1)
#define K_SECONDS(n)		mrig_timeout(n, 1000000, 1)
#define K_MINUTES(n)		mrig_timeout(n, 60000000LL, 1)
#define K_HOURS(n)		mrig_timeout(n, 3600000000LL, 1)
#define K_TIMEOUT_EQ(a, b)	((a).ticks == (b).ticks)
#define K_TIMEOUT_ABS_TICKS(n)	mrig_timeout_raw(-2 - mrig_timeout(n, 1, 1).ticks)
#define K_TIMEOUT_ABS_US(n)	K_TIMEOUT_ABS_TICKS(n)
#define K_TIMEOUT_ABS_MS(n)	mrig_timeout_raw(-2 - mrig_timeout(n, 1000, 1).ticks)
#define K_TIMEOUT_ABS_NS(n)	mrig_timeout_raw(-2 - mrig_timeout(n, 1, MRIG_TICK_NS).ticks)
#define K_TIMEOUT_ABS_CYC(n)	K_TIMEOUT_ABS_NS(n)
#define K_TIMEOUT_ABS_SEC(n)	mrig_timeout_raw(-2 - mrig_timeout(n, 1000000, 1).ticks)

/* Ticks since the clock started. */
static inline int64_t k_uptime_ticks(void)
{
	return mrig_clock() / MRIG_TICK_NS;
}

static inline int64_t k_uptime_get(void)
{
	return k_uptime_ticks() / 1000;
}

static inline uint32_t k_uptime_get_32(void)
{
	return (uint32_t)k_uptime_get();
}

static inline uint32_t k_uptime_seconds(void)
{
	return (uint32_t)(k_uptime_get() / 1000);
}

/* Milliseconds since *@since, which becomes now. */
static inline int64_t k_uptime_delta(int64_t *since)
{
	int64_t now = k_uptime_get(), delta = now - *since;

	*since = now;
	return delta;
}

/* When a timeout that starts now will have passed, on mrig_clock(). */
static inline int64_t mrig_deadline(k_timeout_t timeout)
{
	int64_t ticks = timeout.ticks, now;

	if (ticks == -1)
		return MRIG_NEVER;
	if (ticks < -1) {
		ticks = -2 - ticks;
		return ticks > MRIG_TICKS_MAX ? MRIG_NEVER : ticks * MRIG_TICK_NS;
	}
	now = mrig_clock();
	if (ticks > MRIG_TICKS_MAX || ticks * MRIG_TICK_NS > MRIG_NEVER - now)
		return MRIG_NEVER;
	return now + ticks * MRIG_TICK_NS;
}

/**
 * typedef k_timepoint_t - a moment, for loops that wait more than once
 * @tick: of mrig_clock(), in nanoseconds; 0 has always passed, MRIG_NEVER never comes
 */
typedef struct {
	int64_t tick;
} k_timepoint_t;

static inline k_timepoint_t sys_timepoint_calc(k_timeout_t timeout)
{
	k_timepoint_t t = { timeout.ticks ? mrig_deadline(timeout) : 0 };

	return t;
}

static inline k_timeout_t sys_timepoint_timeout(k_timepoint_t t)
{
	int64_t now;

	if (t.tick == MRIG_NEVER)
		return K_FOREVER;
	now = mrig_clock();
	return t.tick <= now ? K_NO_WAIT : K_NSEC(t.tick - now);
}

static inline bool sys_timepoint_expired(k_timepoint_t t)
{
	return t.tick != MRIG_NEVER && t.tick <= mrig_clock();
}

#endif /* K_TIMEOUT_H */
