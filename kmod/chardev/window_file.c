// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of windows: each is a client.
 */
#include <linux/err.h>
#include <linux/fadvise.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "paging/window.h"
#include "region/region.h"

#define FIRST	0x60

static const struct mrig_ioctl_op window_ops[] = {
	MRIG_IOCTL_OP(FIRST, WINDOW_STAT, struct memrig_window_stat, wear_most,
		      mrig_window_stat_ioctl),
	MRIG_IOCTL_OP(FIRST, PAGE_IN, struct memrig_page_range, reserved, mrig_page_in_ioctl),
	MRIG_IOCTL_OP(FIRST, PAGE_OUT, struct memrig_page_range, reserved, mrig_page_out_ioctl),
	MRIG_IOCTL_OP(FIRST, PAGE_PIN, struct memrig_page_range, reserved, mrig_page_pin_ioctl),
	MRIG_IOCTL_OP(FIRST, PAGE_UNPIN, struct memrig_page_range, reserved,
		      mrig_page_unpin_ioctl),
	MRIG_IOCTL_OP(FIRST, PAGE_FLUSH, struct memrig_page_range, reserved,
		      mrig_page_flush_ioctl),
	MRIG_IOCTL_OP(FIRST, PAGE_MAP, struct memrig_page_map, states, mrig_page_map_ioctl),
	MRIG_IOCTL_OP(FIRST, WINDOW_ATTACH, struct memrig_window_attach, reserved,
		      mrig_window_attach_ioctl),
	MRIG_IOCTL_MUTE(FIRST, WINDOW_POLICY, struct memrig_window_policy, reserved,
			mrig_window_policy_ioctl),
	MRIG_IOCTL_OP(FIRST, WINDOW_HIST, struct memrig_window_hist, counts,
		      mrig_window_hist_ioctl),
	MRIG_IOCTL_MUTE(FIRST, WINDOW_INJECT, struct memrig_window_inject, delay_ns,
			mrig_window_inject_ioctl),
	MRIG_IOCTL_OP(FIRST, PAGE_ADDR, struct memrig_page_addr, contiguous, mrig_page_addr_ioctl),
	MRIG_IOCTL_OP(FIRST, WINDOW_PAGING_STAT, struct memrig_paging_stat, evict_dirty,
		      mrig_window_paging_stat_ioctl),
};

static const struct mrig_ioctl_table window_table = {
	.object = "window",
	.first = FIRST,
	.count = ARRAY_SIZE(window_ops),
	.ops = window_ops,
};

/* What reaches content or frames, or makes somebody who does, is not for observers. */
static int refuse(struct mrig_ucmd *ucmd)
{
	return -EACCES;
}

static const struct mrig_ioctl_op observer_ops[] = {
	MRIG_IOCTL_OP(FIRST, WINDOW_STAT, struct memrig_window_stat, wear_most,
		      mrig_window_stat_ioctl),
	MRIG_IOCTL_MUTE(FIRST, PAGE_IN, struct memrig_page_range, reserved, refuse),
	MRIG_IOCTL_MUTE(FIRST, PAGE_OUT, struct memrig_page_range, reserved, refuse),
	MRIG_IOCTL_MUTE(FIRST, PAGE_PIN, struct memrig_page_range, reserved, refuse),
	MRIG_IOCTL_MUTE(FIRST, PAGE_UNPIN, struct memrig_page_range, reserved, refuse),
	MRIG_IOCTL_MUTE(FIRST, PAGE_FLUSH, struct memrig_page_range, reserved, refuse),
	MRIG_IOCTL_OP(FIRST, PAGE_MAP, struct memrig_page_map, states, mrig_page_map_ioctl),
	MRIG_IOCTL_MUTE(FIRST, WINDOW_ATTACH, struct memrig_window_attach, reserved, refuse),
	MRIG_IOCTL_MUTE(FIRST, WINDOW_POLICY, struct memrig_window_policy, reserved,
			mrig_window_policy_ioctl),
	MRIG_IOCTL_OP(FIRST, WINDOW_HIST, struct memrig_window_hist, counts,
		      mrig_window_hist_ioctl),
	MRIG_IOCTL_MUTE(FIRST, WINDOW_INJECT, struct memrig_window_inject, delay_ns, refuse),
	MRIG_IOCTL_MUTE(FIRST, PAGE_ADDR, struct memrig_page_addr, contiguous, refuse),
	MRIG_IOCTL_OP(FIRST, WINDOW_PAGING_STAT, struct memrig_paging_stat, evict_dirty,
		      mrig_window_paging_stat_ioctl),
};

static const struct mrig_ioctl_table observer_table = {
	.object = "window",
	.first = FIRST,
	.count = ARRAY_SIZE(observer_ops),
	.ops = observer_ops,
};

static long window_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (mrig_window_observes(file->private_data))
		return mrig_ioctl_dispatch(&observer_table, file, cmd, arg);
	return mrig_ioctl_dispatch(&window_table, file, cmd, arg);
}

static int window_mmap(struct file *file, struct vm_area_struct *vma)
{
	return mrig_window_mmap(file->private_data, vma);
}

/* Also where madvise() ends. Other advice changes nothing, as the policy sees what is used. */
static int window_fadvise(struct file *file, loff_t offset, loff_t length, int advice)
{
	if (offset < 0 || length < 0)
		return -EINVAL;
	switch (advice) {
	case POSIX_FADV_WILLNEED:
		return mrig_window_willneed(file->private_data, offset, length ?: LLONG_MAX);
	case POSIX_FADV_NORMAL:
	case POSIX_FADV_RANDOM:
	case POSIX_FADV_SEQUENTIAL:
	case POSIX_FADV_DONTNEED:
	case POSIX_FADV_NOREUSE:
		return 0;
	default:
		return -EINVAL;
	}
}

