// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of regions: creation, references, the list of all of them, the end.
 *
 * The list holds no references. Whoever finds a region in it takes one unless the count is already
 * zero; release takes the region off the list before anything else.
 */
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "core/compat.h"
#include "core/fault.h"
#include "core/object.h"
#include "core/trace.h"
#include "region/region_priv.h"

static DEFINE_MUTEX(mrig_list_lock);
static LIST_HEAD(mrig_list);	/* ascending ids */
static u64 mrig_last_id;

static const struct mrig_region_ops *const mrig_kinds[] = {
	[MEMRIG_KIND_PAGES] = &mrig_region_pages_ops,
	[MEMRIG_KIND_COHERENT] = &mrig_region_coherent_ops,
};

static const struct mrig_region_ops *mrig_kind(u32 kind)
{
	if (kind >= ARRAY_SIZE(mrig_kinds))
		return NULL;
	return mrig_kinds[array_index_nospec(kind, ARRAY_SIZE(mrig_kinds))];
}

/**
 * mrig_region_kind_name() - name of a kind of memory
 * @kind: enum memrig_kind
 *
 * Return: the name, or "?" for none.
 */
const char *mrig_region_kind_name(u32 kind)
{
	const struct mrig_region_ops *ops = mrig_kind(kind);

	return ops ? ops->name : "?";
}

/**
 * mrig_kind_by_name() - the reverse of mrig_region_kind_name()
 * @name: to look for
 *
 * Return: enum memrig_kind, or 0 for none.
 */
u32 mrig_kind_by_name(const char *name)
{
	u32 kind;

	for (kind = 0; kind < ARRAY_SIZE(mrig_kinds); kind++)
		if (mrig_kinds[kind] && !strcmp(mrig_kinds[kind]->name, name))
			return kind;
	return 0;
}

/**
 * mrig_region_kinds() - kinds of memory that are available
 *
 * Return: bit n for enum memrig_kind n.
 */
u32 mrig_region_kinds(void)
{
	u32 kind, mask = 0;

	for (kind = 0; kind < ARRAY_SIZE(mrig_kinds); kind++)
		if (mrig_kinds[kind])
			mask |= BIT(kind);
	return mask;
}

/* Everything that can be refused without touching a resource. Fills in what has a default. */
static int mrig_spec_check(struct mrig_region_spec *spec)
{
	const struct mrig_region_ops *ops = mrig_kind(spec->kind);
	u64 rounded;
	int ret;

	if (!spec->kind || !spec->attr || !spec->length)
		return -EINVAL;
	if (!ops || spec->flags & ~MEMRIG_REGION_KERNEL_ONLY)
		return -EOPNOTSUPP;
	if (spec->attr >= 32 || !(mrig_region_attrs(spec->kind) & BIT(spec->attr)))
		return -EOPNOTSUPP;
	if (check_add_overflow(spec->length, (u64)PAGE_SIZE - 1, &rounded))
		return -EOVERFLOW;
	spec->length = rounded & PAGE_MASK;

	ret = mrig_attrs_check(spec->attrs, ops->fault) ?: mrig_cpus_check(spec->cpus) ?:
	      ops->check(spec);
	spec->attrs |= mrig_attrs_derived(spec->attr);
	if (ret || !spec->name[0])
		return ret;
	ret = mrig_region_name_allowed(spec);
	return ret ?: (mrig_name_taken(spec->name) ? -EEXIST : 0);
}

static struct mrig_region *mrig_region_new(const struct mrig_region_spec *spec)
{
	struct mrig_region *region;

	if (mrig_should_fail())
		return NULL;
	region = kzalloc(sizeof(*region), MRIG_GFP_SIDE);
	if (!region)
		return NULL;
	kref_init(&region->ref);
	mutex_init(&region->lock);
	mrig_power_init(region);
	INIT_LIST_HEAD(&region->heaps);
	INIT_LIST_HEAD(&region->entry);
	region->ops = mrig_kind(spec->kind);
	region->spec = *spec;
	region->npages = spec->length >> PAGE_SHIFT;
	return region;
}

