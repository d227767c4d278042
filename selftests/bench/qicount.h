/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The page through which the QEMU plugin and the program it runs share exact counts.
 *
 * The plugin maps it at a fixed address of the emulator's address space; a 64-bit guest on a
 * 64-bit host runs with guest addresses equal to host addresses, so the guest reads a counter
 * with one load, like a time-stamp counter.
 */
#ifndef QICOUNT_H
#define QICOUNT_H

#define QICOUNT_ADDRESS 0x1c0000000000UL
#define QICOUNT_BYTES	4096
#define QICOUNT_MAGIC	0x71696375UL

/* Words of the page. What a memory counter counts depends on QEMU's version: see counter.c. */
#define QICOUNT_INSNS 0
#define QICOUNT_MEM_R 1
#define QICOUNT_MEM_W 2
#define QICOUNT_SIGN  511

#endif /* QICOUNT_H */
