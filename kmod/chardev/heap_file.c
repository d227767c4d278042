// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of heaps: each is a client.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/seq_file.h>

#include "alloc/heap.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "region/region.h"

#define FIRST	0x31

static const struct mrig_ioctl_op heap_ops[] = {
	MRIG_IOCTL_OP(FIRST, HEAP_ATTACH, struct memrig_heap_attach, client,
		      mrig_heap_attach_ioctl),
	MRIG_IOCTL_OP(FIRST, ALLOC, struct memrig_alloc, site, mrig_alloc_ioctl),
	MRIG_IOCTL_MUTE(FIRST, FREE, struct memrig_free, offset, mrig_free_ioctl),
	MRIG_IOCTL_OP(FIRST, REALLOC, struct memrig_realloc, largest_free, mrig_realloc_ioctl),
	MRIG_IOCTL_OP(FIRST, ALLOC_BATCH, struct memrig_alloc_batch, done, mrig_alloc_batch_ioctl),
	MRIG_IOCTL_MUTE(FIRST, FREE_BATCH, struct memrig_free_batch, done, mrig_free_batch_ioctl),
	MRIG_IOCTL_OP(FIRST, HEAP_STAT, struct memrig_heap_stat, received, mrig_heap_stat_ioctl),
	MRIG_IOCTL_MUTE(FIRST, HEAP_RESET_MAX, struct memrig_heap_reset_max, flags,
			mrig_heap_reset_max_ioctl),
	MRIG_IOCTL_OP(FIRST, HEAP_WALK, struct memrig_heap_walk, reserved, mrig_heap_walk_ioctl),
	MRIG_IOCTL_OP(FIRST, HEAP_VALIDATE, struct memrig_heap_validate, offset,
		      mrig_heap_validate_ioctl),
	MRIG_IOCTL_MUTE(FIRST, GIVE, struct memrig_give, reserved, mrig_give_ioctl),
	MRIG_IOCTL_MUTE(FIRST, KEEP, struct memrig_keep, reserved, mrig_keep_ioctl),
	MRIG_IOCTL_OP(FIRST, USABLE, struct memrig_usable, usable, mrig_usable_ioctl),
	MRIG_IOCTL_OP(FIRST, HEAP_REGION, struct memrig_heap_region, fd, mrig_heap_region_ioctl),
	MRIG_IOCTL_MUTE(FIRST, WATCH, struct memrig_watch, align, mrig_watch_ioctl),
	MRIG_IOCTL_OP(FIRST, BLOCKS_GET, struct memrig_blocks_get, reserved,
		      mrig_blocks_get_ioctl),
	MRIG_IOCTL_MUTE(FIRST, BLOCKS_FREE, struct memrig_blocks_free, count,
			mrig_blocks_free_ioctl),
	MRIG_IOCTL_OP(FIRST, BLOCKS_IS_FREE, struct memrig_blocks_is_free, reserved,
		      mrig_blocks_is_free_ioctl),
	MRIG_IOCTL_MUTE(FIRST, SEND, struct memrig_send, bytes, mrig_send_ioctl),
	MRIG_IOCTL_OP(FIRST, RECEIVE, struct memrig_receive, reserved, mrig_receive_ioctl),
	MRIG_IOCTL_OP(FIRST, TRACK_LIST, struct memrig_track_list, entry_size,
		      mrig_track_list_ioctl),
};

static const struct mrig_ioctl_table heap_table = {
	.object = "heap",
	.first = FIRST,
	.count = ARRAY_SIZE(heap_ops),
	.ops = heap_ops,
};

static long heap_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return mrig_ioctl_dispatch(&heap_table, file, cmd, arg);
}

static __poll_t heap_poll(struct file *file, struct poll_table_struct *table)
{
	struct mrig_client *client = file->private_data;

	poll_wait(file, &client->heap->pollers, table);
	return mrig_queue_is_watched(client) ? mrig_queue_poll(client) : mrig_client_poll(client);
}

static void heap_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct mrig_client *client = file->private_data;
	struct memrig_heap_stat stat = { };
	int err = mrig_heap_obj_stat(client->heap, client, &stat);

	seq_puts(m, "memrig-object:\theap\n");
	seq_printf(m, "memrig-heap:\t%llu\n", stat.id);
	seq_printf(m, "memrig-region:\t%llu\n", stat.region_id);
	seq_printf(m, "memrig-span:\t0x%llx %llu\n", stat.offset, stat.length);
	seq_printf(m, "memrig-engine:\t%s\n", mrig_heap_engine_name(stat.engine));
	if (stat.block_size)
		seq_printf(m, "memrig-blocks:\t%u * %llu\n", stat.num_blocks, stat.block_size);
	seq_printf(m, "memrig-placement:\t%s\n",
		   stat.placement == MEMRIG_PLACEMENT_INBAND ? "inband" : "oob");
	seq_printf(m, "memrig-state:\t%s\n", err ? "fenced" : "sound");
	seq_printf(m, "memrig-client:\t%u\n", stat.client);
	seq_printf(m, "memrig-client-blocks:\t%llu\n", stat.client_blocks);
	seq_printf(m, "memrig-waiters:\t%u\n", stat.waiters);
	seq_printf(m, "memrig-queued:\t%llu\n", stat.queued);
	seq_printf(m, "memrig-receivers:\t%u\n", stat.receivers);
	seq_printf(m, "memrig-live-blocks:\t%llu\n", stat.live_blocks);
	seq_printf(m, "memrig-side-bytes:\t%llu\n", stat.side_bytes);
}

