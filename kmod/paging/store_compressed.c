// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store COMPRESSED: pages in memory, through the kernel's own compressors. Pages of zeros take no
 * memory, and those that do not get smaller are kept as they are.
 *
 * A few workspaces serve all callers; who finds none waits for one.
 */
#include <crypto/acompress.h>
#include <linux/cpumask.h>
#include <linux/crypto.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/store.h"

#define WORKSPACES_MAX	8
/* What does not compress may become longer than it was. */
#define OUTPUT_BYTES	(2 * PAGE_SIZE)
/* An object in the place of a page of zeros. */
#define ALL_ZEROS	xa_mk_value(0)

static const char *const compressor_names[] = {
	[MEMRIG_COMPRESSOR_DEFAULT] = "lzo",
	[MEMRIG_COMPRESSOR_LZO] = "lzo",
	[MEMRIG_COMPRESSOR_LZ4] = "lz4",
	[MEMRIG_COMPRESSOR_ZSTD] = "zstd",
};

/**
 * struct packed - one page
 * @bytes: length of @data; PAGE_SIZE: it is the page itself
 * @data: compressed
 */
struct packed {
	u32 bytes;
	u8 data[];
};

/**
 * struct workspace - what one operation needs
 * @entry: in the list of idle ones
 * @req: request of the crypto API
 * @output: OUTPUT_BYTES
 */
struct workspace {
	struct list_head entry;
	struct acomp_req *req;
	void *output;
};

/**
 * struct store_compressed - what a COMPRESSED store is
 * @tfm: the compressor
 * @objects: struct packed by location, or ALL_ZEROS, or a reserved entry
 * @bytes: memory that they take
 * @ready: how many workspaces are idle
 * @lock: for @idle
 * @idle: list of them
 */
struct store_compressed {
	struct crypto_acomp *tfm;
	struct xarray objects;
	atomic64_t bytes;
	struct semaphore ready;
	spinlock_t lock;	/* see above */
	struct list_head idle;
};

static void workspaces_free(struct store_compressed *priv)
{
	struct workspace *work, *next;

	list_for_each_entry_safe(work, next, &priv->idle, entry) {
		acomp_request_free(work->req);
		kfree(work->output);
		kfree(work);
	}
}

static int workspace_add(struct store_compressed *priv)
{
	struct workspace *work;

	if (mrig_should_fail())
		return -ENOMEM;
	work = kzalloc(sizeof(*work), MRIG_GFP_SIDE);
	if (!work)
		return -ENOMEM;
	work->output = kmalloc(OUTPUT_BYTES, MRIG_GFP_SIDE);
	work->req = work->output ? acomp_request_alloc(priv->tfm) : NULL;
	if (!work->req) {
		kfree(work->output);
		kfree(work);
		return -ENOMEM;
	}
	acomp_request_set_callback(work->req, 0, NULL, NULL);
	list_add(&work->entry, &priv->idle);
	return 0;
}

static int workspaces_make(struct store_compressed *priv)
{
	int count = min_t(int, num_online_cpus(), WORKSPACES_MAX);
	int i, err = 0;

	for (i = 0; i < count && !err; i++)
		err = workspace_add(priv);
	sema_init(&priv->ready, count);
	return err;
}

static struct workspace *workspace_get(struct store_compressed *priv)
{
	struct workspace *work;

	down(&priv->ready);
	spin_lock(&priv->lock);
	work = list_first_entry(&priv->idle, struct workspace, entry);
	list_del(&work->entry);
	spin_unlock(&priv->lock);
	return work;
}

static void workspace_put(struct store_compressed *priv, struct workspace *work)
{
	spin_lock(&priv->lock);
	list_add(&work->entry, &priv->idle);
	spin_unlock(&priv->lock);
	up(&priv->ready);
}

static int tfm_make(struct store_compressed *priv, u32 compressor)
{
	struct crypto_acomp *tfm;

	if (compressor >= ARRAY_SIZE(compressor_names))
		return -EOPNOTSUPP;
	compressor = array_index_nospec(compressor, ARRAY_SIZE(compressor_names));
	if (mrig_should_fail())
		return -ENOMEM;
	/* Only such as answer at once. */
	tfm = crypto_alloc_acomp(compressor_names[compressor], 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm) == -ENOMEM ? -ENOMEM : -EOPNOTSUPP;
	priv->tfm = tfm;
	return 0;
}

static int compressed_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	struct store_compressed *priv;
	int err;

	if (mrig_should_fail())
		return -ENOMEM;
	priv = kzalloc(sizeof(*priv), MRIG_GFP_SIDE);
	if (!priv)
		return -ENOMEM;
	xa_init_flags(&priv->objects, XA_FLAGS_ACCOUNT);
	spin_lock_init(&priv->lock);
	INIT_LIST_HEAD(&priv->idle);
	err = tfm_make(priv, spec->compressor);
	if (err)
		goto err_free;
	err = workspaces_make(priv);
	if (err)
		goto err_tfm;
	store->priv = priv;
	return 0;

err_tfm:
	workspaces_free(priv);
	crypto_free_acomp(priv->tfm);
err_free:
	kfree(priv);
	return err;
}

