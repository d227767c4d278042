#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Run the benchmark, print tables, judge.

full  every run, tables, PASS or FAIL per bound
gate  a part of the runs, as TAP
time  processor time; judges nothing
"""

import argparse
import os
import sys

import gates
import plan
import results
import tables


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def execute(directory, runs):
    with open(os.path.join(directory, "results"), "w", encoding="utf-8") as log:
        r = results.Results(directory, log)
        for i, run in enumerate(runs):
            progress(f"{i + 1}/{len(runs)} {run.variant.name} {run.mode} {run.cell} ")
            r.execute(run)
    progress("")
    return r


def print_tap(verdicts):
    print(f"TAP version 13\n1..{len(verdicts)}")
    for i, v in enumerate(verdicts):
        name = v.name.replace("#", "")
        print(f"{'ok' if v.passed else 'not ok'} {i + 1} - {name}: {v.detail}")


def print_verdicts(verdicts):
    width = max(len(v.name) for v in verdicts)
    print("\nBounds\n")
    for v in verdicts:
        print(f"  {'PASS' if v.passed else 'FAIL'}  {v.name.ljust(width)}  {v.detail}")
    print(f"\n  {sum(v.passed for v in verdicts)} of {len(verdicts)} hold")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", required=True, help="where the programs are")
    parser.add_argument("what", choices=["full", "gate", "time"])
    args = parser.parse_args()
    if os.uname().machine != "x86_64":
        sys.exit("bench: instruction counts are those of x86_64; run it on one")

    r = execute(args.dir, getattr(plan, args.what)())
    if args.what == "time":
        tables.times(r)
        return 1 if r.failed else 0
    verdicts = gates.judge(r)
    if args.what == "full":
        tables.counts(r)
        print_verdicts(verdicts)
    else:
        print_tap(verdicts)
    return 0 if all(v.passed for v in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
