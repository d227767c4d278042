/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The part of <memrig/zephyr.h> that is no allocator, in the kernel: arithmetic, output, time and
 * short locks, under Zephyr's names. Where the kernel has a word of that name, it is the kernel's.
 */
#ifndef MEMRIG_ZEPHYR_SYS_H
#define MEMRIG_ZEPHYR_SYS_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/container_of.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/types.h>
#include "../../sync/k_heap.h"
#include "../../sync/k_thread.h"
#include "../../sync/k_time_units.h"

#ifndef ALWAYS_INLINE
#define ALWAYS_INLINE		__always_inline
#endif
#ifndef ARG_UNUSED
#define ARG_UNUSED(x)		((void)(x))
#endif
#ifndef __printf_like
#define __printf_like(f, a)	__printf(f, a)
#endif
#ifndef BUILD_ASSERT
#define BUILD_ASSERT(expr, ...)	static_assert(expr, "" __VA_ARGS__)
#endif
#ifndef MIN
#define MIN(a, b)		((a) < (b) ? (a) : (b))
#endif
#ifndef MAX
#define MAX(a, b)		((a) > (b) ? (a) : (b))
#endif
#ifndef CLAMP
#define CLAMP(x, low, high)	((x) <= (low) ? (low) : MIN(x, high))
#endif
#ifndef ROUND_UP
#define ROUND_UP(x, align)	roundup(x, align)
#endif
#ifndef ROUND_DOWN
#define ROUND_DOWN(x, align)	rounddown(x, align)
#endif
#ifndef IS_POWER_OF_TWO
#define IS_POWER_OF_TWO(x)	((x) && !((x) & ((x) - 1)))
#endif
#ifndef IN_RANGE
#define IN_RANGE(x, low, high)	((x) >= (low) && (x) <= (high))
#endif
#ifndef WB_UP
#define WB_UP(x)		ROUND_UP(x, sizeof(void *))
#endif
#ifndef WB_DN
#define WB_DN(x)		ROUND_DOWN(x, sizeof(void *))
#endif
#ifndef KB
#define KB(x)			((x) << 10)
#endif
#ifndef MB
#define MB(x)			(KB(x) << 10)
#endif
#ifndef GB
#define GB(x)			(MB(x) << 10)
#endif
#ifndef POINTER_TO_UINT
#define POINTER_TO_UINT(x)	((uintptr_t)(x))
#endif
#ifndef UINT_TO_POINTER
#define UINT_TO_POINTER(x)	((void *)(uintptr_t)(x))
#endif
#ifndef CONTAINER_OF
#define CONTAINER_OF(ptr, type, field)	container_of(ptr, type, field)
#endif

