# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Which runs make up the benchmark.

A cell is a workload on a region of one size; a variant is an allocator with its levels.
"""

from typing import NamedTuple

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30

# Cell -> arguments of the driver. Order is the order of the tables.
CELLS = {
    "lifo64": ["lifo64"],
    "pingpong64": ["pingpong64"],
    "mix 1M": ["mix", f"-h{MIB}"],
    "mix 64M": ["mix", f"-h{64 * MIB}"],
    "large60 64M": ["large", f"-h{64 * MIB}", "-f60"],
    "large 64M": ["large", f"-h{64 * MIB}"],
    "aligned 16M": ["aligned", f"-h{16 * MIB}", "-f25"],
    "realloc 64M": ["realloc", f"-h{64 * MIB}", "-o100000"],
    "scale 1e2": ["scale", "-n100"],
    "scale 1e3": ["scale", "-n1000"],
    "scale 1e4": ["scale", "-n10000"],
    "scale 1e5": ["scale", "-n100000"],
    "scale 1e6": ["scale", "-n1000000"],
    "robson 1M": ["robson", f"-h{MIB}"],
}
TRACES = list(CELLS)  # of general heaps
CELLS.update({f"{work} 1e{n}": [work, f"-n{10 ** n}", "-o200000"]
              for work in ("scale64", "fifo") for n in range(2, 7)})
CELLS.update({f"lists 1e{n}": ["mix", f"-h{64 * 10 ** n}", "-o50000"] for n in range(2, 7)})
HEAPS = {"64K": 64 * KIB, "1M": MIB, "16M": 16 * MIB, "64M": 64 * MIB}
SCALE = [cell for cell in CELLS if cell.startswith("scale ")]
SCALE64 = [cell for cell in CELLS if cell.startswith("scale64 ")]
FIFO = [cell for cell in CELLS if cell.startswith("fifo ")]
LISTS_OF = [cell for cell in CELLS if cell.startswith("lists ")]  # pools of so many blocks


class Variant(NamedTuple):
    """An allocator with hardening and statistics levels, tags being part of the latter."""

    name: str
    hardening: str
    stats: str

    def args(self):
        level = {"none": 0, "basic": 1, "moderate": 2}[self.hardening]
        return [f"-H{level}"] + (["-s"] if self.stats == "on" else [])


INBAND = Variant("inband", "basic", "off")
OOB = Variant("oob", "basic", "off")
GATED = [INBAND, OOB]
CAREFUL = [Variant("inband", "moderate", "on"), Variant("oob", "moderate", "on")]
ANCHORS = [Variant(name, "none", "off") for name in ("bump", "slab", "floor", "bitmap", "glibc")]

# The heap that threads share, uncontended.
KHEAP = Variant("kheap", "basic", "off")
SHARED = ["lifo64", "mix 1M", "large 64M", "aligned 16M", "scale 1e2"]

# Fixed-size blocks, by address and by number, and the lists that nothing can be cheaper than.
SLAB, POOL = Variant("memslab", "none", "off"), Variant("pool", "none", "off")
LIST, LISTS = Variant("slab", "none", "off"), Variant("floor", "none", "off")
FIXED = ["lifo64", "pingpong64"]

# The slab that threads share, uncontended, and a bare list under the same lock by the same calls.
KSLAB, LOCKED = Variant("kmemslab", "none", "off"), Variant("floorlock", "none", "off")

# Blocks of 64 bytes: contiguous runs, and as many single ones as needed by one call; of the engine,
# and of the allocator that threads share.
BLOCKS, BLOCKLIST, MEM_BLOCKS, MEM_BLOCKLIST = (
    Variant(name, "none", "off") for name in ("blocks", "blocklist", "mem_blocks", "mem_blocklist"))

# Engines through the interface that the device and a replay use.
HEAP_SLAB, HEAP_BLOCKS, HEAP_RING, HEAP_FIRST, HEAP_BEST = (
    Variant("heap_" + name, "none", "off")
    for name in ("slab", "blocks", "ring", "first_fit", "best_fit"))
BEHIND = [HEAP_SLAB, HEAP_BLOCKS, HEAP_RING, HEAP_FIRST, HEAP_BEST]

# What programs call.
HEAPS_OF = [Variant(name, "basic", "off")
            for name in ("sync_heap", "k_malloc", "multi_heap", "shared_heap", "attr_heap", "smart",
                         "prio")]
RING, MSGPOOL = Variant("ring", "none", "off"), Variant("msgpool", "none", "off")

# Equal blocks, of which nothing is lost; and streams, where a block that is freed out of turn can
# be had again when those before it are: nothing but filling them once says anything.
EQUAL, STREAMS = [SLAB, HEAP_SLAB, MSGPOOL], [HEAP_RING, RING]

# Cost against the number of live blocks; of lists, of blocks in the pool, from where there are
# more than ten lists.
FLAT = {INBAND: SCALE, OOB: SCALE, KHEAP: SCALE, SLAB: SCALE64, POOL: SCALE64, KSLAB: SCALE64,
        BLOCKS: SCALE, MEM_BLOCKS: SCALE, HEAP_SLAB: SCALE64, HEAP_BLOCKS: SCALE, HEAP_RING: FIFO,
        **{v: SCALE for v in HEAPS_OF}, RING: FIFO, MSGPOOL: SCALE64, BLOCKLIST: LISTS_OF[1:],
        MEM_BLOCKLIST: LISTS_OF[1:]}

# What programs call -> the engine behind it, and the workload on which both are compared.
OBJECTS = {
    **{v: (INBAND, "mix 1M") for v in HEAPS_OF},
    RING: (HEAP_RING, "fifo 1e4"),
    MSGPOOL: (SLAB, "lifo64"),
    KHEAP: (INBAND, "mix 1M"),
    KSLAB: (SLAB, "lifo64"),
    MEM_BLOCKS: (BLOCKS, "mix 1M"),
    MEM_BLOCKLIST: (BLOCKLIST, "mix 1M"),
}

# Libraries of Debian packages that replace the process's malloc.
RIVALS = [Variant(name, "none", "off") for name in ("jemalloc", "mimalloc", "tcmalloc_minimal")]
RIVAL_CELLS = ["lifo64", "mix 1M", "mix 64M", "large 64M", "aligned 16M", "scale 1e2", "scale 1e3",
               "scale 1e4", "scale 1e5", "scale 1e6"]

# Not confined to the region, or recycles it: nothing is ever refused.
ENDLESS = {"bump", "glibc"} | {v.name for v in RIVALS}

# Linear in the region: short runs, small regions.
LINEAR = {"bitmap"}
LINEAR_CELLS = ["lifo64", "mix 1M", "scale 1e2", "scale 1e4"]
LINEAR_ARGS = ["-o50000"]
SHORT_ARGS = ["-o250000"]
OBJECT_ARGS = ["-o100000"]

# Cells of the published tables: what the anchors and the second level are run on.
TABLE = ["lifo64", "mix 1M", "mix 64M", "large 64M", "aligned 16M", "scale 1e2", "scale 1e4",
         "scale 1e6", "robson 1M"]
QUICK = ["lifo64", "mix 1M", "mix 64M", "large 64M", "large60 64M", "aligned 16M", "scale 1e2",
         "scale 1e4", "scale 1e5", "robson 1M"]
QUICK_CHECK = ["mix 1M", "mix 64M", "large 64M", "aligned 16M", "realloc 64M", "robson 1M"]
SIDE = ["mix 1M", "mix 64M", "scale 1e6"]

# Faults of ad_faulty.c; "none" has to pass the check that the others fail.
FAULTS = ["none", "overlap", "align", "outside", "scribble", "leak", "touch"]
FAULTY = Variant("faulty", "none", "off")
FAULTY_ARGS = ["mix", f"-h{256 * MIB}", "-f10", "-o20000"]


class Run(NamedTuple):
    """One invocation of the driver."""

    variant: Variant
    mode: str
    cell: str
    args: list
    fault: str = ""


def replay(mode, variants, cells):
    return [Run(v, mode, c, CELLS[c] + v.args()) for v in variants for c in cells]


def utilisation(variants, heaps, args=()):
    return [Run(v, "check", "util " + h, ["util", f"-h{HEAPS[h]}"] + v.args() + list(args))
            for v in variants for h in heaps]


def questions():
    """Small heaps, bookkeeping, and whether the checks can fail at all."""
    runs = []
    for v in GATED:
        runs += [Run(v, "check", f"small {size}", ["small", f"-h{size}"] + v.args())
                 for size in (256, 64 * KIB)]
    runs += [Run(OOB, "side", cell + tags, CELLS[cell] + OOB.args() + ["-t"] * bool(tags))
             for cell in SIDE for tags in ("", " tags")]
    runs.append(Run(OOB, "check", "sparse 1G", ["sparse", f"-h{GIB}"] + OOB.args()))
    runs.append(Run(OOB, "check", "selftest", ["selftest"] + OOB.args()))
    runs += [Run(FAULTY, "check", "fault " + f, FAULTY_ARGS, f) for f in FAULTS]
    return runs


def fixed():
    return (replay("icount", [SLAB, POOL, LIST, LISTS, KSLAB, LOCKED], FIXED) +
            replay("check", [SLAB, POOL, KSLAB], FIXED))


def shared():
    return replay("icount", [KHEAP], SHARED) + replay("check", [KHEAP], ["mix 1M", "realloc 64M"])


def blocks(cells):
    cells = ["lifo64", "mix 1M", "large 64M"] + cells
    lists = [BLOCKLIST, MEM_BLOCKLIST]
    return (replay("icount", [BLOCKS, MEM_BLOCKS], cells) +
            replay("icount", lists, ["mix 1M"] + LISTS_OF) +
            replay("check", [BLOCKS, MEM_BLOCKS], ["mix 1M", "large 64M"]) +
            replay("check", lists, ["lists 1e4"]) + utilisation([BLOCKS], ["64K", "1M"]))


def objects():
    """What is in front of the engines, next to them."""
    new = [v for v in OBJECTS if v not in (KHEAP, KSLAB, MEM_BLOCKS, MEM_BLOCKLIST)]
    runs = [run for v in new for run in replay("icount", [v], [OBJECTS[v][1]]) +
            replay("check", [v], [OBJECTS[v][1]])]
    return runs + replay("icount", [HEAP_RING], ["fifo 1e4"])


def linear(variants, cells):
    """Cost grows with the number of free blocks: short runs."""
    return [run._replace(args=run.args + LINEAR_ARGS) for run in replay("icount", variants, cells)]


def behind(few):
    """Engines behind the interface; and what a growing number of blocks costs all that are new."""
    runs = []
    for v, cells in FLAT.items():
        if v not in GATED + [BLOCKS, MEM_BLOCKS, BLOCKLIST, MEM_BLOCKLIST]:
            scaled = replay("icount", [v], [cells[0], cells[3]] if few else cells)
            runs += [run._replace(args=run.args + OBJECT_ARGS * (v in HEAPS_OF)) for run in scaled]
    runs += replay("check", [HEAP_SLAB], FIXED) + replay("check", [HEAP_RING], ["fifo 1e4"])
    runs += [run._replace(args=run.args + LINEAR_ARGS)
             for run in replay("check", [HEAP_BLOCKS, HEAP_FIRST, HEAP_BEST], ["mix 1M"])]
    if few:
        return runs
    runs += replay("icount", [HEAP_SLAB, HEAP_RING], FIXED)
    runs += replay("icount", [HEAP_BLOCKS], ["lifo64", "mix 1M", "large 64M", "aligned 16M"])
    runs += replay("check", [HEAP_BLOCKS], ["mix 1M", "large 64M", "aligned 16M", "realloc 64M"])
    runs += linear([HEAP_FIRST, HEAP_BEST], LINEAR_CELLS + ["scale 1e3"])
    runs += utilisation([HEAP_FIRST, HEAP_BEST, HEAP_BLOCKS] + EQUAL + STREAMS, ["64K", "1M"])
    return runs + replay("icount", RIVALS, RIVAL_CELLS)


def shorter(runs):
    """The same, traces with a quarter of the operations after warm-up."""
    return [run._replace(args=run.args + SHORT_ARGS)
            if run.cell in CELLS and not any(arg.startswith("-o") for arg in run.args) else run
            for run in runs]


def gate():
    return shorter(fixed() + shared() + blocks(["scale 1e2", "scale 1e5"]) + behind(True) +
                   objects() + replay("icount", GATED, QUICK) +
                   replay("check", GATED, QUICK_CHECK) + utilisation(GATED, ["64K", "1M"]) +
                   utilisation(GATED, ["16M"], ["-dmix"]) + utilisation(EQUAL, ["1M"]) +
                   utilisation(STREAMS, ["1M"], ["-dmix"]) + questions())


def full():
    runs = replay("icount", GATED, TRACES) + replay("check", GATED, TRACES)
    runs += utilisation(GATED, HEAPS) + questions() + fixed() + shared()
    runs += blocks(SCALE) + behind(False) + objects()
    runs += replay("icount", CAREFUL, TABLE)
    for v in ANCHORS:
        linear = v.name in LINEAR
        for run in replay("icount", [v], LINEAR_CELLS if linear else TABLE):
            runs.append(run._replace(args=run.args + LINEAR_ARGS * linear))
        if v.name in ("floor", "bitmap"):
            runs += utilisation([v], ["64K", "1M"] if linear else HEAPS)
    return runs


def time():
    cells = ["lifo64", "mix 1M", "mix 64M", "large 64M", "aligned 16M", "scale 1e2", "scale 1e4",
             "scale 1e6"]
    null = Variant("null", "none", "off")
    fast = [v for v in ANCHORS if v.name not in LINEAR]
    return replay("time", [null] + GATED + CAREFUL + fast, cells)
