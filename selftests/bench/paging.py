#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""What touching a page costs that is not there, in instructions, kernel and helpers included.

Boots a guest whose clock is its instruction counter and runs guest_paging in it; see guest.py.

full  table, PASS or FAIL per bound
gate  the bounds as TAP
"""

import argparse
import os
import sys
from pathlib import Path

import gates
import guest
from run import print_tap, print_verdicts

# A page is copied by words (families from 16 on): a processor does it at once, here each step counts,
# and bytes would be too many.
GUEST = ["--qemu-arg", "-cpu", "--qemu-arg", "max,la57=off,family=16,model=2,erms=off,fsrm=off,fsrs=off,fzrm=off",
         "--kmod", "brd rd_nr=1 rd_size=32768", "--kmod", "lz4_compress", "--kmod",
         "lz4hc_compress", "--kmod", "lz4", "--kmod", "zram num_devices=1"]
KINDS = ["clean", "dirty", "minor_read", "minor_write"]
ROWS = {
    "window": "window, fifo, RAM",
    "window_default": "window, default, RAM",
    "window_cleaned": "window, fifo, RAM, with a cleaner",
    "window_slow": "window, reads of 100000",
    "window_slow_ahead": "window, reads of 100000, 16 ahead",
    "uffd_save": "userfaultfd, saves every page",
    "uffd_note": "userfaultfd, notes what is written",
    "window_lz4": "window, fifo, lz4",
    "zram_lz4": "swap to zram, lz4",
    "window_file": "window, fifo, file: a RAM disk",
    "page_cache": "page cache of that, one by one",
    "page_cache_ahead": "page cache of that, reading ahead",
    "window_around": "window, fifo, RAM, 16 at a time",
    "shmem": "shmem, one by one",
    "shmem_around": "shmem, 16 at a time",
}
UFFD_MOST = 0.4
MINOR_MOST = 1.2
AROUND_MOST = 1.1  # of shmem, 16 pages at a time
AHEAD_MOST = 0.25  # of the time that a slow store takes page by page
CLEANED_MOST = 0.8  # of a fault that has to write a page itself


def ratio(costs, ours, theirs, what):
    ours = costs.get((ours, what, 0))
    others = [costs.get((who, what, 0)) for who in theirs]
    return ours / min(others) if ours and all(others) else None


def judge(costs, wrong):
    yield gates.Verdict(not wrong, "paging: the clock counts, every touch did what it should",
                        "; ".join(wrong) or f"{len(costs)} costs")
    for who in "window", "window_default":
        for what in "clean", "dirty":
            yield gates.at_most(f"{who}: major fault, {what} / userfaultfd, the better way",
                                ratio(costs, who, ["uffd_save", "uffd_note"], what), UFFD_MOST)
        for what in "minor_read", "minor_write":
            yield gates.at_most(f"{who}: {what} / shmem", ratio(costs, who, ["shmem"], what),
                                MINOR_MOST)
    for what in "minor_read", "minor_write":
        shmem = costs.get(("shmem_around", "minor_read", 0))
        ours = costs.get(("window_around", what, 0))
        yield gates.at_most(f"window, 16 at a time: {what} / shmem",
                            ours / shmem if ours and shmem else None, AROUND_MOST)
    yield gates.at_most("window over a slow store, 16 ahead / page by page",
                        ratio(costs, "window_slow_ahead", ["window_slow"], "clean"), AHEAD_MOST)
    yield gates.at_most("window with a cleaner: major fault, dirty / without",
                        ratio(costs, "window_cleaned", ["window"], "dirty"), CLEANED_MOST)
    for what in "clean", "dirty":
        yield gates.at_most(f"window_lz4: major fault, {what} / swap to zram",
                            ratio(costs, "window_lz4", ["zram_lz4"], what), 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", required=True, help="where guest_paging is")
    parser.add_argument("what", choices=["full", "gate"])
    args = parser.parse_args()
    if os.uname().machine != "x86_64":
        sys.exit("bench: instruction counts are those of x86_64; run it on one")
    costs, wrong = guest.measure(Path(args.dir).resolve(), "guest_paging", *GUEST)
    verdicts = list(judge(costs, wrong))
    if args.what == "full":
        guest.table("Instructions of a touch, by what happens: a page comes in and a clean or a "
                    "changed one goes, or it is there", KINDS,
                    [[text] + [costs.get((who, what, 0)) for what in KINDS]
                     for who, text in ROWS.items()])
        print_verdicts(verdicts)
    else:
        print_tap(verdicts)
    return 0 if all(verdict.passed for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