/* An assertion that does not hold is a line in the log: one module must not end the machine. */
#ifndef __ASSERT
#define __ASSERT(test, ...)	__ASSERT_NO_MSG(test)
#endif
#ifndef __ASSERT_NO_MSG
#define __ASSERT_NO_MSG(test)						\
	do {								\
		if (!(test))						\
			pr_err("%s: assertion failed: %s\n", __func__, #test);	\
	} while (0)
#endif

static inline bool size_add_overflow(size_t a, size_t b, size_t *result)
{
	return check_add_overflow(a, b, result);
}

static inline bool size_mul_overflow(size_t a, size_t b, size_t *result)
{
	return check_mul_overflow(a, b, result);
}

#define snprintk		snprintf
#define vsnprintk		vsnprintf

/* Messages go to the kernel's log if the level of their file lets them. */
#define LOG_LEVEL_NONE		0
#define LOG_LEVEL_ERR		1
#define LOG_LEVEL_WRN		2
#define LOG_LEVEL_INF		3
#define LOG_LEVEL_DBG		4
#ifndef CONFIG_LOG_DEFAULT_LEVEL
#define CONFIG_LOG_DEFAULT_LEVEL	LOG_LEVEL_INF
#endif

#define MEMRIG_LOG_FILE(name, level, ...)					\
	static const char *const memrig_log_name __maybe_unused = #name;	\
	static const int memrig_log_level __maybe_unused = (level)
#define LOG_MODULE_REGISTER(...)	MEMRIG_LOG_FILE(__VA_ARGS__, CONFIG_LOG_DEFAULT_LEVEL, 0)
#define LOG_MODULE_DECLARE(...)		LOG_MODULE_REGISTER(__VA_ARGS__)

#define MEMRIG_LOG(level, kern, fmt, ...)					\
	do {									\
		if ((level) <= memrig_log_level)				\
			_printk(kern "%s: " fmt "\n", memrig_log_name, ##__VA_ARGS__); \
	} while (0)
#define LOG_ERR(...)		MEMRIG_LOG(LOG_LEVEL_ERR, KERN_ERR, __VA_ARGS__)
#define LOG_WRN(...)		MEMRIG_LOG(LOG_LEVEL_WRN, KERN_WARNING, __VA_ARGS__)
#define LOG_INF(...)		MEMRIG_LOG(LOG_LEVEL_INF, KERN_INFO, __VA_ARGS__)
#define LOG_DBG(...)		MEMRIG_LOG(LOG_LEVEL_DBG, KERN_DEBUG, __VA_ARGS__)

/* As they are, whatever the level. */
#define LOG_RAW(...)		_printk(__VA_ARGS__)
#define LOG_PRINTK(...)		_printk(__VA_ARGS__)

#define MEMRIG_LOG_BYTES(level, kern, data, bytes, text)			\
	do {									\
		MEMRIG_LOG(level, kern, "%s", text);				\
		if ((level) <= memrig_log_level)				\
			print_hex_dump(kern, "", DUMP_PREFIX_NONE, 16, 1, data, bytes, false); \
	} while (0)
#define LOG_HEXDUMP_ERR(data, n, text)	MEMRIG_LOG_BYTES(LOG_LEVEL_ERR, KERN_ERR, data, n, text)
#define LOG_HEXDUMP_WRN(data, n, text)	MEMRIG_LOG_BYTES(LOG_LEVEL_WRN, KERN_WARNING, data, n, text)
#define LOG_HEXDUMP_INF(data, n, text)	MEMRIG_LOG_BYTES(LOG_LEVEL_INF, KERN_INFO, data, n, text)
#define LOG_HEXDUMP_DBG(data, n, text)	MEMRIG_LOG_BYTES(LOG_LEVEL_DBG, KERN_DEBUG, data, n, text)

static inline bool k_is_in_isr(void)
{
	return !in_task();
}

static inline void k_yield(void)
{
	cond_resched();
}

/* Not for interrupts, as in Zephyr. Milliseconds that are left; nothing wakes it early. */
static inline int32_t k_sleep(k_timeout_t timeout)
{
	ktime_t until = ns_to_ktime(mrig_deadline(timeout));

	if (!timeout.ticks || !mrig_may_sleep())
		return 0;
	do {
		set_current_state(TASK_IDLE);
	} while (schedule_hrtimeout(&until, HRTIMER_MODE_ABS));
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
		cpu_relax();
}

/* Cycles are nanoseconds. */
static inline uint64_t k_cycle_get_64(void)
{
	return mrig_clock();
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

/* Zeroed is free. This is for allocated locks that nest: lockdep tells them apart by it. */
#define memrig_spinlock_init(l)	mrig_lock_init(&(l)->lock)

static inline k_spinlock_key_t k_spin_lock(struct k_spinlock *l)
{
	k_spinlock_key_t k = { mrig_lock_enter(&l->lock) };

	return k;
}

static inline int k_spin_trylock(struct k_spinlock *l, k_spinlock_key_t *k)
{
	if (MRIG_LOCK_CHECKED && atomic_read_acquire(&l->lock.state) != MRIG_LOCK_READY)
		mrig_lock_ready(&l->lock);
	local_irq_save(k->key);
	if (!raw_spin_trylock(&l->lock.lock)) {
		local_irq_restore(k->key);
		return -EBUSY;
	}
	/* Sparse cannot tell which: to it, the lock is not held. */
	__release(&l->lock.lock);
	return 0;
}

static inline void k_spin_unlock(struct k_spinlock *l, k_spinlock_key_t k)
{
	mrig_lock_leave(&l->lock, k.key);
}

/* Interrupts stay as they are. */
static inline void k_spin_release(struct k_spinlock *l)
{
	raw_spin_unlock(&l->lock.lock);
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

/* Sparse cannot follow a lock through the head of a loop: to it, it is not held inside. */
static inline struct memrig_spin memrig_spin_begin(struct k_spinlock *l)
{
	struct memrig_spin s = { k_spin_lock(l), false };

	__release(&l->lock.lock);
	return s;
}

static inline void memrig_spin_end(struct k_spinlock *l, struct memrig_spin *s)
{
	__acquire(&l->lock.lock);
	k_spin_unlock(l, s->key);
	s->over = true;
}

/* The statement that follows runs under the lock; K_SPINLOCK_BREAK leaves it. */
#define K_SPINLOCK(l)								\
	for (struct memrig_spin memrig_spin = memrig_spin_begin(l); !memrig_spin.over; \
	     memrig_spin_end(l, &memrig_spin))
#define K_SPINLOCK_BREAK	continue

#endif /* MEMRIG_ZEPHYR_SYS_H */