static void window_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct memrig_window_stat stat = { };

	seq_puts(m, "memrig-object:\twindow\n");
	if (mrig_window_look(file->private_data))
		return;
	mrig_window_stat(mrig_window_of(file->private_data), &stat, false);
	seq_printf(m, "memrig-window:\t%llu\n", stat.id);
	seq_printf(m, "memrig-region:\t%llu\n", stat.region_id);
	seq_printf(m, "memrig-pages:\t%llu\n", stat.pages);
	seq_printf(m, "memrig-frames:\t%llu\n", stat.frames);
	seq_printf(m, "memrig-store:\t%s\n", mrig_window_store_name(file->private_data));
	seq_printf(m, "memrig-resident:\t%llu\n", stat.resident);
	seq_printf(m, "memrig-pinned:\t%llu\n", stat.pinned);
	seq_printf(m, "memrig-stored:\t%llu\n", stat.stored);
	seq_printf(m, "memrig-faults:\t%llu\n", stat.faults);
	seq_printf(m, "memrig-clients:\t%u\n", stat.clients);
	seq_printf(m, "memrig-mappings:\t%u\n", stat.mappings);
	mrig_window_looked(file->private_data);
}

static int window_release(struct inode *inode, struct file *file)
{
	mrig_window_release(file->private_data);
	return 0;
}

static const struct file_operations window_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = window_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = window_mmap,
	.fadvise = window_fadvise,
	.show_fdinfo = window_show_fdinfo,
	.release = window_release,
};

/* Takes @client over. */
static int publish(struct mrig_ucmd *ucmd, struct mrig_window_client *client, __s32 *fd_out)
{
	struct file *file;

	if (IS_ERR(client))
		return PTR_ERR(client);
	file = mrig_window_file_create(client, &window_fops);
	if (IS_ERR(file)) {
		mrig_window_release(client);
		return PTR_ERR(file);
	}
	return mrig_ucmd_publish(ucmd, file, fd_out);
}

static int create_over(struct mrig_ucmd *ucmd, const struct file *region_file,
		       struct mrig_window_spec *spec)
{
	struct memrig_window_create *arg = ucmd->arg;
	struct mrig_region *region = mrig_region_file_region(region_file);
	int err;

	if (!region)
		return -EINVAL;
	if (!(region_file->f_mode & FMODE_WRITE))
		return -EACCES;
	err = publish(ucmd, mrig_window_create(region, spec, &arg->reason), &arg->fd);
	if (err == -ENOMEM && !arg->reason)
		arg->reason = MEMRIG_REASON_SIDE;
	return err;
}

static int create_with(struct mrig_ucmd *ucmd, struct mrig_window_spec *spec)
{
	struct memrig_window_create *arg = ucmd->arg;
	struct file *region_file = fget(arg->region_fd);
	int err;

	if (!region_file)
		return -EBADF;
	err = create_over(ucmd, region_file, spec);
	fput(region_file);
	return err;
}

/**
 * mrig_window_create_ioctl() - MEMRIG_IOC_WINDOW_CREATE, on a session
 * @ucmd: the ioctl
 *
 * Return: see struct memrig_window_create.
 */
int mrig_window_create_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_window_create *arg = ucmd->arg;
	struct mrig_window_spec spec = {
		.flags = arg->flags,
		.policy = arg->policy,
		.offset = arg->offset,
		.frames = arg->frames,
		.pages = arg->pages,
		.store_timeout_ns = arg->store_timeout_ns,
		.frame_timeout_ns = arg->frame_timeout_ns,
		.tick_ms = arg->tick_ms,
		.fault_around = arg->fault_around,
		.read_ahead = arg->read_ahead,
		.clean_ms = arg->clean_ms,
		.clean_pages = arg->clean_pages,
		.store = {
			.kind = arg->store,
			.compressor = arg->compressor,
			.limit = arg->store_pages,
			.offset = arg->store_offset,
		},
	};
	bool wants_file;
	u32 store;
	int err;

	arg->fd = -1;
	arg->reason = MEMRIG_REASON_NONE;
	/* A store that there is not has no need of a file. */
	wants_file = !mrig_store_flags(arg->store, &store) && store & MRIG_STORE_FILE;
	if (!wants_file && arg->store_fd != -1)
		return -EINVAL;
	if (wants_file) {
		spec.store.file = fget(arg->store_fd);
		if (!spec.store.file)
			return -EBADF;
	}
	err = create_with(ucmd, &spec);
	if (spec.store.file)
		fput(spec.store.file);
	return err;
}

/**
 * mrig_window_attach_ioctl() - MEMRIG_IOC_WINDOW_ATTACH
 * @ucmd: the ioctl
 *
 * Return: -ENOMEM, or what files cannot be made for.
 */
int mrig_window_attach_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_window_attach *arg = ucmd->arg;

	arg->fd = -1;
	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return publish(ucmd, mrig_window_attach(ucmd->file->private_data), &arg->fd);
}

/**
 * mrig_window_open_ioctl() - MEMRIG_IOC_WINDOW_OPEN, on a session
 * @ucmd: the ioctl
 *
 * Return: as mrig_window_observe(), or what files cannot be made for.
 */
int mrig_window_open_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_window_open *arg = ucmd->arg;

	arg->fd = -1;
	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return publish(ucmd, mrig_window_observe(arg->id), &arg->fd);
}
