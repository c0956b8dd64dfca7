# SPDX-License-Identifier: MIT
"""What a user meets: installed headers, pkg-config, lull as a subproject, the programs that README
and the guide show."""
import functools
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import build
import builds_ahead
import compilers
import suites

COMPILERS = {"clang": build.CLANG, "gcc": "g++"}
STRICT = ["-std=c++20", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror"]
RUN_LIMIT_S = 60


@functools.cache
def stage():
    """Installs a release build into build/installed, anew, so that no stale header helps."""
    builds_ahead.built("stage")
    if warnings := build.take_warnings("stage"):
        raise build.BuildError("the compiler warned; mend the code:\n" + warnings)
    shutil.rmtree(build.STAGE, ignore_errors=True)
    build.run_logged(
        ["meson", "install", "-C", build.BUILD / "stage", "--no-rebuild"],
        build.BUILD / "logs" / "install.log",
        "meson install",
    )
    return build.STAGE / "include"


def layer_headers():
    """Every header of the layers in the tree, as users name it."""
    found = ["lull/lull.hpp"]
    for layer in ("base", "reclaim", "ring", "sched", "io", "tables", "tls"):
        found += [f"lull/{layer}/{path.name}" for path in (build.ROOT / layer).glob("*.hpp")]
    return sorted(found)


def public_headers():
    """What users include by name: the umbrellas, and what those list."""
    found = set()
    for umbrella in ("lull/lull.hpp", "lull/tls/tls.hpp"):
        folder = umbrella.rpartition("/")[0]
        text = (build.ROOT / umbrella.removeprefix("lull/")).read_text(encoding="utf-8")
        found |= {umbrella} | {f"{folder}/{name}" for name in re.findall(r'#include "(.+)"', text)}
    return found


def build_of(kind, folder, name, headers):
    """A build of a file that includes each of them twice."""
    source = folder / f"{name}.cpp"
    text = "".join(2 * f"#include <{header}>\n" for header in headers)
    if not source.is_file() or source.read_text(encoding="utf-8") != text:
        source.write_text(text, encoding="utf-8")
    return f"build {kind}-{name}.done: {kind} {source.name}\n"


def public_headers_alone():
    """Each header is installed, and what users include by name compiles alone among the installed
    ones. What is self-contained for one compiler is so for the other, over the same standard
    library: gcc sees all of them at once."""
    tally, include, public = suites.Tally(), stage(), sorted(public_headers())
    for header in layer_headers():
        tally.check(
            (include / header).is_file(),
            f"headers: {header} is not installed; name it in its folder's meson.build",
        )
    alone = [("clang", header.replace("/", "-"), [header]) for header in public]
    compile_headers(tally, include, [*alone, ("gcc", "all-public", public)])
    return tally


def inner_headers_alone():
    """So do those that only other headers include."""
    tally, include = suites.Tally(), stage()
    inner = sorted(set(layer_headers()) - public_headers())
    compile_headers(
        tally, include, [("clang", header.replace("/", "-"), [header]) for header in inner]
    )
    return tally


def compile_headers(tally, include, builds):
    """Compiles files, each of a compiler, a name and the headers that it includes."""
    included = shlex.quote(f"-I{include}").replace("$", "$$")  # by the shell, and by ninja
    folder = build.BUILD / "headers"
    folder.mkdir(exist_ok=True)
    rules = []
    for kind, compiler in COMPILERS.items():
        rules.append(
            f"rule {kind}\n  command = {compilers.launcher()}{compiler} {' '.join(STRICT)} "
            f"{included} -MD -MF $out.d -MT $out -o $out -c $in\n"
            "  depfile = $out.d\n  deps = gcc\n"
        )
    rules += [build_of(kind, folder, name, headers) for kind, name, headers in builds]
    (folder / "build.ninja").write_text("\n".join(rules), encoding="utf-8")
    done = subprocess.run(
        ["ninja", "-C", folder, "-k", "0"], capture_output=True, text=True, check=False
    )
    failed = re.findall(r"^FAILED: (\S+?)-(\S+)\.done", done.stdout, re.M)
    tally.passed += len(builds) - len(failed)
    tally.failed += len(failed)
    if done.returncode != 0:
        tally.failures.append(
            "headers: "
            + ", ".join(f"{name} by {kind}" for kind, name in failed)
            + " does not compile alone\n"
            + suites.tail(done.stdout, 60)
        )
        tally.failed = max(tally.failed, 1)


def pkg_config(package):
    # In front of the system's, where OpenSSL is found.
    variables = dict(os.environ, PKG_CONFIG_PATH=str(build.STAGE / "lib" / "pkgconfig"))
    done = subprocess.run(
        ["pkg-config", "--cflags", "--libs", package],
        text=True,
        capture_output=True,
        env=variables,
        check=False,
    )
    if done.returncode != 0:
        raise build.BuildError(
            f"pkg-config does not find {package} in build/installed:\n{done.stderr}"
        )
    return shlex.split(done.stdout)


def compile_and_run(tally, name, source, package, folder, flags=("-O1",), kinds=tuple(COMPILERS)):
    """Builds source outside the tree with each compiler by what pkg-config says, and runs it."""
    for kind in kinds:
        compiler = COMPILERS[kind]
        program = folder / f"{name}-{kind}"
        log = build.BUILD / "logs" / "consumers" / f"{name}-{kind}.log"
        status, output = suites.run(
            [compiler, *STRICT, *flags, source, "-o", program, *pkg_config(package)], 300, log
        )
        if status == 0:
            status, output = suites.run([program], RUN_LIMIT_S, log)
        tally.check(
            status == 0,
            f"{name}: by pkg-config with {compiler}: "
            f"{suites.how_it_ended(status, RUN_LIMIT_S)}\n{suites.tail(output)}",
        )


def as_subproject(tally, sources, folder):
    """A Meson project outside the tree with lull in its subprojects folder."""
    project = folder / "project"
    shutil.copytree(sources / "subproject", project)
    for path in sources.glob("*.cpp"):
        shutil.copy(path, project)
    (project / "subprojects").mkdir()
    (project / "subprojects" / "lull").symlink_to(build.ROOT)
    shutil.copytree(
        build.ROOT / "subprojects" / "packagecache", project / "subprojects" / "packagecache"
    )
    log = build.BUILD / "logs" / "consumers" / "subproject.log"
    commands = [
        ["meson", "setup", project / "build", project],
        ["ninja", "-C", project / "build"],
        ["meson", "test", "-C", project / "build", "--print-errorlogs"],
    ]
    for command in commands:
        status, output = suites.run(command, 600, log, build.compiler_environment("clang"))
        if status != 0:
            break
    tally.check(
        status == 0,
        f"consumers: lull as a Meson subproject: {' '.join(map(str, command[:2]))} "
        f"{suites.how_it_ended(status, 600)}\n{suites.tail(output)}",
    )


def run():
    tally, sources = suites.Tally(), build.ROOT / "tests" / "consumers"
    stage()
    with tempfile.TemporaryDirectory(prefix="lull-consumer-") as name:
        folder = pathlib.Path(name)
        compile_and_run(tally, "lull", sources / "lull_user.cpp", "lull", folder)
        compile_and_run(
            tally, "lull-reclaim", sources / "reclaim_user.cpp", "lull-reclaim", folder
        )
        asan = ("-O0", "-fsanitize=address")
        compile_and_run(
            tally, "lull below ASan", sources / "asan_user.cpp", "lull", folder, asan, ("clang",)
        )
        compile_and_run(tally, "lull-tls", sources / "tls_user.cpp", "lull-tls", folder)
        as_subproject(tally, sources, folder)
    return tally


def blocks_of(name):
    """The ```cpp blocks of a page."""
    text = (build.ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"^```cpp\n(.*?)^```", text, re.M | re.S)


def build_page(tally, name, text, folder):
    """Compiles what a page shows against the installed lull, as a user would; the programs."""
    source = folder / f"{pathlib.Path(name).stem}.cpp"
    source.write_text(text, encoding="utf-8")
    built = []
    for kind, compiler in COMPILERS.items():
        program = source.with_suffix(f".{kind}")
        command = [compiler, "-std=c++20", "-Wall", "-Wextra", source, "-o", program]
        log = build.BUILD / "logs" / "consumers" / f"{program.name}.log"
        status, output = suites.run([*command, *pkg_config("lull")], 300, log)
        said = f"readme: what {name} shows does not compile with {compiler}\n"
        tally.check(status == 0, said + suites.tail(output))
        built += [program] if status == 0 else []
    return built


# What a client of the guide's service says, and hears. In place of PORT its own.
TALK = {
    "set color deep blue": "ok",
    "get color": "deep blue",
    "get size": "-",
    "reach 127.0.0.1 PORT": "yes",
    "help": "get KEY, set KEY VALUE, or reach HOST PORT",
}


def talk_to(program, port):
    """Runs the guide's service, asks it all of TALK, tries to start it twice; what was wrong."""
    asked = "".join(line + "\n" for line in TALK).replace("PORT", str(port))
    expected = "".join(line + "\n" for line in TALK.values())
    with subprocess.Popen([program], stderr=subprocess.PIPE, text=True) as service:
        try:
            heard = ask(port, asked)
            twice = subprocess.run([program], stderr=subprocess.PIPE, timeout=60, check=False)
            service.send_signal(signal.SIGTERM)
            status = service.wait(60)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{error}"
        finally:
            service.kill()
    if heard != expected:
        return f"it answered\n{heard}"
    if twice.returncode != 1 or b"another socket has this address" not in twice.stderr:
        return f"a second one ended with {twice.returncode} and {twice.stderr}"
    return "" if status == 0 else f"it ended with {status} after SIGTERM"


def ask(port, text):
    deadline = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 30) as client:
                client.sendall(text.encode())
                client.shutdown(socket.SHUT_WR)
                return "".join(iter(lambda: client.recv(4096).decode(), ""))
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                return "nothing: nobody listens"
            time.sleep(0.05)


def pages():
    """README's example compiles; it is not run, for it serves. So does the guide's program, which
    is run as well, at a port that is free."""
    tally = suites.Tally()
    stage()
    with tempfile.TemporaryDirectory(prefix="lull-readme-") as name:
        folder = pathlib.Path(name)
        example = next((block for block in blocks_of("README.md") if "int main" in block), None)
        tally.check(example, "readme: README.md holds no ```cpp block with an `int main`")
        build_page(tally, "README.md", example or "", folder)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        guide = "\n".join(blocks_of("docs/guide.md")).replace("7009", str(port))
        for program in build_page(tally, "docs/guide.md", guide, folder):
            wrong = talk_to(program, port)
            tally.check(not wrong, f"readme: the guide's program, {program.suffix}: {wrong}")
    return tally
