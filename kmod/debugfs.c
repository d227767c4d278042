// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/memrig: all regions, all heaps, what each heap is filled with, and all windows.
 * Read-only, for root, with offsets and never addresses. A listing holds a reference on the one
 * object that it shows, windows apart, and no lock from one object to the next.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "alloc/heap.h"
#include "debugfs.h"
#include "paging/window.h"
#include "region/region.h"

static struct dentry *mrig_debugfs_dir;

/* ---- regions --------------------------------------------------------------------------- */

/*
 * The position of a listing is 1 + the id of the object before the current one, so that it is 0
 * only at the very beginning and survives objects that come and go between two reads.
 */
static void *regions_start(struct seq_file *m, loff_t *pos)
{
	u64 cursor = *pos ? *pos - 1 : 0;

	if (!*pos)
		seq_puts(m, "id kind attr length node heaps mappings state name\n");
	return mrig_region_next(&cursor);
}

static void regions_stop(struct seq_file *m, void *v)
{
	if (v)
		mrig_region_put(v);
}

static void *regions_next(struct seq_file *m, void *v, loff_t *pos)
{
	u64 cursor = ((struct mrig_region *)v)->id;

	mrig_region_put(v);
	*pos = cursor + 1;
	return mrig_region_next(&cursor);
}

static int regions_show(struct seq_file *m, void *v)
{
	struct mrig_region *region = v;
	struct memrig_region_info info = { };

	mrig_region_fill_info(region, &info);
	seq_printf(m, "%llu %s %s %llu %d %u %u 0x%x %s\n", info.id,
		   mrig_region_kind_name(info.kind), mrig_region_attr_name(info.attr),
		   info.length, info.node, info.heaps, info.mappings, info.flags,
		   info.name[0] ? (const char *)info.name : "-");
	return 0;
}

static const struct seq_operations mrig_regions_sops = {
	.start = regions_start,
	.stop = regions_stop,
	.next = regions_next,
	.show = regions_show,
};
DEFINE_SEQ_ATTRIBUTE(mrig_regions);

/* ---- heaps ----------------------------------------------------------------------------- */

static void *heaps_start(struct seq_file *m, loff_t *pos)
{
	u64 cursor = *pos ? *pos - 1 : 0;

	return mrig_heap_obj_next(&cursor);
}

static void heaps_stop(struct seq_file *m, void *v)
{
	if (v)
		mrig_heap_obj_put(v);
}

static void *heaps_next(struct seq_file *m, void *v, loff_t *pos)
{
	u64 cursor = ((struct mrig_heap_obj *)v)->id;

	mrig_heap_obj_put(v);
	*pos = cursor + 1;
	return mrig_heap_obj_next(&cursor);
}

static void show_heap_head(struct seq_file *m, const struct memrig_heap_stat *stat, bool fenced)
{
	seq_printf(m, "heap %llu: region %llu, span 0x%llx + %llu, %s, %s, hardening %u%s%s%s%s\n",
		   stat->id, stat->region_id, stat->offset, stat->length,
		   mrig_heap_engine_name(stat->engine),
		   stat->placement == MEMRIG_PLACEMENT_INBAND ? "in-band" : "out-of-band",
		   stat->hardening, stat->flags & MEMRIG_HEAP_SCRUB ? ", scrub" : "",
		   stat->flags & MEMRIG_HEAP_STATS ? ", stats" : "",
		   stat->flags & MEMRIG_HEAP_TRACK ? ", track" : "", fenced ? ", FENCED" : "");
}

