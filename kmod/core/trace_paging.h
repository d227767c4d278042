/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of windows, system "memrig"; see trace.h. Pages and frames appear by number.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM memrig

#if !defined(MRIG_TRACE_PAGING_H) || defined(TRACE_HEADER_MULTI_READ)
#define MRIG_TRACE_PAGING_H

#include <linux/tracepoint.h>
#include <linux/types.h>

TRACE_EVENT(memrig_window_create,
	    TP_PROTO(u64 window, u64 region, u64 pages, u64 frames, u32 store, u32 policy,
		     u32 flags),
	    TP_ARGS(window, region, pages, frames, store, policy, flags),
	    TP_STRUCT__entry(__field(u64, window)
			     __field(u64, region)
			     __field(u64, pages)
			     __field(u64, frames)
			     __field(u32, store)
			     __field(u32, policy)
			     __field(u32, flags)),
	    TP_fast_assign(__entry->window = window;
			   __entry->region = region;
			   __entry->pages = pages;
			   __entry->frames = frames;
			   __entry->store = store;
			   __entry->policy = policy;
			   __entry->flags = flags;),
	    TP_printk("window=%llu region=%llu pages=%llu frames=%llu store=%u policy=%u flags=0x%x",
		      __entry->window, __entry->region, __entry->pages, __entry->frames,
		      __entry->store, __entry->policy, __entry->flags)
);

TRACE_EVENT(memrig_window_destroy,
	    TP_PROTO(u64 window, u64 resident),
	    TP_ARGS(window, resident),
	    TP_STRUCT__entry(__field(u64, window)
			     __field(u64, resident)),
	    TP_fast_assign(__entry->window = window;
			   __entry->resident = resident;),
	    TP_printk("window=%llu resident=%llu",
		      __entry->window, __entry->resident)
);

TRACE_EVENT(memrig_window_mmap,
	    TP_PROTO(u64 window, u64 page, u64 pages, bool write, int error),
	    TP_ARGS(window, page, pages, write, error),
	    TP_STRUCT__entry(__field(u64, window)
			     __field(u64, page)
			     __field(u64, pages)
			     __field(int, error)
			     __field(bool, write)),
	    TP_fast_assign(__entry->window = window;
			   __entry->page = page;
			   __entry->pages = pages;
			   __entry->write = write;
			   __entry->error = error;),
	    TP_printk("window=%llu page=%llu pages=%llu write=%d error=%d",
		      __entry->window, __entry->page, __entry->pages, __entry->write,
		      __entry->error)
);

/* A touch that has come to an end: soft: the page had a frame; retry: it is to be tried again. */
TRACE_EVENT(memrig_window_fault,
	    TP_PROTO(u64 window, u64 page, bool write, bool user, bool soft, bool retry),
	    TP_ARGS(window, page, write, user, soft, retry),
	    TP_STRUCT__entry(__field(u64, window)
			     __field(u64, page)
			     __field(bool, write)
			     __field(bool, user)
			     __field(bool, soft)
			     __field(bool, retry)),
	    TP_fast_assign(__entry->window = window;
			   __entry->page = page;
			   __entry->write = write;
			   __entry->user = user;
			   __entry->soft = soft;
			   __entry->retry = retry;),
	    TP_printk("window=%llu page=%llu write=%d user=%d soft=%d retry=%d",
		      __entry->window, __entry->page, __entry->write, __entry->user,
		      __entry->soft, __entry->retry)
);

/* A touch that could not be served, and why (enum memrig_reason). */
TRACE_EVENT(memrig_window_sigbus,
	    TP_PROTO(u64 window, u64 page, u32 reason),
	    TP_ARGS(window, page, reason),
	    TP_STRUCT__entry(__field(u64, window)
			     __field(u64, page)
			     __field(u32, reason)),
	    TP_fast_assign(__entry->window = window;
			   __entry->page = page;
			   __entry->reason = reason;),
	    TP_printk("window=%llu page=%llu reason=%u",
		      __entry->window, __entry->page, __entry->reason)
);

/* Bytes have gone from the store to a frame, or the other way. */
DECLARE_EVENT_CLASS(memrig_page_io,
		    TP_PROTO(u64 window, u64 page, u32 frame, u64 ns, int error),
		    TP_ARGS(window, page, frame, ns, error),
		    TP_STRUCT__entry(__field(u64, window)
				     __field(u64, page)
				     __field(u64, ns)
				     __field(u32, frame)
				     __field(int, error)),
		    TP_fast_assign(__entry->window = window;
				   __entry->page = page;
				   __entry->frame = frame;
				   __entry->ns = ns;
				   __entry->error = error;),
		    TP_printk("window=%llu page=%llu frame=%u ns=%llu error=%d",
			      __entry->window, __entry->page, __entry->frame, __entry->ns,
			      __entry->error)
);

DEFINE_EVENT(memrig_page_io, memrig_page_in,
	     TP_PROTO(u64 window, u64 page, u32 frame, u64 ns, int error),
	     TP_ARGS(window, page, frame, ns, error)
);

DEFINE_EVENT(memrig_page_io, memrig_page_out,
	     TP_PROTO(u64 window, u64 page, u32 frame, u64 ns, int error),
	     TP_ARGS(window, page, frame, ns, error)
);

/* A page has lost its frame; fault: because another one needed it. */
TRACE_EVENT(memrig_page_evict,
	    TP_PROTO(u64 window, u64 page, u32 frame, bool dirty, bool fault),
	    TP_ARGS(window, page, frame, dirty, fault),
	    TP_STRUCT__entry(__field(u64, window)
			     __field(u64, page)
			     __field(u32, frame)
			     __field(bool, dirty)
			     __field(bool, fault)),
	    TP_fast_assign(__entry->window = window;
			   __entry->page = page;
			   __entry->frame = frame;
			   __entry->dirty = dirty;
			   __entry->fault = fault;),
	    TP_printk("window=%llu page=%llu frame=%u dirty=%d fault=%d",
		      __entry->window, __entry->page, __entry->frame, __entry->dirty,
		      __entry->fault)
);

#endif /* MRIG_TRACE_PAGING_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace_paging
#include <trace/define_trace.h>
