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
SHOWN_LINES = 20


def expectations(source):
    with open(source, encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.startswith("// expect:")]
    return [line[len("// expect:") :].strip() for line in lines]


def end_of(text):
    return "\n".join(text.splitlines()[-SHOWN_LINES:])


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
        return f"must end by SIGABRT, ended with {how}. It said:\n{end_of(done.stderr)}"
    for sentence in expected:
        if sentence not in done.stderr:
            said = end_of(done.stderr)
            return f"stopped, but not with the sentence\n  {sentence}\nIt said:\n{said}"
    return None


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    program, *sources = sys.argv[1:]
    failed = []
    for source in sources:
        if wrong := complaint(program, source):
            failed.append(source)
            print(f"{source}: {wrong}", flush=True)
    print("".join(f"failed: {source}\n" for source in failed), end="")
    print(f"{len(sources) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