static int heaps_show(struct seq_file *m, void *v)
{
	struct memrig_heap_stat stat = { };
	int err = mrig_heap_obj_stat(v, NULL, &stat);

	show_heap_head(m, &stat, err);
	seq_printf(m, "  clients %u, live %llu, free %llu, largest free %llu, fragmentation %u/1000\n",
		   stat.clients, stat.live_blocks, stat.free_blocks, stat.largest_free,
		   stat.frag_permille);
	if (stat.block_size)
		seq_printf(m, "  %u blocks of %llu bytes\n", stat.num_blocks, stat.block_size);
	if (stat.sent)
		seq_printf(m, "  messages: queued %llu, at most %llu, sent %llu, received %llu\n",
			   stat.queued, stat.max_queued, stat.sent, stat.received);
	seq_printf(m, "  live at most %llu, waiting %u, waits %llu, timeouts %llu\n",
		   stat.max_live_blocks, stat.waiters, stat.waits, stat.timeouts);
	if (stat.flags & MEMRIG_HEAP_STATS)
		seq_printf(m, "  bytes: free %llu, allocated %llu, max %llu\n", stat.free_bytes,
			   stat.allocated_bytes, stat.max_allocated_bytes);
	seq_printf(m, "  allocs %llu, frees %llu, failures %llu, rejects %llu, reclaimed %llu, side bytes %llu\n",
		   stat.allocs, stat.frees, stat.failures, stat.rejects, stat.reclaimed,
		   stat.side_bytes);
	return 0;
}

static const struct seq_operations mrig_heaps_sops = {
	.start = heaps_start,
	.stop = heaps_stop,
	.next = heaps_next,
	.show = heaps_show,
};
DEFINE_SEQ_ATTRIBUTE(mrig_heaps);

/* ---- blocks by size -------------------------------------------------------------------- */

static int dump_show(struct seq_file *m, void *v)
{
	struct mrig_block_size_class *classes, *class;
	struct memrig_heap_stat stat = { };
	int err, i;

	classes = kcalloc(MRIG_SIZE_CLASSES, sizeof(*classes), GFP_KERNEL);
	if (!classes)
		return -ENOMEM;
	err = mrig_heap_obj_stat(v, NULL, &stat);
	show_heap_head(m, &stat, err);
	if (!err)
		err = mrig_heap_obj_classes(v, classes);
	if (err == -EINTR)
		goto out_free;
	seq_puts(m, "  bytes from to: live blocks, bytes; free blocks, bytes\n");
	for (i = 0; i < MRIG_SIZE_CLASSES; i++) {
		class = &classes[i];
		if (class->used_blocks || class->free_blocks)
			seq_printf(m, "  %llu %llu: %llu %llu; %llu %llu\n", 1ULL << i,
				   (2ULL << i) - 1, class->used_blocks, class->used_bytes,
				   class->free_blocks, class->free_bytes);
	}
	err = 0;
out_free:
	kfree(classes);
	return err;
}

static const struct seq_operations mrig_dump_sops = {
	.start = heaps_start,
	.stop = heaps_stop,
	.next = heaps_next,
	.show = dump_show,
};
DEFINE_SEQ_ATTRIBUTE(mrig_dump);

/* ---- windows --------------------------------------------------------------------------- */

/* One window, if it is the one that is meant: another may have come to its place in the list. */
struct shown_window {
	struct seq_file *m;
	u64 id;
};

static void show_figures(struct seq_file *m, const struct memrig_window_stat *stat)
{
	seq_printf(m, "  clients %u, mappings %u, frames free %llu, pages resident %llu, moving %llu, ranges queued %llu, pinned %llu, stored %llu in %llu bytes\n",
		   stat->clients, stat->mappings, stat->free_frames, stat->resident, stat->moving,
		   stat->queued, stat->pinned, stat->stored, stat->stored_bytes);
	seq_printf(m, "  faults: user %llu, kernel %llu; soft %llu; evictions: clean %llu, dirty %llu\n",
		   stat->faults_user, stat->faults_kernel, stat->soft_faults, stat->evict_clean,
		   stat->evict_dirty);
	seq_printf(m, "  zeroed %llu, in %llu, out %llu, errors: in %llu, out %llu; waits %llu, held %llu, SIGBUS %llu\n",
		   stat->zeroed, stat->page_ins, stat->page_outs, stat->in_errors,
		   stat->out_errors, stat->waits, stat->held, stat->sigbus);
	seq_printf(m, "  entered around %llu, read ahead %llu, of use %llu, cleaned %llu\n",
		   stat->fault_arounds, stat->read_aheads, stat->read_ahead_hits, stat->cleaned);
}

