#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gdb_test.py SCRIPT PROGRAM: the gdb command lull-tasks in a program that stops in a task."""
import re
import shutil
import subprocess
import sys

EXPECTED = (
    r"core 0: \d tasks",
    r"  session: waits for sleep\n    at .*nap\(.*\) \(.*suspended\.cpp:11\)\n"
    r"    at .*serve_somebody\(.*\) \(.*suspended\.cpp:15\)",
    r"  .*stop_here\(.*\): runs\n",
    r"  beginner: waits\n",
)


def main():
    script, program = sys.argv[1:]
    if shutil.which("gdb") is None:
        print("left out: gdb is not here")
        return

    def gdb(*commands):
        words = [word for command in commands for word in ("-ex", command)]
        return subprocess.run(
            ["gdb", "-q", "-nx", "-batch", "-x", script, *words, program],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    done = gdb("lull-tasks")
    if "It takes a program that runs" not in done.stderr or "Python" in done.stderr:
        sys.exit(f"before the program runs it says:\n{done.stdout}\n{done.stderr}")
    for command in ("lull-tasks", "lull-tasks all"):
        done = gdb("run", command)
        for pattern in EXPECTED:
            if not re.search(pattern, done.stdout):
                sys.exit(f"{command}: no {pattern!r} in:\n{done.stdout}\n{done.stderr}")
    print("lull-tasks lists what it must")


if __name__ == "__main__":
    main()
