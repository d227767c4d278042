/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The part of <memrig/zephyr.h> that is no allocator: words of the compiler, arithmetic, output,
 * time and short locks, under Zephyr's names. What the program has defined itself stays.
 */
#ifndef MEMRIG_ZEPHYR_SYS_H
#define MEMRIG_ZEPHYR_SYS_H

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <memrig/sync/k_heap.h>
#include <memrig/sync/k_thread.h>
#include <memrig/sync/k_time_units.h>

#ifndef __aligned
#define __aligned(x) __attribute__((__aligned__(x)))
#endif
#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#ifndef __used
#define __used __attribute__((__used__))
#endif
#ifndef __unused
#define __unused __attribute__((__unused__))
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((__unused__))
#endif
#ifndef __printf_like
#define __printf_like(f, a) __attribute__((__format__(__printf__, f, a)))
#endif
#ifndef ALWAYS_INLINE
#define ALWAYS_INLINE inline __attribute__((__always_inline__))
#endif
#ifndef ARG_UNUSED
#define ARG_UNUSED(x) ((void)(x))
#endif
#ifndef likely
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#ifndef BUILD_ASSERT
#define BUILD_ASSERT(expr, ...) static_assert(expr, "" __VA_ARGS__)
#endif

/* Counts elements; of a pointer it does not compile. */
#ifndef ARRAY_SIZE
#ifdef __cplusplus
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#else
#define ARRAY_SIZE(a)                                                                          \
	(sizeof(a) / sizeof((a)[0]) +                                                          \
	 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(a), __typeof__(&(a)[0])) ? -1 \
											  : 1]))
#endif
#endif
#ifndef MIN
#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef MAX
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef CLAMP
#define CLAMP(x, low, high) (((x) <= (low)) ? (low) : MIN(x, high))
#endif
#ifndef BIT
#define BIT(n) (1UL << (n))
#endif
#ifndef ROUND_UP
#define ROUND_UP(x, align)   (((x) + (align)-1) / (align) * (align))
#define ROUND_DOWN(x, align) ((x) / (align) * (align))
#endif
#ifndef DIV_ROUND_UP
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#endif
#ifndef IS_POWER_OF_TWO
#define IS_POWER_OF_TWO(x) ((x) && !((x) & ((x)-1)))
#endif
#ifndef IS_ALIGNED
#define IS_ALIGNED(ptr, align) ((uintptr_t)(ptr) % (align) == 0)
#endif
#ifndef IN_RANGE
#define IN_RANGE(x, low, high) ((x) >= (low) && (x) <= (high))
#endif
#ifndef WB_UP
#define WB_UP(x) ROUND_UP(x, sizeof(void *))
#define WB_DN(x) ROUND_DOWN(x, sizeof(void *))
#endif
#ifndef BIT_MASK
#define BIT_MASK(n) (BIT(n) - 1UL)
#endif
/* 1 if @name is a macro that is 1: only then the pasted name is one, and shifts 1 into place. */
#ifndef IS_ENABLED
#define MEMRIG_PASTED_1			  0,
#define MEMRIG_SECOND(first, second, ...) second
#define MEMRIG_CHOOSE(...)		  MEMRIG_SECOND(__VA_ARGS__)
#define MEMRIG_IS_ONE(value)		  MEMRIG_CHOOSE(MEMRIG_PASTED_##value 1, 0, 0)
#define IS_ENABLED(name)		  MEMRIG_IS_ONE(name)
#endif
#ifndef KB
#define KB(x) ((x) << 10)
#define MB(x) (KB(x) << 10)
#define GB(x) (MB(x) << 10)
#endif
#ifndef POINTER_TO_UINT
#define POINTER_TO_UINT(x) ((uintptr_t)(x))
#define UINT_TO_POINTER(x) ((void *)(uintptr_t)(x))
#endif
#ifndef CONTAINER_OF
#define CONTAINER_OF(ptr, type, field) ((type *)((char *)(ptr)-offsetof(type, field)))
#endif
#ifndef __ASSERT
#define __ASSERT(test, ...)   assert(test)
#define __ASSERT_NO_MSG(test) assert(test)
#endif

static inline bool size_add_overflow(size_t a, size_t b, size_t *result)
{
	return __builtin_add_overflow(a, b, result);
}

static inline bool size_mul_overflow(size_t a, size_t b, size_t *result)
{
	return __builtin_mul_overflow(a, b, result);
}

static inline __printf_like(1, 0) void vprintk(const char *fmt, va_list args)
{
	vprintf(fmt, args);
}

static inline __printf_like(1, 2) void printk(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(fmt, args);
	va_end(args);
}

#define snprintk  snprintf
#define vsnprintk vsnprintf

/* Messages go to standard error, one line each, if the level of their file lets them. */
#define LOG_LEVEL_NONE 0
#define LOG_LEVEL_ERR  1
#define LOG_LEVEL_WRN  2
#define LOG_LEVEL_INF  3
#define LOG_LEVEL_DBG  4
#ifndef CONFIG_LOG_DEFAULT_LEVEL
#define CONFIG_LOG_DEFAULT_LEVEL LOG_LEVEL_INF
#endif

#define MEMRIG_LOG_FILE(name, level, ...)                          \
	static const char *const memrig_log_name __unused = #name; \
	static const int memrig_log_level __unused = level
#define LOG_MODULE_REGISTER(...)     MEMRIG_LOG_FILE(__VA_ARGS__, CONFIG_LOG_DEFAULT_LEVEL, 0)
#define LOG_MODULE_DECLARE(...)	     LOG_MODULE_REGISTER(__VA_ARGS__)

