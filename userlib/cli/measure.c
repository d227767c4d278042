// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Measuring memory. The loops are plain and kept out of the optimiser's reach, so that every access
 * written here is made: vector code would hide what an uncached load costs.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "measure.h"

#define LINE 64 /* bytes between two loads of the chase */

/* clang-format off */
const char *const access_names[ACCESS_COUNT] = {
	[ACCESS_READ] = "read",
	[ACCESS_WRITE] = "write",
	[ACCESS_CHASE] = "chase",
	[ACCESS_MEMSET] = "memset",
	[ACCESS_MEMCPY] = "memcpy",
};

/* clang-format on */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + ts.tv_nsec;
}

/* The result of a loop whose only purpose is to run. */
static volatile uint64_t sink;

static void pass_read(void *mem, size_t bytes)
{
	const volatile uint64_t *p = mem;
	const volatile uint64_t *end = p + bytes / sizeof(*p);
	uint64_t sum = 0;

	for (; p < end; p += 8)
		sum += p[0] + p[1] + p[2] + p[3] + p[4] + p[5] + p[6] + p[7];
	sink = sum;
}

static void pass_write(void *mem, size_t bytes)
{
	volatile uint64_t *p = mem;
	volatile uint64_t *end = p + bytes / sizeof(*p);

	for (; p < end; p += 8) {
		p[0] = 1;
		p[1] = 2;
		p[2] = 3;
		p[3] = 4;
		p[4] = 5;
		p[5] = 6;
		p[6] = 7;
		p[7] = 8;
	}
}

/*
 * A walk that visits a power of two of lines once each, in an order that prefetchers cannot guess:
 * Knuth's MMIX generator (its period is full modulo every power of two), as a chain of offsets.
 */
static uint64_t next_line(uint64_t line)
{
	return line * 6364136223846793005u + 1442695040888963407u;
}

static void chase_prepare(void *mem, size_t lines)
{
	char *base = mem;
	size_t i;

	for (i = 0; i < lines; i++)
		*(volatile uint64_t *)(base + i * LINE) = (next_line(i) & (lines - 1)) * LINE;
}

/* Goes on where the last batch ended, or the walk would never leave its first lines. */
static uint64_t pass_chase(const void *mem, uint64_t at, size_t loads)
{
	const char *base = mem;

	while (loads--)
		at = *(const volatile uint64_t *)(base + at);
	return at;
}

/* The call goes through a pointer that the compiler cannot look behind. */
static void *(*volatile set_memory)(void *, int, size_t) = memset;
static void *(*volatile copy_memory)(void *, const void *, size_t) = memcpy;

static void pass(enum access_way way, void *mem, size_t bytes)
{
	switch (way) {
	case ACCESS_READ:
		pass_read(mem, bytes);
		break;
	case ACCESS_WRITE:
		pass_write(mem, bytes);
		break;
	case ACCESS_MEMSET:
		set_memory(mem, 0x5a, bytes);
		break;
	case ACCESS_MEMCPY:
		copy_memory((char *)mem + bytes / 2, mem, bytes / 2);
		break;
	case ACCESS_CHASE:
	case ACCESS_COUNT:
		break;
	}
}

static double measure_chase(void *mem, size_t bytes, uint64_t budget_ns)
{
	size_t lines = (size_t)1 << (63 - __builtin_clzll(bytes / LINE));
	size_t batch = lines < 4096 ? lines : 4096;
	uint64_t start, spent, at = 0;
	size_t loads = 0;

	chase_prepare(mem, lines);
	start = now_ns();
	do { /* warm up: clocks, and translations as far as the budget goes */
		at = pass_chase(mem, at, batch);
		loads += batch;
	} while (loads < lines && now_ns() - start < budget_ns);
	loads = 0;
	start = now_ns();
	do {
		at = pass_chase(mem, at, batch);
		loads += batch;
		spent = now_ns() - start;
	} while (spent < budget_ns);
	sink = at;
	return (double)spent / loads;
}

double measure(enum access_way way, void *mem, size_t bytes, uint64_t budget_ns)
{
	size_t chunk = bytes < 65536 ? bytes : 65536;
	size_t moved = way == ACCESS_MEMCPY ? chunk / 2 : chunk;
	uint64_t start, spent, total = 0;
	size_t at = 0;

	if (way == ACCESS_CHASE)
		return measure_chase(mem, bytes, budget_ns);
	pass(way, mem, chunk); /* warm up */
	start = now_ns();
	do { /* by chunks, for uncached passes over everything may take seconds */
		pass(way, (char *)mem + at, chunk);
		total += moved;
		at = at + 2 * chunk <= bytes ? at + chunk : 0;
		spent = now_ns() - start;
	} while (spent < budget_ns);
	return (double)total * 1e3 / (spent ? spent : 1);
}

/* ---- what runs beneath --------------------------------------------------------------- */

#ifdef __x86_64__
const char *measure_obstacle(void)
{
	unsigned int eax, ebx, ecx, edx;
	char name[13] = "";

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & (1u << 31)))
		return NULL;
	__cpuid(0x40000000, eax, ebx, ecx, edx);
	memcpy(name, &ebx, 4);
	memcpy(name + 4, &ecx, 4);
	memcpy(name + 8, &edx, 4);
	if (!strcmp(name, "TCGTCGTCGTCG"))
		return "emulated (QEMU TCG)";
	if (!strncmp(name, "KVMKVMKVM", 9))
		return "virtual machine (KVM)";
	return "virtual machine";
}
#else
/*
 * There is no flag to ask. QEMU names itself in the DMI or FDT of its virt machine; its models of
 * real boards lack what the board's firmware adds to the device tree.
 */
const char *measure_obstacle(void)
{
	if (!access("/proc/device-tree/hypervisor", F_OK))
		return "virtual machine";
	if (!access("/sys/firmware/qemu_fw_cfg", F_OK) ||
	    !access("/proc/device-tree/fw-cfg@9020000", F_OK))
		return "virtual machine (QEMU)";
	if (!access("/proc/device-tree/model", F_OK) &&
	    access("/proc/device-tree/system/linux,revision", F_OK) &&
	    !access("/proc/device-tree/soc/firmware", F_OK))
		return "emulated (a Raspberry Pi that no Raspberry Pi firmware has started)";
	return NULL;
}
#endif
