#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts instructions of holds, with callgrind: instructions_test.py PROGRAM.

Taking a hold is to take no more than 25; and with 10,000 holds alive releasing a batch of 10,000
objects is to cost less than three times what it costs without. A quiescent state that looks for
objects among them walks over them once, however many it looks for: 32 instructions a hold for 12.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from callgrind import instructions, need_valgrind, report

TAKEN = 10_000
MOST_FOR_A_HOLD = 25
MOST_TIMES = 3
MOST_A_HOLD_LOOKED_AT = 32


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
    looked_at = instructions(program, ["let_go"], "counted_look") / TAKEN
    return report(
        [
            (each <= MOST_FOR_A_HOLD, f"taking a hold takes {each:.1f} instructions"),
            (
                held < MOST_TIMES * without,
                f"releasing 10,000 objects takes {without / 2:.0f} instructions, and "
                f"{held / 2:.0f} with 10,000 holds alive: {held / without:.2f} times as many",
            ),
            (
                looked_at <= MOST_A_HOLD_LOOKED_AT,
                "looking for 12 objects among 10,000 holds takes "
                f"{looked_at:.1f} instructions for each of these",
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
