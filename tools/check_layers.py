#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Includes point down the layers only, form no cycle, and liburing stays inside ring/, its tests
and the simulated kernel."""
import pathlib
import re
import sys

import source_tree

BELOW = {
    "base": set(),
    "reclaim": {"base"},
    "ring": {"base"},
    "sched": {"base", "reclaim", "ring"},
    "io": {"base", "reclaim", "ring", "sched"},
    "tables": {"base", "reclaim"},
    "tls": {"base", "reclaim", "sched", "io"},
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
MAY_USE_LIBURING = {"ring", "bench"}


def includes(path):
    """Yields line, the kind of bracket and the name of each include."""
    text = source_tree.read(path)
    for match in INCLUDE.finditer(text):
        yield source_tree.line_at(text, match.start()), match[1], match[2]


def problems_of(root, path):
    """What one file includes that it may not; yields (target or None, problem or None)."""
    here = path.relative_to(root)
    layer = here.parts[0]
    for line, bracket, name in includes(path):
        where = f"{here}:{line}"
        if (
            name.startswith("liburing")
            and layer not in MAY_USE_LIBURING
            and here.parts[:2] not in (("tests", "ring"), ("tests", "simulation"))
        ):
            yield None, f"{where}: includes <{name}>; only ring/ may, go through its headers"
        if bracket == "<" and name.startswith("lull/") and layer in BELOW:
            yield None, f"{where}: inside the library write a relative include, not <{name}>"
        if bracket == "<":
            continue
        target = pathlib.Path(*((path.parent / name).resolve().parts))
        if not target.is_file() or not target.is_relative_to(root):
            if layer in BELOW or name.startswith("."):
                yield None, f"{where}: there is no file {name} seen from here"
            continue
        yield target, None
        other = target.relative_to(root).parts[0]
        if layer in BELOW and other != layer and other not in BELOW[layer]:
            yield None, (
                f"{where}: {layer}/ may include {', '.join(sorted(BELOW[layer])) or 'std'} "
                f"only, this is {other}/"
            )
        if layer in BELOW or layer == "lull.hpp":
            continue
        if other in BELOW or target.name == "lull.hpp":
            yield None, f"{where}: outside the library write <lull/{target.relative_to(root)}>"


def cycles(graph):
    """Each cycle found by a depth-first walk, as a list of files."""
    state, found = {}, []

    def visit(node, path):
        state[node] = 1
        for target in graph.get(node, ()):
            if state.get(target) == 1:
                found.append([*path[path.index(target) :], target] if target in path else [target])
            elif target not in state:
                visit(target, [*path, target])
        state[node] = 2

    for node in sorted(graph):
        if node not in state:
            visit(node, [node])
    return found


def run(root):
    root = pathlib.Path(root).resolve()
    problems, graph = [], {}
    for path in source_tree.cpp_files(root):
        for target, problem in problems_of(root, path):
            if problem:
                problems.append(problem)
            else:
                graph.setdefault(path, []).append(target)
    for cycle in cycles(graph):
        problems.append(
            "files include each other in a circle: "
            + " -> ".join(str(path.relative_to(root)) for path in cycle)
        )
    return problems


if __name__ == "__main__":
    found = run(pathlib.Path(__file__).parent.parent)
    sys.exit("\n".join(found) or 0)
