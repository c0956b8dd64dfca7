#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts instructions of holds, with callgrind: instructions_test.py PROGRAM.

Taking a hold is to take no more than 25; and with 10,000 holds alive releasing a batch of 10,000
objects is to cost less than three times what it costs without. A quiescent state walks over them
twice at most, however many objects it looks for there: 12 are to cost little more than 2.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from callgrind import instructions, need_valgrind, report

TAKEN = 10_000
MOST_FOR_A_HOLD = 25
MOST_TIMES = 3
MOST_TIMES_FOR_MORE = 1.2


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    need_valgrind()
    program = sys.argv[1]
    each = (
        instructions(program, ["take"], "counted_take")
        - instructions(program, ["take"], "counted_walk")
    ) / TAKEN
    without = instructions(program, ["release"], "counted_release")
    held = instructions(program, ["release_held"], "counted_release")
    two, twelve = (instructions(program, [f"let_go_{n}"], "counted_look") for n in (2, 12))
    return report(
        [
            (each <= MOST_FOR_A_HOLD, f"taking a hold takes {each:.1f} instructions"),
            (
                held < MOST_TIMES * without,
                f"releasing 10,000 objects takes {without / 2:.0f} instructions, and "
                f"{held / 2:.0f} with 10,000 holds alive: {held / without:.2f} times as many",
            ),
            (
                twelve < MOST_TIMES_FOR_MORE * two,
                f"looking for 2 objects among 10,000 holds takes {two:.0f} instructions, for 12 "
                f"{twelve:.0f}: {twelve / two:.2f} times as many",
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
