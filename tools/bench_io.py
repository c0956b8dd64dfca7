# SPDX-License-Identifier: MIT
"""Echo rows: CPU time per request on one core, of lull and of servers on epoll, asio and libuv,
beside a server written by hand on liburing; of lull without what came after Linux 6.1; and of a
second copy of the reference, which shows what this machine's noise does to each. The rows of files
and of many connections are in bench_files and bench_connections. Run by bench.py."""
import contextlib

import bench_connections
import bench_files
from bench_common import (
    Server,
    Skipped,
    draw_with,
    program,
    row,
    run_load,
    run_pinned,
    spread,
)

SECONDS = 80
ECHO_SHARE = 2 / 3
SLOT_MS = 40
USER_WORK_MESSAGES, USER_WORK_ROUNDS = 4000, 9
REFERENCE = "hand-written liburing server"
POLL_US = 100
POLLING = "the same, polling"
CPU, ROUND_TRIP = ("cpu_ns", "ratio"), ("round_trip_us", "round_trip_ratio")
GOALS = {"goal": 1.03, "goal_high": 1.06}
# name, share of the time, options of the load client, what is read from it, goals for the ratio.
# For the round trip the hand-written server polls before it sleeps, as lull does when that pays.
SHAPES = (
    ("echo_c64", 0.22, {"connections": 64}, CPU, GOALS),
    ("echo_c512", 0.15, {"connections": 512}, CPU, GOALS),
    ("echo_batch16", 0.15, {"connections": 64, "batch": 16}, CPU, GOALS),
    ("echo_16k", 0.15, {"connections": 64, "bytes": 16384}, CPU, GOALS),
    ("echo_by_chance", 0.13, {"connections": 32, "gap_us": 20}, CPU, {}),
    ("echo_short", 0.13, {"connections": 16, "reconnects": 1}, CPU, {}),
    ("echo_c1_round_trip", 0.07, {"connections": 1}, ROUND_TRIP, {"goal": 1.1}),
)
UNITS = {CPU: "ns of server CPU a message", ROUND_TRIP: "us"}
OLDER = "lull as on Linux 6.1"
AGAIN = "the reference again"
# The package that one of them needs to be built.
PEERS = {"epoll": None, "asio": "libasio-dev", "libuv": "libuv1-dev"}


def echo(kind, name=None, *more):
    return Server(name or kind, [program(f"echo_{kind}"), "{port}", *more])


def ceiling(value, name=None):
    return echo("ceiling", name, *((POLL_US,) if value == "round_trip_us" else ()))


def peers_here(say):
    """Those that were built; a word about the others."""
    here = []
    for kind, package in PEERS.items():
        try:
            program(f"echo_{kind}")
            here.append(kind)
        except Skipped:
            say(f"{kind} is left out: it was not built (package {package})")
    return here


def compare(servers, seconds, options):
    """Fresh servers, one load; servers of one shape do not inherit the state of another. All are
    divided by the first."""
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.enter_context(server)
        return run_load(servers, seconds, protocol="echo", slot_ms=SLOT_MS, **options)


def rows(seconds, say):
    return [
        *echo_rows(seconds * ECHO_SHARE, say),
        user_work_row(),
        *bench_files.rows(seconds * (1 - ECHO_SHARE), say),
        *bench_connections.rows(say),
    ]


def echo_rows(seconds, say):
    peers, result = peers_here(say), []
    for name, share, options, (value, ratio), goals in SHAPES:
        servers = [
            ceiling(value),
            echo("lull"),
            ceiling(value, AGAIN),
            Server(OLDER, ["env", "LULL_AS_LINUX=6.1", program("echo_lull"), "{port}"]),
            *(echo(kind) for kind in peers),
        ]
        found = compare(servers, seconds * share, options)
        said = [
            row(
                shown,
                found[kind][value],
                UNITS[value, ratio],
                REFERENCE if value == "cpu_ns" else POLLING,
                found[kind][ratio],
                reference_value=found["ceiling"][value]["median"],
            )
            for kind, shown in (("lull", name), *((one, one) for one in (AGAIN, OLDER, *peers)))
        ]
        beside = [one | {"copy": True} if one["name"] == AGAIN else one for one in said[1:]]
        result.append(said[0] | goals | {"beside": beside})
    return result


def user_work_row():
    """What the service does outside the kernel, in the shape whose instructions are counted by
    tests/io/echo_instructions_test.py."""
    command = [program("echo_user_work"), USER_WORK_MESSAGES, "--time"]
    taken = [float(run_pinned(command, 60).stdout) for _ in range(USER_WORK_ROUNDS)]
    return row("echo_user_work", spread(taken), "ns outside the kernel a message", goal_value=60)


def draw(report, say):
    draw_with("plot_io.py", report, say)
