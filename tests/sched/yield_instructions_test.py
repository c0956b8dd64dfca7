#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the instructions of a `co_await yield_if_needed()` that nobody needs, with callgrind:
yield_instructions_test.py PROGRAM.

It is to be a countdown and what it takes to get there, that this is a core; and to call nothing.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from callgrind import instructions, need_valgrind, report

TIMES = 10_000
MOST = 16


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    need_valgrind()
    asking, walking = (
        instructions(sys.argv[1], [str(TIMES)], function)
        for function in ("counted_yields", "counted_turns")
    )
    each = (asking - walking) / TIMES
    text = f"a yield_if_needed() that nobody needs takes {each:.1f} instructions, at most {MOST}"
    return report([(each <= MOST, text)])


if __name__ == "__main__":
    sys.exit(main())
