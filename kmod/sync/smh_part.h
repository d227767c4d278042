/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What smh_pool.c and smh_info.c know of a region in common.
 */
#ifndef SMH_PART_H
#define SMH_PART_H

#include "smh_pool.h"

/**
 * struct mrig_smh_part - a region of the pool
 * @region: as the engine knows it
 * @heap: in it
 * @user_data: of whoever added it
 */
struct mrig_smh_part {
	struct mrig_smh_region region;
	struct mrig_heap heap;
	void *user_data;
};

static mrig_inline struct mrig_smh_part *mrig_smh_part_of(struct mrig_smh_region *region)
{
	return (struct mrig_smh_part *)((char *)region - offsetof(struct mrig_smh_part, region));
}

#endif /* SMH_PART_H */
