/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints, system "memrig". Objects appear by number and memory by offset: no line of a trace
 * holds an address. What user space asked for is recorded as it was asked, before any check.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM memrig

#if !defined(MRIG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MRIG_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

TRACE_EVENT(memrig_region_create,
	    TP_PROTO(u64 region, u32 kind, u32 attr, u32 flags, u64 length),
	    TP_ARGS(region, kind, attr, flags, length),
	    TP_STRUCT__entry(__field(u64, region)
			     __field(u64, length)
			     __field(u32, kind)
			     __field(u32, attr)
			     __field(u32, flags)),
	    TP_fast_assign(__entry->region = region;
			   __entry->length = length;
			   __entry->kind = kind;
			   __entry->attr = attr;
			   __entry->flags = flags;),
	    TP_printk("region=%llu kind=%u attr=%u flags=0x%x length=%llu",
		      __entry->region, __entry->kind, __entry->attr, __entry->flags,
		      __entry->length)
);

TRACE_EVENT(memrig_region_destroy,
	    TP_PROTO(u64 region, u64 length),
	    TP_ARGS(region, length),
	    TP_STRUCT__entry(__field(u64, region)
			     __field(u64, length)),
	    TP_fast_assign(__entry->region = region;
			   __entry->length = length;),
	    TP_printk("region=%llu length=%llu", __entry->region, __entry->length)
);

TRACE_EVENT(memrig_region_power,
	    TP_PROTO(u64 region, bool on, int error),
	    TP_ARGS(region, on, error),
	    TP_STRUCT__entry(__field(u64, region)
			     __field(bool, on)
			     __field(int, error)),
	    TP_fast_assign(__entry->region = region;
			   __entry->on = on;
			   __entry->error = error;),
	    TP_printk("region=%llu on=%d error=%d", __entry->region, __entry->on,
		      __entry->error)
);

TRACE_EVENT(memrig_mmap,
	    TP_PROTO(u64 region, u64 page, u64 pages, bool write, int error),
	    TP_ARGS(region, page, pages, write, error),
	    TP_STRUCT__entry(__field(u64, region)
			     __field(u64, page)
			     __field(u64, pages)
			     __field(bool, write)
			     __field(int, error)),
	    TP_fast_assign(__entry->region = region;
			   __entry->page = page;
			   __entry->pages = pages;
			   __entry->write = write;
			   __entry->error = error;),
	    TP_printk("region=%llu page=%llu pages=%llu write=%d error=%d", __entry->region,
		      __entry->page, __entry->pages, __entry->write, __entry->error)
);

TRACE_EVENT(memrig_heap_create,
	    TP_PROTO(u64 heap, u64 region, u64 offset, u64 length, u32 placement, u32 hardening,
		     u32 flags, u32 engine),
	    TP_ARGS(heap, region, offset, length, placement, hardening, flags, engine),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, region)
			     __field(u64, offset)
			     __field(u64, length)
			     __field(u32, placement)
			     __field(u32, hardening)
			     __field(u32, flags)
			     __field(u32, engine)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->region = region;
			   __entry->offset = offset;
			   __entry->length = length;
			   __entry->placement = placement;
			   __entry->hardening = hardening;
			   __entry->flags = flags;
			   __entry->engine = engine;),
	    TP_printk("heap=%llu region=%llu offset=0x%llx length=%llu placement=%u hardening=%u flags=0x%x engine=%u",
		      __entry->heap, __entry->region, __entry->offset, __entry->length,
		      __entry->placement, __entry->hardening, __entry->flags, __entry->engine)
);

TRACE_EVENT(memrig_heap_destroy,
	    TP_PROTO(u64 heap, u64 blocks),
	    TP_ARGS(heap, blocks),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, blocks)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->blocks = blocks;),
	    TP_printk("heap=%llu live_blocks=%llu", __entry->heap, __entry->blocks)
);

