/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Side memory: the bookkeeping of objects whose init call, as Zephyr has it, brings none.
 *
 * It is found by the address of the object it belongs to, not through the object: an init call may
 * be the second one on the same object, or the first one on memory full of anything, and must
 * neither leak nor read what is there.
 */
#ifndef MRIG_SIDE_H
#define MRIG_SIDE_H

#include "mrig_port.h"

void *mrig_side_add(const void *owner, size_t bytes);
void *mrig_side_renew(const void *owner, size_t bytes);
void mrig_side_drop(const void *owner);
void mrig_side_drop_all(void);

#endif /* MRIG_SIDE_H */
