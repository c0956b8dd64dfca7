#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles a file that must not compile: expect_refusal.py SOURCE COMPILER [ARGUMENT...]

The first lines of SOURCE read `// expect: SENTENCE`. The compiler has to refuse SOURCE and to say
each SENTENCE; line ends within its messages do not count. Of each line that ends with `// refused`
it has to complain, whatever path it names the file by: ccache may shorten it.
"""
import os
import subprocess
import sys

from expect_stop import expectations


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    source, command = sys.argv[1], sys.argv[2:]
    expected = expectations(source)
    if not expected or not all(expected):
        sys.exit(f"{source}: has no line `// expect: SENTENCE`; say what the compiler must say")
    done = subprocess.run(
        [*command, "-std=c++20", "-fsyntax-only", source],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=50,
        check=False,
    )
    if done.returncode == 0:
        sys.exit(f"{source}: compiles; the misuse goes unnoticed")
    said = " ".join(done.stderr.replace('" "', "").split())
    for sentence in expected:
        if sentence not in said:
            sys.exit(f"{source}: refused, but not with\n  {sentence}\nIt said:\n{done.stderr}")
    name = os.path.basename(source)
    with open(source, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.endswith("// refused\n") and f"{name}:{number}:" not in done.stderr:
                sys.exit(f"{source}:{number}: compiles; the misuse goes unnoticed: {line.strip()}")
    print(f"{source}: refused as it must be: {expected[0]}")


if __name__ == "__main__":
    main()
