// SPDX-License-Identifier: GPL-2.0-only
/*
 * memrig_mtd.ko: a store for windows on raw flash, named "mtd". A module of its own, so that memrig
 * does not need a kernel with MTD.
 *
 * The maker of the window has /dev/mtdN open for reading and writing. The device is the window's as
 * long as that lives: no other window gets it. That keeps nobody else from writing to it, as with
 * every device; the window would read other content then, and nothing else would come of it.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/major.h>
#include <linux/module.h>
#include <linux/mtd/mtd.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <memrig/paging.h>

#include "flash.h"

/**
 * struct store_mtd - what such a store is
 * @entry: in the list of all
 * @mtd: the device, referenced
 * @flash: pages on it
 */
struct store_mtd {
	struct list_head entry;
	struct mtd_info *mtd;
	struct mrig_flash *flash;
};

static DEFINE_MUTEX(mrig_mtds_lock);
static LIST_HEAD(mrig_mtds);

/* The device behind a file, referenced. */
static struct mtd_info *mtd_of(const struct file *file)
{
	const struct inode *inode = file_inode(file);
	struct mtd_info *mtd;

	if (!S_ISCHR(inode->i_mode) || imajor(inode) != MTD_CHAR_MAJOR)
		return ERR_PTR(-EINVAL);
	if (!(file->f_mode & FMODE_READ) || !(file->f_mode & FMODE_WRITE))
		return ERR_PTR(-EACCES);
	/* Each device has two numbers; the odd one is for reading. */
	mtd = get_mtd_device(NULL, iminor(inode) / 2);
	if (IS_ERR(mtd))
		return mtd;
	if (mtd->flags & MTD_WRITEABLE)
		return mtd;
	put_mtd_device(mtd);
	return ERR_PTR(-EROFS);
}

/* Do two devices share a byte? One may be a partition of the other. */
static bool mtd_overlaps(struct mtd_info *a, struct mtd_info *b)
{
	u64 from_a = mtd_get_master_ofs(a, 0), from_b = mtd_get_master_ofs(b, 0);

	return mtd_get_master(a) == mtd_get_master(b) && from_a < from_b + b->size &&
	       from_b < from_a + a->size;
}

static int mtd_claim(struct store_mtd *priv)
{
	struct store_mtd *other;
	int err = 0;

	mutex_lock(&mrig_mtds_lock);
	list_for_each_entry(other, &mrig_mtds, entry)
		if (mtd_overlaps(other->mtd, priv->mtd))
			err = -EBUSY;
	if (!err)
		list_add(&priv->entry, &mrig_mtds);
	mutex_unlock(&mrig_mtds_lock);
	return err;
}

static void mtd_unclaim(struct store_mtd *priv)
{
	mutex_lock(&mrig_mtds_lock);
	list_del(&priv->entry);
	mutex_unlock(&mrig_mtds_lock);
}

static int mtd_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	struct store_mtd *priv;
	int err;

	/* The whole device; partitions are devices, too. */
	if (spec->offset)
		return -EINVAL;
	priv = kzalloc(sizeof(*priv), GFP_KERNEL_ACCOUNT);
	if (!priv)
		return -ENOMEM;
	priv->mtd = mtd_of(spec->file);
	if (IS_ERR(priv->mtd)) {
		err = PTR_ERR(priv->mtd);
		goto err_priv;
	}
	err = mtd_claim(priv);
	if (err)
		goto err_device;
	priv->flash = mrig_flash_create(priv->mtd, spec->pages);
	if (IS_ERR(priv->flash)) {
		err = PTR_ERR(priv->flash);
		goto err_claim;
	}
	store->priv = priv;
	return 0;

err_claim:
	mtd_unclaim(priv);
err_device:
	put_mtd_device(priv->mtd);
err_priv:
	kfree(priv);
	return err;
}

static void mtd_fini(struct mrig_store *store)
{
	struct store_mtd *priv = store->priv;

	mrig_flash_destroy(priv->flash);
	mtd_unclaim(priv);
	put_mtd_device(priv->mtd);
	kfree(priv);
}

static int mtd_location_get(struct mrig_store *store, u64 index, bool fault, u64 *location)
{
	int err = mrig_store_take(store, fault);

	if (!err)
		*location = index;
	return err;
}

static void mtd_location_free(struct mrig_store *store, u64 location)
{
	struct store_mtd *priv = store->priv;

	mrig_flash_forget(priv->flash, location);
	mrig_store_give(store);
}

static int mtd_page_out(struct mrig_store *store, u64 location, const void *from)
{
	struct store_mtd *priv = store->priv;

	return mrig_flash_write(priv->flash, location, from);
}

static int mtd_page_in(struct mrig_store *store, u64 location, void *to)
{
	struct store_mtd *priv = store->priv;

	return mrig_flash_read(priv->flash, location, to);
}

static void mtd_wear(struct mrig_store *store, struct mrig_store_wear *wear)
{
	struct store_mtd *priv = store->priv;

	mrig_flash_wear(priv->flash, wear);
}

static const struct mrig_store_ops store_mtd_ops = {
	.name = "mtd",
	.flags = MRIG_STORE_FILE,
	.init = mtd_init,
	.fini = mtd_fini,
	.location_get = mtd_location_get,
	.location_free = mtd_location_free,
	.page_out = mtd_page_out,
	.page_in = mtd_page_in,
	.wear = mtd_wear,
};

static int store_mtd_number;

static int __init store_mtd_init(void)
{
	store_mtd_number = memrig_store_register(&store_mtd_ops, THIS_MODULE);
	return store_mtd_number < 0 ? store_mtd_number : 0;
}

static void __exit store_mtd_exit(void)
{
	memrig_store_unregister(store_mtd_number);
}

module_init(store_mtd_init);
module_exit(store_mtd_exit);

MEMRIG_MODULE;
MODULE_DESCRIPTION("A store for memrig's windows on raw flash");
MODULE_AUTHOR("memrig authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
