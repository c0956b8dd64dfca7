#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs programs that must stop: expect_stop.py PROGRAM SOURCE...

For each SOURCE, PROGRAM is run with the name of that file, without `.cpp`. The first line of the
file reads `// expect: SENTENCE`. The program has to end by SIGABRT, and its standard error has to
hold SENTENCE. Further `// expect:` lines must be found as well. Ends with `N passed, N failed`.
"""
import pathlib
import resource
import signal
import subprocess
import sys

LIMIT_S = 50


def expectations(source):
    with open(source, encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.startswith("// expect:")]
    return [line[len("// expect:") :].strip() for line in lines]


def complaint(program, source):
    """What is wrong with how it ends, or None."""
    expected = expectations(source)
    if not expected or not all(expected):
        return "has no line `// expect: SENTENCE`; say which sentence it must stop with"
    try:
        done = subprocess.run(
            [program, pathlib.Path(source).stem],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"did not stop within {LIMIT_S} s; the misuse went unnoticed or it hangs"
    if done.returncode != -signal.SIGABRT:
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        return f"must end by SIGABRT, ended with {how}. It said:\n{done.stderr}"
    for sentence in expected:
        if sentence not in done.stderr:
            return f"stopped, but not with the sentence\n  {sentence}\nIt said:\n{done.stderr}"
    return None


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    program, *sources = sys.argv[1:]
    failed = 0
    for source in sources:
        if wrong := complaint(program, source):
            failed += 1
            print(f"{source}: {wrong}", flush=True)
    print(f"{len(sources) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