TRACE_EVENT(memrig_alloc,
	    TP_PROTO(u64 heap, u32 client, u64 bytes, u64 align, u64 offset, u64 usable, int error,
		     u32 reason),
	    TP_ARGS(heap, client, bytes, align, offset, usable, error, reason),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, bytes)
			     __field(u64, align)
			     __field(u64, offset)
			     __field(u64, usable)
			     __field(u32, client)
			     __field(int, error)
			     __field(u32, reason)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->bytes = bytes;
			   __entry->align = align;
			   __entry->offset = offset;
			   __entry->usable = usable;
			   __entry->client = client;
			   __entry->error = error;
			   __entry->reason = reason;),
	    TP_printk("heap=%llu client=%u bytes=%llu align=0x%llx offset=0x%llx usable=%llu error=%d reason=%u",
		      __entry->heap, __entry->client, __entry->bytes, __entry->align,
		      __entry->offset, __entry->usable, __entry->error, __entry->reason)
);

TRACE_EVENT(memrig_wait_begin,
	    TP_PROTO(u64 heap, u32 client, u64 bytes, u64 align, int prio, u64 timeout_ns),
	    TP_ARGS(heap, client, bytes, align, prio, timeout_ns),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, bytes)
			     __field(u64, align)
			     __field(u64, timeout_ns)
			     __field(u32, client)
			     __field(int, prio)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->bytes = bytes;
			   __entry->align = align;
			   __entry->timeout_ns = timeout_ns;
			   __entry->client = client;
			   __entry->prio = prio;),
	    TP_printk("heap=%llu client=%u bytes=%llu align=0x%llx prio=%d timeout_ns=%llu",
		      __entry->heap, __entry->client, __entry->bytes, __entry->align, __entry->prio,
		      __entry->timeout_ns)
);

TRACE_EVENT(memrig_wait_end,
	    TP_PROTO(u64 heap, u32 client, u64 bytes, u64 waited_ns, int error),
	    TP_ARGS(heap, client, bytes, waited_ns, error),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, bytes)
			     __field(u64, waited_ns)
			     __field(u32, client)
			     __field(int, error)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->bytes = bytes;
			   __entry->waited_ns = waited_ns;
			   __entry->client = client;
			   __entry->error = error;),
	    TP_printk("heap=%llu client=%u bytes=%llu waited_ns=%llu error=%d", __entry->heap,
		      __entry->client, __entry->bytes, __entry->waited_ns, __entry->error)
);

TRACE_EVENT(memrig_free,
	    TP_PROTO(u64 heap, u32 client, u64 offset, u64 usable),
	    TP_ARGS(heap, client, offset, usable),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, offset)
			     __field(u64, usable)
			     __field(u32, client)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->offset = offset;
			   __entry->usable = usable;
			   __entry->client = client;),
	    TP_printk("heap=%llu client=%u offset=0x%llx usable=%llu",
		      __entry->heap, __entry->client, __entry->offset, __entry->usable)
);

TRACE_EVENT(memrig_realloc,
	    TP_PROTO(u64 heap, u32 client, u64 from, u64 bytes, u64 to, u64 usable, int error),
	    TP_ARGS(heap, client, from, bytes, to, usable, error),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, from)
			     __field(u64, bytes)
			     __field(u64, to)
			     __field(u64, usable)
			     __field(u32, client)
			     __field(int, error)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->from = from;
			   __entry->bytes = bytes;
			   __entry->to = to;
			   __entry->usable = usable;
			   __entry->client = client;
			   __entry->error = error;),
	    TP_printk("heap=%llu client=%u from=0x%llx bytes=%llu to=0x%llx usable=%llu error=%d",
		      __entry->heap, __entry->client, __entry->from, __entry->bytes, __entry->to,
		      __entry->usable, __entry->error)
);

