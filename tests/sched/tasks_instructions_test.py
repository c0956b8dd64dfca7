#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the instructions of a list of tasks that can all run, with callgrind:
tasks_instructions_test.py PROGRAM.

A list of four times as many may take little more than four times as many: when each task was looked
for in the queue of those that can run, it took sixteen times as many.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from callgrind import instructions, need_valgrind, report

FEW = 2_000
TIMES_AS_MANY = 4
MOST = 6


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    need_valgrind()
    few, many = (
        instructions(sys.argv[1], [str(tasks)], "counted_list")
        for tasks in (FEW, FEW * TIMES_AS_MANY)
    )
    text = (
        f"a list of {TIMES_AS_MANY} times as many tasks takes {many / few:.1f} times the "
        f"instructions, at most {MOST}; of {FEW} tasks {few / FEW:.0f} each"
    )
    return report([(many <= MOST * few, text)])


if __name__ == "__main__":
    sys.exit(main())
