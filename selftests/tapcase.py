# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""What test programs in Python share: commands that are run, and a runner that speaks TAP.

Each test runs in a directory of its own, which is removed afterwards.
"""

import os
import shutil
import subprocess
import tempfile

TIMEOUT = 120
TESTS = []

# What sqlite3 is given that shall work for its living.
SQL = """
create table t(id integer primary key, name text, blob);
insert into t select value, printf('%08x', value * 2654435761 % 4294967296), zeroblob(value % 700)
  from generate_series(1, 20000);
create index by_name on t(name);
select count(*), sum(length(name)), sum(length(blob)) from t group by substr(name, 1, 1);
delete from t where id % 3 = 0;
vacuum;
select max(t.id) from t join t as u using (name);
"""


class Skip(Exception):
    """This test cannot run here."""


def test(function):
    TESTS.append(function)
    return function


def run(*command, env=None, **kwargs):
    """Runs it with these variables besides those that are there."""
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT,
                          env={**os.environ, **(env or {})}, **kwargs)


def needs(name):
    if not shutil.which(name):
        raise Skip(f"no {name} here")
    return name


def main():
    failures = 0
    print(f"1..{len(TESTS)}")
    for number, function in enumerate(TESTS, 1):
        verdict, note = "ok", ""
        with tempfile.TemporaryDirectory(prefix="memrig-test.") as directory:
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
