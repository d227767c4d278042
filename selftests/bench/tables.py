# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Print what was measured here next to the recorded rows of other allocators."""

import csv
from pathlib import Path

import plan

RECORDED = Path(__file__).parent / "recorded"
NONE = "-"


def read(name):
    with open(RECORDED / name, encoding="utf-8", newline="") as f:
        return {row["allocator"]: row for row in csv.DictReader(
            line for line in f if not line.startswith("#"))}


def show(value, digits):
    return NONE if value is None else f"{float(value):.{digits}f}"


def table(title, head, rows):
    head = ["", "hardening", "stats"] + list(head)
    width = [max(len(str(row[i])) for row in [head] + rows) for i in range(len(head))]
    print(f"\n{title}\n")
    for row in [head] + rows:
        left = "  ".join(str(row[i]).ljust(width[i]) for i in range(3))
        print("  " + left + "".join("  " + str(row[i]).rjust(width[i])
                                    for i in range(3, len(head))))


def measured(cells, value, digits):
    rows = []
    new = [plan.SLAB, plan.POOL, plan.BLOCKS, plan.BLOCKLIST] + plan.BEHIND + list(plan.OBJECTS)
    for v in plan.GATED + plan.CAREFUL + new + plan.RIVALS + plan.ANCHORS + [plan.LOCKED]:
        row = [show(value(v, cell), digits) for cell in cells]
        if set(row) != {NONE}:
            rows.append([v.name, v.hardening, v.stats] + row)
    return rows


def recorded(name, cells):
    levels = read("allocators.csv")
    return [[a + "*", levels[a]["hardening"], levels[a]["statistics"]] +
            [row.get(cell) or NONE for cell in cells] for a, row in read(name).items()]


def counts(results):
    """The tables of a complete run."""
    cells = plan.TABLE
    table("Mean instructions per call", cells,
          measured(cells, results.mean, 1) + recorded("mean.csv", cells))

    def growing(v, number):
        work = plan.FLAT.get(v, plan.SCALE)[0].split()[0]
        return results.mean(v, f"{work} {number}")

    cells = ["1e2", "1e3", "1e4", "1e5", "1e6"]
    table("Mean instructions per call against live blocks: scale; slabs scale64, ring fifo", cells,
          measured(cells, growing, 1))

    def worst(v, kind):
        found = results.worst(v, kind)
        return found and found[0]

    cells = ["alloc", "free", "aligned"]
    table("Worst single call over all workloads, instructions", cells,
          measured(cells, worst, 0) + recorded("worst.csv", cells))

    cells = ["mix 1M", "mix 64M"]
    table("Loads and stores of one alloc and one free", cells,
          measured(cells, results.traffic, 1) + recorded("traffic.csv", cells))

    def refused(v, cell):
        return None if v.name in plan.ENDLESS else results.refused(v, cell)

    cells = ["mix 1M", "mix 64M", "large60 64M", "large 64M", "aligned 16M"]
    table("Requests refused", cells,
          measured(cells, refused, 0) + recorded("refused.csv", cells))

    def churn(v, cell):
        dist, heap = cell.split()
        return None if v in plan.STREAMS else results.used(v, heap, dist)

    def fresh(v, cell):
        dist, heap = cell.split()
        return results.used(v, heap, dist, "fresh")

    for heaps in (["64K", "1M"], ["16M", "64M"]):
        cells = [f"{dist} {heap}" for heap in heaps for dist in ("mix", "power", "small", "fixed")
                 if (heap, dist) != ("64K", "power")]
        table("Utilisation under churn: requested bytes / bytes of the region when full", cells,
              measured(cells, churn, 3) + recorded("churn.csv", cells))
    cells = [f"{dist} {heap}" for heap in ("64K", "1M") for dist in ("mix", "small", "fixed")]
    table("Utilisation when filled once, from empty", cells, measured(cells, fresh, 3))
    objects(results)
    side(results)
    print("\n  * recorded, same workloads and counter:\n")
    for name, row in read("allocators.csv").items():
        print(f"    {name:10} {row['version']}")


def objects(results):
    rows = []
    for v, (engine, cell) in plan.OBJECTS.items():
        ours, bare = results.mean(v, cell), results.mean(engine, cell)
        rows.append([v.name, v.hardening, v.stats, cell] +
                    [show(results.mean(v, cell, kind), 1) for kind in ("alloc", "free")] +
                    [engine.name, show(bare, 1), show(ours and bare and ours / bare, 2)])
    table("What programs call, next to the engine behind it: mean instructions",
          ["workload", "alloc", "free", "engine", "mean", "times"], rows)


def side(results):
    print("\nBookkeeping of oob outside the region\n")
    for cell in results.cells(plan.OOB, "side"):
        line = results.get(plan.OOB, "side", cell)[0]
        size, blocks, heap = (int(line[k]) for k in ("bytes", "records", "heap"))
        print(f"  {cell:16} {size:9} bytes for {blocks:7} blocks: {size / blocks:6.1f} each, "
              f"{100 * size / heap:5.2f} % of the region")


def times(results):
    """The table of a timing run."""
    cells = results.cells(plan.INBAND, "time")
    rows = []
    for v in dict.fromkeys(key[0] for key in results.lines):
        row = []
        for cell in cells:
            lines = results.get(v, "time", cell)
            row.append(lines[0]["ns_median"] if lines else NONE)
        rows.append([v.name, v.hardening, v.stats] + row)
    table("Processor time per call, ns, median; subtract null, the driver itself", cells, rows)
