#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts instructions of holds, with callgrind: instructions_test.py PROGRAM.

Taking a hold is to take no more than 25; and with 10,000 holds alive releasing a batch of 10,000
objects is to cost less than three times what it costs without.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TAKEN = 10_000
MOST_FOR_A_HOLD = 25
MOST_TIMES = 3


def instructions(program, shape, function):
    """Instructions in the functions of that name and in what they call."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                "valgrind",
                "--tool=callgrind",
                f"--toggle-collect=*{function}*",
                f"--callgrind-out-file={os.path.join(folder, 'out')}",
                program,
                shape,
            ],
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    match = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not match or int(match[1]) == 0:
        sys.exit(f"counting the instructions of {shape} failed:\n{done.stderr[-800:]}")
    return int(match[1])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if shutil.which("valgrind") is None:
        print("instructions are not counted: valgrind is not here (package valgrind)")
        print("0 passed, 0 failed")
        return 0
    program = sys.argv[1]
    each = (
        instructions(program, "take", "counted_take")
        - instructions(program, "take", "counted_walk")
    ) / TAKEN
    without = instructions(program, "release", "counted_release")
    held = instructions(program, "release_held", "counted_release")
    checks = [
        (each <= MOST_FOR_A_HOLD, f"taking a hold takes {each:.1f} instructions"),
        (
            held < MOST_TIMES * without,
            f"releasing 10,000 objects takes {without / 2:.0f} instructions, and {held / 2:.0f} "
            f"with 10,000 holds alive: {held / without:.2f} times as many",
        ),
    ]
    for good, text in checks:
        print(("" if good else "too many: ") + text)
    failed = sum(not good for good, _ in checks)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
