#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev test [NAME...]: builds and tests; without names, every step that is not marked `--all`.

  --all    the steps that take long as well
  --list   the names of the steps, and nothing else

The last line is `N passed, N failed`; the status is 0 only if nothing failed.
"""
import platform
import resource
import signal
import subprocess
import sys
import time

import build
import builds_ahead
import check_all
import consumers
import privileges
import suites


def build_without_warnings(name, tally):
    builds_ahead.built(name)
    warnings = build.take_warnings(name)
    tally.check(not warnings, "the compiler warned; mend the code:\n" + warnings)


def configuration(name):
    """Builds one configuration and runs its unit tests, misuse programs and the short rest."""

    def step():
        tally = suites.Tally()
        build_without_warnings(name, tally)
        tally.add(suites.run_suites(name, "unit"))
        tally.add(suites.run_suites(name, "misuse", "must-not-compile", "torture", "kv", "soak"))
        return tally

    return step


def benchmarks():
    """They compile; what they measure is for ./dev bench."""
    tally = suites.Tally()
    build_without_warnings("bench", tally)
    return tally


def litmus():
    builds_ahead.built("clang-O2")
    return suites.run_suites("clang-O2", "litmus", "model")


def whole_tool(name, *arguments):
    """A tool of ours that ends with what it counted, as a step."""

    def step():
        return run_tool(name, *arguments)

    return step


def run_tool(name, *arguments):
    tally = suites.Tally()
    status, output = suites.run(
        [build.ROOT / "tools" / f"{name}.py", *arguments],
        3600,
        build.BUILD / "logs" / f"{name}.log",
    )
    counts = suites.counts_of(output)
    if counts:
        tally.passed, tally.failed = counts
    if status != 0 or not counts:
        tally.failed = max(1, tally.failed)
        tally.failures.append(
            f"{name}: " + suites.how_it_ended(status, 3600) + "\n" + suites.tail(output)
        )
    return tally


def long_suites():
    """What a configuration declares in the suite `long`: hours of it are ./dev torture's work."""
    tally = suites.Tally()
    for name in ("clang-O2", "asan", "tsan"):
        builds_ahead.built(name)
        tally.add(suites.run_suites(name, "long", together=1))
    return tally


# Those that wait come before those that compute.
STEPS = {
    "checks": check_all.run,
    "clang-O2": configuration("clang-O2"),
    "unprivileged": privileges.run,
    "gcc-O2": configuration("gcc-O2"),
    "asan": configuration("asan"),
    "tsan": configuration("tsan"),
    "litmus": litmus,
    "headers": consumers.public_headers_alone,
    "consumers": consumers.run,
    "readme": consumers.pages,
}
LONG_STEPS = {
    "clang-O0": configuration("clang-O0"),
    "long": long_suites,
    "bench": benchmarks,
    "inner-headers": consumers.inner_headers_alone,
    "schedules": whole_tool("litmus", "--runs", "1000000"),
    "models": whole_tool("model", "--all"),
    "mutants": whole_tool("mutants"),
}
if platform.machine() == "x86_64":
    LONG_STEPS |= {
        "linux-6.1": whole_tool("kernel", "6.1"),
        "linux-6.12": whole_tool("kernel", "6.12"),
    }


# Of steps that are not called as what they need.
NEEDS = {
    "unprivileged": ("clang-O2",),
    "litmus": ("clang-O2",),
    "headers": ("stage",),
    "consumers": ("stage",),
    "readme": ("stage",),
    "inner-headers": ("stage",),
    "long": ("clang-O2", "asan", "tsan"),
    "linux-6.1": ("clang-O2",),
    "linux-6.12": ("clang-O2",),
}


def builds_for(names):
    """In the order of the steps."""
    needed = [need for name in names for need in NEEDS.get(name, (name,))]
    return [name for name in dict.fromkeys(needed) if name in build.CONFIGURATIONS]


def run_steps(names):
    results = []
    for number, name in enumerate(names, 1):
        print(f"== {name} ({number} of {len(names)})", flush=True)
        start = time.monotonic()
        try:
            tally = (STEPS | LONG_STEPS)[name]()
        except (build.BuildError, OSError, subprocess.SubprocessError) as error:
            tally = suites.Tally(failed=1, failures=[f"{name}: {error}"])
        for text in tally.failures:
            print(f"FAILED {text}", flush=True)
        for text in tally.notes:
            print(f"note: {text}", flush=True)
        results.append((name, tally, time.monotonic() - start))
    return results


def main():
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    options = {argument for argument in sys.argv[1:] if argument.startswith("-")}
    if "--list" in options:
        print("\n".join([*STEPS, *(f"{name} (--all)" for name in LONG_STEPS)]))
        return 0
    unknown = [name for name in names if name not in STEPS | LONG_STEPS] + sorted(
        options - {"--all"}
    )
    if unknown:
        sys.exit(f"no step is called {', '.join(unknown)}; ./dev test --list says which there are")
    if not names:
        names = list(STEPS) + (list(LONG_STEPS) if "--all" in options else [])
    with build.alone("testing"), suites.pool_of(1) as builder:
        builds_ahead.begin(builds_for(names), builder)
        results = run_steps(names)
    print()
    for name, tally, seconds in results:
        print(f"{name:<14} {tally.passed:>5} passed {tally.failed:>4} failed {seconds:>5.0f} s")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = sum(seconds for *_, seconds in results)
    print(f"in {total:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of CPU time")
    for name, tally, _ in results:
        if tally.failed:
            print(f"again, this step alone: ./dev test {name}; its logs are in build/logs")
    passed = sum(tally.passed for _, tally, _ in results)
    failed = sum(tally.failed for _, tally, _ in results)
    if passed + failed == 0:
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("test: interrupted; what ran is ended")
