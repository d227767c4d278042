/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What Zephyr code around allocators asks of threads. Threads are the system's own: struct k_thread
 * only holds what Zephyr's calls add to them, and ends with its thread.
 */
#ifndef K_THREAD_H
#define K_THREAD_H

#include "mrig_sync_port.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct k_thread *k_tid_t;

k_tid_t k_current_get(void);
int k_thread_priority_get(k_tid_t thread);
void k_thread_priority_set(k_tid_t thread, int prio);
const char *k_thread_name_get(k_tid_t thread);
int k_thread_name_set(k_tid_t thread, const char *name);
int k_thread_name_copy(k_tid_t thread, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* K_THREAD_H */
