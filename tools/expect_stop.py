#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program that must stop: expect_stop.py SOURCE PROGRAM [ARGUMENT...]

The first line of SOURCE reads `// expect: SENTENCE`. The program has to end by SIGABRT and its
standard error has to hold SENTENCE. Further `// expect:` lines must be found as well.
"""
import resource
import signal
import subprocess
import sys


def expectations(source):
    with open(source, encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.startswith("// expect:")]
    return [line[len("// expect:") :].strip() for line in lines]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    source, command = sys.argv[1], sys.argv[2:]
    expected = expectations(source)
    if not expected or not all(expected):
        sys.exit(
            f"{source}: has no line `// expect: SENTENCE`; say which sentence it must stop with"
        )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=50
        )
    except subprocess.TimeoutExpired:
        sys.exit(f"{source}: did not stop within 50 s; the misuse went unnoticed or it hangs")
    if done.returncode != -signal.SIGABRT:
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        sys.exit(f"{source}: must end by SIGABRT, ended with {how}. It said:\n{done.stderr}")
    for sentence in expected:
        if sentence not in done.stderr:
            sys.exit(
                f"{source}: stopped, but not with the sentence\n  {sentence}\nIt said:\n"
                f"{done.stderr}"
            )
    print(f"{source}: stopped as it must: {expected[0]}")


if __name__ == "__main__":
    main()
