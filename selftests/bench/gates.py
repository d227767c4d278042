# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""The bounds. Counts are exact, so no bound has a tolerance."""

from fractions import Fraction
from typing import NamedTuple

import plan
from plan import INBAND, OOB

MEAN = {"mix 1M": 48, "mix 64M": 43}
WORST = {"alloc": 160, "free": 150, "aligned": 250}
ALIGNED_MEAN = 200
CHURN = {"1M": Fraction("0.93"), "16M": Fraction("0.96")}
NOISE = Fraction("0.01")  # of a mean over the eight seeds of util.c, twice its deviation
OOB_FACTOR = Fraction("1.3")  # on the bounds above
MEASURED_MOST = Fraction("1.5")  # on what inband measures, cell by cell
MEASURED = {"robson 1M": Fraction("1.7")}
FLAT_FACTOR = Fraction("1.1")
LEVEL_FACTOR = Fraction("1.2")  # the same for pools whose bitmap gets a level per factor of 64
KHEAP_FACTOR = Fraction("1.3")  # on inband: what a lock may cost
SLAB_FACTOR = Fraction("1.5")  # on lists without any check
KSLAB_FACTOR = Fraction("1.5")  # on a list without any check, locked
POOL_PAIR = 16
FIXED_WORST = 40
BLOCKS_WORST = {"alloc": 250, "free": 400}
BLOCKS_MOST = 16  # blocks of the longest list
BLOCKS_LOCK = 60  # of a call of sys_mem_blocks more than of one of the engine
BLOCKS_EACH = {"alloc": 165, "free": 225}  # each of a list besides
# Under churn, what first fit was recorded with; "mix 64K" was 0.787 with that, "small 1M" 0.744.
BLOCKS_CHURN = {"mix 1M": Fraction("0.853"), "power 1M": Fraction("0.781"),
                "small 1M": Fraction("0.743"), "fixed 1M": 1, "mix 64K": Fraction("0.78"),
                "small 64K": Fraction("0.715"), "fixed 64K": 1}
FILLED = {"ring": Fraction("0.96"), "heap_ring": Fraction("0.98")}  # once, by the mix, 1M
# What is in front of an engine, on that: the lock, the way to the right member of a set, and the
# figures of each member. A tenth above what is measured.
OBJECT_MOST = {
    "sync_heap": Fraction("1.95"),
    "k_malloc": Fraction("1.95"),
    "multi_heap": Fraction("2.1"),
    "shared_heap": Fraction("7.3"),
    "attr_heap": Fraction("5.2"),
    "smart": Fraction("5.9"),
    "prio": Fraction("5.5"),
    "ring": Fraction("2.7"),
    "msgpool": 6,
    "mem_blocks": Fraction("1.3"),
    "mem_blocklist": Fraction("1.1"),
}

# Out-of-band bookkeeping: per block, per tag, records there may be without a block, share of the
# region for the directory and for the class table, fixed.
RECORD_BYTES = 16
TAG_BYTES = 8
GROWTH = 1 + Fraction(1, 16)
BITMAP_SHARE = Fraction("0.016")
CLASS_SHARE = Fraction("0.002")
FIXED_BYTES = 1024
SPARSE_BYTES = 64 * plan.KIB


class Verdict(NamedTuple):
    """One bound and whether it held."""

    passed: bool
    name: str
    detail: str
    value: float = None


def at_most(name, value, limit, note=""):
    if value is None:
        return Verdict(False, name, "not measured")
    shown = f"{float(value):.6g} <= {float(limit):.6g}"
    return Verdict(value <= limit, name, shown + (f" ({note})" if note else ""), float(value))


def at_least(name, value, limit, note=""):
    if value is None:
        return Verdict(False, name, "not measured")
    shown = f"{float(value):.6g} >= {float(limit):.6g}"
    return Verdict(value >= limit, name, shown + (f" ({note})" if note else ""))


def instructions(r):
    for cell, limit in MEAN.items():
        yield at_most(f"inband: mean instructions, {cell}", r.mean(INBAND, cell), limit)
    for kind, limit in WORST.items():
        worst = r.worst(INBAND, kind)
        yield at_most(f"inband: worst {kind}", worst and worst[0], limit, worst and worst[1])
    yield at_most("inband: mean of an aligned request",
                  r.mean(INBAND, "aligned 16M", "aligned"), ALIGNED_MEAN)


def flat(r):
    for v, cells in plan.FLAT.items():
        few = r.mean(v, cells[0])
        many = max(((r.mean(v, c), c) for c in r.cells(v, "icount") if c in cells),
                   default=(None, None))
        deep = v in (plan.BLOCKS, plan.MEM_BLOCKS, plan.HEAP_BLOCKS, plan.BLOCKLIST,
                     plan.MEM_BLOCKLIST)
        yield at_most(f"{v.name}: cost flat in the number of blocks",
                      few and many[0] / few, LEVEL_FACTOR if deep else FLAT_FACTOR,
                      f"worst at {many[1]}")


