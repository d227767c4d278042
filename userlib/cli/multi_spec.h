/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Several allocators behind one call as the command line describes them: members, and rules that
 * choose among them.
 *
 *	--member engine=slab,block=64,count=128,size=64K,attr=uncached,kind=pages,mark=external+40
 *	--member region=NAME,engine=heap		over a region that is there
 *	--rule max=64,min=8,align=64,with=cacheable,without=external,prio=2,uid=1000,member=0
 *	--rule dma=32,node=1,stop,local
 */
#ifndef MEMRIG_CLI_MULTI_SPEC_H
#define MEMRIG_CLI_MULTI_SPEC_H

#include "region_args.h"

#define SPEC_MEMBERS 64
#define SPEC_RULES   64

/**
 * struct member_spec - one member
 * @region: to be made
 * @name: of a region that is there, or NULL
 * @heap: over it
 * @marks: attributes it is given
 */
struct member_spec {
	struct memrig_region_create region;
	const char *name;
	struct memrig_heap_create heap;
	uint64_t marks;
};

/**
 * struct multi_spec - all of it
 * @members: in order
 * @nr_members: their number
 * @rules: in order
 * @nr_rules: their number
 */
struct multi_spec {
	struct member_spec members[SPEC_MEMBERS];
	uint32_t nr_members;
	struct memrig_rule rules[SPEC_RULES];
	uint32_t nr_rules;
};

/* A member with defaults: a heap over 64 KiB of cached pages. NULL: there is no room. */
struct member_spec *multi_spec_member(struct multi_spec *spec);
/* A rule that matches everything. NULL: there is no room. */
struct memrig_rule *multi_spec_rule(struct multi_spec *spec);

/* For argp parsers: complain about what is wrong, and exit with status 2. */
void multi_spec_parse_member(const struct argp_state *state, char *text, struct multi_spec *spec);
void multi_spec_parse_rule(const struct argp_state *state, char *text, struct multi_spec *spec);

/*
 * Makes regions, heaps and the object, in the kernel or in this process. Reports what fails;
 * returns 0 or EXIT_FAILURE.
 */
int multi_spec_create(struct multi_spec *spec, bool local, memrig_multi_t **multi);

#endif /* MEMRIG_CLI_MULTI_SPEC_H */
