// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * QEMU user-mode plugin: counts every guest instruction, and every load and store, into a page
 * that the guest itself can read. Exact, not sampled: translated code increments the counters
 * inline, before each instruction.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

#include "qicount.h"
#include "qplugin.h"

/* Values of the plugin interface. */
#define VERSION	   1
#define OP_ADD_U64 0
#define MEM_R	   1
#define MEM_W	   2

int qemu_plugin_version = VERSION;

static uint64_t *page;

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		qemu_plugin_register_vcpu_insn_exec_inline(insn, OP_ADD_U64, &page[QICOUNT_INSNS],
							   1);
		qemu_plugin_register_vcpu_mem_inline(insn, MEM_R, OP_ADD_U64, &page[QICOUNT_MEM_R],
						     1);
		qemu_plugin_register_vcpu_mem_inline(insn, MEM_W, OP_ADD_U64, &page[QICOUNT_MEM_W],
						     1);
	}
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	page = mmap((void *)QICOUNT_ADDRESS, QICOUNT_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (page == MAP_FAILED) {
		perror("qicount: mapping the counter page");
		return -1;
	}
	page[QICOUNT_SIGN] = QICOUNT_MAGIC;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