#define MEMRIG_LOG(level, word, ...) MEMRIG_LOG_LINE(level, word, __VA_ARGS__, "")
#define MEMRIG_LOG_LINE(level, word, fmt, ...)                                         \
	do {                                                                           \
		if ((level) <= memrig_log_level)                                       \
			fprintf(stderr, "<" word "> %s: " fmt "%s\n", memrig_log_name, \
				__VA_ARGS__);                                          \
	} while (0)
#define LOG_ERR(...) MEMRIG_LOG(LOG_LEVEL_ERR, "err", __VA_ARGS__)
#define LOG_WRN(...) MEMRIG_LOG(LOG_LEVEL_WRN, "wrn", __VA_ARGS__)
#define LOG_INF(...) MEMRIG_LOG(LOG_LEVEL_INF, "inf", __VA_ARGS__)
#define LOG_DBG(...) MEMRIG_LOG(LOG_LEVEL_DBG, "dbg", __VA_ARGS__)

/* As they are, whatever the level. */
#define LOG_RAW(...)	fprintf(stderr, __VA_ARGS__)
#define LOG_PRINTK(...) fprintf(stderr, __VA_ARGS__)

static inline void memrig_log_bytes(const void *data, size_t bytes)
{
	const unsigned char *byte = (const unsigned char *)data;

	for (size_t i = 0; i < bytes; i++)
		fprintf(stderr, "%s%02x%s", i % 16 ? " " : "      ", byte[i],
			i % 16 == 15 || i + 1 == bytes ? "\n" : "");
}

#define MEMRIG_LOG_BYTES(level, word, data, bytes, text) \
	do {                                             \
		MEMRIG_LOG(level, word, "%s", text);     \
		if ((level) <= memrig_log_level)         \
			memrig_log_bytes(data, bytes);   \
	} while (0)
#define LOG_HEXDUMP_ERR(data, n, text) MEMRIG_LOG_BYTES(LOG_LEVEL_ERR, "err", data, n, text)
#define LOG_HEXDUMP_WRN(data, n, text) MEMRIG_LOG_BYTES(LOG_LEVEL_WRN, "wrn", data, n, text)
#define LOG_HEXDUMP_INF(data, n, text) MEMRIG_LOG_BYTES(LOG_LEVEL_INF, "inf", data, n, text)
#define LOG_HEXDUMP_DBG(data, n, text) MEMRIG_LOG_BYTES(LOG_LEVEL_DBG, "dbg", data, n, text)

/* The end of the program: there is nothing less that would stop all its threads. */
#define k_panic() abort()
#define k_oops()  abort()

/* A process has no interrupts. */
static inline bool k_is_in_isr(void)
{
	return false;
}

static inline void k_yield(void)
{
	sched_yield();
}

/* Milliseconds that were left when it was woken early; nothing wakes it early. */
static inline int32_t k_sleep(k_timeout_t timeout)
{
	int64_t when = mrig_deadline(timeout);
	struct timespec until = { (time_t)(when / 1000000000), (long)(when % 1000000000) };

	while (timeout.ticks && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
		;
	return 0;
}

static inline int32_t k_msleep(int32_t ms)
{
	return k_sleep(K_MSEC(ms));
}

static inline int32_t k_usleep(int32_t us)
{
	return k_sleep(K_USEC(us));
}

static inline void k_busy_wait(uint32_t us)
{
	int64_t until = mrig_clock() + us * 1000LL;

	while (mrig_clock() < until)
		;
}

/* Cycles are nanoseconds. */
static inline uint64_t k_cycle_get_64(void)
{
	return (uint64_t)mrig_clock();
}

static inline uint32_t k_cycle_get_32(void)
{
	return (uint32_t)mrig_clock();
}

static inline int sys_clock_hw_cycles_per_sec(void)
{
	return 1000000000;
}

/**
 * typedef k_spinlock_key_t - what k_spin_unlock() needs of its k_spin_lock()
 * @key: of the lock
 */
typedef struct {
	unsigned long key;
} k_spinlock_key_t;

static inline k_spinlock_key_t k_spin_lock(struct k_spinlock *l)
{
	k_spinlock_key_t k = { mrig_lock_enter(&l->lock) };

	return k;
}

static inline int k_spin_trylock(struct k_spinlock *l, k_spinlock_key_t *k)
{
	return mrig_lock_try(&l->lock, &k->key) ? 0 : -EBUSY;
}

static inline void k_spin_unlock(struct k_spinlock *l, k_spinlock_key_t k)
{
	mrig_lock_leave(&l->lock, k.key);
}

static inline void k_spin_release(struct k_spinlock *l)
{
	mrig_lock_leave(&l->lock, 0);
}

/**
 * struct memrig_spin - the extent of a K_SPINLOCK()
 * @key: of the lock
 * @over: it has been left
 */
struct memrig_spin {
	k_spinlock_key_t key;
	bool over;
};

static inline struct memrig_spin memrig_spin_begin(struct k_spinlock *l)
{
	struct memrig_spin s = { k_spin_lock(l), false };

	return s;
}

static inline void memrig_spin_end(struct k_spinlock *l, struct memrig_spin *s)
{
	k_spin_unlock(l, s->key);
	s->over = true;
}

/* The statement that follows runs under the lock; K_SPINLOCK_BREAK leaves it. */
#define K_SPINLOCK(l)                                                                  \
	for (struct memrig_spin memrig_spin = memrig_spin_begin(l); !memrig_spin.over; \
	     memrig_spin_end(l, &memrig_spin))
#define K_SPINLOCK_BREAK continue

#endif /* MEMRIG_ZEPHYR_SYS_H */
