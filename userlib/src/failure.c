// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What failed and what to try. The last failure is kept per thread, not per handle: handles are
 * shared between threads, and the most wanted explanation, why the device would not open, has no
 * handle at all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "priv.h"

static _Thread_local struct memrig_failure last;

/* Failing is not always the end of something: a block that cannot grow in place may move. */
static void copy_text(char *to, size_t room, const char *from)
{
	size_t len = strnlen(from, room - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

int mrig_fail_with(const char *call, int error, const struct fail_info *info)
{
	const char *name = info && info->name ? info->name : "";

	last.error = error;
	last.reason = info ? info->reason : MEMRIG_REASON_NONE;
	last.detail = info ? info->detail : 0;
	last.wanted = info ? info->wanted : 0;
	copy_text(last.call, sizeof(last.call), call);
	copy_text(last.name, sizeof(last.name), name);
	return error;
}

const struct memrig_failure *memrig_failure(void)
{
	return &last;
}

/* One row: calls whose name begins with @call, and fail with @error. First match wins. */
struct explanation {
	const char *call;
	int error;
	const char *what;
	const char *advice;
};

static const struct explanation explanations[] = {
	{ "memrig_open_path", ENOENT, "there is no such device",
	  "check the path; the default is " MEMRIG_DEVICE ", which is there when the memrig "
	  "module is loaded" },
	{ "memrig_open", ENOENT, "there is no such device: the memrig module is not loaded",
	  "load it as root: modprobe memrig, or insmod memrig.ko from the build directory" },
	{ "memrig_open", EACCES, "you may not open the device",
	  "join the group memrig (usermod -aG memrig USER, then log in again), or run as root" },
	{ "memrig_open", EPERM, "you may not open the device",
	  "join the group memrig (usermod -aG memrig USER, then log in again), or run as root" },
	{ "memrig_open", ENXIO, "the device node is there but no driver behind it",
	  "load the module: modprobe memrig" },
	{ "memrig_open", ENODEV, "the device node is there but no driver behind it",
	  "load the module: modprobe memrig" },
	{ "memrig_open", ENOTTY, "this is no memrig device",
	  "check the path; the default is " MEMRIG_DEVICE },
	{ "memrig_region_create", EOPNOTSUPP,
	  "this machine cannot give such memory, and nothing weaker is given in its place",
	  "see what it can give: memrig caps" },
	{ "memrig_region_create", EPERM, "creating a named region is a privileged operation",
	  "run as root, load the module with named_gid= of your group, or leave out the name" },
	{ "memrig_region_create", EEXIST, "a region of that name exists",
	  "use it (memrig region show), remove it (memrig region rm), or choose another name" },
	{ "memrig_region_create", EINVAL, "a parameter is wrong",
	  "names match [a-z0-9][a-z0-9_.-]{0,30}, the length is not 0, the NUMA node is online, DMA "
	  "bits are 24 to 64 and for coherent regions only, attributes that follow from --attr are "
	  "not asked for, and the CPUs exist" },
	{ "memrig_region_open", ENOENT, "there is no region of that name",
	  "see memrig region list" },
	{ "memrig_region_open", EINVAL, "no region can have that name",
	  "see memrig region list; names match [a-z0-9][a-z0-9_.-]{0,30}" },
	{ "memrig_region_open", EACCES, "its owner, group and mode do not let you in",
	  "ask its owner or root for another mode or group, or open it read-only if that will do" },
	{ "memrig_region_remove", ENOENT, "there is no region of that name",
	  "see memrig region list" },
	{ "memrig_region_remove", EINVAL, "no region can have that name",
	  "see memrig region list; names match [a-z0-9][a-z0-9_.-]{0,30}" },
	{ "memrig_region_remove", EPERM, "only its owner or root may remove it",
	  "see memrig region list for the owner" },
	{ "memrig_region_from_fd", ENOTTY, "the descriptor is no memrig region", "" },
	{ "memrig_region_attr_query", EINVAL,
	  "the offset is beyond the end, or the address is no mapping of this region", "" },
	{ "memrig_region_addr", EPERM, "physical addresses need CAP_SYS_RAWIO", "run as root" },
	{ "memrig_region_suspend", EBUSY,
	  "somebody holds pages of it (direct I/O, registered buffers, a pipe), or a block is being "
	  "moved",
	  "repeat the call when that has ended" },
	{ "memrig_region_suspend", EALREADY, "it is suspended already", "" },
	{ "memrig_region_resume", EALREADY, "it is not suspended", "" },
	{ "memrig_region_suspend", EOPNOTSUPP, "the region was not made for that",
	  "create it with the attribute powered (--attrs powered)" },
	{ "memrig_region_resume", EOPNOTSUPP, "the region was not made for that",
	  "create it with the attribute powered (--attrs powered)" },
	{ "memrig_region_suspend", EPERM, "only its owner or root may suspend it",
	  "see memrig region list for the owner" },
	{ "memrig_region_resume", EPERM, "only its owner or root may resume it",
	  "see memrig region list for the owner" },
	{ "memrig_region_suspend", EACCES, "the region was opened read-only",
	  "open it read-write" },
	{ "memrig_region_resume", EACCES, "the region was opened read-only", "open it read-write" },
	{ "memrig_region_near", EINVAL, "this machine cannot have such a CPU", "" },
	{ "memrig_attrs_", EPERM, "naming attributes is a privileged operation",
	  "run as root, or load the module with named_gid= of your group" },
	{ "memrig_attrs_", EEXIST, "the name is taken, or the bit has one",
	  "see memrig attr names; take a name away first (memrig attr clear)" },
	{ "memrig_attrs_", ENOENT, "no attribute has that name",
	  "see memrig attr names, or name a bit first (memrig attr name)" },
	{ "memrig_attrs_name_get", EINVAL, "attributes are bits 0 to 63", "" },
	{ "memrig_attrs_parse", EINVAL, "that is no attribute",
	  "names as memrig attr names lists them, or numbers of bits, with commas between them" },
	{ "memrig_attrs_", EINVAL, "a parameter is wrong",
	  "bits 32 to 63 can have names; these match [a-z0-9][a-z0-9_.-]{0,30}, and are no "
	  "numbers" },
	{ "memrig_heap_", EHOSTDOWN, "the region is suspended, and moving a block needs its bytes",
	  "resume it (memrig region resume), or ask for less" },
	{ "memrig_heap_create", EBUSY, "another heap of the region manages part of that range",
	  "choose another offset and length, or use the heap that is there (memrig heap list)" },
	{ "memrig_heap_create", EPERM,
	  "headers inside the memory are for regions that no one else can write",
	  "use placement oob, or create a region of pages with KERNEL_ONLY (--kernel-only)" },
	{ "memrig_heap_create", EACCES, "the region was opened read-only", "open it read-write" },
	{ "memrig_heap_create", EINVAL,
	  "a parameter is wrong, or the range is too small or too large",
	  "offset and length lie within the region and are multiples of 8; a slab has a block size "
	  "that is a multiple of 8, blocks one that is a power of two, others none" },
	{ "memrig_heap_from_fd", ENOTTY, "the descriptor is no memrig heap", "" },
	{ "memrig_cache_free", ENOENT, "no block of the heap starts there, or it was freed already",
	  "is it freed twice, or a pointer into the middle of a block?" },
	{ "memrig_cache_free", EPERM, "the block belongs to another client",
	  "let its owner free it, or give it first (memrig_heap_give)" },
	{ "memrig_cache_alloc", EINVAL, "a size of 0, or an alignment that is no power of two",
	  "" },
	{ "memrig_cache_alloc", EPERM, "the region is for the kernel alone, there are no pointers",
	  "use offsets (memrig_cache_alloc_at)" },
	{ "memrig_cache_create", EAGAIN, "the process has no key for thread data left",
	  "close caches that are not needed" },
	{ "memrig_cache_create", EINVAL, "a member of the configuration is too large",
	  "see memrig/cache.h for the limits; size is sizeof(struct memrig_cache_config)" },
	{ "memrig_cache_", EIO, "the heap is damaged and was fenced off",
	  "memrig heap validate names the broken invariant; create a new heap" },
	{ "memrig_heap_free", ENOENT, "no block of this heap starts there",
	  "is it freed twice, or a pointer into the middle of a block?" },
	{ "memrig_heap_free", EPERM, "the block belongs to another client",
	  "let its owner free it, or give it first (memrig_heap_give)" },
	{ "memrig_heap_alloc_wait", ETIMEDOUT, "no memory became free in time",
	  "wait longer, or see who holds it: memrig top" },
	{ "memrig_heap_alloc_wait", EINTR, "a signal came while waiting for memory", "" },
	{ "memrig_multi_alloc", ETIMEDOUT, "no memory became free in time",
	  "wait longer, or see who holds it: memrig top" },
	{ "memrig_multi_alloc", EINTR, "a signal came while waiting for memory", "" },
	{ "memrig_multi_alloc", ENOENT, "no rule, or no member, matches the request",
	  "see the rules and the attributes of the members: memrig stat" },
	{ "memrig_multi_alloc", EINVAL,
	  "a size of 0, an alignment that is no power of two, or a "
	  "timeout without waiting",
	  "" },
	{ "memrig_multi_realloc", EINVAL, "a size of 0, or an alignment that is no power of two",
	  "" },
	{ "memrig_multi_free", ENOENT, "no block of this object starts there",
	  "is it freed twice, or a pointer into the middle of a block?" },
	{ "memrig_multi_free", EPERM, "the block belongs to another client",
	  "let its owner free it" },
	{ "memrig_multi_remove", EBUSY, "blocks live in this member, or somebody waits for one",
	  "free them first; memrig stat shows how many there are" },
	{ "memrig_multi_remove", ENOENT, "there is no such member", "see memrig stat" },
	{ "memrig_multi_member", ENOENT, "there is no such member", "see memrig stat" },
	{ "memrig_multi_add", EEXIST, "the heap is a member already", "" },
	{ "memrig_multi_add", ENOSPC, "there is no room for more members", "" },
	{ "memrig_multi_add", EINVAL,
	  "attributes that are not custom come from the region, or this is no heap",
	  "bits 32 to 63 are custom" },
	{ "memrig_multi_add", EOPNOTSUPP,
	  "a heap of this process alone cannot be used by the kernel",
	  "use memrig_multi_local_create" },
	{ "memrig_multi_rules", EINVAL, "a rule that nothing can match, or too many of them", "" },
	{ "memrig_multi_rules", EOPNOTSUPP, "a rule has a flag that is unknown here", "" },
	{ "memrig_multi_from_fd", ENOTTY, "the descriptor is no memrig allocator", "" },
	{ "memrig_multi_", EPERM, "only who made the object, and root, may change it", "" },
	{ "memrig_multi_", ENOENT, "no block of this object starts there", "" },
	{ "memrig_multi_", EIO, "the members that match are damaged and were fenced off",
	  "memrig heap validate names the broken invariant; create new ones" },
	{ "memrig_multi_", EOPNOTSUPP, "this kind of object cannot do that", "" },
	{ "memrig_heap_blocks_get", ENOMEM, "not all of these blocks are free", "" },
	{ "memrig_heap_blocks_free", ENOENT, "not all of these blocks are in use",
	  "nothing has changed; are some freed twice?" },
	{ "memrig_heap_blocks_", EINVAL,
	  "no block starts there, there are not so many, or none was asked for",
	  "offsets are multiples of the block size" },
	{ "memrig_heap_blocks_", EOPNOTSUPP, "only allocators of blocks can do that",
	  "create one: memrig create blocks" },
	{ "memrig_heap_blocks_", EOVERFLOW, "that is beyond every offset", "" },
	{ "memrig_heap_watch", EINVAL, "a size of 0, or an alignment that is no power of two", "" },
	{ "memrig_multi_watch", EINVAL,
	  "a size of 0, an alignment that is no power of two, or a device or node that cannot be",
	  "" },
	{ "memrig_multi_watch", EOPNOTSUPP,
	  "something unknown to match, or an object that the library runs",
	  "poll() needs an object of the kernel (memrig_multi_create)" },
	{ "memrig_heap_", EIO, "the heap is damaged and was fenced off",
	  "memrig heap validate names the broken invariant; create a new heap" },
	{ "memrig_heap_", ENOENT, "no block of this heap starts there", "" },
	{ "memrig_heap_reset_max", EINVAL, "the heap keeps no statistics",
	  "create it with them (--stats, MEMRIG_HEAP_STATS)" },
	{ "memrig_heap_", EBUSY, "the block is being moved by another call", "repeat the call" },
	{ "memrig_heap_alloc", EPERM, "the region is for the kernel alone, there are no pointers",
	  "use offsets (memrig_heap_alloc_at)" },
	{ "memrig_heap_ptr", EPERM, "the region is for the kernel alone, there are no pointers",
	  "" },
	{ "memrig_heap_alloc", EOPNOTSUPP, "this machine cannot give such an alignment",
	  "see the largest alignment: memrig caps" },
	{ "memrig_heap_create", EOPNOTSUPP,
	  "the module does not know such a heap, or headers inside this memory would be too slow",
	  "see memrig caps; headers inside (inband) are for sys_heap and cached memory" },
	{ "memrig_heap_alloc_batch", EINVAL,
	  "a size of 0, an alignment that is no power of two, or too many elements or none", "" },
	{ "memrig_heap_free_batch", EINVAL, "too many elements or none", "" },
	{ "memrig_heap_walk", EINVAL, "room for too many elements or none", "" },
	{ "memrig_heap_realloc", EINVAL, "a size of 0, or an alignment that is no power of two",
	  "" },
	{ "memrig_heap_alloc", EINVAL, "a size of 0, or an alignment that is no power of two", "" },
	{ "memrig_heap_", EOPNOTSUPP, "a heap of this process alone cannot do that", "" },
	{ "memrig_local_create", EOPNOTSUPP, "a heap of this process alone cannot do that", "" },
	{ "memrig_local_create_over", EINVAL,
	  "a parameter is wrong, or the range is too small or too large",
	  "the offset is a multiple of 8, and offset and length lie within the region" },
	{ "memrig_local_create", EINVAL,
	  "a parameter is wrong, or the memory is too small or too large",
	  "the memory begins at a multiple of 8, offset and length are 0" },
	{ "memrig_region_map", EPERM, "the region is for the kernel alone and cannot be mapped",
	  "use offsets, or create the region without KERNEL_ONLY" },
	{ "memrig_region_map", ENODEV, "this memory cannot be mapped on this machine",
	  "use offsets, or another kind or attribute" },
	{ "memrig_region_map", EACCES, "the region was opened read-only", "open it read-write" },
	{ "memrig_window_create", EOPNOTSUPP,
	  "the region is of the wrong kind or attribute, or the module has no such policy, store or "
	  "compressor",
	  "frames come from regions of pages, on arm64 cached ones; see memrig window kinds" },
	{ "memrig_window_create", EBUSY,
	  "the region is mapped, its pages are held, or part of the span belongs to a heap or to "
	  "another window",
	  "unmap it, or choose another offset" },
	{ "memrig_window_create", EPERM, "the memory or the file may not be used like that",
	  "regions for the kernel alone lend no frames, and images must not be on a noexec mount" },
	{ "memrig_window_create", EACCES, "the region or the file was not opened for writing",
	  "open them read-write, or make the window read-only" },
	{ "memrig_window_create", EBADF, "the store needs an open file",
	  "store_fd: open for reading and, unless the window is read-only, for writing" },
	{ "memrig_window_create", ENOSPC, "the store is too small for the window",
	  "a limit leaves room for all pages but those in frames, and one more; a file is as long as "
	  "the window" },
	{ "memrig_window_create", EINVAL, "a parameter is wrong",
	  "at least one frame and not more than pages; offsets are multiples of the page size; "
	  "store_fd is -1 and store_offset 0 but for files" },
	{ "memrig_window_from_fd", ENOTTY, "the descriptor is no memrig window", "" },
	{ "memrig_window_open", ENOENT, "there is no window of that number",
	  "see memrig window list" },
	{ "memrig_window_open", EPERM, "only its maker or root may look at it", "run as root" },
	{ "memrig_window_kind", ENOENT, "nothing of that name", "see memrig window kinds" },
	{ "memrig_window_addr", EPERM, "physical addresses need CAP_SYS_RAWIO", "run as root" },
	{ "memrig_window_addr", ENOENT, "this client has not pinned the page",
	  "pin it first (memrig_window_pin)" },
	{ "memrig_window_paging_stat", EOPNOTSUPP, "the window does not count threads",
	  "create it with MEMRIG_WINDOW_THREAD_STATS (--thread-stats)" },
	{ "memrig_window_paging_stat", ENOENT, "that thread has not asked for a page", "" },
	{ "memrig_window_find", ENOENT, "no window is mapped there", "" },
	{ "memrig_window_map", EACCES, "the window was made read-only, or is only looked at",
	  "map it with PROT_READ alone; what memrig_window_open gave cannot be mapped" },
	{ "memrig_window_map", EINVAL, "that is not whole pages within the window", "" },
	{ "memrig_window_unmap", EINVAL, "that is no part of one mapping of this handle", "" },
	{ "memrig_window_page_out", EBUSY, "a page is pinned, or held by somebody",
	  "unpin it, or wait for I/O on it to end" },
	{ "memrig_window_unpin", ENOENT, "a page that this client has not pinned", "" },
	{ "memrig_window_pin", EOVERFLOW, "a page has too many pins", "" },
	{ "memrig_window_policy", EOPNOTSUPP, "the module has no such policy",
	  "see memrig window kinds" },
	{ "memrig_window_hist", EINVAL, "no such histogram, or bounds that are not right",
	  "1 to 16 bounds in ascending order" },
	{ "memrig_window_inject", EOPNOTSUPP, "the window was not made for that",
	  "create it with MEMRIG_WINDOW_INJECT" },
	{ "memrig_window_", ETIMEDOUT, "the store did not answer in time",
	  "see the figures of the window: memrig window stat" },
	{ "memrig_window_", EINVAL, "that is not whole pages within the window", "" },
	{ "memrig_window_", EACCES, "the window is only looked at, or was made read-only", "" },
	{ "k_mem_p", EFAULT, "no window is mapped there", "map one by memrig_window_map" },
	{ "k_mem_unpin", EFAULT, "no window is mapped there", "map one by memrig_window_map" },
	{ "k_mem_", EINVAL, "that is not whole pages", "" },
	{ "k_mem_page_out", EBUSY, "a page is pinned, or held by somebody", "" },
	{ "", E2BIG, "the kernel module is older than this program", "update the module" },
	{ "", ENOTTY, "the kernel module does not know this call", "update the module" },
};

static const struct explanation *find_explanation(const struct memrig_failure *failure)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(explanations); i++) {
		const struct explanation *row = &explanations[i];

		if (row->error == -failure->error &&
		    !strncmp(failure->call, row->call, strlen(row->call)))
			return row;
	}
	return NULL;
}

