#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""What real programs ask for, and what each engine makes of it.

Records programs of Debian with memrig record, replays them with every engine of the library under
the emulator that counts instructions, and prints one table for each. Bounds: the content of every
block, and how much memory sys_heap needs beyond what is asked for.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import gates
import results
from run import print_verdicts

COUNTER = "0x1c0000000000"  # QICOUNT_ADDRESS
LEAST_MOST = 1.15  # smallest heap / bytes live at the peak
SQL = """
create table t(a, b);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 4000)
  insert into t select i, hex(randomblob(i % 99)) from n;
create index x on t(b);
delete from t where a % 3 = 0;
select count(*) from t group by substr(b, 1, 1);
"""
PYTHON = "import json; x = json.loads(json.dumps([{str(i): [i] * 5} for i in range(1500)]))"
HEAD = ["insns", "worst", "failed", "peak", "inside %", "outside %", "side", "least"]
KEYS = ["instructions_per_op", "worst_instructions", "refused", "peak_used_bytes",
        "inside_percent", "frag_peak_percent", "side_bytes", "least_heap_bytes"]


def words(directory):
    with open(directory / "words", "w", encoding="ascii") as out:
        out.writelines(f"{i * 7919 % 20011}\n" for i in range(20000))
    return ["sort", str(directory / "words")]


def repository(directory):
    tree = directory / "tree"
    subprocess.run(["git", "init", "-q", "-b", "main", tree], check=True)
    for i in range(200):
        (tree / f"file{i}").write_text(f"{i}\n" * i, encoding="ascii")
    subprocess.run(["git", "-C", tree, "add", "."], check=True)
    return ["git", "-C", str(tree), "status", "--porcelain"]


PROGRAMS = {
    "sqlite3": lambda directory: ["sqlite3", ":memory:", SQL],
    "python3": lambda directory: ["/usr/bin/python3", "-c", PYTHON],
    "sort": words,
    "git": repository,
}


def compare(directory, bench, name):
    """The comparison as memrig replay --json has it."""
    trace = directory / f"{name}.trace"
    memrig = bench / "user/memrig"
    env = dict(os.environ, PYTHONMALLOC="malloc", LC_ALL="C.UTF-8")
    subprocess.run([memrig, "record", "--no-children", "-o", trace, "--",
                    *PROGRAMS[name](directory)], env=env, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    done = subprocess.run([results.find_qemu(), "-plugin", bench / "qicount.so", memrig, "replay",
                           "--json", "--repeat", "1", "--samples", "0", trace],
                          env=dict(env, MEMRIG_REPLAY_COUNTER=COUNTER), capture_output=True,
                          text=True, check=False)
    if not done.stdout:
        sys.exit(f"bench: {name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def show(value):
    if value is None:
        return "-"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def print_table(name, answer):
    trace = answer["trace"]
    rows = [[row["allocator"]] + [show(row[key]) for key in KEYS] for row in answer["rows"]]
    print(f"\n{name}: {trace['operations']} operations, at most {trace['peak_bytes']} bytes in "
          f"{trace['peak_blocks']} blocks, largest {trace['largest']}\n")
    for row in [[""] + HEAD] + rows:
        print("  " + row[0].ljust(16) + "".join(cell.rjust(11) for cell in row[1:]))


def judge(name, answer):
    rows = answer["rows"]
    counted = all(row["costs"]["unit"] == "instructions" for row in rows)
    yield gates.Verdict(answer["good"] and counted and len(rows) > 0,
                        f"{name}: every engine replays it, every byte as written",
                        f"{len(rows)} engines" if counted else "nothing counted instructions")
    for row in rows:
        if row["engine"] in ("inband", "oob"):
            least = row["least_heap_bytes"]
            yield gates.at_most(f"{name}: {row['engine']}: least heap / bytes live at the peak",
                                least and least / answer["trace"]["peak_bytes"], LEAST_MOST)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", required=True, help="where the programs are")
    bench = Path(parser.parse_args().dir).resolve()
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        sys.exit(f"bench: no {', '.join(missing)} to record; run: make deps")
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="memrig-bench.") as directory:
        for name in PROGRAMS:
            answer = compare(Path(directory), bench, name)
            print_table(name, answer)
            verdicts += judge(name, answer)
    print_verdicts(verdicts)
    return 0 if all(verdict.passed for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
