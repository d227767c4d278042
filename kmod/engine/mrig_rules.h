/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Choice by rules: which members of a multi object a request is offered to, in which order.
 *
 * A rule that matches the request offers it to the members that match the rule, in the order in
 * which they were added; then the next rule does, unless the rule says STOP. No member is offered
 * the same request twice. A member must match what the request itself asks for, too.
 *
 * Nothing here allocates, locks, or keeps the members: the caller describes them one by one, and
 * serialises a walk with changes of the table. Members that come and go between two steps of a walk
 * are harmless; one that gets the number of another counts as that one.
 */
#ifndef MRIG_RULES_H
#define MRIG_RULES_H

#include "mrig_port.h"

#define MRIG_RULES_MAX	1024	/* members, and rules, of one object; numbers are below it */
#define MRIG_RULE_ANY	0xffffffffU	/* of any user; any member; no rule */

/* mrig_rule.flags */
#define MRIG_RULE_STOP	0x1
#define MRIG_RULE_LOCAL	0x2

/* What of dma_bits and node counts: the device must reach the member; the member is on the node. */
#define MRIG_RULE_MATCH_DMA	0x1
#define MRIG_RULE_MATCH_NODE	0x2

/**
 * struct mrig_rule - one line of the table
 * @min_bytes: requests of at least that many bytes
 * @max_bytes: and of at most that many; 0: no bound
 * @align_max: requests of at most that alignment, rewind apart; 0: of any
 * @with: members that have all these attributes
 * @without: and none of these
 * @prio_min: requests of at least that priority
 * @uid: requests of that user, or MRIG_RULE_ANY
 * @member: that member alone, or MRIG_RULE_ANY
 * @flags: MRIG_RULE_STOP: what matches goes to no later rule; MRIG_RULE_LOCAL: members near to
 *	the caller alone
 * @match: MRIG_RULE_MATCH_*
 * @dma_bits: members all of which a device with so many address bits reaches
 * @node: members on that NUMA node
 * @reserved: 0
 */
struct mrig_rule {
	uint64_t min_bytes;
	uint64_t max_bytes;
	uint64_t align_max;
	uint64_t with;
	uint64_t without;
	int32_t prio_min;
	uint32_t uid;
	uint32_t member;
	uint32_t flags;
	uint32_t match;
	uint32_t dma_bits;
	int32_t node;
	uint32_t reserved;
};

/**
 * struct mrig_rule_req - a request
 * @bytes: wanted
 * @align: as sys_heap_aligned_alloc() takes it
 * @with: only members that have all these attributes
 * @without: and none of these
 * @prio: higher is more
 * @uid: whose it is
 * @match: as of a rule, and so the next two
 * @dma_bits: address bits of the device that has to reach it
 * @node: NUMA node of the member
 */
struct mrig_rule_req {
	uint64_t bytes;
	uint64_t align;
	uint64_t with;
	uint64_t without;
	int32_t prio;
	uint32_t uid;
	uint32_t match;
	uint32_t dma_bits;
	int32_t node;
};

/**
 * struct mrig_rule_member - a member
 * @number: by which rules name it, below MRIG_RULES_MAX; no two have the same
 * @attrs: what it is like
 * @local: near to the caller
 * @dma_bits: address bits that a device needs to reach all of it; 0: none does
 * @node: its NUMA node, or -1
 */
struct mrig_rule_member {
	uint32_t number;
	uint64_t attrs;
	bool local;
	uint32_t dma_bits;
	int32_t node;
};

/**
 * struct mrig_rule_set - what to choose from
 * @rules: the table
 * @nr_rules: 0: all members are tried, in order
 * @nr_members: how many there are
 * @member: describes member @index, counted in the order of adding
 * @matched: called for each rule that matches, before its members; may be NULL
 * @ctx: for these two
 */
struct mrig_rule_set {
	const struct mrig_rule *rules;
	uint32_t nr_rules;
	uint32_t nr_members;
	void (*member)(void *ctx, uint32_t index, struct mrig_rule_member *out);
	void (*matched)(void *ctx, uint32_t rule);
	void *ctx;
};

/**
 * struct mrig_rule_walk - how far a request has come; the caller reads @rule
 * @rule: by which the last member came, MRIG_RULE_ANY without a table
 * @next: index of the member to look at next
 * @inside: @rule matches and is being worked on
 * @tried: bit n: member number n was offered the request
 */
struct mrig_rule_walk {
	uint32_t rule;
	uint32_t next;
	bool inside;
	uint64_t tried[MRIG_RULES_MAX / 64];
};

bool mrig_rule_match_ok(uint32_t match, uint32_t dma_bits, int32_t node);
bool mrig_rule_ok(const struct mrig_rule *rule);
void mrig_rules_begin(struct mrig_rule_walk *walk, const struct mrig_rule_set *set);
int32_t mrig_rules_next(struct mrig_rule_walk *walk, const struct mrig_rule_set *set,
			const struct mrig_rule_req *req);

#endif /* MRIG_RULES_H */
