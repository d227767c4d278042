// SPDX-License-Identifier: GPL-2.0-only
/*
 * What modules may call that bring stores or policies for windows.
 */
#include "core/compat.h"
#include "memrig/paging.h"

MRIG_EXPORT(memrig_store_register);
MRIG_EXPORT(memrig_store_unregister);
MRIG_EXPORT(mrig_store_take);
MRIG_EXPORT(mrig_store_give);

MRIG_EXPORT(memrig_policy_register);
MRIG_EXPORT(memrig_policy_unregister);
MRIG_EXPORT(mrig_evict_look);
MRIG_EXPORT(mrig_evict_settle_newest);
