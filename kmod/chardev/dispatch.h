/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From an ioctl to its handler: one const table per kind of file.
 */
#ifndef MRIG_DISPATCH_H
#define MRIG_DISPATCH_H

#include <linux/errno.h>
#include <linux/ioctl.h>
#include <linux/memrig.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include "core/fault.h"
#include "core/object.h"

struct file;

/* Every argument struct, so that one of them fits on the stack of the dispatcher. */
union mrig_ioctl_arg {
	__u32 size;
	struct memrig_caps caps;
	struct memrig_region_create region_create;
	struct memrig_region_open region_open;
	struct memrig_region_remove region_remove;
	struct memrig_region_list region_list;
	struct memrig_region_info region_info;
	struct memrig_attr_query attr_query;
	struct memrig_region_addr region_addr;
	struct memrig_attr_name attr_name;
	struct memrig_region_suspend region_suspend;
	struct memrig_region_resume region_resume;
	struct memrig_region_near region_near;
	struct memrig_heap_create heap_create;
	struct memrig_heap_attach heap_attach;
	struct memrig_alloc alloc;
	struct memrig_free free;
	struct memrig_realloc realloc;
	struct memrig_alloc_batch alloc_batch;
	struct memrig_free_batch free_batch;
	struct memrig_heap_stat heap_stat;
	struct memrig_heap_reset_max heap_reset_max;
	struct memrig_heap_walk heap_walk;
	struct memrig_heap_validate heap_validate;
	struct memrig_give give;
	struct memrig_keep keep;
	struct memrig_usable usable;
	struct memrig_heap_region heap_region;
	struct memrig_watch watch;
	struct memrig_blocks_get blocks_get;
	struct memrig_blocks_free blocks_free;
	struct memrig_blocks_is_free blocks_is_free;
	struct memrig_send send;
	struct memrig_receive receive;
	struct memrig_track_list track_list;
	struct memrig_multi_create multi_create;
	struct memrig_multi_add multi_add;
	struct memrig_multi_remove multi_remove;
	struct memrig_multi_rules multi_rules;
	struct memrig_multi_alloc multi_alloc;
	struct memrig_multi_free multi_free;
	struct memrig_multi_realloc multi_realloc;
	struct memrig_multi_member multi_member;
	struct memrig_multi_attach multi_attach;
	struct memrig_multi_stat multi_stat;
	struct memrig_multi_watch multi_watch;
	struct memrig_window_create window_create;
	struct memrig_window_list window_list;
	struct memrig_window_open window_open;
	struct memrig_paging_stat paging_stat;
	struct memrig_window_kind window_kind;
	struct memrig_window_stat window_stat;
	struct memrig_page_range page_range;
	struct memrig_page_map page_map;
	struct memrig_window_attach window_attach;
	struct memrig_window_policy window_policy;
	struct memrig_window_hist window_hist;
	struct memrig_window_inject window_inject;
	struct memrig_page_addr page_addr;
};

/**
 * struct mrig_ioctl_op - one row
 * @cmd: the whole number, with the size the struct had in the release that introduced it: a struct
 *	that grows keeps its number
 * @size: of the struct now
 * @min_size: of the struct in the release that introduced it
 * @handler: does it. ucmd->arg is a zero-extended kernel copy; "out" members hold what the caller
 *	left in them
 * @mute: success is all it answers
 */
struct mrig_ioctl_op {
	unsigned int cmd;
	u32 size;
	u32 min_size;
	int (*handler)(struct mrig_ucmd *ucmd);
	bool mute;
};

/**
 * struct mrig_ioctl_table - the ioctls of one kind of file
 * @object: its name in traces
 * @first: number of the first row
 * @count: rows; one without a handler is no ioctl
 * @ops: the rows, by number
 */
struct mrig_ioctl_table {
	const char *object;
	u32 first;
	u32 count;
	const struct mrig_ioctl_op *ops;
};

/*
 * A row; _last is the last member the struct had in the release that introduced it. When the struct
 * grows, this stops compiling until the definition of the number says the old size.
 */
#define MRIG_IOCTL_ROW(_first, _name, _type, _last, _handler, _mute)			\
	[_IOC_NR(MEMRIG_IOC_##_name) - (_first)] = {					\
		.cmd = MEMRIG_IOC_##_name,						\
		.size = sizeof(_type) +							\
			BUILD_BUG_ON_ZERO(sizeof(_type) > sizeof(union mrig_ioctl_arg)),\
		.min_size = _IOC_SIZE(MEMRIG_IOC_##_name) +				\
			    BUILD_BUG_ON_ZERO(_IOC_SIZE(MEMRIG_IOC_##_name) !=		\
					      offsetofend(_type, _last)),		\
		.handler = (_handler),							\
		.mute = (_mute),							\
	}
#define MRIG_IOCTL_OP(_first, _name, _type, _last, _handler)				\
	MRIG_IOCTL_ROW(_first, _name, _type, _last, _handler, false)
#define MRIG_IOCTL_MUTE(_first, _name, _type, _last, _handler)				\
	MRIG_IOCTL_ROW(_first, _name, _type, _last, _handler, true)

/* Copies from and to user space can fail like any acquisition, so the failure sweep sees them. */
static inline int mrig_copy_in(void *to, const void __user *from, size_t bytes)
{
	return mrig_should_fail() || copy_from_user(to, from, bytes) ? -EFAULT : 0;
}

static inline int mrig_copy_out(void __user *to, const void *from, size_t bytes)
{
	return mrig_should_fail() || copy_to_user(to, from, bytes) ? -EFAULT : 0;
}

long mrig_ioctl_dispatch(const struct mrig_ioctl_table *table, struct file *file,
			 unsigned int cmd, unsigned long arg);

#endif /* MRIG_DISPATCH_H */
