/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a module that uses memrig needs, whatever it uses of it.
 */
#ifndef MEMRIG_MODULE_H
#define MEMRIG_MODULE_H

#include <linux/module.h>

/* MODULE_IMPORT_NS() takes a word or a string, depending on the kernel. */
#define MEMRIG_MODULE	MODULE_INFO(import_ns, "MEMRIG")

#endif /* MEMRIG_MODULE_H */
