/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who pays for pinned memory: RLIMIT_MEMLOCK of the creator (struct user_struct.locked_vm, as
 * io_uring does; CAP_IPC_LOCK exempts) and the module-wide limit= parameter. A charge is held until
 * this module has given the memory back, named regions and regions that cannot be freed yet
 * included. Single pages that others still hold then (pipes, registered buffers) are theirs to
 * account, as every page they hold is.
 */
#ifndef MRIG_ACCOUNT_H
#define MRIG_ACCOUNT_H

#include <linux/gfp.h>
#include <linux/types.h>

struct cred;

/*
 * Bookkeeping is charged to a memory cgroup. When that is at its limit, or memory is short, the
 * request fails and says why; nobody is killed for it and nothing is logged.
 */
#define MRIG_GFP_SIDE	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * struct mrig_charge - a charge in force
 * @cred: credentials of who is charged, NULL when exempt. They are the one reference on a
 *	user_struct that modules can hold and drop on every kernel
 * @pages: charged to the user of @cred
 * @bytes: charged to the module limit; 0: no charge is held
 */
struct mrig_charge {
	const struct cred *cred;
	unsigned long pages;
	u64 bytes;
};

int mrig_charge_take(struct mrig_charge *charge, u64 bytes, u32 *reason, u64 *detail);
void mrig_charge_drop(struct mrig_charge *charge);
int mrig_limit_take(u64 bytes);
void mrig_limit_drop(u64 bytes);
u64 mrig_charge_limit(void);
u64 mrig_charge_used(void);

#endif /* MRIG_ACCOUNT_H */
