# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""What the tests of this directory share: recording, and commands that must fail."""

import json
import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), ".."))
from tapcase import run  # noqa: E402

OUT = os.path.abspath(sys.argv[1])
MEMRIG = OUT + "/user/memrig"


def program(name):
    return f"{OUT}/programs/{name}"


def record(*command, options=(), status=0, env=None, **kwargs):
    """Records into t.trace of the current directory; the summary rows, most calls first."""
    done = run(MEMRIG, "record", "--json", "-o", "t.trace", *options, "--", *command,
               env=env, **kwargs)
    assert done.returncode == status, f"exit status {done.returncode}: {done.stderr}"
    start = done.stdout.rfind("\n[\n") + 1
    return json.loads(done.stdout[start:]), done.stdout[:start]


def refuse(text, *command, status=1, **kwargs):
    """A command that must fail, and say so in these words."""
    done = run(*command, **kwargs)
    assert done.returncode == status, f"exit status {done.returncode}, not {status}: {done.stderr}"
    assert text in done.stderr, f"said '{done.stderr.strip()}', should say '{text}'"
    assert "memrig" in done.stderr.split("\n")[0], "does not say who speaks"