TRACE_EVENT(memrig_give,
	    TP_PROTO(u64 heap, u32 client, u64 offset, u32 to, int error),
	    TP_ARGS(heap, client, offset, to, error),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, offset)
			     __field(u32, client)
			     __field(u32, to)
			     __field(int, error)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->offset = offset;
			   __entry->client = client;
			   __entry->to = to;
			   __entry->error = error;),
	    TP_printk("heap=%llu client=%u offset=0x%llx to=%u error=%d", __entry->heap,
		      __entry->client, __entry->offset, __entry->to, __entry->error)
);

TRACE_EVENT(memrig_keep,
	    TP_PROTO(u64 heap, u32 client, u64 offset, int error, u32 reason),
	    TP_ARGS(heap, client, offset, error, reason),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, offset)
			     __field(u32, client)
			     __field(int, error)
			     __field(u32, reason)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->offset = offset;
			   __entry->client = client;
			   __entry->error = error;
			   __entry->reason = reason;),
	    TP_printk("heap=%llu client=%u offset=0x%llx error=%d reason=%u", __entry->heap,
		      __entry->client, __entry->offset, __entry->error, __entry->reason)
);

/* A heap became part of a multi object, or ceased to be. */
TRACE_EVENT(memrig_multi_member,
	    TP_PROTO(u64 multi, u64 heap, u32 member, u64 attrs, bool added, int error),
	    TP_ARGS(multi, heap, member, attrs, added, error),
	    TP_STRUCT__entry(__field(u64, multi)
			     __field(u64, heap)
			     __field(u64, attrs)
			     __field(u32, member)
			     __field(bool, added)
			     __field(int, error)),
	    TP_fast_assign(__entry->multi = multi;
			   __entry->heap = heap;
			   __entry->attrs = attrs;
			   __entry->member = member;
			   __entry->added = added;
			   __entry->error = error;),
	    TP_printk("multi=%llu heap=%llu member=%u attrs=0x%llx added=%d error=%d",
		      __entry->multi, __entry->heap, __entry->member, __entry->attrs,
		      __entry->added, __entry->error)
);

/* What the rules of a multi object made of a request; ~0: no member, no rules. */
TRACE_EVENT(memrig_multi_alloc,
	    TP_PROTO(u64 multi, u32 member, u32 rule, u64 bytes, int priority, u64 offset,
		     int error, u32 reason),
	    TP_ARGS(multi, member, rule, bytes, priority, offset, error, reason),
	    TP_STRUCT__entry(__field(u64, multi)
			     __field(u64, bytes)
			     __field(u64, offset)
			     __field(u32, member)
			     __field(u32, rule)
			     __field(int, priority)
			     __field(int, error)
			     __field(u32, reason)),
	    TP_fast_assign(__entry->multi = multi;
			   __entry->bytes = bytes;
			   __entry->offset = offset;
			   __entry->member = member;
			   __entry->rule = rule;
			   __entry->priority = priority;
			   __entry->error = error;
			   __entry->reason = reason;),
	    TP_printk("multi=%llu member=%u rule=%u bytes=%llu priority=%d offset=0x%llx error=%d reason=%u",
		      __entry->multi, __entry->member, __entry->rule, __entry->bytes,
		      __entry->priority, __entry->offset, __entry->error, __entry->reason)
);

/* A block went into the queue, or straight to one who waited. */
TRACE_EVENT(memrig_send,
	    TP_PROTO(u64 heap, u32 client, u64 offset, u64 bytes, int error),
	    TP_ARGS(heap, client, offset, bytes, error),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, offset)
			     __field(u64, bytes)
			     __field(u32, client)
			     __field(int, error)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->offset = offset;
			   __entry->bytes = bytes;
			   __entry->client = client;
			   __entry->error = error;),
	    TP_printk("heap=%llu client=%u offset=0x%llx bytes=%llu error=%d", __entry->heap,
		      __entry->client, __entry->offset, __entry->bytes, __entry->error)
);

