/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mrig_should_fail(): one question before every acquisition that can fail (memory, a name, a
 * file, pages, a mapping). On a kernel with FAULT_INJECTION it is a fault_attr of its own,
 * "fail_memrig" in debugfs, and counts in /proc/self/fail-nth together with failslab and
 * fail_page_alloc; elsewhere it is constant false.
 */
#ifndef MRIG_FAULT_H
#define MRIG_FAULT_H

#include <linux/types.h>

#ifdef CONFIG_FAULT_INJECTION
void mrig_fault_init(void);
void mrig_fault_fini(void);
bool mrig_should_fail(void);
#else
static inline void mrig_fault_init(void) { }
static inline void mrig_fault_fini(void) { }
static inline bool mrig_should_fail(void) { return false; }
#endif

#endif /* MRIG_FAULT_H */
