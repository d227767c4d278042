// SPDX-License-Identifier: GPL-2.0-only
/*
 * The private pseudo filesystem and the files on it. See object.h for nodes and publication.
 *
 * Nobody can reach a file here by a path: the filesystem is mounted for the kernel alone, its
 * files exist as descriptors only. There are two of it, because whether anything can be mapped
 * executable is a property of the whole of one.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/module.h>
#include <linux/pseudo_fs.h>

#include "core/fault.h"
#include "core/object.h"

#define MRIG_FS_MAGIC	0x6d726967	/* "mrig" */

/* The newer kernels say of an inode that it is not of a filesystem. */
#ifndef S_ANON_INODE
#define S_ANON_INODE	0
#endif

static int mrig_fs_init_context(struct fs_context *fc)
{
	if (!init_pseudo(fc, MRIG_FS_MAGIC))
		return -ENOMEM;
	fc->s_iflags |= SB_I_NOEXEC | SB_I_NODEV;
	return 0;
}

static int mrig_code_init_context(struct fs_context *fc)
{
	if (!init_pseudo(fc, MRIG_FS_MAGIC))
		return -ENOMEM;
	/* Newer kernels make NOEXEC the rule for such filesystems. */
	fc->s_iflags &= ~SB_I_NOEXEC;
	fc->s_iflags |= SB_I_NODEV;
	return 0;
}

/*
 * The superblock pins the module, and it is the last thing a dying file lets go of, after the
 * reference of its file operations. Hence it must not live longer than nodes and files do: it is
 * mounted for the first and unmounted after the last.
 */
static struct mrig_fs {
	struct file_system_type type;
	struct vfsmount *mnt;
	int pins;
} mrig_fs = {
	.type = {
		.name = "memrig",
		.owner = THIS_MODULE,
		.init_fs_context = mrig_fs_init_context,
		.kill_sb = kill_anon_super,
	},
}, mrig_code_fs = {
	.type = {
		.name = "memrig-code",
		.owner = THIS_MODULE,
		.init_fs_context = mrig_code_init_context,
		.kill_sb = kill_anon_super,
	},
};

static struct mrig_fs *mrig_fs_of(const struct inode *node)
{
	return container_of(node->i_sb->s_type, struct mrig_fs, type);
}

static void mrig_fs_unpin(struct mrig_fs *fs)
{
	simple_release_fs(&fs->mnt, &fs->pins);
}

/**
 * mrig_node_create() - make an inode, and with it an address_space, for an object
 * @code: mappings of it may be executable
 *
 * The module cannot be unloaded while the node lives.
 *
 * Context: Process context. May sleep.
 * Return: the node with one reference, or ERR_PTR.
 */
struct inode *mrig_node_create(bool code)
{
	struct mrig_fs *fs = code ? &mrig_code_fs : &mrig_fs;
	struct inode *node;
	int ret;

	if (mrig_should_fail())
		return ERR_PTR(-ENOMEM);
	ret = simple_pin_fs(&fs->type, &fs->mnt, &fs->pins);
	if (ret)
		return ERR_PTR(ret);
	node = alloc_anon_inode(fs->mnt->mnt_sb);
	if (IS_ERR(node))
		mrig_fs_unpin(fs);
	else if (code)
		node->i_flags &= ~S_ANON_INODE;	/* which the core wants nowhere but on NOEXEC */
	return node;
}

/**
 * mrig_node_put() - the object gives its node up; files on it keep it as long as they live
 * @node: from mrig_node_create(), or NULL
 *
 * Context: Process context. May sleep.
 */
void mrig_node_put(struct inode *node)
{
	struct mrig_fs *fs;

	if (!node)
		return;
	fs = mrig_fs_of(node);
	iput(node);
	mrig_fs_unpin(fs);
}

static struct file *mrig_file_on(const char *name, struct inode *node,
				 const struct file_operations *fops, int oflags)
{
	if (mrig_should_fail())
		return ERR_PTR(-ENFILE);
	return alloc_file_pseudo(node, mrig_fs_of(node)->mnt, name, oflags, fops);
}

static struct file *mrig_file_on_own_node(const char *name, const struct file_operations *fops,
					  int oflags)
{
	struct inode *node = mrig_node_create(false);
	struct file *file;

	if (IS_ERR(node))
		return ERR_CAST(node);
	file = mrig_file_on(name, node, fops, oflags);
	if (IS_ERR(file))
		mrig_node_put(node);
	else
		mrig_fs_unpin(&mrig_fs);	/* the file has the inode and keeps the mount */
	return file;
}

/**
 * mrig_file_create() - make a file of an object; it is not published yet
 * @name: what /proc/PID/fd shows
 * @node: the object's node, of which the file takes a reference of its own; NULL: a new one
 * @fops: its operations; @fops->owner is pinned for the life of the file
 * @priv: becomes its private_data. The file does not own it before this call has succeeded
 * @oflags: O_RDONLY or O_RDWR
 *
 * Context: Process context. May sleep.
 * Return: the file, to be handed to mrig_ucmd_publish() or put by fput(); or ERR_PTR.
 */
struct file *mrig_file_create(const char *name, struct inode *node,
			      const struct file_operations *fops, void *priv, int oflags)
{
	struct file *file;

	/* alloc_file_pseudo() does not, and the last fput() puts it. */
	if (!fops_get(fops))
		return ERR_PTR(-ENODEV);
	if (node) {
		ihold(node);
		file = mrig_file_on(name, node, fops, oflags);
		if (IS_ERR(file))
			iput(node);
	} else {
		file = mrig_file_on_own_node(name, fops, oflags);
	}
	if (IS_ERR(file))
		fops_put(fops);
	else
		file->private_data = priv;
	return file;
}

/**
 * mrig_ucmd_publish() - hand a new file to the dispatcher
 * @ucmd: the ioctl that made it; at most one file each
 * @file: from mrig_file_create(). Taken over: on failure it is put
 * @fd_out: member of the argument struct that tells the caller the descriptor
 *
 * Reserves the descriptor. Nobody can see the file until the dispatcher installs it.
 *
 * Context: Process context of the caller of the ioctl. May sleep.
 * Return: 0 or -errno.
 */
int mrig_ucmd_publish(struct mrig_ucmd *ucmd, struct file *file, __s32 *fd_out)
{
	int fd = mrig_should_fail() ? -EMFILE : get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0) {
		fput(file);
		return fd;
	}
	ucmd->new_fd = fd;
	ucmd->new_file = file;
	*fd_out = fd;
	return 0;
}
