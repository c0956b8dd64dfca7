#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/bench.py [NAME...] [--seconds N]: measures, prints a table for each NAME and writes
bench/report/NAME.json. Without a NAME all are measured. Builds first what is measured.

Times are only worth anything as ratios inside one run; bench/README.md says how they are taken."""
import argparse
import json
import signal
import sys
import time

import bench_idle
import bench_io
import bench_kv
import bench_reclaim
import bench_sched
import bench_table
import build
from bench_common import ROOT, Failed, Skipped, machine

BENCHMARKS = {
    "reclaim": bench_reclaim,
    "sched": bench_sched,
    "io": bench_io,
    "kv": bench_kv,
    "idle": bench_idle,
    "table": bench_table,
}
REPORTS = ROOT / "bench" / "report"


def number(value):
    if value is None:
        return ""
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.1f}"


def ahead(one):
    """The peers whose ratio to the same reference is better, beyond the quartiles of both; a second
    copy of the reference is none."""
    return [
        peer["name"]
        for peer in one.get("beside", ())
        if peer["ratio_high"] < one["ratio_low"] and not peer.get("copy")
    ]


def verdict(one):
    """The goal of a row beside what was found, where it has one."""
    if "goal" in one and one["ratio"] is not None:
        met, goal = one["ratio"] <= one["goal"], f"ratio {one['goal']}"
        if "goal_high" in one:
            met = met and one["ratio_high"] <= one["goal_high"]
            goal += f" ({one['goal_high']})"
        goal += "".join(f", ahead is {name}" for name in ahead(one))
        return f"{'met' if met and not ahead(one) else 'MISSED'}: {goal}"
    if "goal_value" in one:
        met = one["value"] <= one["goal_value"]
        return f"{'met' if met else 'MISSED'}: {number(one['goal_value'])}"
    return ""


def line_of(one, indent=""):
    timed = "passes" not in one and not one["unit"].startswith(("bytes", "instructions"))
    ratio = "" if one["ratio"] is None else f"{one['ratio']:.3f}"
    around = f"{one['ratio_low']:.3f} - {one['ratio_high']:.3f}" if ratio and timed else ""
    spread = "one pass" if "passes" in one else "counted"
    if timed:
        spread = f"{number(one['low'])} - {number(one['high'])}"
    return (
        indent + one["name"],
        number(one["value"]),
        spread,
        one["unit"],
        ratio,
        around,
        verdict(one),
        one["reference"] or "",
    )


def print_table(name, rows):
    """Each row, and below it what its peers came to beside the same reference."""
    lines = [("row", "median", "quartiles", "unit", "ratio", "its quartiles", "goal", "reference")]
    for one in rows:
        lines.append(line_of(one))
        lines += [line_of(peer, "  ") for peer in one.get("beside", ())]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    print(f"\n{name}")
    for line in lines:
        print("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths)).rstrip())


def measure(name, seconds):
    """One benchmark: table, report. False when it failed."""
    module, about, start = BENCHMARKS[name], machine(), time.monotonic()

    def say(text):
        print(f"{name}: {text}", flush=True)

    planned = seconds or module.SECONDS
    say(f"measuring for about {planned:.0f} s")
    try:
        rows = module.rows(planned, say)
    except Skipped as reason:
        say(f"skipped: {reason}")
        return True
    except Failed as reason:
        say(f"failed: {reason}")
        return False
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / f"{name}.json"
    report.write_text(
        json.dumps({"machine": about, "rows": rows}, indent=1) + "\n", encoding="utf-8"
    )
    print_table(name, rows)
    if hasattr(module, "draw"):
        module.draw(report, say)
    print(f"  ({time.monotonic() - start:.0f} s; {report.relative_to(ROOT)})", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--seconds", type=float, help="for each NAME, instead of its default")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"bench: there is no benchmark {unknown[0]}; known are {', '.join(BENCHMARKS)}")
    # An ordinary exception, so that servers are ended on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        build.build("bench")
    except build.BuildError as error:
        sys.exit(f"bench: {error}")
    about = machine()
    print(
        f"{about['cpu']}, {about['cores']} cores{' (virtual)' if about['virtual'] else ''}, "
        f"Linux {about['kernel']}, {about['distribution']}, {about['compiler']}"
    )
    if about["load_before"] > 0.5:
        print(f"the machine is busy (load {about['load_before']}): the quartiles will show it")
    results = [measure(name, arguments.seconds) for name in arguments.names or BENCHMARKS]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("bench: interrupted; what ran is ended")
