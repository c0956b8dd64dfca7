# SPDX-License-Identifier: MIT
"""Tests of the checks: each tiny bad tree below must be flagged, and the good one must not."""
import contextlib
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
from unittest import mock

import check_format
import check_layers
import check_mutated
import check_orderings
import check_sizes
import check_text
import children
import litmus
import source_tree
import suites

HEADER = "// SPDX-License-Identifier: MIT\n#pragma once\n"
LONG_FUNCTION = "void f(int x) {\n" + "  g(x);\n" * 80 + "}\n"
SHORT_FUNCTIONS = "class a {\n" + "  void f() { g(); }\n" * 80 + "};\n"
PAIRED = (
    "// order(p): release, pairs with the acquire in r.\nvoid w() { x.store(1, release); }\n"
    "// order(p): acquire, pairs with the release in w.\nint r() { return x.load(acquire); }\n"
)
MUTANT = "mutant a\nfile base/a.cpp\n- x.store(1, release);\n+ x.store(1, relaxed);\n"
MARK = "TO" + "DO"

# What is shown, the check, the files, and a part of the problem that it must name (None: none).
CASES = [
    (
        "a lower layer includes a higher one",
        check_layers,
        {"base/a.hpp": '#include "../ring/b.hpp"\n', "ring/b.hpp": ""},
        "base/ may include",
    ),
    (
        "tables include sched",
        check_layers,
        {"tables/a.hpp": '#include "../sched/b.hpp"\n', "sched/b.hpp": ""},
        "tables/ may include",
    ),
    (
        "two files include each other",
        check_layers,
        {"base/a.hpp": '#include "b.hpp"\n', "base/b.hpp": '#include "a.hpp"\n'},
        "in a circle",
    ),
    (
        "liburing outside ring",
        check_layers,
        {"sched/a.cpp": "#include <liburing.h>\n"},
        "only ring/",
    ),
    ("an include of nothing", check_layers, {"io/a.hpp": '#include "../io/no.hpp"\n'}, "no file"),
    (
        "a user's include inside the library",
        check_layers,
        {"io/a.hpp": "#include <lull/base/b.hpp>\n"},
        "relative include",
    ),
    (
        "an example that reaches in",
        check_layers,
        {"examples/a.cpp": '#include "../base/b.hpp"\n', "base/b.hpp": ""},
        "<lull/base/b.hpp>",
    ),
    (
        "includes that point down",
        check_layers,
        {"io/a.hpp": '#include "../base/b.hpp"\n', "base/b.hpp": "#include <atomic>\n"},
        None,
    ),
    ("a file of 400 lines", check_sizes, {"base/a.hpp": "\n" * 400}, "400 lines"),
    ("a function of 82 lines", check_sizes, {"base/a.cpp": LONG_FUNCTION}, "function of 82"),
    (
        "a long member of a class in a namespace",
        check_sizes,
        {"base/a.cpp": "namespace n {\nclass c {\n" + LONG_FUNCTION + "};\n}\n"},
        "function of 82",
    ),
    ("a long class of short functions", check_sizes, {"base/a.cpp": SHORT_FUNCTIONS}, None),
    (
        "a long Python function",
        check_sizes,
        {"tools/a.py": "def f():\n" + "    g()\n" * 80},
        "function of 81",
    ),
    (
        "an access without a comment",
        check_orderings,
        {"sched/a.cpp": "void f() { x.store(1, std::memory_order_release); }\n"},
        "orders memory",
    ),
    (
        "an access whose comment is far away",
        check_orderings,
        {"sched/a.cpp": PAIRED + "\n" * 20 + "void g() { x.store(2, release); }\n"},
        "orders memory",
    ),
    (
        "an access in the default order",
        check_orderings,
        {"ring/a.cpp": "int y = x.load();\n"},
        "names no order",
    ),
    (
        "a fence without a comment",
        check_orderings,
        {"sched/a.cpp": "void f() { full_fence(); }\n"},
        "orders memory",
    ),
    (
        "a pairing with one end",
        check_orderings,
        {"sched/a.cpp": "// order(p): release.\nvoid w() { x.store(1, release); }\n"},
        "one end only",
    ),
    ("a pairing with no litmus program", check_orderings, {"reclaim/a.cpp": PAIRED}, "no litmus"),
    (
        "a raw fence outside base",
        check_orderings,
        {
            "sched/a.cpp": PAIRED
            + "// order(p): as above\nvoid f() { std::atomic_thread_fence(o); }\n"
        },
        "raw fence",
    ),
    (
        "a whole pairing with its litmus program",
        check_orderings,
        {"reclaim/a.cpp": PAIRED, "tests/litmus/p.cpp": "// order(p)\n"},
        None,
    ),
    (
        "a pairing with the kernel",
        check_orderings,
        {
            "ring/a.cpp": "// order(p): pairs with the kernel's acquire.\nx.store(1, release);\n"
        },
        None,
    ),
    (
        "relaxed accesses",
        check_orderings,
        {"base/a.cpp": "x.store(1, std::memory_order_relaxed);\n"},
        None,
    ),
    (
        "an access that no mutant weakens",
        check_mutated,
        {"base/a.cpp": PAIRED, "tests/litmus/mutants.txt": MUTANT},
        "base/a.cpp:4: orders memory, and no mutant",
    ),
    (
        "accesses that mutants weaken",
        check_mutated,
        {"base/a.cpp": "x.store(1,\n  release);\n", "tests/litmus/mutants.txt": MUTANT},
        None,
    ),
    ("no licence line", check_text, {"base/a.hpp": "#pragma once\n"}, "SPDX"),
    ("no pragma once", check_text, {"base/a.hpp": HEADER[: HEADER.index("#")]}, "#pragma once"),
    ("unfinished work", check_text, {"base/a.hpp": HEADER + f"// {MARK} later\n"}, "unfinished"),
    ("a tab", check_text, {"base/a.hpp": HEADER + "\tint x;\n"}, "a tab"),
    ("a long line", check_text, {"base/a.hpp": HEADER + "// " + "x" * 100 + "\n"}, "103 columns"),
    ("no newline at the end", check_text, {"base/a.hpp": HEADER + "int x;"}, "no newline"),
    ("what a build made", check_text, {"build/a.hpp": "", "subprojects/b/c.hpp": ""}, None),
    ("a file as nobody formats it", check_format, {"base/a.hpp": "int   x ;\n"}, "clang-format"),
    ("a clean header", check_text, {"base/a.hpp": HEADER + "int x;\n"}, None),
]


