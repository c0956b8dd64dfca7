# SPDX-License-Identifier: MIT
"""What the checks read: the files of a tree, and C++ text without its comments and literals."""
import pathlib
import re
import subprocess

LAYERS = ("base", "reclaim", "ring", "sched", "io", "tables", "tls")
CODE = {".hpp", ".cpp", ".py", ".sh"}

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.S,
)


def _is_made(path):
    """Whether it is under what .gitignore names."""
    top, *rest = path.parts
    unpacked = top == "subprojects" and len(rest) > 1 and rest[0] != "packagefiles"
    return top in {"build", ".git"} or unpacked or path.parts[:2] == ("bench", "report")


def files(root):
    """Every file that is, or is about to be, in the repository; where git does not say, all that
    was not made by a build."""
    root = pathlib.Path(root)
    done = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0 and (root / ".git").exists():
        paths = [root / name for name in done.stdout.split("\0") if name]
    else:
        paths = [path for path in root.rglob("*") if not _is_made(path.relative_to(root))]
    return sorted({path for path in paths if path.is_file() and not path.is_symlink()})


def cpp_files(root, folders=None):
    """C++ files, all of them or those of the given top folders."""
    for path in files(root):
        top = path.relative_to(root).parts[0]
        if (
            path.suffix in {".hpp", ".cpp"}
            and top != "subprojects"
            and (folders is None or top in folders)
        ):
            yield path


def read(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def _blank(match):
    text = match[0]
    if text.startswith(('"', "'", "R")):
        return text[0] + re.sub(r"[^\n]", " ", text[1:-1]) + text[-1]
    return re.sub(r"[^\n]", " ", text)


def code_of(text):
    """The text with comments and the insides of literals blanked; line numbers stay."""
    return _TOKEN.sub(_blank, text)


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1
