#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Echo rows: lull's CPU time per request on one core beside a server written by hand on liburing.

Run by bench.py. On its own, `tools/bench_io.py --self-check` measures the hand-written server
against a second copy of itself, which must come out as 1.00: how far it is off is what this
machine's noise can do to the other figures."""
import contextlib
import sys

from bench_common import Failed, Server, Skipped, program, row, run_load

SECONDS = 50
REFERENCE = "hand-written liburing server"
# name, share of the time, options of the load client, the goal for the ratio
SHAPES = (
    ("echo_c64", 0.4, {"connections": 64}, 1.05),
    ("echo_c512", 0.15, {"connections": 512}, None),
    ("echo_c64_batch16", 0.15, {"connections": 64, "batch": 16}, None),
    ("echo_c64_16k", 0.15, {"connections": 64, "bytes": 16384}, None),
)


def ceiling(name):
    return Server(name, [program("echo_ceiling"), "{port}"])


def compare(second, seconds, options):
    """Two fresh servers, one load; servers of one shape do not inherit the state of another."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(ceiling("ceiling")), stack.enter_context(second)]
        return run_load(servers, seconds, protocol="echo", **options)


def rows(seconds, say):
    result = []
    for name, share, options, goal in SHAPES:
        lull = Server("lull", [program("echo_lull"), "{port}"])
        found = compare(lull, seconds * share, options)
        result.append(
            row(
                name,
                found["lull"]["cpu_ns"],
                "ns of server CPU a message",
                REFERENCE,
                found["lull"]["ratio"],
                goal,
                reference_value=found["ceiling"]["cpu_ns"]["median"],
            )
        )
    lull = Server("lull", [program("echo_lull"), "{port}"])
    found = compare(lull, seconds * 0.15, {"connections": 1})
    result.append(
        row(
            "echo_c1_round_trip",
            found["lull"]["round_trip_us"],
            "us",
            REFERENCE,
            found["lull"]["round_trip_ratio"],
            reference_value=found["ceiling"]["round_trip_us"]["median"],
        )
    )
    return result


def self_check(seconds=15):
    found = compare(ceiling("again"), seconds, {"connections": 64})
    again, ratio = found["again"]["cpu_ns"], found["again"]["ratio"]
    print(
        f"the hand-written server against itself: {ratio['median']:.3f} "
        f"({ratio['low']:.3f} to {ratio['high']:.3f}), {again['median']:.0f} ns a message"
    )
    return 0.97 <= ratio["median"] <= 1.03


if __name__ == "__main__":
    if sys.argv[1:] != ["--self-check"]:
        sys.exit("usage: tools/bench_io.py --self-check   (./dev bench io measures)")
    try:
        sys.exit(
            0
            if self_check()
            else "the two should be equal: this machine is too busy, or its "
            "cores are shared with others; figures taken now would not hold"
        )
    except (Failed, Skipped) as reason:
        sys.exit(f"bench_io: {reason}")
