// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The attribute word: what is derived and what the creator adds, the names of its custom bits, and
 * which CPUs a region is near to.
 */
#include <sched.h>

#include "offers.h"

#define CACHEABLE     MEMRIG_ATTRS_CACHEABLE
#define NON_CACHEABLE MEMRIG_ATTRS_NON_CACHEABLE
#define LAST_CUSTOM   MEMRIG_ATTRS_CUSTOM(31)

static uint64_t derived(uint32_t attr)
{
	switch (attr) {
	case MEMRIG_ATTR_CACHED:
		return CACHEABLE;
	case MEMRIG_ATTR_WRITE_COMBINE:
		return NON_CACHEABLE | MEMRIG_ATTRS_WRITE_COMBINE;
	default:
		return NON_CACHEABLE;
	}
}

FIXTURE(attrs)
{
	int session;
};

FIXTURE_OFFERS(attrs);

FIXTURE_SETUP(attrs)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
}

FIXTURE_TEARDOWN(attrs)
{
	close(self->session);
}

TEST_F(attrs, word)
{
	const uint64_t custom = MEMRIG_ATTRS_CUSTOM(0) | MEMRIG_ATTRS_CUSTOM(7) | LAST_CUSTOM;
	const uint64_t asked[] = { 0, MEMRIG_ATTRS_EXTERNAL, custom,
				   MEMRIG_ATTRS_CUSTOM_ALL | MEMRIG_ATTRS_EXTERNAL };

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		int fd = region_with(self->session, variant->of.kind, variant->of.attr, 4096,
				     asked[i]);

		ASSERT_GE(fd, 0);
		EXPECT_EQ(derived(variant->of.attr) | asked[i], region_info(fd).attrs);
		close(fd);
	}
}

/* Bits that follow from the attribute are nobody's to choose, right or wrong. */
TEST_F(attrs, derived_bits_refused)
{
	const uint64_t wrong[] = { CACHEABLE,
				   NON_CACHEABLE,
				   MEMRIG_ATTRS_WRITE_COMBINE,
				   MEMRIG_ATTRS_WRITE_THROUGH,
				   MEMRIG_ATTRS_DEVICE,
				   CACHEABLE | MEMRIG_ATTRS_EXTERNAL | LAST_CUSTOM };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(-EINVAL, region_with(self->session, variant->of.kind, variant->of.attr,
					       4096, wrong[i]));
}

TEST_F(attrs, unknown_bits_refused)
{
	for (int bit = 7; bit < MEMRIG_ATTRS_CUSTOM_FIRST; bit++)
		EXPECT_EQ(-EOPNOTSUPP, region_with(self->session, variant->of.kind,
						   variant->of.attr, 4096, 1ULL << bit));
}

TEST_F(attrs, powered_where_mappings_can_be_revoked)
{
	int fd = region_with(self->session, variant->of.kind, variant->of.attr, 4096,
			     MEMRIG_ATTRS_POWERED);

	if (variant->of.kind == MEMRIG_KIND_COHERENT) {
		EXPECT_EQ(-EOPNOTSUPP, fd);
		return;
	}
	ASSERT_GE(fd, 0);
	EXPECT_EQ(derived(variant->of.attr) | MEMRIG_ATTRS_POWERED, region_info(fd).attrs);
	close(fd);
}

/* ---- CPUs ---------------------------------------------------------------------------- */

static int near(int region, uint32_t cpu, struct memrig_region_near *out)
{
	*out = ARG(memrig_region_near, .cpu = cpu);
	return call(region, MEMRIG_IOC_REGION_NEAR, out);
}

static int region_near_to(int session, const struct offer *of, uint64_t cpus)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .kind = of->kind, .attr = of->attr, .length = 4096,
		    .node = MEMRIG_NODE_ANY, .cpus = cpus);
	int ret = call(session, MEMRIG_IOC_REGION_CREATE, &arg);

	return ret ? ret : arg.fd;
}

/* Nobody said: those of the node, which on a machine with one node are all there can be. */
TEST_F(attrs, near_by_node)
{
	int fd = region_near_to(self->session, &variant->of, 0);
	struct memrig_region_info info;
	struct memrig_region_near q;
	uint32_t cpu;

	ASSERT_GE(fd, 0);
	info = region_info(fd);
	for (cpu = 0; !near(fd, cpu, &q); cpu++) {
		EXPECT_EQ(cpu, q.cpu);
		EXPECT_EQ(q.node == info.node, q.near);
		EXPECT_EQ(q.node == info.node, q.distance == 10);
		if (cpu < 64)
			EXPECT_EQ(q.near, info.cpus >> cpu & 1);
	}
	EXPECT_GT(cpu, 0);
	EXPECT_EQ(-EINVAL, near(fd, cpu, &q));
	EXPECT_EQ(-EINVAL, near(fd, 1 << 20, &q));
	EXPECT_EQ(-EINVAL, near(fd, 0xfffffffeu, &q));
	close(fd);
}

