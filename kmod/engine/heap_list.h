/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Free lists of a heap, written once over the accessors that heap_algo.h describes.
 *
 * Lists are linked as an hlist is. Heads and links lie in one array of 32-bit words, words(h): the
 * number of a class is the word its list begins with, and the next link of block b is in word
 * mrig_link_word(b). A free block stores which word names it, so that it comes off its list
 * whatever its class and wherever it is.
 */

/* Put b on the list of class c. */
static mrig_inline void algo_link(HEAP *h, mrig_id b, mrig_id c)
{
	mrig_id n = words(h)[c];

	mrig_hide(n);
	words(h)[c] = (uint32_t)b;
	*blk_next(h, b) = (uint32_t)n;
	mrig_hide(b); /* its address is cheaper than a register */
	*blk_named(h, b) = (uint32_t)c;
	if (mrig_likely(n))
		*blk_named(h, n) = (uint32_t)mrig_link_word(b);
	else
		mrig_class_fill(&h->core, c);
}

/* What word w names is gone; n, unless 0, takes its place. */
static mrig_inline void algo_rename(HEAP *h, mrig_id w, mrig_id n)
{
	words(h)[w] = (uint32_t)n;
	if (n)
		*blk_named(h, n) = (uint32_t)w;
	else if ((uint32_t)w < h->core.nclass)
		mrig_class_drain(&h->core, w);
}

/* Take b off its list. */
static mrig_inline void algo_unlink(HEAP *h, mrig_id b)
{
	algo_rename(h, blk_word(h, b), *blk_next(h, b));
}

/* Take the first off the list of class c, n following it. */
static mrig_inline void algo_pop(HEAP *h, mrig_id c, mrig_id n)
{
	words(h)[c] = (uint32_t)n;
	if (n)
		*blk_named(h, n) = (uint32_t)c;
	else
		mrig_class_drain(&h->core, c);
}

/* Class of a block whose size may have come from a corrupted header. */
static mrig_inline mrig_id algo_class(HEAP *h, mrig_id units)
{
	mrig_id c = mrig_class(&h->core, units - MRIG_MIN_UNITS, CLASS_BASE);

	if (MRIG_PORT_DISTRUST && mrig_unlikely(c >= h->core.nclass))
		c = h->core.nclass - 1;
	return c;
}

/* The same for a block of known size. */
static mrig_inline void algo_push(HEAP *h, mrig_id b, mrig_id units)
{
	algo_link(h, b, algo_class(h, units));
}

/* A block on the list of class c, named by word w and followed by n, is gone. */
static mrig_inline void algo_unname(HEAP *h, mrig_id c, mrig_id w, mrig_id n, bool head)
{
	if (head)
		algo_pop(h, c, n);
	else
		algo_rename(h, w, n);
}