TRACE_EVENT(memrig_receive,
	    TP_PROTO(u64 heap, u32 client, u64 offset, u64 bytes, u32 from, u64 waited_ns,
		     int error),
	    TP_ARGS(heap, client, offset, bytes, from, waited_ns, error),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, offset)
			     __field(u64, bytes)
			     __field(u64, waited_ns)
			     __field(u32, client)
			     __field(u32, from)
			     __field(int, error)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->offset = offset;
			   __entry->bytes = bytes;
			   __entry->waited_ns = waited_ns;
			   __entry->client = client;
			   __entry->from = from;
			   __entry->error = error;),
	    TP_printk("heap=%llu client=%u offset=0x%llx bytes=%llu from=%u waited_ns=%llu error=%d",
		      __entry->heap, __entry->client, __entry->offset, __entry->bytes,
		      __entry->from, __entry->waited_ns, __entry->error)
);

/* A client of a heap that tracks went, and this block with it. */
TRACE_EVENT(memrig_leak,
	    TP_PROTO(u64 heap, u32 client, u64 offset, u64 usable, u64 bytes, u64 age_ns, int pid,
		     const char *comm, const char *site),
	    TP_ARGS(heap, client, offset, usable, bytes, age_ns, pid, comm, site),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, offset)
			     __field(u64, usable)
			     __field(u64, bytes)
			     __field(u64, age_ns)
			     __field(u32, client)
			     __field(int, pid)
			     __array(char, comm, 16)
			     __array(char, site, 48)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->offset = offset;
			   __entry->usable = usable;
			   __entry->bytes = bytes;
			   __entry->age_ns = age_ns;
			   __entry->client = client;
			   __entry->pid = pid;
			   strscpy(__entry->comm, comm, sizeof(__entry->comm));
			   strscpy(__entry->site, site, sizeof(__entry->site));),
	    TP_printk("heap=%llu client=%u offset=0x%llx usable=%llu bytes=%llu age_ns=%llu pid=%d comm=%s site=%s",
		      __entry->heap, __entry->client, __entry->offset, __entry->usable,
		      __entry->bytes, __entry->age_ns, __entry->pid, __entry->comm,
		      __entry->site)
);

TRACE_EVENT(memrig_reclaim,
	    TP_PROTO(u64 heap, u32 client, u64 blocks, u64 bytes),
	    TP_ARGS(heap, client, blocks, bytes),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, blocks)
			     __field(u64, bytes)
			     __field(u32, client)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->blocks = blocks;
			   __entry->bytes = bytes;
			   __entry->client = client;),
	    TP_printk("heap=%llu client=%u blocks=%llu bytes=%llu",
		      __entry->heap, __entry->client, __entry->blocks, __entry->bytes)
);

/* A heap was found corrupted and is out of service from now on. */
TRACE_EVENT(memrig_fence,
	    TP_PROTO(u64 heap, u32 invariant, u64 offset),
	    TP_ARGS(heap, invariant, offset),
	    TP_STRUCT__entry(__field(u64, heap)
			     __field(u64, offset)
			     __field(u32, invariant)),
	    TP_fast_assign(__entry->heap = heap;
			   __entry->offset = offset;
			   __entry->invariant = invariant;),
	    TP_printk("heap=%llu invariant=%u offset=0x%llx", __entry->heap, __entry->invariant,
		      __entry->offset)
);

/* Every ioctl that was refused, for whatever reason. */
TRACE_EVENT(memrig_reject,
	    TP_PROTO(const char *object, u32 cmd, int error),
	    TP_ARGS(object, cmd, error),
	    TP_STRUCT__entry(__array(char, object, 8)
			     __field(u32, cmd)
			     __field(int, error)),
	    TP_fast_assign(strscpy(__entry->object, object, sizeof(__entry->object));
			   __entry->cmd = cmd;
			   __entry->error = error;),
	    TP_printk("object=%s cmd=0x%08x nr=0x%02x error=%d", __entry->object, __entry->cmd,
		      __entry->cmd & 0xff, __entry->error)
);

#endif /* MRIG_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
