// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fault attribute behind mrig_should_fail(), for kernels with fault injection. Only there is
 * this file more than its includes: the header has the other twin.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fault-inject.h>

#include "core/fault.h"

#ifdef CONFIG_FAULT_INJECTION

static DECLARE_FAULT_ATTR(mrig_fault_attr);
static struct dentry *mrig_fault_dir;

/**
 * mrig_fault_init() - make the attribute adjustable as debugfs/fail_memrig
 *
 * Without debugfs it stays at its defaults; /proc/self/fail-nth works in any case.
 *
 * Context: Process context, at module load.
 */
void mrig_fault_init(void)
{
	mrig_fault_dir = fault_create_debugfs_attr("fail_memrig", NULL, &mrig_fault_attr);
}

/**
 * mrig_fault_fini() - undo mrig_fault_init()
 *
 * Context: Process context, at module unload.
 */
void mrig_fault_fini(void)
{
	if (!IS_ERR_OR_NULL(mrig_fault_dir))
		debugfs_remove_recursive(mrig_fault_dir);
}

/**
 * mrig_should_fail() - ask before acquiring anything
 *
 * Context: Any.
 * Return: true when the acquisition that follows has to fail as it fails for want of memory.
 */
bool mrig_should_fail(void)
{
	return should_fail(&mrig_fault_attr, 1);
}

#endif /* CONFIG_FAULT_INJECTION */
