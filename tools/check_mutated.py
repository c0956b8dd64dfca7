# SPDX-License-Identifier: MIT
"""Every access that orders memory is weakened by a mutant, which a litmus program must notice.

Of the layers that litmus programs are made of: the lines that a mutant of tests/litmus/mutants.txt
replaces include the access. tools/mutants.py shows that the mutant is caught.
"""
import pathlib
import sys

import check_orderings
import mutants
import source_tree

TABLE = "tests/litmus/mutants.txt"
DEFINES_THEM = pathlib.Path("base/atomics.hpp")


def replaced(root, every):
    """path -> where the text begins and ends that some mutant replaces."""
    spans = {}
    for mutant in every:
        for change in mutant.changes:
            text = source_tree.read(root / change.path)
            for found in mutants.places(text, change):
                spans.setdefault(pathlib.Path(change.path), []).append(found.span())
    return spans


def run(root):
    root = pathlib.Path(root)
    spans, problems = replaced(root, mutants.read_table(source_tree.read(root / TABLE))), []
    for path in source_tree.cpp_files(root, mutants.LAYERS):
        here, code = path.relative_to(root), source_tree.code_of(source_tree.read(path))
        if here == DEFINES_THEM:
            continue
        for offset, _ in check_orderings.accesses(code):
            if not any(begin <= offset < end for begin, end in spans.get(here, ())):
                problems.append(
                    f"{here}:{source_tree.line_at(code, offset)}: orders memory, and no mutant in "
                    f"{TABLE} weakens it"
                )
    return problems


if __name__ == "__main__":
    found = run(pathlib.Path(__file__).parent.parent)
    sys.exit("\n".join(found) or 0)
