#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every access that orders memory says which pairing it belongs to, and the pairing is whole.

An atomic operation that is not relaxed, a fence, and a hand-over through the kernel carries a
comment `// order(name): ...` on its line or in the lines just above. A name occurs at both of its
ends; where the kernel is the other end, the comment says so. Names in reclaim/ have a litmus
program in tests/litmus/ that mentions them. Raw fences stand in base/ alone.
"""
import pathlib
import re
import sys

import source_tree

FOLDERS = {"base", "reclaim", "ring", "sched", "tables", "io", "tls"}
REACH = 10  # how many lines above an access its comment may begin
_OPERATION = re.compile(
    r"(?:\.|->)\s*(load|store|exchange|fetch_\w+|compare_exchange_\w+|test_and_set)" r"\s*\("
)
_ORDER = re.compile(
    r"\b(?:memory_order(?:_|::)(?:acquire|release|acq_rel|seq_cst|consume)"
    r"|acquire|release|acq_rel|seq_cst|__ATOMIC_(?:ACQUIRE|RELEASE|ACQ_REL|SEQ_CST))\b"
)
_RELAXED = re.compile(r"\b(?:memory_order(?:_|::)relaxed|relaxed|__ATOMIC_RELAXED)\b")
_OTHER = re.compile(
    r"(?<!void )\b(?:full_fence|atomic_thread_fence|__atomic_\w+|io_uring_smp_\w+)\s*\("
)
_NAME = re.compile(r"\border\(([\w, ]+)\)")


def arguments(code, opening):
    """The text between the bracket at `opening` and its partner."""
    depth = 0
    for offset in range(opening, len(code)):
        depth += {"(": 1, ")": -1}.get(code[offset], 0)
        if depth == 0:
            return code[opening + 1 : offset]
    return code[opening + 1 :]


def accesses(code):
    """Yields (offset, what is wrong or None) of each access that orders memory."""
    for match in _OPERATION.finditer(code):
        inside = arguments(code, match.end() - 1)
        if _ORDER.search(inside):
            yield match.start(), None
        elif not _RELAXED.search(inside) and not re.search(r"\border\b|\bsuccess\b", inside):
            wanted = 1 if match[1] != "load" else 0
            if len([part for part in inside.split(",") if part.strip()]) == wanted:
                yield match.start(), f".{match[1]}() names no order, so it is seq_cst; say which"
    for match in _OTHER.finditer(code):
        inside = arguments(code, match.end() - 1)
        if not (match[0].startswith("__atomic") and _RELAXED.search(inside)):
            yield match.start(), None


def names_near(lines, number):
    """The names in the comment on line `number` (from 1) or just above it."""
    names = []
    for line in lines[max(0, number - 1 - REACH) : number]:
        comment = line.partition("//")[2]
        names += [name.strip() for group in _NAME.findall(comment) for name in group.split(",")]
    return names


def mentions(texts):
    """How often each name stands in a comment, and which names have the kernel as their partner."""
    count, with_kernel = {}, set()
    for text in texts:
        comments = "\n".join(line.partition("//")[2] for line in text.splitlines())
        for group in re.findall(r"\(([\w, ]+)\)", comments):
            for name in group.split(","):
                count[name.strip()] = count.get(name.strip(), 0) + 1
        for match in _NAME.finditer(comments):
            if "kernel" in comments[match.end() : match.end() + 300]:
                with_kernel |= {name.strip() for name in match[1].split(",")}
    return count, with_kernel


def run(root):
    root, problems, used = pathlib.Path(root), [], {}
    texts = {path: source_tree.read(path) for path in source_tree.cpp_files(root, FOLDERS)}
    for path, text in texts.items():
        here, code, lines = path.relative_to(root), source_tree.code_of(text), text.splitlines()
        for match in re.finditer(r"\batomic_thread_fence\s*\(", code):
            if here.parts[0] != "base":
                problems.append(
                    f"{here}:{source_tree.line_at(code, match.start())}: a raw fence; use "
                    "full_fence() of base/atomics.hpp"
                )
        for line in lines:
            for group in _NAME.findall(line.partition("//")[2]):
                for name in group.split(","):
                    used.setdefault(name.strip(), set()).add(here.parts[0])
        if here == pathlib.Path("base/atomics.hpp"):
            continue
        for offset, wrong in accesses(code):
            number = source_tree.line_at(code, offset)
            if wrong:
                problems.append(f"{here}:{number}: {wrong}")
            elif not names_near(lines, number):
                problems.append(
                    f"{here}:{number}: orders memory without a comment `// order(name): "
                    "what it pairs with, and what breaks without it`"
                )
    count, with_kernel = mentions(texts.values())
    litmus = "\n".join(
        source_tree.read(path)
        for path in source_tree.files(root)
        if path.relative_to(root).parts[:2] == ("tests", "litmus")
    )
    for name, folders in sorted(used.items()):
        if count.get(name, 0) < 2 and name not in with_kernel:
            problems.append(
                f"order({name}) stands at one end only; name it at the other end as well"
            )
        if "reclaim" in folders and not re.search(rf"\b{name}\b", litmus):
            problems.append(f"order({name}) of reclaim/ has no litmus program in tests/litmus/")
    return problems


if __name__ == "__main__":
    found = run(pathlib.Path(__file__).parent.parent)
    sys.exit("\n".join(found) or 0)
