#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Draw on this machine what device_replay.sh compared in a guest, where there is no gnuplot.

usage: device_report.py MEMRIG RESULTS    (the command; what the guest printed)

The comparison is in the results as "# kept" lines: gzip, base64.
"""

import base64
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from page import check_page  # noqa: E402

MARK = "# kept "


def main():
    memrig, results = sys.argv[1:]
    text = Path(results).read_text(encoding="utf-8", errors="replace")
    lines = [line[len(MARK):].strip() for line in text.split("\n") if line.startswith(MARK)]
    if not lines:
        sys.exit(f"{results} has no comparison in it")
    kept = gzip.decompress(base64.b64decode("".join(lines)))
    answer = json.loads(kept)
    memories = {row["memory"] for row in answer["rows"]}
    assert len(memories) > 1, memories
    with tempfile.TemporaryDirectory(prefix="memrig-report.") as directory:
        saved, page = Path(directory, "kept.json"), Path(directory, "report.html")
        saved.write_bytes(kept)
        subprocess.run([memrig, "replay", "--from", saved, "--report", page], check=True,
                       stdout=subprocess.DEVNULL)
        check_page(page, answer)
    print(f"{len(answer['rows'])} rows, {len(memories)} kinds of memory")
    return 0


if __name__ == "__main__":
    sys.exit(main())
