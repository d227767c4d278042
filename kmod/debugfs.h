/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views for people: /sys/kernel/debug/memrig. Not an interface; tools use the ioctls.
 */
#ifndef MRIG_DEBUGFS_H
#define MRIG_DEBUGFS_H

#ifdef CONFIG_DEBUG_FS
void mrig_debugfs_init(void);
void mrig_debugfs_fini(void);
#else
static inline void mrig_debugfs_init(void) { }
static inline void mrig_debugfs_fini(void) { }
#endif

#endif /* MRIG_DEBUGFS_H */
