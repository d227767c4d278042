// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Each CONFIG_ name of Zephyr's memory system, what stands for it here, and where the value in
 * force comes from. Documentation/configuration.rst has the same rows with more words.
 */
#include "config_rows.h"

#include <stdio.h>
#include <string.h>

#include <memrig/k_mem_paging.h>

#include "page.h"
#include "util.h"

bool config_parameter(const char *name, char *value, size_t room)
{
	char path[512];
	FILE *file;
	bool found;

	snprintf(path, sizeof(path), CONFIG_PARAMETERS "/%s", name);
	file = fopen(path, "re");
	if (!file)
		return false;
	value[0] = '\0';
	found = !fgets(value, room, file) || strncmp(value, "(null)", 6);
	value[strcspn(value, "\n")] = '\0';
	fclose(file);
	return found;
}

/* Values that are the same everywhere. A store without a limit holds all pages. */
#define ALWAYS_ON   "always on"
#define NOT_NEEDED  "not needed"
#define OFF	    "off"
#define AVAILABLE   "available"
#define DEFAULT	    "default"
#define ALL	    "all"
#define AS_COMPILED "as compiled"

typedef void (*value_fn)(const struct in_force *in, struct json_object *row);

static void value_search(const struct in_force *in, struct json_object *row)
{
	json_set_u64(row, "value", in->stat.search_limit);
}

static void value_stats(const struct in_force *in, struct json_object *row)
{
	json_set_text(row, "value", in->stat.flags & MEMRIG_HEAP_STATS ? "on" : "off");
}

static void value_hardening(const struct in_force *in, struct json_object *row)
{
	json_set_u64(row, "value", in->stat.hardening);
}

static void value_level(const struct in_force *in, struct json_object *row, uint32_t level)
{
	json_set_text(row, "value", in->stat.hardening == level ? "default" : "available");
}

#define VALUE_LEVEL(level)                                                                  \
	static void value_level_##level(const struct in_force *in, struct json_object *row) \
	{                                                                                   \
		value_level(in, row, level);                                                \
	}

VALUE_LEVEL(0)
VALUE_LEVEL(1)
VALUE_LEVEL(2)
VALUE_LEVEL(3)
VALUE_LEVEL(4)

static void value_bins(const struct in_force *in, struct json_object *row)
{
	json_set_u64(row, "value", CONFIG_DEMAND_PAGING_TIMING_HISTOGRAM_NUM_BINS);
}

/* Milliseconds, as <linux/memrig.h> has them. */
static void value_tick(const struct in_force *in, struct json_object *row)
{
	json_set_u64(row, "value", 100);
}

static void value_arena(const struct in_force *in, struct json_object *row)
{
	json_set_u64(row, "value", RUN_DEFAULT_REGION);
}

/* The kernel's; a program has its own, as it was compiled. */
static void value_parameter(struct json_object *row, const char *name)
{
	char value[64];

	json_set_text(row, "value",
		      config_parameter(name, value, sizeof(value)) ? value : AS_COMPILED);
}

static void value_pool_size(const struct in_force *in, struct json_object *row)
{
	value_parameter(row, "heap_mem_pool_size");
}

static void value_pool_ignore_min(const struct in_force *in, struct json_object *row)
{
	value_parameter(row, "heap_mem_pool_ignore_min");
}

static void value_ticks(const struct in_force *in, struct json_object *row)
{
	json_set_u64(row, "value", 1000000);
}

/**
 * struct config_row - one name
 * @name: Zephyr's
 * @here: what stands for it
 * @scope: "heap", "window": chosen when one is made; "program": when one is compiled; "always";
 *	"none"
 * @value: adds the value in force, NULL: it is
 * @text: this
 */