# A .d file of a repository whose path has a blank in it.
DEPENDENCIES = "a.o: /my\\ lull/a.cpp \\\n  /my\\ lull/base/b.hpp /usr/c.hpp\n"


def files_of_a_repository(name):
    """What is found of a repository with one file of that name."""
    with tempfile.TemporaryDirectory(prefix="lull-check-") as folder:
        subprocess.run(["git", "init", "--quiet", folder], check=True)
        pathlib.Path(folder, name).touch()
        return [path.name for path in source_tree.files(folder)]


def with_a_formatter_that_fails():
    with tempfile.TemporaryDirectory(prefix="lull-check-") as folder:
        pathlib.Path(folder, "a.cpp").touch()
        with mock.patch.object(check_format, "FORMATTER", "false"):
            return check_format.run(folder)


def a_test_that_hangs_ends_with_what_it_started():
    """Of a pipe that its child writes to, the end is seen."""
    with tempfile.TemporaryDirectory(prefix="lull-check-") as folder:
        pipe = pathlib.Path(folder, "pipe")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        hangs = ["sh", "-c", f"sleep 1000 >'{pipe}' & wait"]
        status, _ = suites.run(hangs, 1, pathlib.Path(folder, "log"))
        ended = bool(select.select([reader], [], [], 10)[0])
        os.close(reader)
        return status is None and ended


A_BUILD = """
import sys, time
sys.path.insert(0, sys.argv[1])
import children
children.interrupt_with_parent()
print("begun", flush=True)
time.sleep(1000)
"""
WHO_ASKED = """
import signal, subprocess, sys, threading
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as of a shell's background job
threading.Thread(target=lambda: subprocess.run([sys.executable, "-c", *sys.argv[1:]])).start()
"""


def a_build_ahead_ends_with_who_asked_for_it():
    """Of the pipe that it writes to, the end is seen."""
    command = [sys.executable, "-c", WHO_ASKED, A_BUILD, os.path.dirname(children.__file__)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as asking:
        begun = asking.stdout.readline() == b"begun\n"
        asking.kill()
        ended = bool(select.select([asking.stdout], [], [], 10)[0]) and not asking.stdout.read()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(asking.pid, signal.SIGKILL)
    return begun and ended


def run():
    tally = suites.Tally()
    named = litmus.prerequisites(DEPENDENCIES)
    tally.check(
        named == ["/my lull/a.cpp", "/my lull/base/b.hpp", "/usr/c.hpp"],
        f"litmus.py misreads which files an object was made of: {named}",
    )
    tally.check(
        files_of_a_repository("größe.hpp") == ["größe.hpp"],
        "the checks do not see a file whose name is not ASCII",
    )
    tally.check(with_a_formatter_that_fails(), "a clang-format that fails has found no problem")
    tally.check(
        a_test_that_hangs_ends_with_what_it_started(),
        "what a test has started is still there after its limit",
    )
    tally.check(
        a_build_ahead_ends_with_who_asked_for_it(),
        "a build ahead goes on when ./dev test is killed",
    )
    for shown, check, files, expected in CASES:
        with tempfile.TemporaryDirectory(prefix="lull-check-") as name:
            for path, text in files.items():
                file = pathlib.Path(name) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            problems = check.run(name)
        good = not problems if expected is None else any(expected in text for text in problems)
        tally.check(good, f"{check.__name__} misjudges {shown}: it found {problems or 'nothing'}")
    return tally
