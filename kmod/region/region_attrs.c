// SPDX-License-Identifier: GPL-2.0-only
/*
 * The attribute word of a region (MEMRIG_ATTRS_*): what follows from its attribute, and the words
 * that stand for its bits.
 *
 * Names of custom bits are for people. They are shared by everybody, like the named regions that
 * they are mostly used for, and no decision of this module depends on one.
 *
 *   attr_names=BIT:NAME[,...]
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/memrig.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "region/region_priv.h"

#define MRIG_CUSTOM	MEMRIG_ATTRS_CUSTOM_FIRST
#define MRIG_BITS	64

static char *mrig_names_param;
module_param_named(attr_names, mrig_names_param, charp, 0444);
MODULE_PARM_DESC(attr_names, "Names of custom attribute bits, 32 to 63: BIT:NAME[,...]");

static const char *const mrig_fixed_names[] = {
	"cacheable",
	"non-cacheable",
	"external",
	"write-combine",
	"write-through",
	"device",
	"powered",
};

static DEFINE_MUTEX(mrig_bits_lock);
static char mrig_custom_names[MRIG_BITS - MRIG_CUSTOM][MEMRIG_NAME_MAX];

/**
 * mrig_attrs_derived() - bits that follow from the attribute
 * @attr: enum memrig_attr
 *
 * Return: MEMRIG_ATTRS_*.
 */
u64 mrig_attrs_derived(u32 attr)
{
	switch (attr) {
	case MEMRIG_ATTR_CACHED:
		return MEMRIG_ATTRS_CACHEABLE;
	case MEMRIG_ATTR_WRITE_COMBINE:
		return MEMRIG_ATTRS_NON_CACHEABLE | MEMRIG_ATTRS_WRITE_COMBINE;
	case MEMRIG_ATTR_UNCACHED:
		return MEMRIG_ATTRS_NON_CACHEABLE;
	case MEMRIG_ATTR_WRITE_THROUGH:
		return MEMRIG_ATTRS_CACHEABLE | MEMRIG_ATTRS_WRITE_THROUGH;
	case MEMRIG_ATTR_DEVICE:
		return MEMRIG_ATTRS_NON_CACHEABLE | MEMRIG_ATTRS_DEVICE;
	default:
		return 0;
	}
}

/**
 * mrig_attrs_check() - can a creator ask for these bits?
 * @attrs: as given
 * @revocable: can mappings of such a region be taken back?
 *
 * Return: 0; -EINVAL for a bit that follows from the attribute; -EOPNOTSUPP for one nobody knows,
 *	and for POWERED where it cannot be.
 */
int mrig_attrs_check(u64 attrs, bool revocable)
{
	const u64 own = MEMRIG_ATTRS_EXTERNAL | MEMRIG_ATTRS_POWERED | MEMRIG_ATTRS_CUSTOM_ALL;
	const u64 known = MEMRIG_ATTRS_CUSTOM_ALL |
			  GENMASK_ULL(ARRAY_SIZE(mrig_fixed_names) - 1, 0);

	if (attrs & ~own & known)
		return -EINVAL;
	if (attrs & ~known)
		return -EOPNOTSUPP;
	return attrs & MEMRIG_ATTRS_POWERED && !revocable ? -EOPNOTSUPP : 0;
}

/* The name of a bit; "" for none. */
static const char *mrig_bit_name_locked(u32 bit)
{
	lockdep_assert_held(&mrig_bits_lock);
	if (bit < ARRAY_SIZE(mrig_fixed_names))
		return mrig_fixed_names[array_index_nospec(bit, ARRAY_SIZE(mrig_fixed_names))];
	if (bit < MRIG_CUSTOM || bit >= MRIG_BITS)
		return "";
	return mrig_custom_names[array_index_nospec(bit - MRIG_CUSTOM, MRIG_BITS - MRIG_CUSTOM)];
}

static int mrig_bit_find_locked(const char *name)
{
	u32 bit;

	lockdep_assert_held(&mrig_bits_lock);
	for (bit = 0; bit < MRIG_BITS; bit++)
		if (!strcmp(mrig_bit_name_locked(bit), name))
			return bit;
	return -ENOENT;
}

/* A name as regions have them, but no number: that is another way to say which bit. */
static int mrig_bit_name_check(const char *name)
{
	int ret = mrig_name_check(name);

	if (ret)
		return ret;
	return strspn(name, "0123456789") == strlen(name) ? -EINVAL : 0;
}

static int mrig_bit_set_locked(u32 bit, const char *name)
{
	lockdep_assert_held(&mrig_bits_lock);
	if (*mrig_bit_name_locked(bit) || mrig_bit_find_locked(name) >= 0)
		return -EEXIST;
	strscpy(mrig_custom_names[array_index_nospec(bit - MRIG_CUSTOM, MRIG_BITS - MRIG_CUSTOM)],
		name, MEMRIG_NAME_MAX);
	return 0;
}

static int mrig_bit_name_set(u32 bit, const char *name)
{
	int ret = mrig_bit_name_check(name);

	if (ret || bit < MRIG_CUSTOM || bit >= MRIG_BITS)
		return -EINVAL;
	mutex_lock(&mrig_bits_lock);
	ret = mrig_bit_set_locked(bit, name);
	mutex_unlock(&mrig_bits_lock);
	return ret;
}