static int heap_release(struct inode *inode, struct file *file)
{
	mrig_client_release(file->private_data);
	return 0;
}

static const struct file_operations heap_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = heap_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = heap_poll,
	.show_fdinfo = heap_show_fdinfo,
	.release = heap_release,
};

/**
 * mrig_heap_file_client() - the client that a file is
 * @file: any file
 *
 * Return: the client, which lives as long as the file; NULL: it is no file of a heap.
 */
struct mrig_client *mrig_heap_file_client(const struct file *file)
{
	return file->f_op == &heap_fops ? file->private_data : NULL;
}

/**
 * mrig_client_publish() - answer an ioctl with a file of a client
 * @ucmd: the ioctl
 * @client: the reference is the file's from now on, or dropped on failure
 * @fd_out: member of the argument struct
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
int mrig_client_publish(struct mrig_ucmd *ucmd, struct mrig_client *client, __s32 *fd_out)
{
	struct file *file = mrig_file_create("memrig-heap", NULL, &heap_fops, client,
					     O_RDWR);

	if (IS_ERR(file)) {
		mrig_client_release(client);
		return PTR_ERR(file);
	}
	return mrig_ucmd_publish(ucmd, file, fd_out);
}

/* Answers an ioctl with a new client of a heap. */
static int publish_new(struct mrig_ucmd *ucmd, struct mrig_heap_obj *heap, __s32 *fd_out,
		       __u32 *number)
{
	struct mrig_client *client = mrig_client_create(heap);

	if (IS_ERR(client))
		return PTR_ERR(client);
	*number = client->id;
	return mrig_client_publish(ucmd, client, fd_out);
}

/**
 * mrig_heap_create_ioctl() - MEMRIG_IOC_HEAP_CREATE, on a region
 * @ucmd: the ioctl
 *
 * Return: -EACCES on a file opened read-only, else as mrig_heap_obj_create().
 */
int mrig_heap_create_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_heap_create *arg = ucmd->arg;
	struct mrig_heap_spec spec = {
		.flags = arg->flags,
		.placement = arg->placement,
		.hardening = arg->hardening,
		.search_limit = arg->search_limit,
		.max_blocks = arg->max_blocks,
		.offset = arg->offset,
		.length = arg->length,
		.engine = arg->engine,
		.num_blocks = arg->num_blocks,
		.block_size = arg->block_size,
	};
	struct memrig_heap_stat stat = { };
	struct mrig_heap_obj *heap;
	__u32 number;
	int err;

	arg->fd = -1;
	arg->reason = MEMRIG_REASON_NONE;
	arg->side_bytes = 0;
	if (!(ucmd->file->f_mode & FMODE_WRITE))
		return -EACCES;
	heap = mrig_heap_obj_create(ucmd->file->private_data, &spec, &arg->reason);
	if (IS_ERR(heap))
		return PTR_ERR(heap);
	err = mrig_heap_obj_stat(heap, NULL, &stat);
	if (!err)
		err = publish_new(ucmd, heap, &arg->fd, &number);
	if (err == -ENOMEM)
		arg->reason = MEMRIG_REASON_SIDE;
	if (!err)
		arg->side_bytes = stat.side_bytes;
	mrig_heap_obj_put(heap);
	return err;
}

/**
 * mrig_heap_attach_ioctl() - MEMRIG_IOC_HEAP_ATTACH
 * @ucmd: the ioctl
 *
 * Return: as mrig_client_create().
 */
int mrig_heap_attach_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_heap_attach *arg = ucmd->arg;
	struct mrig_client *client = ucmd->file->private_data;

	arg->fd = -1;
	if (arg->flags)
		return -EOPNOTSUPP;
	return publish_new(ucmd, client->heap, &arg->fd, &arg->client);
}

/**
 * mrig_heap_region_ioctl() - MEMRIG_IOC_HEAP_REGION
 * @ucmd: the ioctl
 *
 * Only a writable file of the region can make a heap, so that is what comes back.
 *
 * Return: -ENOENT for any index but 0, -EIO when the heap is fenced off.
 */
int mrig_heap_region_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_heap_region *arg = ucmd->arg;
	struct mrig_client *client = ucmd->file->private_data;

	arg->fd = -1;
	if (arg->flags)
		return -EOPNOTSUPP;
	if (arg->index)
		return -ENOENT;
	if (mrig_heap_obj_is_fenced(client->heap))
		return -EIO;
	mrig_region_get(client->heap->region);
	return mrig_region_publish(ucmd, client->heap->region, true, &arg->fd);
}