def behind(r):
    for v in plan.BEHIND + plan.RIVALS:
        bad = [why for key, why in r.failed.items() if key[0] == v]
        done = sum(key[0] == v for key in r.lines)
        if done or v in plan.BEHIND:
            yield Verdict(bool(done) and not bad, f"{v.name}: every run verified",
                          "; ".join(bad) or f"{done} runs")


def shared(r):
    for cell in plan.SHARED:
        ours, bare = r.mean(plan.KHEAP, cell), r.mean(INBAND, cell)
        yield at_most(f"kheap: mean instructions / inband, {cell}", ours and bare and ours / bare,
                      KHEAP_FACTOR)
    for cell in ("mix 1M", "realloc 64M"):
        ours, bare = r.refused(plan.KHEAP, cell), r.refused(INBAND, cell)
        yield at_most(f"kheap: refused requests, difference to inband, {cell}",
                      None if None in (ours, bare) else abs(ours - bare), 0)


def out_of_band(r):
    for cell, limit in MEAN.items():
        yield at_most(f"oob: mean instructions, {cell}", r.mean(OOB, cell), limit * OOB_FACTOR)
    yield at_most("oob: mean of an aligned request", r.mean(OOB, "aligned 16M", "aligned"),
                  ALIGNED_MEAN * OOB_FACTOR)
    for cell in r.cells(INBAND, "icount"):
        ours = r.mean(OOB, cell)
        yield at_most(f"oob: mean instructions / inband, {cell}",
                      ours and ours / r.mean(INBAND, cell), MEASURED.get(cell, MEASURED_MOST))
    for kind, limit in WORST.items():
        worst = r.worst(OOB, kind)
        yield at_most(f"oob: worst {kind}", worst and worst[0], limit * OOB_FACTOR,
                      worst and worst[1])
    trapped = [int(line["trapped"]) for line in r.get(OOB, "check", "selftest")]
    yield Verdict(trapped == [1], "oob: every run above had a region without access rights",
                  "an access ends the program")


def fixed_blocks(r):
    def pair(v, cell):
        return sum(r.mean(v, cell, kind) or 0 for kind in ("alloc", "free")) or None

    for cell in plan.FIXED:
        slab, floor = pair(plan.SLAB, cell), pair(plan.LISTS, cell)
        yield at_most(f"slab: alloc and free / floor, {cell}", slab and floor and slab / floor,
                      SLAB_FACTOR, f"{float(slab or 0):.6g} and {float(floor or 0):.6g}")
        yield at_most(f"pool: alloc and free, {cell}", pair(plan.POOL, cell), POOL_PAIR)
        slab, floor = pair(plan.KSLAB, cell), pair(plan.LOCKED, cell)
        yield at_most(f"kmemslab: alloc and free / floor with a lock, {cell}",
                      slab and floor and slab / floor, KSLAB_FACTOR,
                      f"{float(slab or 0):.6g} and {float(floor or 0):.6g}")
    for v in (plan.SLAB, plan.POOL):
        for kind in ("alloc", "free"):
            worst = r.worst(v, kind)
            yield at_most(f"{v.name}: worst {kind}", worst and worst[0], FIXED_WORST,
                          worst and worst[1])
    yield from verified(r, (plan.SLAB, plan.POOL, plan.KSLAB))


def verified(r, variants):
    for v in variants:
        bad = [why for key, why in r.failed.items() if key[0] == v]
        done = sum(key[0] == v for key in r.lines)
        yield Verdict(bool(done) and not bad, f"{v.name}: every run verified",
                      "; ".join(bad) or f"{done} runs")


def blocks(r):
    for run, lists, lock in ((plan.BLOCKS, plan.BLOCKLIST, 0),
                             (plan.MEM_BLOCKS, plan.MEM_BLOCKLIST, BLOCKS_LOCK)):
        for kind, limit in BLOCKS_WORST.items():
            worst = r.worst(run, kind)
            yield at_most(f"{run.name}: worst contiguous {kind}", worst and worst[0], limit + lock,
                          worst and worst[1])
            for cell in plan.LISTS_OF:
                found = r.kinds(lists, cell).get(kind)
                yield at_most(f"{lists.name}: worst {kind} of {BLOCKS_MOST}, pool of "
                              f"{cell.split()[1]} blocks", found and int(found["max"]),
                              limit + lock + BLOCKS_MOST * BLOCKS_EACH[kind])
    for cell, limit in BLOCKS_CHURN.items():
        dist, heap = cell.split()
        yield at_least(f"blocks: utilisation under churn, {cell}",
                       r.used(plan.BLOCKS, heap, dist), limit)
    yield from verified(r, (plan.BLOCKS, plan.BLOCKLIST, plan.MEM_BLOCKS, plan.MEM_BLOCKLIST))


