#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Draw on this machine what device_window_record.sh recorded in a guest, where there is no gnuplot.

usage: device_window_report.py MEMRIG RESULTS    (the command; what the guest printed)

The trace is in the results as "# window" lines: gzip, base64.
"""

import base64
import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../replay"))
from page import check_document  # noqa: E402

MARK = "# window "


def main():
    memrig, results = sys.argv[1:]
    text = Path(results).read_text(encoding="utf-8", errors="replace")
    lines = [line[len(MARK):].strip() for line in text.split("\n") if line.startswith(MARK)]
    if not lines:
        sys.exit(f"{results} has no trace in it")
    with tempfile.TemporaryDirectory(prefix="memrig-report.") as directory:
        trace, page = Path(directory, "guest.window"), Path(directory, "report.html")
        trace.write_bytes(gzip.decompress(base64.b64decode("".join(lines))))
        done = subprocess.run([memrig, "window", "report", "--json", "-o", page, trace],
                              check=True, stdout=subprocess.PIPE)
        answer = json.loads(done.stdout)
        assert answer["major"] > 10 and answer["lost"] == 0, answer
        check_document(page, 3)
        subprocess.run([memrig, "evict-sim", "--frames", "50%", trace], check=True,
                       stdout=subprocess.DEVNULL)
    print(f"{answer['major']} faults, {answer['touched']} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