static void mrig_region_link(struct mrig_region *region)
{
	mutex_lock(&mrig_list_lock);
	region->id = ++mrig_last_id;
	list_add_tail(&region->entry, &mrig_list);
	mutex_unlock(&mrig_list_lock);
}

/**
 * mrig_region_create() - make a region, and register its name if it has one
 * @wanted: what to make
 * @reason: out: why, when the result is -ENOMEM (enum memrig_reason); else NONE
 * @detail: out: what goes with @reason
 *
 * Context: Process context of the user who pays. May sleep, moves other users' pages around, and
 *	takes time in proportion to the length. Ends early when a fatal signal is pending.
 * Return: the region with one reference of the caller's; a name holds another. Or ERR_PTR.
 */
struct mrig_region *mrig_region_create(const struct mrig_region_spec *wanted, u32 *reason,
				       u64 *detail)
{
	struct mrig_region_spec spec = *wanted;
	struct mrig_region *region;
	int ret;

	*reason = MEMRIG_REASON_NONE;
	*detail = 0;
	ret = mrig_spec_check(&spec);
	if (ret)
		return ERR_PTR(ret);
	/* Also keeps page counts within the ints that some of the kernel's interfaces take. */
	if (spec.length >> PAGE_SHIFT > min_t(u64, totalram_pages(), INT_MAX)) {
		*reason = MEMRIG_REASON_TOO_LARGE;
		return ERR_PTR(-ENOMEM);
	}

	region = mrig_region_new(&spec);
	if (!region) {
		*reason = MEMRIG_REASON_SIDE;
		return ERR_PTR(-ENOMEM);
	}
	ret = mrig_charge_take(&region->charge, spec.length, reason, detail);
	if (ret)
		goto err_free;
	ret = region->ops->acquire(region, reason, detail);
	if (ret)
		goto err_charge;

	mrig_region_span_init(region);
	mrig_region_reach_init(region);
	mrig_region_link(region);
	trace_memrig_region_create(region->id, spec.kind, spec.attr, spec.flags, spec.length);
	if (spec.name[0]) {
		ret = mrig_name_publish(region);
		if (ret) {
			if (ret == -ENOMEM)
				*reason = MEMRIG_REASON_SIDE;
			mrig_region_put(region);
			return ERR_PTR(ret);
		}
	}
	return region;

err_charge:
	mrig_charge_drop(&region->charge);
err_free:
	kfree(region);
	return ERR_PTR(ret);
}

/**
 * mrig_region_get() - take a reference
 * @region: region the caller already has a reference on
 *
 * Context: Any.
 */
void mrig_region_get(struct mrig_region *region)
{
	kref_get(&region->ref);
}

/**
 * mrig_region_free() - give everything back
 * @region: without references, off every list, not busy
 *
 * Context: Process context. May sleep.
 */
void mrig_region_free(struct mrig_region *region)
{
	trace_memrig_region_destroy(region->id, region->spec.length);
	mrig_region_span_fini(region);
	region->ops->release(region);
	mrig_charge_drop(&region->charge);
	mutex_destroy(&region->lock);
	mutex_destroy(&region->power.switching);
	/* Its spans may still be looked at. */
	kfree_rcu(region, rcu);
}

static void mrig_region_release(struct kref *ref)
{
	struct mrig_region *region = container_of(ref, struct mrig_region, ref);

	mutex_lock(&mrig_list_lock);
	list_del_init(&region->entry);
	mutex_unlock(&mrig_list_lock);

	/* A VMA holds its file, the file a reference: at this point no PTE is left. */
	if (region->ops->busy && region->ops->busy(region))
		mrig_zombie_add(region);
	else
		mrig_region_free(region);
}

/**
 * mrig_region_put() - drop a reference
 * @region: may be gone afterwards
 *
 * Context: Process context. May sleep.
 */
void mrig_region_put(struct mrig_region *region)
{
	kref_put(&region->ref, mrig_region_release);
}

