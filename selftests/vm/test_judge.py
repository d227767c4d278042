#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""The judge of the guest runs, judged: each way in which a run can be bad must fail it. Speaks TAP."""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CONSOLE = "[    1.0] Run /init as init process\n[    2.0] memrig: module loaded\n"
OWN = "ok - insmod memrig.ko\n{}ok - nothing holds the module at the end\n# memrig-vm: complete\n"
PROGRAM = "# begin test/t\nTAP version 13\n1..2\nok 1 - one\nok 2 - two\n# end test/t 0\n"
GOOD = OWN.format(PROGRAM)

# (name, expected exit status, machine, results, console)
CASES = [
    ("a_good_run_passes", 0, "", GOOD, CONSOLE),
    ("a_skip_passes", 0, "", GOOD.replace("two", "two # SKIP no device"), CONSOLE),
    ("a_whole_program_may_skip", 0, "",
     OWN.format("# begin test/t\n1..0 # SKIP no device\n# end test/t 4\n"), CONSOLE),
    ("noise_of_the_line_is_ignored", 0, "", "\xff" + GOOD.replace("\n", "\r\n"), CONSOLE),
    ("failed_point", 1, "", GOOD.replace("ok 2", "not ok 2").replace("test/t 0", "test/t 1"), CONSOLE),
    ("failed_point_of_the_guest", 1, "", GOOD.replace("ok - nothing", "not ok - nothing"), CONSOLE),
    ("status_without_failed_point", 1, "", GOOD.replace("test/t 0", "test/t 1"), CONSOLE),
    ("failed_point_without_status", 1, "", GOOD.replace("ok 2", "not ok 2"), CONSOLE),
    ("killed_by_timeout", 1, "", GOOD.replace("test/t 0", "test/t 143"), CONSOLE),
    ("point_missing", 1, "", GOOD.replace("ok 2 - two\n", ""), CONSOLE),
    ("printed_no_point", 1, "", OWN.format("# begin test/t\nhello\n# end test/t 0\n"), CONSOLE),
    ("nothing_ran", 1, "", OWN.format(""), CONSOLE),
    ("stopped_in_a_program", 1, "", GOOD[: GOOD.index("ok 2")], CONSOLE),
    ("did_not_complete", 1, "", GOOD.replace("# memrig-vm: complete\n", ""), CONSOLE),
    ("nested_failure", 1, "", GOOD.replace("ok 2", "    not ok 1 - inner\nok 2"), CONSOLE),
    ("qemu_failed", 1, "not ok - t: QEMU runs (status 1)\n", GOOD, CONSOLE),
    ("did_not_boot", 1, "", GOOD, ""),
]
CASES += [
    ("console_" + line.split(":")[0].replace(" ", "_"), 1, "", GOOD, f"{CONSOLE}[    3.0] {line}\n")
    for line in (
        "WARNING: CPU: 0 PID: 1 at mm/slub.c:1 kfree+0x1/0x2",
        "BUG: KASAN: slab-out-of-bounds in x",
        "UBSAN: shift-out-of-bounds in x.c:1",
        "INFO: task t:1 blocked for more than 120 seconds.",
        "DMA-API: platform memrig: device driver frees DMA memory with different size",
        "memory of region 3 (4096 bytes) is still in use and is lost",
        "insmod: page allocation failure: order:0, mode:0xcc0",
    )
]


def judge(machine, results, console):
    with tempfile.TemporaryDirectory() as work:
        paths = []
        for name, text in (("machine", machine), ("results", results), ("console", console)):
            paths.append(Path(work) / name)
            paths[-1].write_bytes(text.encode("latin-1"))
        run = subprocess.run([sys.executable, HERE / "judge.py", "--name", "t", "--expect", "1", *paths],
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stdout + run.stderr


def main():
    failed = 0
    print(f"TAP version 13\n1..{len(CASES)}")
    for number, (name, expected, *texts) in enumerate(CASES, 1):
        status, said = judge(*texts)
        # A crash of the judge is no verdict.
        good = status == expected and "Traceback" not in said
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print("".join(f"# {line}\n" for line in said.splitlines()), end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
