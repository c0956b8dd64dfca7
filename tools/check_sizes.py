#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files stay under 300 lines (over 350 fails) and functions under 70."""
import pathlib
import re
import sys

import source_tree

FILE_WARNS, FILE_FAILS, FUNCTION_FAILS = 300, 350, 70
_TYPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
_CONTROL = re.compile(r"^\s*(if|for|while|switch|do|else|try|catch|return)\b")


def functions(text):
    """Yields (first line, lines, header) of each function body that is in no other function."""
    code = source_tree.code_of(text)
    code = re.sub(
        r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m[0]), code, flags=re.M
    )
    stack, header_start = [], 0
    for offset, char in enumerate(code):
        if char == "{":
            header = code[header_start:offset]
            outer = all(kind == "type" for kind, _, _ in stack)
            if (
                outer
                and "(" in header
                and not _CONTROL.match(header)
                and not (
                    _TYPE.search(header)
                    and not header.rstrip().endswith(")")
                    and re.match(
                        r"\s*(template\s*<[^{}]*>\s*)?(class|struct|union|enum|namespace)\b",
                        header,
                    )
                )
            ):
                kind = "function"
            else:
                kind = "type" if outer and _TYPE.search(header) else "block"
            first = header_start + len(header) - len(header.lstrip())
            stack.append((kind, first, " ".join(header.split())))
            header_start = offset + 1
        elif char == "}":
            if stack:
                kind, first, header = stack.pop()
                if kind == "function":
                    begin = source_tree.line_at(code, first)
                    yield begin, source_tree.line_at(code, offset) - begin + 1, header
            header_start = offset + 1
        elif char == ";":
            header_start = offset + 1


def python_functions(text):
    """The same for Python, by indentation; an inner function counts with its outer one."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = re.match(r"(\s*)def (\w+)", line)
        if not match:
            continue
        last = number
        for following in range(number + 1, len(lines)):
            text_of = lines[following]
            if (
                text_of.strip()
                and len(text_of) - len(text_of.lstrip()) <= len(match[1])
                and not text_of.lstrip().startswith(")")
            ):
                break
            if text_of.strip():
                last = following
        yield number + 1, last - number + 1, match[2]


def run(root, notes=None):
    root, problems = pathlib.Path(root), []
    for path in source_tree.files(root):
        here = path.relative_to(root)
        if path.suffix not in source_tree.CODE and path.name not in {"dev", "meson.build"}:
            continue
        text = source_tree.read(path)
        lines = len(text.splitlines())
        if lines > FILE_FAILS:
            problems.append(
                f"{here}: {lines} lines, {FILE_FAILS} at most; split it by what it is about"
            )
        elif lines > FILE_WARNS and notes is not None:
            notes.append(f"{here}: {lines} lines, more than {FILE_WARNS}")
        find = {".hpp": functions, ".cpp": functions, ".py": python_functions}.get(path.suffix)
        for first, length, header in find(text) if find else ():
            if length > FUNCTION_FAILS:
                problems.append(
                    f"{here}:{first}: a function of {length} lines, {FUNCTION_FAILS} at "
                    f"most: {header[:60]}"
                )
    return problems


if __name__ == "__main__":
    found = run(pathlib.Path(__file__).parent.parent)
    sys.exit("\n".join(found) or 0)
