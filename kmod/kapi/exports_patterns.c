// SPDX-License-Identifier: GPL-2.0-only
/*
 * What other modules may call of the objects that programs for Zephyr build from its allocators.
 */
#include "core/compat.h"
#include "memrig/patterns.h"

MRIG_EXPORT(memrig_smart_create);
MRIG_EXPORT(memrig_smart_destroy);
MRIG_EXPORT(memrig_smart_add_tier);
MRIG_EXPORT(memrig_smart_add_heap);
MRIG_EXPORT(memrig_smart_remove);
MRIG_EXPORT(memrig_smart_tier);
MRIG_EXPORT(memrig_smart_heap);
MRIG_EXPORT(memrig_smart_alloc);
MRIG_EXPORT(memrig_smart_aligned_alloc);
MRIG_EXPORT(memrig_smart_calloc);
MRIG_EXPORT(memrig_smart_realloc);
MRIG_EXPORT(memrig_smart_free);
MRIG_EXPORT(memrig_smart_usable_size);

MRIG_EXPORT(memrig_prio_create);
MRIG_EXPORT(memrig_prio_destroy);
MRIG_EXPORT(memrig_prio_add);
MRIG_EXPORT(memrig_prio_remove);
MRIG_EXPORT(memrig_prio_alloc);
MRIG_EXPORT(memrig_prio_aligned_alloc);
MRIG_EXPORT(memrig_prio_realloc);
MRIG_EXPORT(memrig_prio_free);
MRIG_EXPORT(memrig_prio_level);

MRIG_EXPORT(memrig_ring_create);
MRIG_EXPORT(memrig_ring_destroy);
MRIG_EXPORT(memrig_ring_alloc);
MRIG_EXPORT(memrig_ring_resize);
MRIG_EXPORT(memrig_ring_commit);
MRIG_EXPORT(memrig_ring_get);
MRIG_EXPORT(memrig_ring_free);
MRIG_EXPORT(memrig_ring_done);
MRIG_EXPORT(memrig_ring_stats);
MRIG_EXPORT(memrig_ring_put);
MRIG_EXPORT(memrig_ring_read);

MRIG_EXPORT(memrig_msgpool_create);
MRIG_EXPORT(memrig_msgpool_destroy);
MRIG_EXPORT(memrig_msgpool_find);
MRIG_EXPORT(memrig_msgpool_alloc);
MRIG_EXPORT(memrig_msgpool_put);
MRIG_EXPORT(memrig_msgpool_get);
MRIG_EXPORT(memrig_msgpool_free);
MRIG_EXPORT(memrig_msgpool_stats);

MRIG_EXPORT(memrig_tracker);
MRIG_EXPORT(memrig_track_init);
MRIG_EXPORT(memrig_track_fini);
MRIG_EXPORT(memrig_track_alloc);
MRIG_EXPORT(memrig_track_calloc);
MRIG_EXPORT(memrig_track_realloc);
MRIG_EXPORT(memrig_track_free);
MRIG_EXPORT(memrig_track_note);
MRIG_EXPORT(memrig_track_forget);
MRIG_EXPORT(memrig_track_each);
MRIG_EXPORT(memrig_track_stats);
MRIG_EXPORT(memrig_track_report);
