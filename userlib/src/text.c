// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Names and sentences for the numbers of the uapi.
 */
#include <string.h>

#include "priv.h"

static const char *const kinds[] = {
	[MEMRIG_KIND_PAGES] = "pages",
	[MEMRIG_KIND_COHERENT] = "coherent",
};

static const char *const attrs[] = {
	[MEMRIG_ATTR_CACHED] = "cached",     [MEMRIG_ATTR_WRITE_COMBINE] = "wc",
	[MEMRIG_ATTR_UNCACHED] = "uncached", [MEMRIG_ATTR_WRITE_THROUGH] = "wt",
	[MEMRIG_ATTR_DEVICE] = "device",
};

static const char *const memtypes[] = {
	[MEMRIG_MEMTYPE_NONE] = "none",
	[MEMRIG_MEMTYPE_WB] = "WB",
	[MEMRIG_MEMTYPE_WT] = "WT",
	[MEMRIG_MEMTYPE_WC] = "WC",
	[MEMRIG_MEMTYPE_WP] = "WP",
	[MEMRIG_MEMTYPE_UC_MINUS] = "UC-",
	[MEMRIG_MEMTYPE_UC] = "UC",
	[MEMRIG_MEMTYPE_NORMAL_NC] = "Normal-NC",
	[MEMRIG_MEMTYPE_DEVICE_NGNRNE] = "Device-nGnRnE",
	[MEMRIG_MEMTYPE_DEVICE_NGNRE] = "Device-nGnRE",
};

static const char *const placements[] = {
	[MEMRIG_PLACEMENT_OOB] = "oob",
	[MEMRIG_PLACEMENT_INBAND] = "inband",
};

static const char *const engines[] = {
	[MEMRIG_ENGINE_SYS_HEAP] = "sys_heap",	 [MEMRIG_ENGINE_SLAB] = "slab",
	[MEMRIG_ENGINE_BLOCKS] = "blocks",	 [MEMRIG_ENGINE_RING] = "ring",
	[MEMRIG_ENGINE_FIRST_FIT] = "first_fit", [MEMRIG_ENGINE_BEST_FIT] = "best_fit",
};

static const char *const policies[] = {
	[MEMRIG_POLICY_DEFAULT] = "default",   [MEMRIG_POLICY_NRU] = "nru",
	[MEMRIG_POLICY_LRU] = "lru",	       [MEMRIG_POLICY_FIFO] = "fifo",
	[MEMRIG_POLICY_RANDOM] = "random",     [MEMRIG_POLICY_CLOCK] = "clock",
	[MEMRIG_POLICY_SIEVE] = "sieve",       [MEMRIG_POLICY_S3FIFO] = "s3fifo",
	[MEMRIG_POLICY_ADAPTIVE] = "adaptive",
};

static const char *const stores[] = {
	[MEMRIG_STORE_RAM] = "ram",	[MEMRIG_STORE_COMPRESSED] = "compressed",
	[MEMRIG_STORE_FILE] = "file",	[MEMRIG_STORE_NULL] = "null",
	[MEMRIG_STORE_IMAGE] = "image",
};

static const char *const compressors[] = {
	[MEMRIG_COMPRESSOR_DEFAULT] = "default",
	[MEMRIG_COMPRESSOR_LZO] = "lzo",
	[MEMRIG_COMPRESSOR_LZ4] = "lz4",
	[MEMRIG_COMPRESSOR_ZSTD] = "zstd",
};