static void show_hist(struct seq_file *m, struct mrig_window *window, u32 which, const char *name)
{
	struct memrig_window_hist hist = { .which = which };
	u32 bin;

	mrig_window_hist_read(window, &hist);
	seq_printf(m, "  %s, ns:", name);
	for (bin = 0; bin < hist.bins; bin++)
		if (hist.counts[bin] && bin + 1 < hist.bins)
			seq_printf(m, " <=%llu %llu", hist.bounds[bin], hist.counts[bin]);
		else if (hist.counts[bin])
			seq_printf(m, " more %llu", hist.counts[bin]);
	seq_puts(m, "\n");
}

static void show_window(struct mrig_window *window, void *arg)
{
	const struct shown_window *shown = arg;
	struct memrig_window_stat stat = { };
	struct seq_file *m = shown->m;

	mrig_window_stat(window, &stat, false);
	if (stat.id != shown->id)
		return;
	seq_printf(m, "window %llu: region %llu, uid %u, %llu pages over %llu frames, store %u, policy %u, flags 0x%x\n",
		   stat.id, stat.region_id, stat.uid, stat.pages, stat.frames, stat.store,
		   stat.policy, stat.window_flags);
	show_figures(m, &stat);
	show_hist(m, window, MEMRIG_HIST_EVICTION, "choice");
	show_hist(m, window, MEMRIG_HIST_PAGE_IN, "page in");
	show_hist(m, window, MEMRIG_HIST_PAGE_OUT, "page out");
}

static void show_nothing(struct mrig_window *window, void *arg)
{
}

/* What goes from start to show is the id, which is never 0. */
static void *windows_after(u64 cursor)
{
	return mrig_window_next(&cursor, show_nothing, NULL) ? (void *)(uintptr_t)cursor : NULL;
}

/* The position is as for regions. No window is held meanwhile, or lives longer for it. */
static void *windows_start(struct seq_file *m, loff_t *pos)
{
	return windows_after(*pos ? *pos - 1 : 0);
}

static void windows_stop(struct seq_file *m, void *v)
{
}

static void *windows_next(struct seq_file *m, void *v, loff_t *pos)
{
	u64 id = (uintptr_t)v;

	*pos = id + 1;
	return windows_after(id);
}

static int windows_show(struct seq_file *m, void *v)
{
	struct shown_window shown = { .m = m, .id = (uintptr_t)v };
	u64 cursor = shown.id - 1;

	mrig_window_next(&cursor, show_window, &shown);
	return 0;
}

static const struct seq_operations mrig_windows_sops = {
	.start = windows_start,
	.stop = windows_stop,
	.next = windows_next,
	.show = windows_show,
};
DEFINE_SEQ_ATTRIBUTE(mrig_windows);

/**
 * mrig_debugfs_init() - make the views appear
 *
 * The module works without them, so nothing here fails.
 *
 * Context: module init.
 */
void mrig_debugfs_init(void)
{
	mrig_debugfs_dir = debugfs_create_dir("memrig", NULL);
	debugfs_create_file("regions", 0400, mrig_debugfs_dir, NULL, &mrig_regions_fops);
	debugfs_create_file("heaps", 0400, mrig_debugfs_dir, NULL, &mrig_heaps_fops);
	debugfs_create_file("dump", 0400, mrig_debugfs_dir, NULL, &mrig_dump_fops);
	debugfs_create_file("windows", 0400, mrig_debugfs_dir, NULL, &mrig_windows_fops);
}

/**
 * mrig_debugfs_fini() - take them away; readers have left when it returns
 *
 * Context: module exit.
 */
void mrig_debugfs_fini(void)
{
	debugfs_remove_recursive(mrig_debugfs_dir);
}
