#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ref_code_test.py LIBRARY: functions that use a ref have the code of those that use a pointer.

The library holds pairs NAME_by_ref and NAME_by_pointer. What they are made of is compared, by the
names of the instructions that objdump prints: compilers may order independent ones differently.
"""
import re
import shutil
import subprocess
import sys


def code(library):
    """The names of the instructions of each function."""
    listing = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", library],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    functions = {}
    for name, body in re.findall(r"^[0-9a-f]+ <(\w+)>:\n((?: +[0-9a-f]+:.*\n)*)", listing, re.M):
        lines = [line.split(":", 1)[1].split() for line in body.splitlines()]
        # nop, data16 and cs nop fill up to the next place that is aligned.
        functions[name] = sorted(
            line[0] for line in lines if line and not line[0].startswith(("nop", "data16", "cs"))
        )
    return functions


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if shutil.which("objdump") is None:
        print("code is not compared: objdump is not here (package binutils)")
        print("0 passed, 0 failed")
        return 0
    functions = code(sys.argv[1])
    names = sorted(name[: -len("_by_ref")] for name in functions if name.endswith("_by_ref"))
    if len(names) < 2:
        sys.exit(f"{sys.argv[1]} holds no functions to compare; found {sorted(functions)}")
    failed = 0
    for name in names:
        by_ref, by_pointer = functions[name + "_by_ref"], functions[name + "_by_pointer"]
        if by_ref == by_pointer:
            continue
        failed += 1
        print(f"{name} through a ref: {len(by_ref)} instructions: {' '.join(by_ref)}")
        print(f"and through a pointer: {len(by_pointer)}: {' '.join(by_pointer)}")
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
