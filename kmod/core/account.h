/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who pays for pinned memory: RLIMIT_MEMLOCK of the creator (struct user_struct.locked_vm, as
 * io_uring does; CAP_IPC_LOCK exempts) and the module-wide limit= parameter. A charge is held until
 * the memory is really free, named and zombie regions included.
 */
#ifndef MRIG_ACCOUNT_H
#define MRIG_ACCOUNT_H

#include <linux/types.h>

struct user_struct;

/**
 * struct mrig_charge - a charge in force
 * @user: who is charged (a reference), NULL when exempt
 * @pages: charged to @user
 * @bytes: charged to the module limit; 0: no charge is held
 */
struct mrig_charge {
	struct user_struct *user;
	unsigned long pages;
	u64 bytes;
};

int mrig_charge_take(struct mrig_charge *charge, u64 bytes, u32 *reason, u64 *detail);
void mrig_charge_drop(struct mrig_charge *charge);
u64 mrig_charge_limit(void);
u64 mrig_charge_used(void);

#endif /* MRIG_ACCOUNT_H */
