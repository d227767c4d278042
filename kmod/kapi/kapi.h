/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The face that other modules see; what they include is in kmod/include.
 */
#ifndef MRIG_KAPI_H
#define MRIG_KAPI_H

int mrig_kapi_init(void);
void mrig_kapi_fini(void);

#endif /* MRIG_KAPI_H */
