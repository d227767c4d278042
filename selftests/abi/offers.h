/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Fixtures that run once for every memory this machine offers: each kind of region with each of its
 * attributes, as CAPS says. That nothing else can be had is one test in region.c, which also says
 * what must be offered where.
 */
#ifndef MEMRIG_OFFERS_H
#define MEMRIG_OFFERS_H

#include "abi.h"
#include "harness.h"

/* Those of one kind, 0: of all kinds. */
static inline void offers_register(struct __fixture_metadata *fixture, uint32_t kind)
{
	static struct __fixture_variant_metadata variants[OFFERS_MAX];
	static struct offer offers[OFFERS_MAX];
	int n = offers_get(offers);

	for (int i = 0; i < n; i++) {
		if (kind && offers[i].kind != kind)
			continue;
		variants[i].name = offers[i].name;
		variants[i].data = &offers[i];
		__register_fixture_variant(fixture, &variants[i]);
	}
}

/*
 * Gives the one fixture of a program its variants: variant->of is the offer. A machine that offers
 * nothing leaves it without, and its tests crash, which is a failure.
 */
#define FIXTURE_OFFERS(fixture) FIXTURE_OFFERS_OF(fixture, 0)

/* The same for one kind alone. */
#define FIXTURE_OFFERS_OF(fixture, kind)                                                     \
	FIXTURE_VARIANT(fixture)                                                             \
	{                                                                                    \
		struct offer of;                                                             \
	};                                                                                   \
	static void __attribute__((constructor(KSELFTEST_PRIO_TEST))) fixture##_offers(void) \
	{                                                                                    \
		offers_register(&_##fixture##_fixture_object, kind);                         \
	}                                                                                    \
	FIXTURE_VARIANT(fixture)

#endif /* MEMRIG_OFFERS_H */