def objects(r):
    for v, (engine, cell) in plan.OBJECTS.items():
        if v.name not in OBJECT_MOST:
            continue
        ours, bare = r.mean(v, cell), r.mean(engine, cell)
        yield at_most(f"{v.name}: mean instructions / {engine.name}, {cell}",
                      ours and bare and ours / bare, OBJECT_MOST[v.name])
    yield from verified(r, (v for v in plan.OBJECTS if v.name in OBJECT_MOST))


def refusals(r):
    for v in plan.GATED:
        cells = [c for c in r.cells(v, "check") if c.split()[0] in
                 ("mix", "large", "large60", "scale", "aligned", "lifo64", "pingpong64", "realloc")]
        refused = {c: r.refused(v, c) for c in cells}
        bad = ", ".join(f"{c}: {n}" for c, n in refused.items() if n)
        yield Verdict(bool(cells) and not bad, f"{v.name}: no request refused",
                      bad or ", ".join(cells))


def utilisation(r):
    for heap, limit in CHURN.items():
        yield at_least(f"inband: utilisation under churn, mix {heap}",
                       r.used(INBAND, heap, "mix"), limit)
    for heap in plan.HEAPS:
        name = f"oob: utilisation minus inband's, {heap}, least of all figures"
        margins = []
        for line in r.get(INBAND, "check", "util " + heap):
            for figure in ("fresh", "aged", "churn"):
                ours = r.used(OOB, heap, line["dist"], figure)
                if ours is not None:
                    noise = NOISE if line["dist"] == "power" and figure == "churn" else 0
                    margins.append((ours - Fraction(line[figure]) + noise,
                                    f"{line['dist']} {figure}"))
        if margins:
            yield at_least(name, min(margins)[0], 0, min(margins)[1])


def filled(r):
    """Engines that have nothing between their blocks, but for the tail of a ring."""
    for v in plan.EQUAL:
        yield at_least(f"{v.name}: utilisation under churn, fixed 1M", r.used(v, "1M", "fixed"), 1)
    for v in plan.STREAMS:
        yield at_least(f"{v.name}: utilisation when filled once, mix 1M",
                       r.used(v, "1M", "mix", "fresh"), FILLED[v.name])


def small_heaps(r):
    for v in plan.GATED:
        for size, figure, limit in ((256, "largest", 200),
                                    (64 * plan.KIB, "second", Fraction("0.99") * 64 * plan.KIB)):
            lines = r.get(v, "check", f"small {size}")
            yield at_least(f"{v.name}: {figure} block of a heap of {size} bytes",
                           int(lines[0][figure]) if lines else None, limit)


def bookkeeping(r):
    for cell in [c + tags for c in plan.SIDE for tags in ("", " tags")]:
        lines = r.get(OOB, "side", cell)
        if not lines:
            yield Verdict(False, f"oob: bookkeeping, {cell}", "not measured")
            continue
        most, heap = int(lines[0]["most"]), int(lines[0]["heap"])
        each = RECORD_BYTES + (TAG_BYTES if cell.endswith("tags") else 0)
        yield at_most(f"oob: bytes of bookkeeping, {cell}", int(lines[0]["bytes"]),
                      each * most * GROWTH + (BITMAP_SHARE + CLASS_SHARE) * heap + FIXED_BYTES,
                      f"{most} blocks")
    lines = r.get(OOB, "check", "sparse 1G")
    yield at_most("oob: bytes of bookkeeping, ten blocks in 1 GiB",
                  int(lines[0]["bytes"]) if lines else None, SPARSE_BYTES)


def soundness(r):
    for v in plan.GATED:
        wrong = {key: why for key, why in r.failed.items() if key[0] == v}
        detail = "; ".join(f"{mode} {cell}: {why}" for (_, mode, cell), why in
                           list(wrong.items())[:3])
        done = sum(key[0] == v for key in r.lines)
        yield Verdict(bool(done) and not wrong, f"{v.name}: every run verified",
                      detail or f"{done} runs")
    noticed = [f for f in plan.FAULTS if (plan.FAULTY, "check", "fault " + f) in r.failed]
    yield Verdict(noticed == plan.FAULTS[1:], "the checks notice seeded faults",
                  ", ".join(noticed))


def judge(results):
    """All verdicts on a run, in order."""
    verdicts = []
    for group in (instructions, flat, refusals, utilisation, filled, small_heaps, shared,
                  out_of_band, bookkeeping, fixed_blocks, blocks, objects, behind, soundness):
        verdicts += group(results)
    return verdicts