/* clang-format off */
static const struct {
	const char *name;
	const char *text;
	const char *advice;
} reasons[] = {
	[MEMRIG_REASON_NONE] = { "none", "it did not fail for lack of memory", "" },
	[MEMRIG_REASON_EMPTY] = {
		"empty", "the heap has too few free bytes left",
		"free blocks, or make the heap larger"
	},
	[MEMRIG_REASON_FRAGMENTED] = {
		"fragmented", "enough bytes are free, but no free block is large enough",
		"ask for less, free neighbouring blocks, or make the heap larger"
	},
	[MEMRIG_REASON_TOO_LARGE] = {
		"too-large", "the request can never fit, not even when all is free",
		"ask for less (memrig caps shows the longest region, memrig heap stat the length "
		"of a heap)"
	},
	[MEMRIG_REASON_CONTIG] = {
		"contig", "no free run of physically contiguous pages of that length was found",
		"ask for less, create the region soon after boot (module parameter regions=), "
		"or free page cache first: sync; echo 3 > /proc/sys/vm/drop_caches"
	},
	[MEMRIG_REASON_CMA] = {
		"cma", "the DMA allocator had no room (CMA busy, too small or absent)",
		"ask for less, or boot with a larger cma=, for example cma=256M"
	},
	[MEMRIG_REASON_DMA_MASK] = {
		"dma-mask", "no free memory lies within reach of the DMA mask",
		"use a wider DMA mask (--dma-bits), or ask for less"
	},
	[MEMRIG_REASON_NODE] = {
		"node", "the NUMA node has not enough memory",
		"use another node, or any (--node any)"
	},
	[MEMRIG_REASON_MEMLOCK] = {
		"memlock", "it would exceed RLIMIT_MEMLOCK of this user",
		"raise it (ulimit -l, /etc/security/limits.d), release other regions, "
		"or run with CAP_IPC_LOCK"
	},
	[MEMRIG_REASON_LIMIT] = {
		"limit", "it would exceed the module's limit on all regions together",
		"release other regions (memrig region list), or load the module with a higher "
		"limit="
	},
	[MEMRIG_REASON_SIDE] = {
		"side", "there is no memory for bookkeeping",
		"raise the memory limit of the cgroup, or free system memory"
	},
	[MEMRIG_REASON_MAX_BLOCKS] = {
		"max-blocks", "the heap has reached its bound on blocks",
		"create the heap with a higher max_blocks (--max-blocks)"
	},
	[MEMRIG_REASON_QUOTA] = {
		"quota", "it would exceed the quota of this user for kept blocks",
		"free kept blocks, or raise the module parameter keep_quota="
	},
	[MEMRIG_REASON_ATTRIBUTE] = {
		"attribute", "the attribute could not be set on these pages",
		"try again, or ask for less; see the kernel log"
	},
	[MEMRIG_REASON_FRAMES] = {
		"frames", "every frame of the window is pinned or held",
		"unpin pages, wait for I/O on them to end, or make a window with more frames"
	},
	[MEMRIG_REASON_STORE_FULL] = {
		"store-full", "the store of the window has no room",
		"give the store more room, or raise the memory limit of the cgroup"
	},
	[MEMRIG_REASON_STORE] = {
		"store", "the store of the window failed, or did not answer in time",
		"see the figures of the window and the kernel log"
	},
};

/* clang-format on */

static const char *name_of(const char *const *names, size_t count, uint32_t value)
{
	return value < count && names[value] ? names[value] : "?";
}

static uint32_t value_of(const char *const *names, size_t count, const char *name)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return 0;
}

const char *memrig_kind_name(uint32_t kind)
{
	return name_of(kinds, ARRAY_SIZE(kinds), kind);
}

const char *memrig_attr_name(uint32_t attr)
{
	return name_of(attrs, ARRAY_SIZE(attrs), attr);
}

const char *memrig_memtype_name(uint32_t type)
{
	return type == MEMRIG_MEMTYPE_OTHER ? "other"
					    : name_of(memtypes, ARRAY_SIZE(memtypes), type);
}

const char *memrig_placement_name(uint32_t placement)
{
	return name_of(placements, ARRAY_SIZE(placements), placement);
}

const char *memrig_engine_name(uint32_t engine)
{
	return name_of(engines, ARRAY_SIZE(engines), engine);
}

const char *memrig_policy_name(uint32_t policy)
{
	return name_of(policies, ARRAY_SIZE(policies), policy);
}

const char *memrig_store_name(uint32_t store)
{
	return name_of(stores, ARRAY_SIZE(stores), store);
}

const char *memrig_compressor_name(uint32_t compressor)
{
	return name_of(compressors, ARRAY_SIZE(compressors), compressor);
}

const char *memrig_reason_name(uint32_t reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].name : "?";
}

const char *memrig_reason_text(uint32_t reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].text : "for a reason unknown here";
}

const char *memrig_reason_advice(uint32_t reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].advice : "";
}

uint32_t memrig_kind_value(const char *name)
{
	return value_of(kinds, ARRAY_SIZE(kinds), name);
}

uint32_t memrig_attr_value(const char *name)
{
	return value_of(attrs, ARRAY_SIZE(attrs), name);
}

uint32_t memrig_placement_value(const char *name)
{
	return value_of(placements, ARRAY_SIZE(placements), name);
}

uint32_t memrig_engine_value(const char *name)
{
	return value_of(engines, ARRAY_SIZE(engines), name);
}

uint32_t memrig_policy_value(const char *name)
{
	return value_of(policies, ARRAY_SIZE(policies), name);
}

uint32_t memrig_store_value(const char *name)
{
	return value_of(stores, ARRAY_SIZE(stores), name);
}

uint32_t memrig_compressor_value(const char *name)
{
	return value_of(compressors, ARRAY_SIZE(compressors), name);
}