TEST_F(attrs, near_as_given)
{
	int fd = region_near_to(self->session, &variant->of, 1);
	struct memrig_region_near q;
	cpu_set_t set;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(1, region_info(fd).cpus);
	ASSERT_EQ(0, near(fd, 0, &q));
	EXPECT_EQ(1, q.near);
	if (!near(fd, 1, &q))
		EXPECT_EQ(0, q.near);
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));
	ASSERT_EQ(0, near(fd, MEMRIG_CPU_SELF, &q));
	EXPECT_EQ(0, q.cpu);
	EXPECT_EQ(1, q.near);
	close(fd);
}

TEST_F(attrs, impossible_cpus_refused)
{
	struct memrig_region_near q;
	int fd = region_near_to(self->session, &variant->of, 0);
	uint32_t first = 0;

	while (!near(fd, first, &q))
		first++;
	close(fd);
	if (first < 64)
		EXPECT_EQ(-EINVAL, region_near_to(self->session, &variant->of, 1ULL << first | 1));
	if (first < 63)
		EXPECT_EQ(-EINVAL, region_near_to(self->session, &variant->of, ~0ULL));
}

/* ---- names --------------------------------------------------------------------------- */

static int name_call(int session, uint32_t flags, uint32_t bit, const char *name,
		     struct memrig_attr_name *out)
{
	struct memrig_attr_name arg = ARG(memrig_attr_name, .flags = flags, .bit = bit);
	int ret;

	name_set(arg.name, name);
	ret = call(session, MEMRIG_IOC_ATTR_NAME, &arg);
	if (out)
		*out = arg;
	return ret;
}

static int name_bit(int session, uint32_t bit, const char *name)
{
	return name_call(session, MEMRIG_ATTR_NAME_SET, bit, name, NULL);
}

static int clear_bit(int session, uint32_t bit)
{
	return name_call(session, MEMRIG_ATTR_NAME_CLEAR, bit, "", NULL);
}

FIXTURE(names)
{
	int session;
};

FIXTURE_SETUP(names)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
}

FIXTURE_TEARDOWN(names)
{
	for (uint32_t bit = MEMRIG_ATTRS_CUSTOM_FIRST; bit < 64; bit++)
		clear_bit(self->session, bit);
	close(self->session);
}

TEST_F(names, set_get_find_clear)
{
	struct memrig_attr_name got;

	for (uint32_t bit = MEMRIG_ATTRS_CUSTOM_FIRST; bit < 64; bit++) {
		char name[MEMRIG_NAME_MAX];

		snprintf(name, sizeof(name), "bit-%u.x_y", bit);
		EXPECT_EQ(-ENOENT, name_call(self->session, 0, bit, "", &got));
		EXPECT_EQ(-ENOENT, clear_bit(self->session, bit));
		ASSERT_EQ(0, name_bit(self->session, bit, name));
		ASSERT_EQ(0, name_call(self->session, 0, bit, "dirt", &got));
		EXPECT_STREQ(name, (char *)got.name);
		ASSERT_EQ(0, name_call(self->session, MEMRIG_ATTR_NAME_FIND, 0, name, &got));
		EXPECT_EQ(bit, got.bit);
	}
	EXPECT_EQ(0, clear_bit(self->session, 40));
	EXPECT_EQ(-ENOENT, name_call(self->session, 0, 40, "", NULL));
	EXPECT_EQ(-ENOENT, name_call(self->session, MEMRIG_ATTR_NAME_FIND, 0, "bit-40.x_y", NULL));
}

TEST_F(names, fixed_names)
{
	static const char *const fixed[] = { "cacheable",     "non-cacheable", "external",
					     "write-combine", "write-through", "device",
					     "powered" };
	struct memrig_attr_name got;

	for (uint32_t bit = 0; bit < ARRAY_SIZE(fixed); bit++) {
		ASSERT_EQ(0, name_call(self->session, 0, bit, "", &got));
		EXPECT_STREQ(fixed[bit], (char *)got.name);
		ASSERT_EQ(0, name_call(self->session, MEMRIG_ATTR_NAME_FIND, 99, fixed[bit], &got));
		EXPECT_EQ(bit, got.bit);
		EXPECT_EQ(-EINVAL, name_bit(self->session, bit, "mine"));
		EXPECT_EQ(-EINVAL, clear_bit(self->session, bit));
		EXPECT_EQ(-EEXIST, name_bit(self->session, 33, fixed[bit]));
	}
	for (uint32_t bit = ARRAY_SIZE(fixed); bit < MEMRIG_ATTRS_CUSTOM_FIRST; bit++) {
		EXPECT_EQ(-ENOENT, name_call(self->session, 0, bit, "", &got));
		EXPECT_EQ(-EINVAL, name_bit(self->session, bit, "mine"));
	}
}