/* "region create" from "memrig_region_create", and the object in brackets. */
static void subject(const struct memrig_failure *failure, char *buf, size_t len)
{
	const char *call = failure->call;
	size_t i;

	if (!strncmp(call, "memrig_", 7))
		call += 7;
	if (failure->name[0])
		snprintf(buf, len, "%s (%s)", call, failure->name);
	else
		snprintf(buf, len, "%s", call);
	for (i = 0; buf[i] && buf[i] != ' '; i++)
		if (buf[i] == '_')
			buf[i] = ' ';
}

static void shortage(const struct memrig_failure *failure, char *buf, size_t len)
{
	const char *text = memrig_reason_text(failure->reason);
	unsigned long long wanted = failure->wanted, detail = failure->detail;

	switch (failure->reason) {
	case MEMRIG_REASON_EMPTY:
	case MEMRIG_REASON_FRAGMENTED:
		snprintf(buf, len, "%s (%llu bytes wanted, the largest free block has %llu)", text,
			 wanted, detail);
		break;
	case MEMRIG_REASON_LIMIT:
	case MEMRIG_REASON_MEMLOCK:
		snprintf(buf, len, "%s (%llu bytes wanted, %llu would still fit)", text, wanted,
			 detail);
		break;
	default:
		snprintf(buf, len, "%s", text);
	}
}

int memrig_explain(const struct memrig_failure *failure, char *buf, size_t len)
{
	const struct explanation *row;
	const char *advice = "";
	char who[112], why[256];

	if (!failure)
		failure = &last;
	if (!failure->error)
		return snprintf(buf, len, "nothing failed");
	subject(failure, who, sizeof(who));
	row = find_explanation(failure);
	if (failure->reason) {
		shortage(failure, why, sizeof(why));
		advice = memrig_reason_advice(failure->reason);
	} else if (row) {
		snprintf(why, sizeof(why), "%s", row->what);
		advice = row->advice;
	} else {
		snprintf(why, sizeof(why), "%s",
			 strerrordesc_np(-failure->error) ?: "unknown error");
	}
	return snprintf(buf, len, "%s: %s (%s)%s%s", who, why,
			strerrorname_np(-failure->error) ?: "?", *advice ? "; try: " : "", advice);
}