static const struct config_row {
	const char *name;
	const char *here;
	const char *scope;
	value_fn value;
	const char *text;
} table[] = {
	{ "CONFIG_SYS_HEAP_ALLOC_LOOPS", "search_limit, --search-limit", "heap",
	  .value = value_search },
	{ "CONFIG_SYS_HEAP_RUNTIME_STATS", "MEMRIG_HEAP_STATS, --stats", "heap",
	  .value = value_stats },
	{ "CONFIG_SYS_HEAP_HARDENING_LEVEL", "hardening, --hardening", "heap",
	  .value = value_hardening },
	{ "CONFIG_SYS_HEAP_HARDENING_NONE", "hardening 0", "heap", .value = value_level_0 },
	{ "CONFIG_SYS_HEAP_HARDENING_BASIC", "hardening 1", "heap", .value = value_level_1 },
	{ "CONFIG_SYS_HEAP_HARDENING_MODERATE", "hardening 2", "heap", .value = value_level_2 },
	{ "CONFIG_SYS_HEAP_HARDENING_FULL", "hardening 3", "heap", .value = value_level_3 },
	{ "CONFIG_SYS_HEAP_HARDENING_EXTREME", "hardening 4", "heap", .value = value_level_4 },
	{ "CONFIG_SYS_HEAP_VALIDATE", "memrig heap validate, sys_heap_validate()", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_SYS_HEAP_LISTENER", "listen, or a macro before the header", "program",
	  .text = AS_COMPILED },
	{ "CONFIG_SYS_HEAP_INFO", "memrig heap map, sys_heap_print_info()", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_SYS_HEAP_STRESS", "sys_heap_stress() in the library", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_SYS_HEAP_ARRAY_SIZE", "sys_heap_array_save(), or a macro before the header",
	  "program", .text = AS_COMPILED },
	{ "CONFIG_SYS_HEAP_SMALL_ONLY", "one header format for all sizes", "none",
	  .text = NOT_NEEDED },
	{ "CONFIG_SYS_HEAP_BIG_ONLY", "one header format for all sizes", "none",
	  .text = NOT_NEEDED },
	{ "CONFIG_SYS_HEAP_AUTO", "one header format for all sizes", "none", .text = NOT_NEEDED },
	{ "CONFIG_SYS_HEAP_PER_THREAD_STATS", "clients: memrig heap list and stat", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_SYS_HEAP_SANITIZER_HOOKS", "tests run under AddressSanitizer", "none",
	  .text = NOT_NEEDED },
	{ "CONFIG_SYS_HEAP_STATS_MAX_THREADS", "clients are in no table", "none",
	  .text = NOT_NEEDED },
	{ "CONFIG_SYS_HEAP_KASAN", "tests run under KASAN", "none", .text = NOT_NEEDED },
	{ "CONFIG_SYS_HEAP_KASAN_GRANULE", "tests run under KASAN", "none", .text = NOT_NEEDED },
	{ "CONFIG_COMMON_LIBC_MALLOC_ARENA_SIZE", "memrig run --size, libmemrig-malloc", "heap",
	  .value = value_arena },
	{ "CONFIG_COMMON_LIBC_CALLOC", "calloc() of libmemrig-malloc", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_COMMON_LIBC_REALLOCARRAY", "reallocarray() of libmemrig-malloc", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_MULTI_HEAP", "sys_multi_heap_init() in the library", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_SHARED_MULTI_HEAP", "shared_multi_heap_add() in the library", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_MEM_ATTR", "memrig_mem_attr_register() in the library", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_MEM_ATTR_HEAP", "mem_attr_heap_pool_init() in the library", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_HEAP_MEM_POOL_SIZE",
	  "a macro before <memrig/zephyr.h>; module parameter heap_mem_pool_size", "program",
	  .value = value_pool_size },
	{ "CONFIG_HEAP_MEM_POOL_IGNORE_MIN",
	  "a macro before <memrig/zephyr.h>; module parameter heap_mem_pool_ignore_min", "program",
	  .value = value_pool_ignore_min },
	{ "CONFIG_HEAP_MEM_POOL_ADD_SIZE_*", "MEMRIG_HEAP_MEM_POOL_ADD_SIZE()", "program",
	  .text = AS_COMPILED },
	{ "CONFIG_LOG_DEFAULT_LEVEL", "a macro before <memrig/zephyr.h>", "program",
	  .text = AS_COMPILED },
	{ "CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION", "untraced, or a macro set to 0", "program",
	  .text = ALWAYS_ON },
	{ "CONFIG_MEM_SLAB_POINTER_VALIDATE", "k_mem_slab_free() in the library", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_SYS_MEM_BLOCKS", "sys_mem_blocks_alloc() in the library", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_SYS_MEM_BLOCKS_LISTENER", "listen, or a macro before <memrig/zephyr.h>",
	  "program", .text = AS_COMPILED },
	{ "CONFIG_SYS_MEM_BLOCKS_RUNTIME_STATS", "sys_mem_blocks_runtime_stats_get()", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_SYS_CLOCK_TICKS_PER_SEC", "one tick is a microsecond", "always",
	  .value = value_ticks },
	{ "CONFIG_TIMEOUT_64BIT", "k_timeout_t in the library", "always", .text = ALWAYS_ON },
	{ "CONFIG_MULTITHREADING", "threads of the program", "always", .text = ALWAYS_ON },
	{ "CONFIG_DEMAND_PAGING", "memrig window create", "always", .text = ALWAYS_ON },
	{ "CONFIG_DEMAND_MAPPING", "pages come when they are touched", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_DEMAND_PAGING_ALLOW_IRQ", "=n is MEMRIG_WINDOW_SERIAL, --serial", "window",
	  .text = ALWAYS_ON },
	{ "CONFIG_DEMAND_PAGING_PAGE_FRAMES_RESERVE", "frames are the window's own", "none",
	  .text = NOT_NEEDED },
	{ "CONFIG_DEMAND_PAGING_STATS", "memrig window stat", "always", .text = ALWAYS_ON },
	{ "CONFIG_DEMAND_PAGING_THREAD_STATS", "MEMRIG_WINDOW_THREAD_STATS, --thread-stats",
	  "window", .text = OFF },
	{ "CONFIG_DEMAND_PAGING_TIMING_HISTOGRAM", "memrig window hist", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_DEMAND_PAGING_TIMING_HISTOGRAM_NUM_BINS",
	  "memrig window hist --set; a macro before <memrig/zephyr.h>", "window",
	  .value = value_bins },
	{ "CONFIG_DEMAND_PAGING_STATS_USING_TIMING_FUNCTIONS", "histograms are in nanoseconds",
	  "none", .text = NOT_NEEDED },
	{ "CONFIG_EVICTION_NRU", "policy nru, --policy nru", "window", .text = AVAILABLE },
	{ "CONFIG_EVICTION_NRU_PERIOD", "tick_ms, --tick", "window", .value = value_tick },
	{ "CONFIG_EVICTION_LRU", "policy lru, --policy lru", "window", .text = AVAILABLE },
	{ "CONFIG_EVICTION_CUSTOM", "a policy of another module: memrig window kinds", "window",
	  .text = AVAILABLE },
	{ "CONFIG_EVICTION_TRACKING", "every policy knows what came and went", "always",
	  .text = ALWAYS_ON },
	{ "CONFIG_BACKING_STORE_RAM", "store ram, --store ram", "window", .text = DEFAULT },
	{ "CONFIG_BACKING_STORE_RAM_PAGES", "store_pages, --store-limit", "window", .text = ALL },
	{ "CONFIG_BACKING_STORE_QEMU_X86_TINY_FLASH", "store file, and mtd of memrig_mtd.ko",
	  "window", .text = AVAILABLE },
	{ "CONFIG_BACKING_STORE_ONDEMAND_SEMIHOST", "store image, --store image", "window",
	  .text = AVAILABLE },
	{ "CONFIG_BACKING_STORE_CUSTOM", "a store of another module: memrig window kinds", "window",
	  .text = AVAILABLE },
};

struct json_object *config_rows(const struct in_force *in)
{
	struct json_object *rows = json_object_new_array();
	struct json_object *row;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		row = json_object_new_object();
		json_set_text(row, "name", table[i].name);
		if (table[i].value)
			table[i].value(in, row);
		else
			json_set_text(row, "value", table[i].text);
		json_set_text(row, "scope", table[i].scope);
		json_set_text(row, "here", table[i].here);
		json_object_array_add(rows, row);
	}
	return rows;
}
