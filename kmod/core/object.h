/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of the private pseudo filesystem. Every object that user space holds is such a file.
 *
 * A *node* is an inode of that filesystem: it carries one address_space. Objects that can be mapped
 * own a node, and all files of the object share it, so that one unmap_mapping_range() reaches every
 * mapping of the object whoever opened it. Objects that cannot be mapped give each file a node of
 * its own. A node pins the module, so an object that is to survive without files, but not the
 * module, has one only while it has files (see mrig_region_file_create()).
 *
 * Publication is two-phase: a handler builds the file and hands it to the dispatcher through
 * mrig_ucmd_publish(); the dispatcher copies the answer to user space and installs the fd as the
 * last step, or drops the file. Nothing is visible until it cannot fail.
 */
#ifndef MRIG_OBJECT_H
#define MRIG_OBJECT_H

#include <linux/fs.h>
#include <linux/types.h>

struct inode *mrig_node_create(bool code);
void mrig_node_put(struct inode *node);
struct file *mrig_file_create(const char *name, struct inode *node,
			      const struct file_operations *fops, void *priv, int oflags);

#define MRIG_MEMO_WORDS	28

/**
 * struct mrig_ucmd - one decoded ioctl
 * @file: the file it was issued on
 * @arg: kernel copy of the argument struct, zero-extended; written back by the dispatcher
 * @new_fd: reserved descriptor, or -1; set by mrig_ucmd_publish()
 * @new_file: file to install at @new_fd
 * @settle: what a handler that has succeeded leaves to be done once it is known whether the caller
 *	has the answer, or NULL: the rest of the deed, or its undoing. Called before @new_file is
 *	installed or put
 * @mute: success is all that this call answers, whatever others of its number do
 * @memo: what @settle has to know and cannot read in @arg
 */
struct mrig_ucmd {
	struct file *file;
	void *arg;
	int new_fd;
	struct file *new_file;
	bool mute;
	void (*settle)(struct mrig_ucmd *ucmd, bool delivered);
	union {
		u64 number;
		void *pointer;
		u64 space[MRIG_MEMO_WORDS];
	} memo;
};

int mrig_ucmd_publish(struct mrig_ucmd *ucmd, struct file *file, __s32 *fd_out);

#endif /* MRIG_OBJECT_H */
