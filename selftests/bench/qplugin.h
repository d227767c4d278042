/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The part of QEMU's plugin interface, version 1, that qicount.c uses. Debian does not package
 * QEMU's own header for its 7.2; these declarations are the published binary interface.
 */
#ifndef QPLUGIN_H
#define QPLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define QPLUGIN_EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;

typedef void (*qemu_plugin_tb_trans_cb)(uint64_t id, struct qemu_plugin_tb *tb);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, qemu_plugin_tb_trans_cb cb);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *ptr,
						uint64_t imm);
void qemu_plugin_register_vcpu_mem_inline(struct qemu_plugin_insn *insn, int rw, int op, void *ptr,
					  uint64_t imm);

/* What QEMU looks up in a plugin. */
extern QPLUGIN_EXPORT int qemu_plugin_version;
QPLUGIN_EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

#endif /* QPLUGIN_H */
