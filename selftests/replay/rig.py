# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""What the tests of this directory share: running the command, recording, a runner that speaks TAP.

Each test runs in a directory of its own, which is removed afterwards.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

OUT = os.path.abspath(sys.argv[1])
MEMRIG = OUT + "/user/memrig"
TIMEOUT = 120
TESTS = []


class Skip(Exception):
    """This test cannot run here."""


def test(function):
    TESTS.append(function)
    return function


def program(name):
    return f"{OUT}/programs/{name}"


def run(*command, **kwargs):
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, **kwargs)


def record(*command, options=(), status=0, env=None, **kwargs):
    """Records into t.trace of the current directory; the summary rows, most calls first."""
    done = run(MEMRIG, "record", "--json", "-o", "t.trace", *options, "--", *command,
               env={**os.environ, **(env or {})}, **kwargs)
    assert done.returncode == status, f"exit status {done.returncode}: {done.stderr}"
    start = done.stdout.rfind("\n[\n") + 1
    return json.loads(done.stdout[start:]), done.stdout[:start]


def refuse(text, *command, status=1, **kwargs):
    """A command that must fail, and say so in these words."""
    done = run(*command, **kwargs)
    assert done.returncode == status, f"exit status {done.returncode}, not {status}: {done.stderr}"
    assert text in done.stderr, f"said '{done.stderr.strip()}', should say '{text}'"
    assert "memrig" in done.stderr.split("\n")[0], "does not say who speaks"


def needs(name):
    if not shutil.which(name):
        raise Skip(f"no {name} here")
    return name


# ---------------------------------------------------------------- the runner

def main():
    failures = 0
    print(f"1..{len(TESTS)}")
    for number, function in enumerate(TESTS, 1):
        verdict, note = "ok", ""
        with tempfile.TemporaryDirectory(prefix="memrig-replay.") as directory:
            os.chdir(directory)
            try:
                function()
            except Skip as reason:
                note = f" # SKIP {reason}"
            except (AssertionError, OSError, ValueError, KeyError, IndexError,
                    subprocess.SubprocessError) as error:
                verdict = "not ok"
                failures += 1
                for line in str(error or type(error)).split("\n"):
                    print("# " + line)
            os.chdir("/")
        print(f"{verdict} {number} - {function.__name__}{note}", flush=True)
    return 1 if failures else 0

