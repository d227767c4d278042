// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of regions. Each holds one reference; what it may do is its open mode.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "region/region.h"

#define FIRST	0x20

static int region_info_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_region_info *arg = ucmd->arg;
	u32 size = arg->size;

	if (arg->flags)
		return -EOPNOTSUPP;
	mrig_region_fill_info(ucmd->file->private_data, arg);
	arg->size = size;
	if (!(ucmd->file->f_mode & FMODE_WRITE))
		arg->flags |= MEMRIG_REGION_STATE_READ_ONLY;
	return 0;
}

static int attr_query_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_attr_query *arg = ucmd->arg;

	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return mrig_region_attr_query(ucmd->file->private_data, arg);
}

static int region_addr_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_region_addr *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	return mrig_region_addr(ucmd->file->private_data, arg->offset, arg);
}

static int region_suspend_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_region_suspend *arg = ucmd->arg;

	if (arg->flags & ~MEMRIG_SUSPEND_LOSE)
		return -EOPNOTSUPP;
	if (!(ucmd->file->f_mode & FMODE_WRITE))
		return -EACCES;
	return mrig_region_suspend(ucmd->file->private_data, arg->flags & MEMRIG_SUSPEND_LOSE);
}

static int region_resume_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_region_resume *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	if (!(ucmd->file->f_mode & FMODE_WRITE))
		return -EACCES;
	return mrig_region_resume(ucmd->file->private_data);
}

static int region_near_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_region_near *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	return mrig_region_near_query(ucmd->file->private_data, arg);
}

static const struct mrig_ioctl_op region_ops[] = {
	MRIG_IOCTL_OP(FIRST, REGION_INFO, struct memrig_region_info, suspends, region_info_ioctl),
	MRIG_IOCTL_OP(FIRST, ATTR_QUERY, struct memrig_attr_query, reserved, attr_query_ioctl),
	MRIG_IOCTL_OP(FIRST, REGION_ADDR, struct memrig_region_addr, contiguous, region_addr_ioctl),
	MRIG_IOCTL_MUTE(FIRST, REGION_SUSPEND, struct memrig_region_suspend, flags,
			region_suspend_ioctl),
	MRIG_IOCTL_MUTE(FIRST, REGION_RESUME, struct memrig_region_resume, flags,
			region_resume_ioctl),
	MRIG_IOCTL_OP(FIRST, REGION_NEAR, struct memrig_region_near, distance, region_near_ioctl),
	MRIG_IOCTL_OP(FIRST, HEAP_CREATE, struct memrig_heap_create, block_size,
		      mrig_heap_create_ioctl),
};

static const struct mrig_ioctl_table region_table = {
	.object = "region",
	.first = FIRST,
	.count = ARRAY_SIZE(region_ops),
	.ops = region_ops,
};

static long region_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return mrig_ioctl_dispatch(&region_table, file, cmd, arg);
}

static int region_mmap(struct file *file, struct vm_area_struct *vma)
{
	return mrig_region_mmap(file->private_data, vma, file->f_mode & FMODE_WRITE);
}

static void region_show_fdinfo(struct seq_file *m, struct file *file)
{
	mrig_region_show_fdinfo(m, file->private_data);
}

static int region_release(struct inode *inode, struct file *file)
{
	mrig_region_file_released(file->private_data);
	mrig_region_put(file->private_data);
	return 0;
}

static const struct file_operations region_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = region_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = region_mmap,
	.show_fdinfo = region_show_fdinfo,
	.release = region_release,
};

/**
 * mrig_region_file_region() - the region that a file is of
 * @file: any file
 *
 * Return: the region, which lives as long as the file; NULL: it is no file of a region.
 */
struct mrig_region *mrig_region_file_region(const struct file *file)
{
	return file->f_op == &region_fops ? file->private_data : NULL;
}

/**
 * mrig_region_publish() - answer an ioctl with a file of a region
 * @ucmd: the ioctl
 * @region: the reference is the file's from now on, or dropped on failure
 * @writable: open mode
 * @fd_out: member of the argument struct
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
int mrig_region_publish(struct mrig_ucmd *ucmd, struct mrig_region *region, bool writable,
			__s32 *fd_out)
{
	struct file *file;

	file = mrig_region_file_create(region, &region_fops, region,
				       writable ? O_RDWR : O_RDONLY);
	if (IS_ERR(file)) {
		mrig_region_put(region);
		return PTR_ERR(file);
	}
	return mrig_ucmd_publish(ucmd, file, fd_out);
}