TEST_F(names, taken)
{
	ASSERT_EQ(0, name_bit(self->session, 32, "fast"));
	EXPECT_EQ(-EEXIST, name_bit(self->session, 32, "fast"));
	EXPECT_EQ(-EEXIST, name_bit(self->session, 32, "faster"));
	EXPECT_EQ(-EEXIST, name_bit(self->session, 33, "fast"));
	ASSERT_EQ(0, clear_bit(self->session, 32));
	EXPECT_EQ(0, name_bit(self->session, 33, "fast"));
}

TEST_F(names, wrong)
{
	static const char *const wrong[] = {
		"",    "Fast", "-fast",	    ".x", "_x", "a b",	"a/b",
		"a+b", "a:b",  "\xe9t\xe9", "7",  "32", "0000", "a\n"
	};
	struct memrig_attr_name arg;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL, name_bit(self->session, 34, wrong[i]))
		{
			TH_LOG("'%s'", wrong[i]);
		}
		EXPECT_EQ(-EINVAL,
			  name_call(self->session, MEMRIG_ATTR_NAME_FIND, 0, wrong[i], NULL));
	}
	EXPECT_EQ(-EINVAL, name_call(self->session, 0, 64, "", NULL));
	EXPECT_EQ(-EINVAL, name_call(self->session, 0, 0xffffffffu, "", NULL));
	EXPECT_EQ(-EINVAL, name_bit(self->session, 64, "beyond"));
	EXPECT_EQ(-EINVAL, clear_bit(self->session, 64));
	for (uint32_t flags = 3; flags < 8; flags++)
		if (flags != MEMRIG_ATTR_NAME_FIND)
			EXPECT_EQ(-EINVAL, name_call(self->session, flags, 35, "two", NULL));
	EXPECT_EQ(-EOPNOTSUPP, name_call(self->session, 8, 35, "unknown", NULL));
	/* No room for the NUL; the longest that can be. */
	arg = ARG(memrig_attr_name, .flags = MEMRIG_ATTR_NAME_SET, .bit = 36);
	memset(arg.name, 'a', sizeof(arg.name));
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_ATTR_NAME, &arg));
	arg.name[MEMRIG_NAME_MAX - 1] = 0;
	EXPECT_EQ(0, call(self->session, MEMRIG_IOC_ATTR_NAME, &arg));
	EXPECT_EQ(0, name_bit(self->session, 37, "7th"));
}

static int as_a_stranger(void *arg)
{
	int session = *(int *)arg;
	struct memrig_attr_name got;

	become(NOBODY_UID, NOBODY_GID);
	CHECK(name_bit(session, 41, "mine") == -EPERM);
	CHECK(clear_bit(session, 32) == -EPERM);
	CHECK(name_call(session, 0, 32, "", &got) == 0);
	CHECK(!strcmp((char *)got.name, "fast"));
	CHECK(name_call(session, MEMRIG_ATTR_NAME_FIND, 0, "fast", &got) == 0);
	CHECK(got.bit == 32);
	return 0;
}

TEST_F(names, privilege)
{
	ASSERT_EQ(0, name_bit(self->session, 32, "fast"));
	EXPECT_EQ(0, in_child(as_a_stranger, &self->session));
}

/* Words where there are names, numbers where there are none. */
TEST_F(names, sysfs_and_fdinfo)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
		    .length = 4096, .node = MEMRIG_NODE_ANY, .uid = MEMRIG_ID_SELF,
		    .gid = MEMRIG_ID_SELF, .mode = 0600,
		    .attrs = MEMRIG_ATTRS_EXTERNAL | MEMRIG_ATTRS_CUSTOM(0) | LAST_CUSTOM);
	char text[4096], path[64];

	name_set(arg.name, "attrs-words");
	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &arg));
	ASSERT_EQ(0, name_bit(self->session, 32, "fast"));
	ASSERT_GT(file_read("/sys/class/memrig/attrs-words/attrs", text, sizeof(text)), 0);
	EXPECT_STREQ("cacheable external fast 63\n", text);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", arg.fd);
	ASSERT_GT(file_read(path, text, sizeof(text)), 0);
	EXPECT_NE(NULL, strstr(text, "memrig-attrs:\tcacheable\texternal\tfast\t63\n"));
	EXPECT_EQ(0, region_remove(self->session, "attrs-words"));
	close(arg.fd);
}

TEST_HARNESS_MAIN
