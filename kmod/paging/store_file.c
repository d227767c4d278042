// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores FILE and IMAGE: a file that the maker of the window has open. Page n is behind the first
 * one by n pages, for as long as the file exists: a window over it has its content from the start
 * and leaves it there. FILE: a regular file or a block device. IMAGE: a regular file that is only
 * read, and may be executed where its filesystem allows that.
 *
 * Whoever has the file can change it at any time, as with every file. The window reads what it
 * finds, and nothing in the kernel depends on it. Reading beyond an end that has moved is an error;
 * writing there makes the file longer again.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/store.h"

/**
 * struct store_file - what a FILE store is
 * @file: referenced
 * @offset: of the first page
 */
struct store_file {
	struct file *file;
	loff_t offset;
};

/* The kernel reads and writes through iterators; files that have only the old way make it warn. */
static bool file_usable(const struct file *file, bool write)
{
	const struct file_operations *fops = file->f_op;
	umode_t mode = file_inode(file)->i_mode;

	if (!S_ISREG(mode) && !S_ISBLK(mode))
		return false;
	return fops->read_iter && !fops->read && (!write || (fops->write_iter && !fops->write));
}

/*
 * Do bytes go where they are meant to? Pages of the kernel are not for direct I/O on every kernel.
 * Flags can be changed at any time by whoever has the file.
 */
static bool file_places(const struct file *file, bool write)
{
	return !(file->f_flags & (write ? O_APPEND | O_DIRECT : O_DIRECT));
}

static int file_check(const struct file *file, const struct mrig_store_spec *spec)
{
	loff_t size = i_size_read(file->f_mapping->host);
	bool write = !spec->read_only;
	u64 end;

	if (!file_usable(file, write) || !file_places(file, write))
		return -EINVAL;
	if (!(file->f_mode & FMODE_READ) || (write && !(file->f_mode & FMODE_WRITE)))
		return -EACCES;
	if (!PAGE_ALIGNED(spec->offset))
		return -EINVAL;
	if (check_add_overflow(spec->offset, spec->pages << PAGE_SHIFT, &end) || end > S64_MAX)
		return -EOVERFLOW;
	return size < 0 || end > (u64)size ? -ENOSPC : 0;
}

static int file_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	struct store_file *priv;
	int err = file_check(spec->file, spec);

	if (err)
		return err;
	if (mrig_should_fail())
		return -ENOMEM;
	priv = kmalloc(sizeof(*priv), MRIG_GFP_SIDE);
	if (!priv)
		return -ENOMEM;
	priv->file = get_file(spec->file);
	priv->offset = spec->offset;
	store->priv = priv;
	return 0;
}

static void file_fini(struct mrig_store *store)
{
	struct store_file *priv = store->priv;

	fput(priv->file);
	kfree(priv);
}

/**
 * struct file_actor - who acts on a file, whichever thread it is that does
 * @cred: before
 * @memcg: before
 */
struct file_actor {
	const struct cred *cred;
	struct mem_cgroup *memcg;
};

/* May do what whoever opened the file may; the page cache is paid by whoever made the window. */
static struct file_actor file_act(struct mrig_store *store)
{
	struct store_file *priv = store->priv;

	return (struct file_actor){
		.cred = override_creds(priv->file->f_cred),
		.memcg = set_active_memcg(store->memcg),
	};
}

static void file_acted(struct file_actor actor)
{
	set_active_memcg(actor.memcg);
	revert_creds(actor.cred);
}

static int file_write(struct file *file, loff_t pos, const void *from)
{
	size_t done = 0;
	ssize_t n;

	while (done < PAGE_SIZE) {
		n = kernel_write(file, from + done, PAGE_SIZE - done, &pos);
		if (n <= 0)
			return n ?: -EIO;
		done += n;
	}
	return 0;
}

static int file_page_out(struct mrig_store *store, u64 location, const void *from)
{
	struct store_file *priv = store->priv;
	struct file_actor actor;
	int err;

	if (!file_places(priv->file, true))
		return -EIO;
	actor = file_act(store);
	err = file_write(priv->file, priv->offset + (location << PAGE_SHIFT), from);
	file_acted(actor);
	return err;
}

static int file_read(struct file *file, loff_t pos, void *to)
{
	size_t done = 0;
	ssize_t n;

	while (done < PAGE_SIZE) {
		n = kernel_read(file, to + done, PAGE_SIZE - done, &pos);
		if (n <= 0)
			return n ?: -EIO;
		done += n;
	}
	return 0;
}

static int file_page_in(struct mrig_store *store, u64 location, void *to)
{
	struct store_file *priv = store->priv;
	struct file_actor actor;
	int err;

	if (!file_places(priv->file, false))
		return -EIO;
	actor = file_act(store);
	err = file_read(priv->file, priv->offset + (location << PAGE_SHIFT), to);
	file_acted(actor);
	return err;
}

static int file_sync(struct mrig_store *store)
{
	struct store_file *priv = store->priv;
	struct file_actor actor = file_act(store);
	int err = vfs_fsync(priv->file, 0);

	file_acted(actor);
	return err;
}

const struct mrig_store_ops mrig_store_file_ops = {
	.name = "file",
	.flags = MRIG_STORE_PERMANENT | MRIG_STORE_FILE,
	.init = file_init,
	.fini = file_fini,
	.page_out = file_page_out,
	.page_in = file_page_in,
	.sync = file_sync,
};

static int image_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	return S_ISREG(file_inode(spec->file)->i_mode) ? file_init(store, spec) : -EINVAL;
}

/* What the core asks of a file that is to be mapped executable, and of none but such a file. */
static bool image_may_exec(struct mrig_store *store)
{
	struct store_file *priv = store->priv;
	struct vfsmount *mnt = priv->file->f_path.mnt;

	return !(mnt->mnt_flags & MNT_NOEXEC) && !(mnt->mnt_sb->s_iflags & SB_I_NOEXEC);
}

const struct mrig_store_ops mrig_store_image_ops = {
	.name = "image",
	.flags = MRIG_STORE_PERMANENT | MRIG_STORE_FILE | MRIG_STORE_READ_ONLY | MRIG_STORE_CODE,
	.init = image_init,
	.fini = file_fini,
	.page_in = file_page_in,
	.may_exec = image_may_exec,
};
