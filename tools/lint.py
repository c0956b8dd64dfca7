#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev lint [--fix]: every check of the text; --fix lets clang-format change the files first."""
import sys

import build
import check_all
import check_format


def main():
    if set(sys.argv[1:]) - {"--fix"}:
        sys.exit(__doc__)
    if "--fix" in sys.argv:
        check_format.run(build.ROOT, fix=True)
    tally = check_all.run()
    for text in tally.failures + [f"note: {note}" for note in tally.notes]:
        print(text)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
