/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backing stores: where the pages of a window are that have no frame. What a store is, and what it
 * has to do, is in <memrig/paging.h>, as other modules can bring some.
 */
#ifndef MRIG_STORE_H
#define MRIG_STORE_H

#include "memrig/paging.h"

extern const struct mrig_store_ops mrig_store_ram_ops;
extern const struct mrig_store_ops mrig_store_compressed_ops;
extern const struct mrig_store_ops mrig_store_file_ops;
extern const struct mrig_store_ops mrig_store_null_ops;
extern const struct mrig_store_ops mrig_store_image_ops;
extern const struct mrig_store_ops mrig_store_inject_ops;

int mrig_store_flags(u32 kind, u32 *flags);
int mrig_store_check(const struct mrig_store_spec *spec);
int mrig_store_init(struct mrig_store *store, const struct mrig_store_spec *spec,
		    struct mem_cgroup *memcg);
void mrig_store_fini(struct mrig_store *store);

/* store_inject.c: only for a store made with @inject */
int mrig_store_inject(struct mrig_store *store, const struct memrig_window_inject *plan);
void mrig_store_calm(struct mrig_store *store);

#endif /* MRIG_STORE_H */
