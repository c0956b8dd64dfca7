#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Joins small programs into one to compile: join_programs.py OUTPUT SOURCE...

Each SOURCE defines `void program()`. OUTPUT includes them, each in a namespace named like its file,
behind all that they include, and runs the one whose name is its argument. Most of what it costs to
compile and link such a program is what all of them include.
"""
import pathlib
import re
import sys

MAIN = """
int main(int count, char** arguments) {{
  const std::string_view wanted = count == 2 ? arguments[1] : "";
{calls}
  std::fprintf(stderr, "there is no program of that name; there are: {names}\\n");
  return 2;
}}
"""


def joined(sources):
    includes, parts, calls = {"#include <cstdio>", "#include <string_view>"}, [], []
    for source in sources:
        text = source.read_text(encoding="utf-8")
        if "\nvoid program() {" not in text:
            sys.exit(f"{source}: has no `void program() {{`; the runner calls that")
        includes.update(re.findall(r"^#include [<\"].*$", text, re.M))
        name = source.stem
        parts.append(f'namespace {name} {{\n#include "{source.name}"\n}}')
        calls.append(f'  if (wanted == "{name}") return {name}::program(), 0;')
    names = " ".join(source.stem for source in sources)
    return "\n".join(sorted(includes) + parts) + MAIN.format(calls="\n".join(calls), names=names)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    text = joined([pathlib.Path(name) for name in sys.argv[2:]])
    pathlib.Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