/* Puts @new, perhaps nothing, where @old was; there is room for it. */
static void object_replace(struct store_compressed *priv, void *old, void *new)
{
	if (new && !xa_is_value(new))
		atomic64_add(ksize(new), &priv->bytes);
	if (old && !xa_is_value(old)) {
		atomic64_sub(ksize(old), &priv->bytes);
		mrig_limit_drop(ksize(old));
		kfree(old);
	}
}

static void compressed_fini(struct mrig_store *store)
{
	struct store_compressed *priv = store->priv;
	unsigned long index;
	void *object;

	xa_for_each(&priv->objects, index, object) {
		object_replace(priv, object, NULL);
		cond_resched();
	}
	xa_destroy(&priv->objects);
	workspaces_free(priv);
	crypto_free_acomp(priv->tfm);
	kfree(priv);
}

static int compressed_location_get(struct mrig_store *store, u64 index, bool fault, u64 *location)
{
	struct store_compressed *priv = store->priv;
	struct mem_cgroup *old;
	int err = mrig_store_take(store, fault);

	if (err)
		return err;
	old = set_active_memcg(store->memcg);
	err = mrig_should_fail() ? -ENOMEM : xa_reserve(&priv->objects, index, MRIG_GFP_SIDE);
	set_active_memcg(old);
	if (err) {
		mrig_store_give(store);
		return -ENOMEM;
	}
	*location = index;
	return 0;
}

static void compressed_location_free(struct mrig_store *store, u64 location)
{
	struct store_compressed *priv = store->priv;

	object_replace(priv, xa_erase(&priv->objects, location), NULL);
	mrig_store_give(store);
}

/* Compresses a page into the output of @work; bytes, or PAGE_SIZE if that gains nothing. */
static unsigned int pack(struct workspace *work, const void *from)
{
	struct scatterlist in, out;

	sg_init_one(&in, from, PAGE_SIZE);
	sg_init_one(&out, work->output, OUTPUT_BYTES);
	acomp_request_set_params(work->req, &in, &out, PAGE_SIZE, OUTPUT_BYTES);
	if (crypto_acomp_compress(work->req) || work->req->dlen >= PAGE_SIZE)
		return PAGE_SIZE;
	return work->req->dlen;
}

static struct packed *object_new(unsigned int bytes)
{
	struct packed *object;

	if (mrig_should_fail())
		return NULL;
	object = kmalloc(struct_size(object, data, bytes), MRIG_GFP_SIDE);
	if (object && mrig_limit_take(ksize(object))) {
		kfree(object);
		object = NULL;
	}
	return object;
}

static int compressed_page_out(struct mrig_store *store, u64 location, const void *from)
{
	struct store_compressed *priv = store->priv;
	struct packed *object = ALL_ZEROS;
	struct workspace *work;
	struct mem_cgroup *old;
	unsigned int bytes;
	void *former;

	if (memchr_inv(from, 0, PAGE_SIZE)) {
		work = workspace_get(priv);
		bytes = pack(work, from);
		old = set_active_memcg(store->memcg);
		object = object_new(bytes);
		set_active_memcg(old);
		if (object) {
			object->bytes = bytes;
			memcpy(object->data, bytes < PAGE_SIZE ? work->output : from, bytes);
		}
		workspace_put(priv, work);
		if (!object)
			return -ENOMEM;
	}
	/* The entry is reserved, so this takes no memory. */
	former = xa_store(&priv->objects, location, object, GFP_NOWAIT);
	object_replace(priv, former, object);
	return 0;
}

static int unpack(struct workspace *work, const struct packed *object, void *to)
{
	struct scatterlist in, out;
	int err;

	/* What is to be read must be in memory that the crypto API can address: it is. */
	sg_init_one(&in, object->data, object->bytes);
	sg_init_one(&out, to, PAGE_SIZE);
	acomp_request_set_params(work->req, &in, &out, object->bytes, PAGE_SIZE);
	err = crypto_acomp_decompress(work->req);
	if (err || work->req->dlen != PAGE_SIZE)
		return -EIO;
	return 0;
}

static int compressed_page_in(struct mrig_store *store, u64 location, void *to)
{
	struct store_compressed *priv = store->priv;
	struct packed *object = xa_load(&priv->objects, location);
	struct workspace *work;
	int err;

	if (!object || xa_is_value(object)) {
		memset(to, 0, PAGE_SIZE);
		return 0;
	}
	if (object->bytes == PAGE_SIZE) {
		memcpy(to, object->data, PAGE_SIZE);
		return 0;
	}
	work = workspace_get(priv);
	err = unpack(work, object, to);
	workspace_put(priv, work);
	return err;
}

static u64 compressed_bytes(struct mrig_store *store)
{
	struct store_compressed *priv = store->priv;

	return atomic64_read(&priv->bytes);
}

const struct mrig_store_ops mrig_store_compressed_ops = {
	.name = "compressed",
	.flags = MRIG_STORE_NOWAIT | MRIG_STORE_LIMIT,
	.init = compressed_init,
	.fini = compressed_fini,
	.location_get = compressed_location_get,
	.location_free = compressed_location_free,
	.page_out = compressed_page_out,
	.page_in = compressed_page_in,
	.bytes = compressed_bytes,
};