/**
 * mrig_attr_name_set() - name a custom bit
 * @bit: its number
 * @name: its name
 *
 * Context: Process context of the caller. May sleep.
 * Return: 0; -EINVAL: no custom bit, or an impossible name; -EPERM; -EEXIST: bit or name is taken.
 */
int mrig_attr_name_set(u32 bit, const char *name)
{
	return mrig_caller_may_name() ? mrig_bit_name_set(bit, name) : -EPERM;
}

/**
 * mrig_attr_name_clear() - take the name of a custom bit away
 * @bit: its number
 *
 * Context: Process context of the caller. May sleep.
 * Return: 0, -EINVAL: no custom bit; -EPERM; -ENOENT: it has no name.
 */
int mrig_attr_name_clear(u32 bit)
{
	int ret = -ENOENT;
	char *name;

	if (!mrig_caller_may_name())
		return -EPERM;
	if (bit < MRIG_CUSTOM || bit >= MRIG_BITS)
		return -EINVAL;
	mutex_lock(&mrig_bits_lock);
	name = mrig_custom_names[array_index_nospec(bit - MRIG_CUSTOM, MRIG_BITS - MRIG_CUSTOM)];
	if (*name) {
		memset(name, 0, MEMRIG_NAME_MAX);
		ret = 0;
	}
	mutex_unlock(&mrig_bits_lock);
	return ret;
}

/**
 * mrig_attr_name_get() - the name of a bit
 * @bit: its number
 * @name: out; room for MEMRIG_NAME_MAX
 *
 * Context: Process context. May sleep.
 * Return: 0; -EINVAL: no bit of the word; -ENOENT: it has no name.
 */
int mrig_attr_name_get(u32 bit, char *name)
{
	if (bit >= MRIG_BITS)
		return -EINVAL;
	mutex_lock(&mrig_bits_lock);
	strscpy(name, mrig_bit_name_locked(bit), MEMRIG_NAME_MAX);
	mutex_unlock(&mrig_bits_lock);
	return *name ? 0 : -ENOENT;
}

/**
 * mrig_attr_name_find() - the bit with a name
 * @name: to look for
 *
 * Context: Process context. May sleep.
 * Return: its number; -EINVAL: no bit can have that name; -ENOENT: none has.
 */
int mrig_attr_name_find(const char *name)
{
	int ret = mrig_bit_name_check(name);

	if (ret)
		return ret;
	mutex_lock(&mrig_bits_lock);
	ret = mrig_bit_find_locked(name);
	mutex_unlock(&mrig_bits_lock);
	return ret;
}

/**
 * mrig_attrs_word() - the next word of a listing of bits
 * @attrs: bits not listed yet; the lowest is taken away
 * @word: out: its name, or number where it has none; room for MEMRIG_NAME_MAX
 *
 * Context: Process context. May sleep.
 * Return: false when there was no bit left.
 */
bool mrig_attrs_word(u64 *attrs, char *word)
{
	u32 bit;

	if (!*attrs)
		return false;
	bit = __ffs64(*attrs);
	*attrs &= *attrs - 1;
	if (mrig_attr_name_get(bit, word))
		snprintf(word, MEMRIG_NAME_MAX, "%u", bit);
	return true;
}

/**
 * mrig_attrs_parse() - bits from words, names or numbers, with "+" between them
 * @text: taken apart
 * @attrs: out: MEMRIG_ATTRS_*
 *
 * Context: Process context. May sleep.
 * Return: 0; -EINVAL: a word that is none; -ENOENT: a name that no bit has.
 */
int mrig_attrs_parse(char *text, u64 *attrs)
{
	char *word;
	u32 bit;
	int ret;

	*attrs = 0;
	while ((word = strsep(&text, "+"))) {
		if (kstrtou32(word, 10, &bit)) {
			ret = mrig_attr_name_find(word);
			if (ret < 0)
				return ret;
			bit = ret;
		}
		if (bit >= MRIG_BITS)
			return -EINVAL;
		*attrs |= BIT_ULL(bit);
	}
	return 0;
}

static int mrig_param_name(char *text)
{
	const char *number = strsep(&text, ":");
	u32 bit;

	if (!text || kstrtou32(number, 10, &bit))
		return -EINVAL;
	return mrig_bit_name_set(bit, text);
}

/**
 * mrig_param_name_attrs() - name the bits of attr_names=, all or none
 *
 * Context: Process context, at module load.
 * Return: 0 or -errno, and then the load is to fail.
 */
int mrig_param_name_attrs(void)
{
	char *copy, *rest, *text;
	int ret = 0;

	if (!mrig_names_param || !*mrig_names_param)
		return 0;
	copy = kstrdup(mrig_names_param, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!ret && (text = strsep(&rest, ",\n"))) {
		ret = *text ? mrig_param_name(text) : 0;
		if (ret)
			pr_err("attr_names=: \"%s\": not BIT:NAME of a free bit from 32 to 63 (error %d)\n",
			       text, ret);
	}
	kfree(copy);
	return ret;
}
