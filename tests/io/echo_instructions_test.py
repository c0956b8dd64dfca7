#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the instructions of an answered message, with callgrind: echo_instructions_test.py PROGRAM
COMPILER.

Sixteen connections have one message of 64 bytes each on its way at a time. What the library, the
handler and the memory functions of the C library execute for one is to stay within 5 % of what it
was; system calls are not counted. Other compilers than the one that the number is of are only
reported.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from callgrind import instructions, need_valgrind, report

CONNECTIONS = 16
MESSAGES = (200, 600)
COMPILER = "clang 19"
INSTRUCTIONS = 633
WITHIN = 0.05


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    need_valgrind()
    program, compiler = sys.argv[1:]
    few, many = (instructions(program, [str(n)], "counted_service") for n in MESSAGES)
    each = (many - few) / (MESSAGES[1] - MESSAGES[0]) / CONNECTIONS
    known = compiler == COMPILER
    good = not known or abs(each - INSTRUCTIONS) <= WITHIN * INSTRUCTIONS
    text = f"an answered message takes {each:.1f} instructions"
    if known:
        text += f"; {INSTRUCTIONS} were noted, so INSTRUCTIONS in this test is to be"
        text += " left as it is" if good else " set anew, if that is meant"
    return report([(good, text)])


if __name__ == "__main__":
    sys.exit(main())
