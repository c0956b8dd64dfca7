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


def files(root):
    """Every file that is, or is about to be, in the repository; a plain folder is walked."""
    root = pathlib.Path(root)
    done = subprocess.run(
        ["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0 and (root / ".git").exists():
        paths = [root / line for line in done.stdout.splitlines()]
    else:
        paths = sorted(root.rglob("*"))
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