/**
 * mrig_region_next() - iterate over the regions the caller may know about
 * @cursor: id to start after; becomes the id of the result
 *
 * Context: Process context. May sleep.
 * Return: the region with a reference, or NULL at the end.
 */
struct mrig_region *mrig_region_next(u64 *cursor)
{
	struct mrig_region *region, *found = NULL;

	mutex_lock(&mrig_list_lock);
	list_for_each_entry(region, &mrig_list, entry) {
		if (region->id <= *cursor || !mrig_region_visible(region))
			continue;
		if (!kref_get_unless_zero(&region->ref))
			continue;
		*cursor = region->id;
		found = region;
		break;
	}
	mutex_unlock(&mrig_list_lock);
	return found;
}

/**
 * mrig_region_find_name() - look a registered name up
 * @name: to look for; NULL: any
 *
 * Context: Process context, under the lock of the names, which keeps the result registered.
 * Return: the region, without a reference, or NULL.
 */
struct mrig_region *mrig_region_find_name(const char *name)
{
	struct mrig_region *region, *found = NULL;

	mutex_lock(&mrig_list_lock);
	list_for_each_entry(region, &mrig_list, entry) {
		if (!region->name_live || (name && strcmp(region->spec.name, name)))
			continue;
		found = region;
		break;
	}
	mutex_unlock(&mrig_list_lock);
	return found;
}

/**
 * mrig_region_file_create() - make a file of a region, on the node all its files share
 * @region: whose
 * @fops: operations; the release operation must call mrig_region_file_released()
 * @priv: becomes its private_data
 * @oflags: O_RDONLY or O_RDWR
 *
 * Context: Process context. May sleep.
 * Return: the file, not published, or ERR_PTR.
 */
struct file *mrig_region_file_create(struct mrig_region *region,
				     const struct file_operations *fops, void *priv, int oflags)
{
	struct file *file;

	mutex_lock(&region->lock);
	if (!region->node_files) {
		region->node = mrig_node_create(false);
		if (IS_ERR(region->node)) {
			file = ERR_CAST(region->node);
			region->node = NULL;
			goto unlock;
		}
	}
	file = mrig_file_create("memrig-region", region->node, fops, priv, oflags);
	if (!IS_ERR(file)) {
		region->node_files++;
	} else if (!region->node_files) {
		mrig_node_put(region->node);
		region->node = NULL;
	}
unlock:
	mutex_unlock(&region->lock);
	return file;
}

/**
 * mrig_region_file_released() - a file made by mrig_region_file_create() is going
 * @region: whose
 *
 * The node goes with the last file: it pins the module, and a named region alone must not.
 *
 * Context: Process context, from the file's release operation. May sleep.
 */
void mrig_region_file_released(struct mrig_region *region)
{
	struct inode *node = NULL;

	mutex_lock(&region->lock);
	if (!--region->node_files) {
		node = region->node;
		region->node = NULL;
	}
	mutex_unlock(&region->lock);
	mrig_node_put(node);
}

/**
 * mrig_region_init() - bring the layer up and make the regions of regions=
 *
 * Context: Process context, at module load.
 * Return: 0, or -errno with nothing left behind.
 */
int mrig_region_init(void)
{
	int ret;

	ret = mrig_sysfs_init();
	if (ret)
		return ret;
	ret = mrig_dma_init();
	if (ret)
		goto err_sysfs;
	ret = mrig_param_name_attrs() ?: mrig_param_create_regions();
	if (ret)
		goto err_regions;
	return 0;

err_regions:
	mrig_region_remove_all();
	mrig_zombie_fini();
	mrig_dma_fini();
err_sysfs:
	mrig_sysfs_fini();
	return ret;
}

/**
 * mrig_region_fini() - take the layer down
 *
 * Context: Process context, at module unload: no file is left, mrig_region_remove_all() was called.
 */
void mrig_region_fini(void)
{
	mrig_zombie_fini();
	mrig_dma_fini();
	mrig_sysfs_fini();
}
